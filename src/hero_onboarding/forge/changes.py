"""What may be asked of any forge: paths, names, texts and tokens within every server's limits."""

import re
from collections.abc import Sequence
from typing import Final

from hero_onboarding.forge.errors import ForgeInputError
from hero_onboarding.forge.ports import Commit, FileChange

PATH_CHARACTERS_MAX: Final = 500
BRANCH_CHARACTERS_MAX: Final = 100
NAME_CHARACTERS_MAX: Final = 100
MAIL_CHARACTERS_MAX: Final = 254

_PART: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_NOT_IN_IDENTITY: Final = re.compile(r"[<>\x00-\x1f\x7f]")


def check_changes(changes: Sequence[FileChange], commit: Commit) -> None:
    """Refuse what no server would take, before anything is sent.

    Raises:
        ForgeInputError: Naming what is wrong.
    """
    paths = [change.path for change in changes]
    if len(set(paths)) != len(paths):
        raise ForgeInputError("the same path is written twice in one call")
    for path in paths:
        check_path(path)
    _check_identity("author name", commit.author_name, NAME_CHARACTERS_MAX)
    _check_identity("author address", commit.author_email, MAIL_CHARACTERS_MAX)
    if not commit.message.strip() or "\0" in commit.message:
        raise ForgeInputError("a commit needs a message, without NUL bytes")
    if commit.at.tzinfo is None or commit.at.timestamp() < 0:
        raise ForgeInputError("a commit needs an aware time after 1970")


def check_path(path: str) -> None:
    """Refuse a path that is not plain: letters, digits, ``-``, ``_`` and inner dots.

    Raises:
        ForgeInputError: Naming the path.
    """
    parts = path.split("/")
    if len(path) > PATH_CHARACTERS_MAX or not all(_PART.fullmatch(part) for part in parts):
        raise ForgeInputError(f"{path[:PATH_CHARACTERS_MAX]!r} is no plain path")


def check_branch(branch: str) -> None:
    """Refuse a branch name that git or a server would not take.

    Raises:
        ForgeInputError: Naming the branch.
    """
    parts = branch.split("/")
    is_plain = len(branch) <= BRANCH_CHARACTERS_MAX and _BRANCH.fullmatch(branch) is not None
    if not is_plain or ".." in branch or any(part.endswith((".", ".lock")) for part in parts):
        raise ForgeInputError(f"{branch[:BRANCH_CHARACTERS_MAX]!r} is no branch name")


def check_token(token: str) -> None:
    """Refuse a token that could not stand in a header.

    Raises:
        ForgeInputError: Without showing it.
    """
    if not _TOKEN.fullmatch(token):
        raise ForgeInputError("the forge's token holds a space or a control character")


def _check_identity(what: str, text: str, characters_max: int) -> None:
    is_plain = text.strip() == text and _NOT_IN_IDENTITY.search(text) is None
    if not 1 <= len(text) <= characters_max or not is_plain:
        raise ForgeInputError(f"the {what} is empty, too long or holds what git leaves out")
