"""Ask a site, trusting nothing that it answers."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
from typing import Any, Final

from hero_onboarding.helper.outcome import REFUSED, TRY_AGAIN, WRONG_SITE, Stop
from hero_onboarding.helper.proof import Challenge
from hero_onboarding.helper.site import Site

PURPOSES: Final = {
    "login": "sign in",
    "link": "add this address to an account",
    "rotate": "replace the key of an account",
}
_TIMEOUT_SECONDS: Final = 10
_OVERALL_SECONDS: Final = 20
_ANSWER_BYTES_MAX: Final = 64 * 1024
_WHY: Final = {
    False: "this sign-in is not valid any more; start again",
    True: "the code was another, or the browser does not wait any more; look at it and try again",
}
_AGENT: Final = "hero_onboarding login"


def post(
    site: Site, path: str, body: dict[str, Any], cookie: str | None = None
) -> tuple[dict[str, Any], str | None]:
    """Post JSON and return the answer with the pre-login cookie that it set, if any."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers["User-Agent"] = _AGENT
    if cookie is not None:
        headers["Cookie"] = cookie
    connection = _connect(site)
    alarm = threading.Timer(_OVERALL_SECONDS, _cut, (connection,))
    alarm.start()
    try:
        connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        content = response.read(_ANSWER_BYTES_MAX)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message
        raise Stop(WRONG_SITE, f"{site.host} can't show that it is who it says: {reason}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = printable(str(error) or type(error).__name__)
        raise Stop(TRY_AGAIN, f"{site.origin} does not answer: {reason}") from None
    finally:
        alarm.cancel()
        connection.close()
    _require_success(site, response.status, response.getheader("Retry-After"), content)
    return _read_object(site, content), _cookie_of(response.headers.get_all("Set-Cookie") or [])


def _cut(connection: http.client.HTTPConnection) -> None:
    """End an answer that never ends: each byte may come in time, and all of them not."""
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _connect(site: Site) -> http.client.HTTPConnection:
    if site.scheme == "http":
        return http.client.HTTPConnection(site.host, site.port, timeout=_TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(
        site.host, site.port, timeout=_TIMEOUT_SECONDS, context=context
    )


def _require_success(site: Site, status: int, retry_after: str | None, content: bytes) -> None:
    if status == 200:
        return
    if status == 429 or status >= 500:
        later = f" in {retry_after} s" if retry_after and retry_after.isdigit() else " in a minute"
        raise Stop(TRY_AGAIN, f"{site.origin} can't answer just now; try again{later}")
    if status == 401:
        raise Stop(REFUSED, f"{site.origin} refused: {_WHY[site.attempt is not None]}")
    if 300 <= status < 400:
        raise Stop(REFUSED, f"{site.origin} is elsewhere; use the address that a browser ends at")
    detail = ""
    with contextlib.suppress(ValueError, AttributeError, RecursionError):
        detail = str(json.loads(content).get("detail", ""))
    shown = "".join(c if c.isprintable() else " " for c in detail)[:200]
    raise Stop(REFUSED, f"{site.origin} refused with status {status}{': ' if shown else ''}{shown}")


def _read_object(site: Site, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Stop(WRONG_SITE, f"{site.origin} is no Hero site: it answers something else")
    return found


def _cookie_of(lines: list[str]) -> str | None:
    """Return ``name=value`` of the pre-login cookie."""
    for line in lines:
        pair = line.partition(";")[0].strip()
        if pair.partition("=")[0].endswith("hero_prelogin"):
            return pair
    return None


def read_challenge(
    fields: dict[str, Any], site: Site, address: bytes, public_key: bytes
) -> Challenge:
    """Check a challenge: for this site and this key, and of the right form."""
    if fields.get("origin") != site.origin:
        other = printable(fields.get("origin"))
        raise Stop(WRONG_SITE, f"you asked {site.origin}, and the challenge is for {other}")
    try:
        challenge = Challenge(
            purpose=str(fields["purpose"]),
            origin=site.origin,
            challenge_id=_word(fields["challenge_id"]),
            address=ipaddress.IPv6Address(fields["address"]).packed,
            public_key=bytes.fromhex(fields["public_key"]),
            server_public_key=_thirty_two(fields["server_public_key"]),
            nonce=_thirty_two(fields["nonce"]),
            issued_at=_seconds(fields["issued_at"]),
            expires_at=_seconds(fields["expires_at"]),
        )
    except (KeyError, ValueError, TypeError):
        raise Stop(WRONG_SITE, f"{site.origin} sent no challenge that can be read") from None
    wanted = set(PURPOSES) if site.attempt else {"login"}
    if (challenge.address, challenge.public_key) != (address, public_key):
        raise Stop(WRONG_SITE, f"{site.origin} asks to prove another address than this key has")
    if challenge.purpose not in wanted:
        purpose = printable(challenge.purpose)
        raise Stop(WRONG_SITE, f"{site.origin} asks to prove something for {purpose}")
    return challenge


def _thirty_two(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != 32:
        raise ValueError
    return found


def _seconds(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]{1,200}", value):
        raise ValueError
    return value


def printable(value: Any) -> str:
    """Write what a site sent so that it can't play with the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(value))[:100]
