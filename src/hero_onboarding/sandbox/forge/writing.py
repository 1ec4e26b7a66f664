"""Turn file changes into a commit on a branch, with the races of the real servers."""

import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.pushing import Push, PushResult, push, share_objects
from hero_onboarding.sandbox.forge.receiving import Reception
from hero_onboarding.sandbox.forge.repositories import find_branch, find_entry, is_empty
from hero_onboarding.sandbox.forge.tree_edits import Leaf, edit_tree
from hero_onboarding.sandbox.forge.versions import Kind


class WriteRefusedError(RefusedError):
    """A write did not happen; the server's version decides how that is answered.

    Attributes:
        kind: Why.
        message: In the words of the forge.
    """

    code = "sandbox.forge_write_refused"

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Change:
    """One file created, updated, deleted or renamed."""

    operation: str
    path: str
    content: bytes = b""
    blob_id: str = ""
    from_path: str = ""

    @property
    def source(self) -> str:
        """Where the file lies before the change."""
        return self.from_path or self.path


@dataclass(frozen=True, slots=True)
class Identity:
    """Who wrote or committed, and when."""

    name: str
    email: str
    at: datetime

    def signature(self) -> pygit2.Signature:
        """Spell it for a commit, without the characters that git leaves out."""
        offset = self.at.utcoffset()
        assert offset is not None, self.at
        return pygit2.Signature(
            _without_crud(self.name) or "Anonymous",
            _without_crud(self.email),
            int(self.at.timestamp()),
            int(offset.total_seconds() // 60),
        )


@dataclass(frozen=True, slots=True)
class Order:
    """Everything about one commit that is to be made.

    Attributes:
        force_new_branch: Whether ``new_branch`` may exist and is moved then.
        blob_ids_required: Whether updates and deletes must say what they replace.
    """

    branch: str
    new_branch: str
    message: str
    author: Identity
    committer: Identity
    changes: tuple[Change, ...]
    force_new_branch: bool = False
    blob_ids_required: bool = True


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a write happens, and what happens to it on its way.

    Attributes:
        target: The repository.
        workshop: The folder of temporary clones.
        reception: How the repository takes the push.
        pause_seconds: Waited between reading the head and pushing.
    """

    target: Path
    workshop: Path
    reception: Reception
    pause_seconds: float = 0


def commit_changes(place: Workplace, order: Order) -> str:
    """Make the commit and push it; return its id.

    Nothing is locked between reading the head and pushing: of writers at the same time one wins.

    Raises:
        WriteRefusedError: If it cannot be made, or another writer was quicker.
    """
    repository = pygit2.Repository(str(place.target))
    _check_order(repository, order)
    clone = share_objects(place.workshop, place.target, order.branch)
    is_forced = order.force_new_branch and order.new_branch != order.branch
    try:
        commit = _build_commit(pygit2.Repository(str(clone)), repository, order)
        time.sleep(place.pause_seconds)
        result = push(
            Push(clone, place.target, commit, order.new_branch, place.reception, is_forced)
        )
    finally:
        shutil.rmtree(clone)
    _check_push(result)
    return commit


def _check_order(repository: pygit2.Repository, order: Order) -> None:
    if find_branch(repository, order.branch) is None and not is_empty(repository):
        raise _branch_missing(order.branch)
    for change in order.changes:
        for path in {change.path, change.source}:
            if not names.is_file_path(path):
                text = path.encode(errors="surrogateescape").decode(errors="replace")
                message = f"path contains a malformed path component [path: {text}]"
                raise WriteRefusedError(Kind.NAME_INVALID, message)
    is_new = order.new_branch != order.branch and not order.force_new_branch
    if is_new and find_branch(repository, order.new_branch) is not None:
        message = f"branch already exists [name: {order.new_branch}]"
        raise WriteRefusedError(Kind.BRANCH_EXISTS, message)


def _build_commit(clone: pygit2.Repository, repository: pygit2.Repository, order: Order) -> str:
    head = find_branch(repository, order.branch)
    tree = None if head is None else _tree_of(clone, head)
    if head is None and any(change.operation == "delete" for change in order.changes):
        raise _branch_missing(order.branch)
    for change in order.changes:
        _check_presence(tree, change)
    executable = [_check_change(tree, change, order) for change in order.changes]
    edits: dict[str, Leaf] = {}
    for change, mode in zip(order.changes, executable, strict=True):
        _stage(clone, tree, edits, change, mode)
    commit = clone.create_commit(
        None,
        order.author.signature(),
        order.committer.signature(),
        order.message,
        edit_tree(clone, tree, edits),
        [] if head is None else [head.id],
    )
    return str(commit)


def _tree_of(clone: pygit2.Repository, head: pygit2.Commit) -> pygit2.Tree:
    # libgit2 edits a tree only in the repository that it was read through.
    tree = clone[head.tree_id]
    assert isinstance(tree, pygit2.Tree), tree
    return tree


def _check_presence(tree: pygit2.Tree | None, change: Change) -> None:
    if change.operation == "delete":
        entry = None if tree is None else find_entry(tree, change.path)
        if entry is None or isinstance(entry, pygit2.Tree):
            message = f"repository file does not exist [path: {change.path}]"
            raise WriteRefusedError(Kind.FILE_MISSING, message)


def _check_change(tree: pygit2.Tree | None, change: Change, order: Order) -> FileMode:
    if tree is None:
        return FileMode.BLOB
    mode = FileMode.BLOB
    if change.operation in {"update", "delete", "rename"}:
        mode = _check_replaced(tree, change, order)
    if change.operation != "delete":
        _check_place(tree, change)
    return mode


def _check_replaced(tree: pygit2.Tree, change: Change, order: Order) -> FileMode:
    entry = find_entry(tree, change.source)
    if entry is None:
        message = f"object does not exist [id: , rel_path: {change.source}]"
        raise WriteRefusedError(Kind.FILE_MISSING, message)
    if change.blob_id and change.blob_id != str(entry.id):
        message = f"sha does not match [given: {change.blob_id}, expected: {entry.id}]"
        raise WriteRefusedError(Kind.SHA_MISMATCH, message)
    if not change.blob_id and order.blob_ids_required:
        message = "a SHA or commit ID must be proved when updating a file"
        raise WriteRefusedError(Kind.SHA_MISSING, message)
    is_executable = entry.filemode == FileMode.BLOB_EXECUTABLE
    return FileMode.BLOB_EXECUTABLE if is_executable else FileMode.BLOB


def _check_place(tree: pygit2.Tree, change: Change) -> None:
    parts = change.path.split("/")
    for count in range(1, len(parts) + 1):
        path = "/".join(parts[:count])
        entry = find_entry(tree, path)
        if entry is None:
            return
        if count < len(parts):
            if not isinstance(entry, pygit2.Tree):
                raise _path_invalid("a file exists where a subdirectory is wanted", path)
        elif entry.filemode == FileMode.LINK:
            raise _path_invalid("a symbolic link exists where a file is wanted", path)
        elif isinstance(entry, pygit2.Tree):
            raise _path_invalid("a directory exists where a file is wanted", path)
        elif change.operation == "create" or change.source != change.path:
            raise _file_exists(path)


def _stage(
    clone: pygit2.Repository,
    tree: pygit2.Tree | None,
    edits: dict[str, Leaf],
    change: Change,
    mode: FileMode,
) -> None:
    match change.operation:
        case "create" | "update" | "upload":
            if change.operation == "create" and edits.get(change.path) is not None:
                raise _file_exists(change.path)
            leaf = (clone.create_blob(change.content), mode)
        case "rename":
            entry = find_entry(tree, change.source) if tree is not None else None
            assert entry is not None, change
            leaf = (entry.id, mode)
        case "delete":
            edits[change.path] = None
            return
        case _:
            message = f"invalid file operation: {change.operation} {change.path}"
            raise WriteRefusedError(Kind.OTHER, message)
    if change.source != change.path:
        edits[change.source] = None
    edits[change.path] = leaf


def _check_push(result: PushResult) -> None:
    if result.exit_code == 0:
        return
    if result.is_out_of_date:
        message = f"PushOutOfDate Error: exit status 1: {result.said}"
        raise WriteRefusedError(Kind.PUSH_OUT_OF_DATE, message)
    if result.is_rejected:
        message = f"PushRejected Error: exit status 1: {result.said}"
        raise WriteRefusedError(Kind.PUSH_REJECTED, message)
    raise WriteRefusedError(Kind.OTHER, result.said)


def _branch_missing(branch: str) -> WriteRefusedError:
    return WriteRefusedError(Kind.BRANCH_MISSING, f"branch does not exist [name: {branch}]")


def _path_invalid(reason: str, path: str) -> WriteRefusedError:
    return WriteRefusedError(Kind.PATH_INVALID, f"{reason} [path: {path}]")


def _file_exists(path: str) -> WriteRefusedError:
    return WriteRefusedError(Kind.FILE_EXISTS, f"repository file already exists [path: {path}]")


def _without_crud(text: str) -> str:
    kept = "".join(character for character in text if character not in "<>\n\r\0")
    return kept.strip(" .,:;\"'\\<>")
