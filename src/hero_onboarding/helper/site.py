"""Where a person wants to sign in, by what they typed and nothing else."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from hero_onboarding.helper.outcome import USAGE, Stop

_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Site:
    """Where the person wants to sign in, by what they typed and nothing else."""

    scheme: str
    host: str
    port: int
    attempt: str | None

    @property
    def origin(self) -> str:
        """The origin as browsers write it."""
        usual = _PORTS[self.scheme]
        return (
            f"{self.scheme}://{self.authority}"
            if self.port != usual
            else (f"{self.scheme}://{self.shown_host}")
        )

    @property
    def shown_host(self) -> str:
        """The host as it stands in an address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"{self.shown_host}:{self.port}"


def read_url(text: str) -> Site:
    """Read what the person typed: a site, or the page of an attempt at one."""
    try:
        url = urlsplit(text)
        port = url.port
        host = (url.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise Stop(USAGE, f"{text!r} is no address; use https://SITE") from None
    if url.scheme not in ("http", "https") or not host or "@" in url.netloc:
        raise Stop(USAGE, f"{text!r} is no site; use https://SITE")
    if url.scheme == "http" and not is_this_machine(host):
        raise Stop(USAGE, f"{host} can't be asked over plain http; use https")
    found = re.fullmatch(r"(?:/login/([A-Za-z0-9_-]{8,64}))?/?", url.path)
    if found is None or url.query or url.fragment:
        raise Stop(USAGE, f"{text!r} is no sign-in; use https://SITE or https://SITE/login/ATTEMPT")
    return Site(url.scheme, host, port or _PORTS[url.scheme], found.group(1))


def is_this_machine(host: str) -> bool:
    """Whether a name can only mean the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
