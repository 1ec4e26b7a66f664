"""What kind of server this is, and which hosts are this machine's own."""

import ipaddress
from enum import StrEnum


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
    """Whether a host, with or without port, is this machine's own."""
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
