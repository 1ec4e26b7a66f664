"""Whose network a host is on, by its name alone."""

import ipaddress
import socket
from typing import Final

from hero_onboarding.kernel.server import is_loopback_host

_LOCAL_ENDINGS: Final = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
# Python calls the mycelium range 400::/7 global; it is nobody's but its members'.
_OVERLAY: Final = ipaddress.ip_network("400::/7")
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_near(host: str) -> bool:
    """Whether a host can only be on this machine or on a network of the operator's own."""
    name = _plain(host)
    address = _find_address(name)
    if address is None:
        return "." not in name or name.endswith(_LOCAL_ENDINGS)
    return not address.is_global or (address.version == _OVERLAY.version and address in _OVERLAY)


def is_this_machine(host: str) -> bool:
    """Whether a host can only be this machine."""
    address = _find_address(_plain(host))
    return is_loopback_host(_plain(host)) if address is None else address.is_loopback


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _find_address(name: str) -> _Ip | None:
    """Read an address in any spelling that resolvers take, such as 127.1 for 127.0.0.1."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name))
        except (OSError, ValueError):
            return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
