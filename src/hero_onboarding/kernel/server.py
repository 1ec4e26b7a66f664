"""What kind of server this is, and which hosts are this machine's own."""

import ipaddress
import re
from enum import StrEnum
from typing import Final

_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+|[0-9a-f:.]+)(:[0-9]{1,5})?", re.ASCII)

SERVICE: Final = "hero_onboarding"
"""What the whole of it is called among the services of a machine."""

SITE_SERVICE: Final = "hero_onboarding_server"
"""What the site of users is called."""


class Mode(StrEnum):
    """Whether this is for trying out or for real money."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Role(StrEnum):
    """What this server does: record and push, aggregate and serve people, or both."""

    NODE = "node"
    CENTRAL = "central"
    ALL = "all"


def is_loopback_host(host: str) -> bool:
    """Whether a host, with or without port, is this machine's own; what is neither is not."""
    matched = _AUTHORITY.fullmatch(host.strip().lower())
    if matched is None:
        return False
    name = matched[1].strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
