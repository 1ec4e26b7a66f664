"""Turn the text of one setting into a value, or say what is wrong and what to do."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from hero_onboarding.exchange import MARGIN_BASIS_POINTS_MAX

_NODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}")
_ADDRESS: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9_.-]+)):(?P<port>[0-9]{1,5})"
)
_COUNT: Final = re.compile(r"0*[1-9][0-9]{0,17}")
_PORT_MAX: Final = 65_535
PAGE_PROCESSES_MAX: Final = 32
MARGIN_DEFAULT: Final = 200
"""Two percent."""

_PAGE_PROCESSES_DEFAULT: Final = 8
_FORGE_SCHEMES: Final = ("http", "https", "git+https", "git+http", "git+ssh", "git+file")


class WrongTextError(ValueError):
    """The text of a setting is not what it should be; the message says what is and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    @property
    def text(self) -> str:
        """Write it as ``host:port``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_secret(text: str) -> str:
    """Take what can stand in a header: printable ASCII."""
    if not text.isprintable() or not text.isascii():
        raise WrongTextError("holds characters that no header can carry; use plain ASCII")
    return text


def read_choice(text: str, choices: tuple[str, ...]) -> str:
    """Take one of a few words."""
    if text not in choices:
        raise WrongTextError(f"is {text!r}; use one of {', '.join(choices)}")
    return text


def read_address(text: str) -> Address:
    """Read ``host:port``; an IPv6 address stands in brackets."""
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > _PORT_MAX:
        raise WrongTextError(f"is {text!r}; use host:port such as 127.0.0.1:9920")
    return Address(found["six"] or found["host"], int(found["port"]))


def read_count(text: str) -> int:
    """Read a whole number above zero."""
    if _COUNT.fullmatch(text) is None:
        raise WrongTextError(f"is {text!r}; use a whole number above 0")
    return int(text)


def read_page_processes(text: str) -> int:
    """Read how many processes answer pages; 0 is none."""
    if text != "0" and (_COUNT.fullmatch(text) is None or int(text) > PAGE_PROCESSES_MAX):
        raise WrongTextError(f"is {text!r}; use a whole number from 0 to {PAGE_PROCESSES_MAX}")
    return int(text)


def read_margin(text: str) -> int:
    """Read what is taken on top of a rate, in hundredths of a percent."""
    if text != "0" and (_COUNT.fullmatch(text) is None or int(text) > MARGIN_BASIS_POINTS_MAX):
        detail = f"is {text!r}; use hundredths of a percent, from 0 to {MARGIN_BASIS_POINTS_MAX}"
        raise WrongTextError(detail)
    return int(text)


def default_page_processes(*, is_sandbox: bool) -> int:
    """Count the processes that answer pages where nothing says how many: one for each core.

    A sandbox, and a machine with one core, has none: the server answers all by itself.
    """
    cores = len(os.sched_getaffinity(0))
    return 0 if is_sandbox or cores == 1 else min(cores, _PAGE_PROCESSES_DEFAULT)


def read_path(text: str) -> Path:
    """Read a path; ``~`` is the home folder."""
    try:
        path = Path(text).expanduser()
    except (RuntimeError, ValueError):
        raise WrongTextError(f"is {text!r}, which has no home folder; use a path") from None
    if not path.is_absolute() or "\0" in text:
        raise WrongTextError(f"is {text!r}; use an absolute path")
    return path


def read_file(name: str) -> str:
    """Read the text of a file that a setting names, and say what to do when it can't be."""
    try:
        return Path(name).expanduser().read_text(encoding="utf-8")
    except FileNotFoundError:
        reason = "there is none; create it, or name another file"
    except PermissionError:
        reason = f"this user may not; run as its owner: chmod u+r {name}, or name another file"
    except (IsADirectoryError, NotADirectoryError):
        reason = "it is a folder, or lies in what is none; name a file"
    except UnicodeDecodeError as error:
        reason = f"it is no UTF-8 text from byte {error.start} on; write it anew as text"
    except (OSError, ValueError, RuntimeError) as error:
        reason = f"{error}; name another file"
    raise WrongTextError(f"names {name}, which can't be read: {reason}")


def read_node_name(text: str) -> str:
    """Read a node's name."""
    if _NODE.fullmatch(text) is None:
        raise WrongTextError(f"is {text!r}; use [a-z0-9][a-z0-9-]{{0,62}}")
    return text


def read_branch(text: str) -> str:
    """Read the name of a branch."""
    if _BRANCH.fullmatch(text) is None or ".." in text or text.endswith(("/", ".lock")):
        raise WrongTextError(f"is {text!r}; use the name of a branch such as main")
    return text


def read_repository(text: str) -> str:
    """Read ``owner/name``."""
    if _REPOSITORY.fullmatch(text) is None or any(part in {".", ".."} for part in text.split("/")):
        raise WrongTextError(f"is {text!r}; use owner/name")
    return text


def read_repositories(text: str) -> tuple[str, ...]:
    """Read several ``owner/name``, separated by commas."""
    names = tuple(read_repository(part.strip()) for part in text.split(","))
    if len(set(names)) < len(names):
        raise WrongTextError("names a repository twice; name each once")
    return names


def read_database_url(text: str) -> str:
    """Read ``sqlite:///PATH`` or ``postgresql://…``."""
    url = _split(text)
    if url.scheme == "sqlite" and text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        if not text.startswith("sqlite:////"):
            raise WrongTextError("names no absolute path; use sqlite:////FOLDER/FILE, four slashes")
        if url.query or url.fragment:
            raise WrongTextError("has a query or fragment; leave it out")
        return text
    if url.scheme == "postgresql" and url.hostname:
        return text
    raise WrongTextError("has an unknown form; use sqlite:///PATH or postgresql://HOST/NAME")


def read_forge_url(text: str) -> str:
    """Read the address of a forge or of a git remote."""
    url = _split(text)
    if url.scheme not in _FORGE_SCHEMES:
        raise WrongTextError(f"has scheme {url.scheme!r}; use one of {', '.join(_FORGE_SCHEMES)}")
    if "@" in url.netloc and (url.scheme != "git+ssh" or url.password is not None):
        raise WrongTextError("holds a user or password; use HERO_ONBOARDING_FORGE_TOKEN")
    if url.query or url.fragment:
        raise WrongTextError("has a query or fragment; leave it out")
    if url.scheme == "git+file":
        if not url.path.startswith("/"):
            raise WrongTextError("names no absolute path; use git+file:///PATH")
    elif not url.hostname:
        raise WrongTextError("names no host; use https://HOST")
    return text.rstrip("/")


def read_origin(text: str) -> str:
    """Read an origin: scheme, host and perhaps port, nothing after them."""
    url = _split(text)
    if "@" in text:
        raise WrongTextError("holds a user or password; leave it out")
    if url.scheme not in {"http", "https"} or not url.hostname or " " in text:
        raise WrongTextError(f"is {text!r}; use an origin such as https://onboarding.example")
    if url.path.strip("/") or url.query or url.fragment:
        raise WrongTextError(f"is {text!r}; leave out everything after the host")
    return text.rstrip("/")


def _split(text: str) -> SplitResult:
    """Split an address; what is wrong with it is not quoted, since it may be of a password."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise WrongTextError("is no address; escape its password as in %2F for /") from None
    is_spelt_as_read = not url.scheme or text.startswith(f"{url.scheme}:")
    if not text.isprintable() or text != text.strip() or not is_spelt_as_read:
        raise WrongTextError("is no address; leave out spaces and line ends, use lower case")
    return url
