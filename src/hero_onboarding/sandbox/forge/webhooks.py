"""Tell hooks of pushes: signed, once, and never again by itself."""

import hmac
import json
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal
from urllib.parse import urlencode

import msgspec

from hero_onboarding.sandbox.forge.accounts import Hook
from hero_onboarding.sandbox.posting import post_letter

SignatureSwitch = Literal["right", "wrong", "empty"]

_TIMEOUT_SECONDS = 5
_DELIVERIES_MAX = 1000
_BRANDS = ("Forgejo", "Gitea", "Gogs")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One call to one hook.

    Attributes:
        uuid: The same again in a repetition.
        status: What the receiver answered; 0 if it did not.
        delay_seconds: Waited before it is sent.
    """

    uuid: str
    hook: Hook
    event: str
    payload: str
    status: int = 0
    delay_seconds: float = 0
    signature: SignatureSwitch = "right"


def sign(secret: str, payload: bytes, hash_name: Literal["sha1", "sha256"]) -> str:
    """Give the HMAC of a payload in hexadecimal digits; nothing without a secret."""
    if secret == "":
        return ""
    return hmac.new(secret.encode(), payload, hash_name).hexdigest()


def spell_payload(payload: Mapping[str, object]) -> str:
    """Spell a payload as the forges do: indented by two spaces, no newline at the end."""
    return json.dumps(payload, indent=2, ensure_ascii=False)


def delivery_headers(delivery: Delivery) -> dict[str, str]:
    """Give the headers of a delivery, under all the names that receivers know."""
    payload = delivery.payload.encode()
    secret = {
        "right": delivery.hook.secret,
        "wrong": delivery.hook.secret + "?",
        "empty": "",
    }[delivery.signature]
    sha256, sha1 = sign(secret, payload, "sha256"), sign(secret, payload, "sha1")
    headers = {
        "X-Hub-Signature": f"sha1={sha1}",
        "X-Hub-Signature-256": f"sha256={sha256}",
    }
    for brand in (*_BRANDS, "GitHub"):
        headers[f"X-{brand}-Delivery"] = delivery.uuid
        headers[f"X-{brand}-Event"] = delivery.event
        headers[f"X-{brand}-Event-Type"] = delivery.event
    for brand in _BRANDS:
        headers[f"X-{brand}-Signature"] = sha256
    if delivery.hook.authorization_header:
        headers["Authorization"] = delivery.hook.authorization_header
    return headers


class HookSender:
    """Delivers in the background, one after another, and remembers what came of it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sandbox-hooks")
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._done: deque[Delivery] = deque(maxlen=_DELIVERIES_MAX)

    @property
    def deliveries(self) -> list[Delivery]:
        """List what was delivered, or tried, oldest first."""
        with self._lock:
            return list(self._done)

    def send(self, delivery: Delivery) -> None:
        """Deliver soon."""
        if not self._stopping.is_set():
            self._pool.submit(self._deliver, delivery)

    def stop(self) -> None:
        """Drop what is still waiting, and return when nothing is under way."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)

    def _deliver(self, delivery: Delivery) -> None:
        self._stopping.wait(delivery.delay_seconds)
        status = _post(delivery) if not self._stopping.is_set() else 0
        with self._lock:
            self._done.append(msgspec.structs.replace(delivery, status=status))


def _post(delivery: Delivery) -> int:
    is_form = delivery.hook.content_type == "form"
    body = urlencode({"payload": delivery.payload}) if is_form else delivery.payload
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    headers = {"Content-Type": kind, **delivery_headers(delivery)}
    return post_letter(delivery.hook.url, body.encode(), headers, _TIMEOUT_SECONDS)
