"""Who may call, and how often: tokens, calls of a minute, calls of a day."""

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from datetime import date, datetime, timedelta
from typing import Final

from hero_onboarding.sandbox.clickpesa.failures import (
    FORBIDDEN,
    UNAUTHORIZED,
    ClickPesaAnswerError,
)
from hero_onboarding.sandbox.clickpesa.switches import Settings
from hero_onboarding.sandbox.clickpesa.times import day_of
from hero_onboarding.sandbox.ids import new_id

CALLS_PER_DAY: Final = 100
_MINUTE: Final = timedelta(minutes=1)
_REFUSALS: Final = {
    "expired": "API key has expired",
    "invalid": "Invalid API key",
    "unauthorised": "API key is not authorised",
}


class Gate:
    """Tokens that live for some time, and counts of calls; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secret = new_id("").encode()
        self._tokens: dict[str, datetime] = {}
        self._calls: deque[datetime] = deque()
        self._day = date.min
        self._calls_of_day = 0

    def clear(self) -> None:
        """Forget every token and count."""
        with self._lock:
            self._tokens.clear()
            self._calls.clear()
            self._calls_of_day = 0

    def watch(self, before: Settings, after: Settings) -> None:
        """End all tokens when checksums are switched on or off."""
        if before.is_checksum_on != after.is_checksum_on:
            with self._lock:
                self._tokens.clear()

    def count_call(self, settings: Settings, now: datetime) -> None:
        """Let one more call in.

        Raises:
            ClickPesaAnswerError: If there were too many in this minute or on this day.
        """
        with self._lock:
            while self._calls and now - self._calls[0] >= _MINUTE:
                self._calls.popleft()
            if 0 < settings.requests_per_minute <= len(self._calls):
                raise _throttled("Too many requests, please try again later", settings)
            self._calls.append(now)
            today = day_of(now, "eat")
            if today != self._day:
                self._day, self._calls_of_day = today, 0
            if not settings.is_kyc_approved and self._calls_of_day >= CALLS_PER_DAY:
                message = f"Too many requests: {CALLS_PER_DAY} a day until your KYC is approved"
                raise _throttled(message, settings)
            self._calls_of_day += 1

    def issue(self, settings: Settings, now: datetime) -> str:
        """Make a token for whoever showed the right credentials.

        Raises:
            ClickPesaAnswerError: If the settings say that they are not right.
        """
        if settings.credentials != "right":
            raise ClickPesaAnswerError(FORBIDDEN, _REFUSALS[settings.credentials])
        expires_at = now + timedelta(seconds=settings.token_seconds)
        token = self._spell(settings, now, expires_at)
        with self._lock:
            self._tokens[token] = expires_at
        return f"Bearer {token}" if settings.has_token_prefix else token

    def check(self, authorization: str, now: datetime) -> None:
        """Check the token of a call.

        Raises:
            ClickPesaAnswerError: If it is none, unknown or over.
        """
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            expires_at = self._tokens.get(token)
        if scheme != "Bearer" or expires_at is None or now >= expires_at:
            raise ClickPesaAnswerError(UNAUTHORIZED, "Unauthorized")

    def _spell(self, settings: Settings, now: datetime, expires_at: datetime) -> str:
        if not settings.has_token_claims:
            return new_id("")
        claims = {
            "sub": "sandbox",
            "jti": new_id(""),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        mark = hmac.digest(self._secret, signed.encode(), hashlib.sha256)
        return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def _part(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def _throttled(message: str, settings: Settings) -> ClickPesaAnswerError:
    seconds = settings.throttle_retry_after_seconds
    headers = (("Retry-After", str(seconds)),) if seconds else ()
    return ClickPesaAnswerError(settings.throttle_status, message, headers)
