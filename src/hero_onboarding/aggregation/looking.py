"""Look at a billing repository: which files each node has now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hero_onboarding.aggregation.layout import NODES
from hero_onboarding.forge import DIRECTORY_MODE, Forge, ForgeAnswerError, TreeEntry

BLOBS_TOGETHER: Final = 16


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of asking for a file: its bytes, or why there are none."""

    content: bytes | None
    failure: str = ""
    is_too_large: bool = False


def fetch_node_trees(forge: Forge, treeish: str) -> dict[str, TreeEntry]:
    """List the entries of ``nodes`` under a commit, by name."""
    root = {entry.name: entry for entry in forge.fetch_tree(treeish)}
    nodes = root.get(NODES)
    if nodes is None or nodes.mode != DIRECTORY_MODE:
        return {}
    return {entry.name: entry for entry in forge.fetch_tree(nodes.id)}


def fetch_folders(forge: Forge, nodes: Iterable[str]) -> Mapping[str, Mapping[str, TreeEntry]]:
    """List the directories of some nodes as they are now; absent ones are empty."""
    wanted = set(nodes)
    head = forge.fetch_head()
    trees = {} if head is None else fetch_node_trees(forge, head)
    folders: dict[str, Mapping[str, TreeEntry]] = {node: {} for node in wanted}
    for node in wanted & trees.keys():
        if trees[node].mode == DIRECTORY_MODE:
            folders[node] = {entry.name: entry for entry in forge.fetch_tree(trees[node].id)}
    return folders


def fetch_each(forge: Forge, ids: Sequence[str], *, bytes_max: int) -> dict[str, Fetched]:
    """Fetch files so that one whose bytes are not what its id says spoils no other.

    Raises:
        ForgeRefusedError: As the forge says.
        ForgeUnavailableError: If it can't be reached.
    """
    fetched: dict[str, Fetched] = {}
    for start in range(0, len(ids), BLOBS_TOGETHER):
        some = ids[start : start + BLOBS_TOGETHER]
        fetched |= _fetch_some(forge, some, bytes_max=bytes_max)
    return fetched


def _fetch_some(forge: Forge, ids: Sequence[str], *, bytes_max: int) -> dict[str, Fetched]:
    try:
        contents = forge.fetch_blobs(ids, bytes_max=bytes_max)
    except ForgeAnswerError as error:
        if len(ids) == 1:
            return {ids[0]: Fetched(None, f"can't be trusted: {error}")}
        each = [_fetch_some(forge, [one], bytes_max=bytes_max) for one in ids]
        return {key: value for some in each for key, value in some.items()}
    large = Fetched(None, f"is larger than {bytes_max} bytes", is_too_large=True)
    return {one: Fetched(contents[one]) if one in contents else large for one in ids}
