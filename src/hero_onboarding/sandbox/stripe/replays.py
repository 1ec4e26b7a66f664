"""Idempotency keys: the first result of a key is kept and given again."""

import threading
from typing import Final

import msgspec

from hero_onboarding.sandbox.exchange import Answer
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, invalid

KEY_MAX: Final = 255
KEPT_SECONDS: Final = 24 * 3600


class _Held(msgspec.Struct, frozen=True):
    fingerprint: str
    begun_at: int
    request_id: str
    answer: Answer | None = None


class Replays:
    """Results by key, for a day. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}

    def begin(self, key: str, fingerprint: str, request_id: str, now: int) -> Answer | None:
        """Take a key, or return what its first use gave.

        Raises:
            StripeAnswerError: 400 if the key was used for something else or is too long, 409 while
                its first use is under way.
        """
        if len(key) > KEY_MAX:
            raise invalid(f"Idempotency keys can be up to {KEY_MAX} characters.")
        with self._lock:
            held = self._held.get(key)
            if held is None or now >= held.begun_at + KEPT_SECONDS:
                self._held[key] = _Held(fingerprint, now, request_id)
                return None
        if held.fingerprint != fingerprint:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were"
                f" first used with. Try using a key other than '{key}' if you meant to execute a"
                " different request."
            )
            raise StripeAnswerError(400, "idempotency_error", message)
        if held.answer is None:
            message = "There is currently another in-progress request using this Idempotent Key."
            raise invalid(message, code="idempotency_key_in_use", status=409)
        return _again(held.answer, held.request_id)

    def keep(self, key: str, answer: Answer) -> None:
        """Keep the result of a key that was taken."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held[key] = msgspec.structs.replace(held, answer=answer)

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            self._held.clear()

    def give_up(self, key: str) -> None:
        """Forget a key whose call changed nothing."""
        with self._lock:
            self._held.pop(key, None)


def _again(answer: Answer, request_id: str) -> Answer:
    marks = (("Idempotent-Replayed", "true"), ("Original-Request", request_id))
    return Answer(answer.status, answer.body, (*answer.headers, *marks))
