"""A mycelium daemon as a messenger (REST, ``/api/v1``, mycelium 0.5 and later).

The daemon has no authentication: it must be this server's own and reachable by nobody else. Where
its documents and its code differ, this follows the code.
"""

import base64
from typing import Any, Final

import msgspec

from hero_onboarding.identity import Address, PublicKey, WrongKeyError
from hero_onboarding.outbound import BaseAddress, HttpAnswer, HttpClient, Limits
from hero_onboarding.overlay.errors import DaemonAnswerError, DaemonBusyError

TOPIC: Final = b"hero-login-1"
_CALL_TOPIC: Final = b"hero-looking"  # another, so that nobody who waits for a code gets it
_LIMITS: Final = Limits(connect_seconds=5, overall_seconds=10, answer_bytes_max=64 * 1024)
_OK, _CREATED, _NOT_FOUND, _BUSY = 200, 201, 404, 500


class MyceliumDaemon:
    """Finds keys and sends messages; safe to share between threads."""

    def __init__(self, address: BaseAddress) -> None:
        self._client = HttpClient(address, headers={}, limits=_LIMITS)

    def find_key(self, address: Address) -> PublicKey | None:
        """Return the key of the route to an address, None while no route is known.

        The daemon looks routes up by /64: whether it is the address's own key is for the caller.
        """
        answer = self._client.send("GET", f"/api/v1/pubkey/{address}")
        if answer.status == _NOT_FOUND:
            return None
        found = _fields(answer, _OK).get("publicKey")
        try:
            return PublicKey.parse(found if isinstance(found, str) else "")
        except WrongKeyError:
            raise DaemonAnswerError("a public key is none") from None

    def call(self, address: Address) -> None:
        """Make the daemon look for a route, which it does for the first packet alone."""
        self._push({"ip": str(address)}, _CALL_TOPIC, "")

    def send(self, key: PublicKey, text: str) -> None:
        """Push a text under the sign-in's topic; the daemon tries for five minutes."""
        self._push({"pk": str(key)}, TOPIC, text)

    def _push(self, destination: dict[str, str], topic: bytes, text: str) -> None:
        message = {"dst": destination, "topic": _b64(topic), "payload": _b64(text.encode())}
        answer = self._client.send("POST", "/api/v1/messages", json=msgspec.json.encode(message))
        if not isinstance(_fields(answer, _CREATED).get("id"), str):
            raise DaemonAnswerError("a message has no id")

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def _fields(answer: HttpAnswer, wanted: int) -> dict[str, Any]:
    """Return an answer's object.

    Raises:
        DaemonAnswerError: If it is another status, or no object.
        DaemonBusyError: If the daemon says that it failed.
    """
    if answer.status >= _BUSY:
        raise DaemonBusyError
    if answer.status != wanted:
        raise DaemonAnswerError(f"status {answer.status} instead of {wanted}")
    try:
        found = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, dict):
        raise DaemonAnswerError("an answer is no JSON object")
    return found


def _b64(content: bytes) -> str:
    """Write bytes in the standard alphabet with padding, as the daemon wants them."""
    return base64.b64encode(content).decode()
