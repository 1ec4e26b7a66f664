"""Directories as git stores them: read, changed along a path, written back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pygit2
from pygit2.enums import ObjectType

from hero_onboarding.forge.errors import ForgeAnswerError, ForgeRefusedError
from hero_onboarding.forge.ports import DIRECTORY_MODE, REGULAR_FILE_MODE, TreeEntry

_ID_BYTES: Final = 20
_EXECUTABLE_MODE: Final = "100755"
_WRITABLE: Final = (REGULAR_FILE_MODE, _EXECUTABLE_MODE)


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One line of a stored directory; the mode as stored, without leading zeros."""

    mode: bytes
    name: bytes
    id: bytes

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return self.mode.zfill(6) == DIRECTORY_MODE.encode()

    @property
    def is_submodule(self) -> bool:
        """Whether it stands for a commit of another repository."""
        return self.mode == b"160000"

    @property
    def key(self) -> bytes:
        """What git sorts by: directories as if their names ended in a slash."""
        return self.name + b"/" if self.is_directory else self.name


Directory = dict[bytes, RawEntry]


def parse_tree(content: bytes) -> list[RawEntry]:
    """Read a stored directory.

    Raises:
        ForgeAnswerError: If it is malformed.
    """
    entries: list[RawEntry] = []
    at = 0
    while at < len(content):
        space = content.find(b" ", at)
        nul = content.find(b"\0", space)
        ends = nul + 1 + _ID_BYTES
        if space < 0 or nul < 0 or ends > len(content):
            raise ForgeAnswerError("a directory in the repository is malformed")
        name, identity = content[space + 1 : nul], content[nul + 1 : ends]
        entries.append(RawEntry(content[at:space], name, identity))
        at = ends
    return entries


def spell_tree(entries: Mapping[bytes, RawEntry]) -> bytes:
    """Write a directory as git stores it."""
    ordered = sorted(entries.values(), key=lambda entry: entry.key)
    return b"".join(b"%s %s\0%s" % (entry.mode, entry.name, entry.id) for entry in ordered)


def show_entry(entry: RawEntry, size: int | None) -> TreeEntry:
    """Present an entry; bytes of its name that are not UTF-8 are replaced."""
    mode = entry.mode.decode(errors="replace").zfill(6)
    return TreeEntry(entry.name.decode(errors="replace"), mode, entry.id.hex(), size)


@dataclass(slots=True)
class TreeEdit:
    """Changes to one commit's directories; reads only those on the paths that are touched."""

    odb: pygit2.Odb
    root: str | None
    _loaded: dict[tuple[bytes, ...], Directory]

    @classmethod
    def of(cls, odb: pygit2.Odb, root: str | None) -> "TreeEdit":
        """Begin to change the directories under a root tree, or under none."""
        return cls(odb, root, {})

    def find(self, path: str) -> RawEntry | None:
        """Return what lies at a path now.

        Raises:
            ForgeRefusedError: If something that is no directory lies where one is needed.
        """
        *folders, name = _parts(path)
        return self._directory(tuple(folders), path).get(name)

    def put(self, path: str, content: bytes) -> None:
        """Store a file and place it, keeping an executable file's mode."""
        *folders, name = _parts(path)
        directory = self._directory(tuple(folders), path)
        there = directory.get(name)
        mode = REGULAR_FILE_MODE if there is None else there.mode.decode()
        stored = self.odb.write(ObjectType.BLOB, content)
        directory[name] = RawEntry(mode.encode(), name, stored.raw)

    def write(self) -> str:
        """Store the changed directories, innermost first, and return the root's id."""
        stored = self.odb.write(ObjectType.TREE, b"").raw
        for folders in sorted(self._loaded, key=len, reverse=True):
            stored = self.odb.write(ObjectType.TREE, spell_tree(self._loaded[folders])).raw
            if folders:
                parent, name = self._loaded[folders[:-1]], folders[-1]
                mode = DIRECTORY_MODE.lstrip("0").encode()
                parent[name] = RawEntry(mode, name, stored)
        return stored.hex()

    def _directory(self, folders: tuple[bytes, ...], path: str) -> Directory:
        """Load a directory and those above it."""
        if folders in self._loaded:
            return self._loaded[folders]
        if folders:
            entry = self._directory(folders[:-1], path).get(folders[-1])
            if entry is not None and not entry.is_directory:
                name = folders[-1].decode()
                raise ForgeRefusedError(
                    f"{path} needs a directory where the repository has something else at"
                    f" {name}: move that away"
                )
            tree = None if entry is None else entry.id.hex()
        else:
            tree = self.root
        listed = [] if tree is None else parse_tree(self.odb.read(tree)[1])
        self._loaded[folders] = {entry.name: entry for entry in listed}
        return self._loaded[folders]


def is_writable(entry: RawEntry) -> bool:
    """Whether an entry is a plain file, and no link, submodule or directory."""
    return entry.mode.decode(errors="replace").zfill(6) in _WRITABLE


def _parts(path: str) -> list[bytes]:
    return [part.encode() for part in path.split("/")]
