"""The ``Forge`` that speaks the REST API of Forgejo and Gitea."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hero_onboarding.forge.changes import check_changes
from hero_onboarding.forge.errors import ForgeAnswerError, ForgeMovedError
from hero_onboarding.forge.forgejo.api import RepositoryApi
from hero_onboarding.forge.forgejo.looking import look
from hero_onboarding.forge.forgejo.reading import (
    fetch_branch_name,
    fetch_contents,
    fetch_entries,
    fetch_tip,
    is_reachable,
)
from hero_onboarding.forge.forgejo.writing import Writer
from hero_onboarding.forge.objects import blob_id, is_object_id
from hero_onboarding.forge.ports import Commit, FileChange, Forge, TreeEntry
from hero_onboarding.kernel.overriding import override


@dataclass(frozen=True, slots=True)
class ForgejoForge(Forge):
    """One branch of one repository on a Forgejo or Gitea; safe to share between threads."""

    api: RepositoryApi
    branch: str | None

    @override
    def fetch_head(self) -> str | None:
        return fetch_tip(self.api, fetch_branch_name(self.api, self.branch))

    @override
    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        _require_ids(treeish)
        return fetch_entries(self.api, treeish)

    @override
    def fetch_blobs(self, ids: Sequence[str], *, bytes_max: int) -> Mapping[str, bytes]:
        _require_ids(*ids)
        return fetch_contents(self.api, ids, bytes_max=bytes_max)

    @override
    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        check_changes(changes, commit)
        if not changes:
            return None
        branch = fetch_branch_name(self.api, self.branch)
        different = [one for one in changes if one.replaces != blob_id(one.content)]
        if len(different) < len(changes):
            self._require_same(branch, changes)
        head = fetch_tip(self.api, branch)
        if head is None and any(change.replaces is not None for change in changes):
            raise ForgeMovedError("there is nothing yet where a file was to be replaced")
        return Writer(self.api, commit, branch, head).write(different) if different else None

    @override
    def is_ancestor(self, older: str, newer: str) -> bool:
        _require_ids(older, newer)
        return older == newer or is_reachable(self.api, older, newer)

    def _require_same(self, branch: str, changes: Sequence[FileChange]) -> None:
        """Check files that are to stay as they are; sending them would make an empty commit."""
        seen = look(self.api, branch, changes)
        same = [one for one in changes if one.replaces == blob_id(one.content)]
        if not all(seen.is_landed(change) for change in same):
            raise ForgeMovedError("a file is not as it was when it was looked at")


def _require_ids(*names: str) -> None:
    for name in names:
        if not is_object_id(name):
            raise ForgeAnswerError(f"{name[:40]!r} is no object id")
