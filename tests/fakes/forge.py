"""A forge in memory, under the same contract as the real ones."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hero_onboarding.forge import (
    DIRECTORY_MODE,
    REGULAR_FILE_MODE,
    Commit,
    FileChange,
    ForgeAnswerError,
    ForgeMovedError,
    ForgeRefusedError,
    TreeEntry,
)
from hero_onboarding.forge.changes import check_changes

EXECUTABLE_MODE = "100755"
SUBMODULE_MODE = "160000"

Files = dict[str, tuple[str, bytes]]


@dataclass
class FakeForge:
    """Keeps whole states of the branch; trees and blobs are found by content."""

    heads: list[str] = field(default_factory=list)
    states: dict[str, Files] = field(default_factory=dict)
    trees: dict[str, list[TreeEntry]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch_head(self) -> str | None:
        self.calls.append("fetch_head")
        return self.heads[-1] if self.heads else None

    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        self.calls.append("fetch_tree")
        if treeish not in self.trees:
            raise ForgeAnswerError(f"there is no directory {treeish}")
        return self.trees[treeish]

    def fetch_blobs(self, ids: Sequence[str], *, bytes_max: int) -> Mapping[str, bytes]:
        self.calls.append("fetch_blobs")
        if not self.blobs.keys() >= set(ids):
            raise ForgeAnswerError("there is no such file")
        if self.broken & set(ids):
            raise ForgeAnswerError("the bytes do not hash to their id")
        return {one: self.blobs[one] for one in ids if len(self.blobs[one]) <= bytes_max}

    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        self.calls.append("push_files")
        check_changes(changes, commit)
        if not changes:
            return None
        with self.lock:
            files = self.files
            wanted = {change.path: (REGULAR_FILE_MODE, change.content) for change in changes}
            if all(files.get(path) == file for path, file in wanted.items()):
                return None
            for change in changes:
                _check(files, change)
            return self.write({**files, **wanted}, message=commit.message)

    def is_ancestor(self, older: str, newer: str) -> bool:
        self.calls.append("is_ancestor")
        return older in self.heads and self.heads.index(older) <= self.heads.index(newer)

    @property
    def files(self) -> Files:
        """All files of the branch, with their modes."""
        return dict(self.states[self.heads[-1]]) if self.heads else {}

    def write(self, files: Files, *, message: str = "by hand", rewritten: bool = False) -> str:
        """Put a state on the branch; ``rewritten`` forgets what was there before."""
        tree = self._tree(files)
        parent = "" if rewritten or not self.heads else self.heads[-1]
        head = _hash("commit", f"{tree} {parent} {message} {len(self.states)}".encode())
        if rewritten:
            self.heads.clear()
        self.heads.append(head)
        self.states[head] = files
        self.trees[head] = self.trees[tree]
        return head

    def put(self, path: str, content: bytes, mode: str = REGULAR_FILE_MODE) -> None:
        """Write one file as anybody with a token could."""
        self.write({**self.files, path: (mode, content)})

    def _tree(self, files: Files) -> str:
        folders: dict[str, Files] = {}
        entries: list[TreeEntry] = []
        for path, (mode, content) in files.items():
            name, _, rest = path.partition("/")
            if rest:
                folders.setdefault(name, {})[rest] = (mode, content)
            else:
                blob = blob_of(content)
                self.blobs[blob] = content
                size = None if mode == SUBMODULE_MODE else len(content)
                entries.append(TreeEntry(name, mode, blob, size))
        entries += [TreeEntry(n, DIRECTORY_MODE, self._tree(f)) for n, f in folders.items()]
        # Directories are sorted as if their names ended in a slash.
        entries.sort(key=lambda entry: entry.name + "/" * (entry.mode == DIRECTORY_MODE))
        tree = _hash("tree", repr(entries).encode())
        self.trees[tree] = entries
        return tree


def _check(files: Files, change: FileChange) -> None:
    """Refuse to write over, through or below anything that is not what was expected."""
    there = files.get(change.path)
    parts = change.path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts))]
    if not files.keys().isdisjoint(above):
        raise ForgeRefusedError(f"{change.path} needs a directory: move that away")
    is_folder = any(path.startswith(f"{change.path}/") for path in files)
    is_file = there is None or there[0] in {REGULAR_FILE_MODE, EXECUTABLE_MODE}
    if is_folder or not is_file or (there and blob_of(there[1])) != change.replaces:
        raise ForgeMovedError(change.path)


def blob_of(content: bytes) -> str:
    """Git's id of a file."""
    return _hash("blob", content)


def _hash(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()
