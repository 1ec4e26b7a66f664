"""The seam to a git forge: what reading and writing a billing repository needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

REGULAR_FILE_MODE = "100644"
DIRECTORY_MODE = "040000"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a directory as git keeps it.

    ``mode`` is six octal digits (directories ``040000``); ``size`` is in bytes, and absent for
    directories and where the server does not say.
    """

    name: str
    mode: str
    id: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file to write.

    ``replaces`` is the blob id that must be there now; None means that nothing may be there.
    """

    path: str
    content: bytes
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit says of itself; author and committer are one, and so are their times."""

    message: str
    author_name: str
    author_email: str
    at: datetime


class Forge(Protocol):
    """One branch of one repository on a git forge.

    Every implementation passes ``tests/contracts/forge.py``. All calls may be repeated. All
    raise ``ForgeUnavailableError`` when the server can't be reached or answers 5xx, 429 or
    nothing in time, ``ForgeRefusedError`` when it says 401, 403, 413, 423 or that the repository
    does not exist (an operator has to act), and ``ForgeAnswerError`` when the answer makes no
    sense.
    """

    def fetch_head(self) -> str | None:
        """Return the commit the branch points at, None while the branch does not exist."""
        ...

    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        """List one directory, not recursively, in git's order.

        Args:
            treeish: Id of a commit (its root directory) or of a tree.
        """
        ...

    def fetch_blobs(self, ids: Sequence[str], *, bytes_max: int) -> Mapping[str, bytes]:
        """Read files by blob id, each verified against its id.

        A blob that is larger than ``bytes_max`` is left out of the answer. One whose bytes do not
        hash to its id raises ``ForgeAnswerError``.
        """
        ...

    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        """Write files, in one commit where the server can, and return the newest commit's id.

        Nothing is written over anything else than what ``replaces`` says. Returns None when this
        call certainly wrote nothing: there were no changes, or all of them were there already,
        such as by another server of the same node. Without several files in one commit, files are
        written one by one in the given order, and a failure leaves the earlier ones written.

        Raises:
            ForgeMovedError: If a file is not as ``replaces`` says or another writer was faster:
                look at the tree again, merge and call once more. After ``ForgeUnavailableError``
                it is unknown whether the write landed: look before writing again.
        """
        ...

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether ``newer`` descends from ``older`` or is the same commit.

        False too when the server does not know ``older`` any more.
        """
        ...
