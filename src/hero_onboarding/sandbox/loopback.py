"""Loopback and nothing else: addresses to listen on and Host headers to answer."""

import ipaddress
import socket
from urllib.parse import urlsplit

from hero_onboarding.sandbox.errors import NotLoopbackError


def is_loopback_name(name: str) -> bool:
    """Say whether a host name or literal address can only mean this machine."""
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_loopback_host(header: str | None) -> bool:
    """Say whether a ``Host`` header names this machine; a missing one does not."""
    return header is not None and _names_loopback(f"//{header}")


def is_loopback_origin(header: str | None) -> bool:
    """Say whether an ``Origin`` header is absent or names this machine."""
    return header is None or _names_loopback(header)


def is_loopback_url(url: str) -> bool:
    """Say whether an address is http(s) on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and is_loopback_name(parts.hostname or "")


def listen_on(address: str) -> socket.socket:
    """Bind ``HOST:PORT`` on loopback; port 0 takes a free one.

    Raises:
        NotLoopbackError: If the host is anything else, or the text is no address.
    """
    host, port = _split(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns off the delay of small packets only then.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    listener.setblocking(False)
    return listener


def origin_of(listener: socket.socket) -> str:
    """Spell the address of a bound socket as an origin, without a final slash."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _split(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotLoopbackError(address) from None
    if port is None or not is_loopback_name(host):
        raise NotLoopbackError(address)
    return ("127.0.0.1" if host == "localhost" else host), port


def _names_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return host is not None and is_loopback_name(host)
