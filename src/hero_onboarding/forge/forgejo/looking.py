"""Look at what lies at some paths now, before and after a write in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hero_onboarding.forge.errors import ForgeRefusedError
from hero_onboarding.forge.forgejo.api import RepositoryApi
from hero_onboarding.forge.forgejo.reading import fetch_entries, fetch_tip
from hero_onboarding.forge.objects import blob_id
from hero_onboarding.forge.ports import DIRECTORY_MODE, FileChange, TreeEntry

_FILE_MODES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Seen:
    """A branch at one moment: its head, and what lies at the paths that were looked for."""

    head: str | None
    entries: Mapping[str, TreeEntry]

    def is_landed(self, change: FileChange) -> bool:
        """Whether a change's file is there."""
        there = self.entries.get(change.path)
        is_file = there is not None and there.mode in _FILE_MODES
        return is_file and there is not None and there.id == blob_id(change.content)

    def is_as_expected(self, change: FileChange) -> bool:
        """Whether what is there is what the change says that it replaces."""
        there = self.entries.get(change.path)
        if there is None:
            return change.replaces is None
        return there.mode in _FILE_MODES and there.id == change.replaces


def look(api: RepositoryApi, branch: str, changes: Sequence[FileChange]) -> Seen:
    """Read the directories of some files as they are now.

    Raises:
        ForgeRefusedError: If something that is no directory lies where one is needed.
    """
    head = fetch_tip(api, branch)
    if head is None:
        return Seen(None, {})
    folders: dict[str, Mapping[str, TreeEntry]] = {"": _fetch_folder(api, head)}
    entries: dict[str, TreeEntry] = {}
    for change in changes:
        folder, _, name = change.path.rpartition("/")
        there = _find_folder(api, folders, folder, change.path).get(name)
        if there is not None:
            entries[change.path] = there
    return Seen(head, entries)


def _find_folder(
    api: RepositoryApi,
    folders: dict[str, Mapping[str, TreeEntry]],
    folder: str,
    path: str,
) -> Mapping[str, TreeEntry]:
    """List a directory, reading each only once; an absent one is empty."""
    if folder not in folders:
        above, _, name = folder.rpartition("/")
        entry = _find_folder(api, folders, above, path).get(name)
        if entry is not None and entry.mode != DIRECTORY_MODE:
            raise ForgeRefusedError(
                f"{path} needs a directory where the repository has something else at"
                f" {folder}: move that away"
            )
        folders[folder] = {} if entry is None else _fetch_folder(api, entry.id)
    return folders[folder]


def _fetch_folder(api: RepositoryApi, treeish: str) -> Mapping[str, TreeEntry]:
    return {entry.name: entry for entry in fetch_entries(api, treeish)}
