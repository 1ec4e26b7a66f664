"""Where browsers may be sent back to: URIs in the one way to write them, and when two agree. Pure.

A URI that could be written otherwise could be read otherwise, by a browser as another host.
"""

import ipaddress
import re
from typing import Final

URI_CHARACTERS_MAX: Final = 400
_HOST_CHARACTERS_MAX: Final = 253
_PORT_MAX: Final = 65535
_USUAL_PORTS: Final = {"https": "443", "http": "80"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})

_PLACE: Final = r"(?:[A-Za-z0-9._~:@!$&'()*+,;=/-]|%[0-9A-F]{2})"
_URI: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    rf"(?P<rest>(?:/{_PLACE}*)?(?:\?(?:{_PLACE}|\?)+)?)"
)
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?:{_LABEL}\.)*(?=[a-z]){_LABEL}")
"""A host name; the last label begins with a letter, since browsers read others as numbers."""


def fault_of(uri: str) -> str | None:
    """Say what is wrong with a redirect URI, None when nothing is."""
    found = _parse(uri)
    if found is None or len(uri) > URI_CHARACTERS_MAX:
        return (
            f"{uri!r} is no URI of at most {URI_CHARACTERS_MAX} characters, written as browsers"
            " write it: a host in small letters, no usual port, user, fragment or dots as a folder"
        )
    if found["scheme"] != "https" and found["host"] not in _LOOPBACK:
        return f"{uri!r} is neither https nor http on this machine's loopback"
    return None


def agree(registered: str, asked: str) -> bool:
    """Whether browsers may be sent where a registered URI leads: an exact match.

    On loopback http any port will do: an app takes one that is free (RFC 8252, 7.3).
    """
    if registered == asked:
        return True
    known, wanted = _without_port(registered), _without_port(asked)
    return known is not None and known == wanted


def _parse(uri: str) -> re.Match[str] | None:
    """Take a URI apart; None where it is none, or could be written in another way."""
    found = _URI.fullmatch(uri)
    if found is None or not _is_host(found["host"]):
        return None
    port = found["port"] or "1"
    if int(port) > _PORT_MAX or port == _USUAL_PORTS[found["scheme"]]:
        return None
    folders = found["rest"].partition("?")[0].replace("%2E", ".").split("/")
    return None if {".", ".."} & {*folders} else found


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _is_written(host[1:-1], ipaddress.IPv6Address)
    is_name = _NAME.fullmatch(host) is not None and len(host) <= _HOST_CHARACTERS_MAX
    return is_name or _is_written(host, ipaddress.IPv4Address)


def _is_written(text: str, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    """Whether a text is an address, as addresses of its kind are written."""
    try:
        return str(kind(text)) == text
    except ValueError:
        return False


def _without_port(uri: str) -> tuple[str, str] | None:
    """Return what must be equal between two loopback URIs, None for any other."""
    found = _URI.fullmatch(uri)
    if found is None or found["scheme"] != "http" or found["host"] not in _LOOPBACK:
        return None
    is_port = int(found["port"] or "1") <= _PORT_MAX
    return (found["host"], found["rest"]) if is_port else None
