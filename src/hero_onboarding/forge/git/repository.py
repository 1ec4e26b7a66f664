"""The ``Forge`` that speaks git itself: any remote, through a bare clone of our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pygit2
from pygit2.enums import ObjectType

from hero_onboarding.forge.changes import check_changes
from hero_onboarding.forge.errors import ForgeAnswerError, ForgeMovedError
from hero_onboarding.forge.git.clone import (
    REMOTE,
    Clone,
    is_kept,
    keep,
    make_remote,
)
from hero_onboarding.forge.git.remote import Remote, Tip
from hero_onboarding.forge.git.trees import (
    RawEntry,
    TreeEdit,
    is_writable,
    parse_tree,
    show_entry,
)
from hero_onboarding.forge.objects import blob_id, is_object_id
from hero_onboarding.forge.ports import Commit, FileChange, Forge, TreeEntry
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.kernel.overriding import override

_SHOWN_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class GitForge(Forge):
    """One branch of one git repository.

    ``branch`` None means the one that the repository begins with. ``is_made`` says that a
    repository on this machine's disk is made where there is none.
    """

    remote: Remote
    clone: Clone
    branch: str | None
    is_made: bool

    @override
    def fetch_head(self) -> str | None:
        with self.clone.locked() as repository:
            return self._fetch_tip(repository).commit

    @override
    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        repository = self._open_with([treeish])
        with self.clone.guarded():
            kind, content = repository.odb.read(treeish)
            if kind == ObjectType.COMMIT:
                kind, content = repository.odb.read(_commit_of(repository, treeish).tree_id)
            if kind != ObjectType.TREE:
                raise ForgeAnswerError(f"{treeish} is no directory")
            entries = parse_tree(content)
            return [show_entry(entry, _size_of(repository, entry)) for entry in entries]

    @override
    def fetch_blobs(self, ids: Sequence[str], *, bytes_max: int) -> Mapping[str, bytes]:
        contents: dict[str, bytes] = {}
        if not ids:
            return contents
        odb = self._open_with(ids).odb
        for one in ids:
            with self.clone.guarded():
                kind, size = odb.read_header(one)
                if kind != ObjectType.BLOB:
                    raise ForgeAnswerError(f"{one} is no file")
                if size <= bytes_max:
                    contents[one] = _verified(one, odb.read(one)[1])
        return contents

    @override
    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        check_changes(changes, commit)
        if not changes:
            return None
        with self.clone.locked() as repository:
            tip = self._fetch_tip(repository)
            edit = TreeEdit.of(repository.odb, _root_of(repository, tip.commit))
            remaining = _list_missing(edit, changes)
            if not remaining:
                return None
            for change in remaining:
                edit.put(change.path, change.content)
            made = _create_commit(repository, commit, edit.write(), tip.commit)
            is_ours = self._push(tip, made)
            keep(repository, tip.branch, made)
            self.remote.tidy(self.clone.folder)
            return made if is_ours else None

    @override
    def is_ancestor(self, older: str, newer: str) -> bool:
        repository = self._open_with([newer])
        with self.clone.guarded():
            is_known = is_object_id(older) and older in repository.odb
            return is_known and (older == newer or repository.descendant_of(newer, older))

    def _push(self, tip: Tip, made: str) -> bool:
        """Move the branch to our commit; return whether it was not there already.

        A refused push whose commit is there is no failure: a server of the same node has made the
        very same commit, or git's own client sent again what was cut off.
        """
        folder = self.clone.folder
        try:
            return self.remote.push(folder, tip.branch, commit=made, onto=tip.commit)
        except ForgeMovedError:
            if self.remote.fetch_tip(folder, tip.branch).commit != made:
                raise
            return False

    def _fetch_tip(self, repository: pygit2.Repository) -> Tip:
        """Learn where the branch is and bring what is new into the clone."""
        folder = self.clone.folder
        if self.is_made and self.remote.address.folder is not None:
            make_remote(self.remote.address.folder, self.branch)
        tip = self.remote.fetch_tip(folder, self.branch)
        if tip.commit is None or is_kept(repository, tip.commit):
            return tip
        tracked = f"{REMOTE}{tip.branch}"
        known = repository.references.get(tracked) is not None
        self.remote.fetch(folder, tip.branch, negotiate=known)
        head = str(repository.references[tracked].target)
        keep(repository, tip.branch, head)
        return Tip(tip.branch, head)

    def _open_with(self, names: Sequence[str]) -> pygit2.Repository:
        """Open the clone where objects are, after fetching once if one is not there.

        Raises:
            ForgeAnswerError: If the repository does not have one either.
        """
        for name in names:
            if not is_object_id(name):
                raise ForgeAnswerError(f"{name[:_SHOWN_CHARACTERS]!r} is no object id")
        if self.clone.folder.exists():
            repository = self.clone.open()
            if all(name in repository.odb for name in names):
                return repository
        self.fetch_head()
        repository = self.clone.open()
        for name in names:
            if name not in repository.odb:
                raise ForgeAnswerError(f"the repository has no object {name}")
        return repository


def _commit_of(repository: pygit2.Repository, name: str) -> pygit2.Commit:
    found = repository[name]
    assert isinstance(found, pygit2.Commit), name
    return found


def _root_of(repository: pygit2.Repository, head: str | None) -> str | None:
    return None if head is None else str(_commit_of(repository, head).tree_id)


def _size_of(repository: pygit2.Repository, entry: RawEntry) -> int | None:
    """Return a file's size; None for directories, and for commits of other repositories."""
    if entry.is_directory or entry.is_submodule:
        return None
    return repository.odb.read_header(entry.id.hex())[1]


def _verified(name: str, content: bytes) -> bytes:
    if blob_id(content) != name:
        raise ForgeAnswerError(f"the bytes of {name} do not hash to their id")
    return content


def _list_missing(edit: TreeEdit, changes: Sequence[FileChange]) -> list[FileChange]:
    """List the changes that are not there yet.

    Raises:
        ForgeMovedError: If something else is there than a change says that it replaces.
    """
    missing: list[FileChange] = []
    for change in changes:
        there = edit.find(change.path)
        found = None if there is None else there.id.hex()
        is_file = there is None or is_writable(there)
        if is_file and found == blob_id(change.content):
            continue
        if not is_file or found != change.replaces:
            raise ForgeMovedError(f"{change.path} is not as it was when it was looked at")
        missing.append(change)
    return missing


def _create_commit(
    repository: pygit2.Repository, commit: Commit, tree: str, head: str | None
) -> str:
    """Store a commit whose author and committer are one; equal input gives an equal id."""
    who = pygit2.Signature(commit.author_name, commit.author_email, unix_seconds(commit.at), 0)
    parents = [] if head is None else [head]
    return str(repository.create_commit(None, who, who, commit.message, tree, parents))
