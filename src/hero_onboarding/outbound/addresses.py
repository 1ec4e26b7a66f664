"""Base addresses that an operator sets: one origin each, and nothing secret inside."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from hero_onboarding.outbound.errors import AddressError

_PORTS: Final = {"http": 80, "https": 443}
_PLAIN: Final = re.compile(r"[\x21-\x7e]+")
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]+")


@dataclass(frozen=True, slots=True)
class BaseAddress:
    """An origin and a path under it, neither with a final slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def text(self) -> str:
        """Spell it as a URL without a final slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    def join(self, path: str) -> str:
        """Spell the URL of a path below.

        Raises:
            AddressError: If the path does not begin with one slash.
        """
        if not path.startswith("/") or path.startswith("//") or not _PLAIN.fullmatch(path):
            raise AddressError("a path begins with one slash and is escaped")
        return f"{self.text}{path}"


def read_base_address(text: str) -> BaseAddress:
    """Read an ``http`` or ``https`` address.

    Raises:
        AddressError: If it is another scheme, has no host, or carries credentials, a query or a
            fragment.
    """
    parts, port = _split(text)
    if parts.scheme not in {"http", "https"}:
        raise AddressError("the address begins with http:// or https://")
    if "@" in parts.netloc:
        raise AddressError("the address holds credentials: set them apart from it")
    if "?" in text or "#" in text:
        raise AddressError("the address has no query and no fragment")
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise AddressError("the address needs a host")
    default = _PORTS[parts.scheme]
    return BaseAddress(parts.scheme, host, port or default, parts.path.rstrip("/"))


def _split(text: str) -> tuple[SplitResult, int | None]:
    if not _PLAIN.fullmatch(text):
        raise AddressError("the address is plain ASCII without spaces")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressError("the address can't be read") from None
    return parts, port
