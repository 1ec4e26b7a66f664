"""The token of ClickPesa's calls: one for all threads, fetched by one of them at a time."""

import base64
import json
import threading
import time
from collections.abc import Callable
from typing import Final

from hero_onboarding.kernel.clock import Clock, unix_seconds
from hero_onboarding.kernel.errors import HeroError

LIFE_SECONDS: Final = 55 * 60
"""How long a token is used that does not say when it ends."""

EARLY_SECONDS: Final = 5 * 60
"""How long before its end a token is replaced."""

_LIFE_SECONDS_MAX: Final = 24 * 3600
_NANOS: Final = 1_000_000_000
_SCHEME: Final = "Bearer "


class TokenCache:
    """Keeps a token while it is good.

    Its life is measured from when it came, by a clock that nobody sets: what ClickPesa's clock and
    ours say of the hour matters only where a token does not say when it was made.
    """

    def __init__(
        self,
        fetch: Callable[[], str],
        clock: Clock,
        nanos: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._nanos = nanos
        self._lock = threading.Lock()
        self._header: str | None = None
        self._ends_at = 0
        self._failure: HeroError | None = None
        self._failed_at = 0

    def header(self) -> str:
        """Return what goes out as ``Authorization``, fetching a token where there is none.

        Whoever asks meanwhile waits for the one that is being fetched, and for its failure too.

        Raises:
            HeroError: What ``fetch`` raises.
        """
        asked_at = self._nanos()
        with self._lock:
            if self._header is not None and self._nanos() < self._ends_at:
                return self._header
            self._header = None
            if self._failure is not None and asked_at <= self._failed_at:
                raise self._failure.with_traceback(None)
            try:
                self._header = self._fetch_header()
            except HeroError as error:
                self._failure, self._failed_at = error, self._nanos()
                raise
            return self._header

    def drop(self, header: str) -> None:
        """Forget a token that was refused, unless another took its place already."""
        with self._lock:
            if self._header == header:
                self._header = None

    def _fetch_header(self) -> str:
        began_at = self._nanos()
        token = self._fetch().removeprefix(_SCHEME)
        seconds = used_seconds(token, unix_seconds(self._clock.now()))
        self._ends_at = began_at + seconds * _NANOS
        return _SCHEME + token


def used_seconds(token: str, now: int) -> int:
    """Say how long a token is used: until 5 minutes before its end if it says when that is.

    A token that is shorter than that is used for the one call that it was fetched for.
    """
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        life = int(claims["exp"]) - int(claims.get("iat", now))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return LIFE_SECONDS
    if not 0 < life <= _LIFE_SECONDS_MAX:
        return LIFE_SECONDS
    return max(life - EARLY_SECONDS, 0)
