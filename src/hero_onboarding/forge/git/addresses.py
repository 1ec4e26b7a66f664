"""Addresses of git remotes: which are taken, and what git is told of them."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from hero_onboarding.forge.changes import check_token
from hero_onboarding.forge.errors import ForgeInputError

_SCHEMES: Final = {"git+https": "https", "git+http": "http", "git+ssh": "ssh", "git+file": "file"}
_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\]")
_PLAIN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class GitAddress:
    """Where a remote lies, as git spells it; ``folder`` when it is on this machine's disk."""

    url: str
    scheme: str
    folder: Path | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port with a final slash: where a token may go."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/"

    @property
    def host(self) -> str:
        """The host's name, empty for a folder."""
        return urlsplit(self.url).hostname or ""


def read_address(text: str) -> GitAddress:
    """Read ``git+https://``, ``git+http://``, ``git+ssh://`` or ``git+file:///``.

    Raises:
        ForgeInputError: If it is another scheme, or carries credentials, a query or a fragment.
    """
    parts = _split(text)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None:
        raise ForgeInputError(f"a git remote is one of {', '.join(_SCHEMES)}")
    if parts.password is not None or (parts.username is not None and scheme != "ssh"):
        raise ForgeInputError("a git remote has no credentials in its address: set a token")
    if parts.username is not None and not _USER.fullmatch(parts.username):
        raise ForgeInputError("the user in the git remote's address is malformed")
    if "?" in text or "#" in text or not parts.path.strip("/"):
        raise ForgeInputError("a git remote has a path, and no query or fragment")
    if scheme == "file":
        return _file_address(parts)
    if not _HOST.fullmatch(_host_of(parts)):
        raise ForgeInputError("a git remote needs a host name")
    return GitAddress(f"{scheme}://{parts.netloc}{parts.path}", scheme)


def folder_address(folder: Path) -> GitAddress:
    """Address a repository on this machine's disk."""
    absolute = folder.absolute()
    return GitAddress(absolute.as_uri(), "file", absolute)


def token_header(token: str) -> str:
    """Spell a token as the header that all forges take from git.

    Raises:
        ForgeInputError: If the token holds what no token holds.
    """
    check_token(token)
    pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return f"Authorization: Basic {pair}"


def _split(text: str) -> SplitResult:
    if not _PLAIN.fullmatch(text):
        raise ForgeInputError("a git remote's address is plain ASCII without spaces")
    try:
        parts = urlsplit(text)
        if parts.port == 0:
            raise ForgeInputError("a git remote's port is not 0")
    except ValueError:
        raise ForgeInputError("the git remote's address can't be read") from None
    return parts


def _file_address(parts: SplitResult) -> GitAddress:
    if parts.netloc:
        raise ForgeInputError("git+file:///PATH names a folder of this machine: three slashes")
    path = unquote(parts.path)
    if "\0" in path or "\n" in path:
        raise ForgeInputError("the folder's name holds a control character")
    return folder_address(Path(path))


def _host_of(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host.removesuffix(":")
