"""Names of challenges and attempts, and what ties these to a browser, pure."""

import hashlib
import re
from typing import Final

TOKENS_MAX: Final = 5
_BETWEEN: Final = "."
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_name(text: str) -> bool:
    """Whether a text could name a challenge or an attempt; PostgreSQL can't be asked for others."""
    return _NAME.fullmatch(text) is not None


def tokens_of(cookie: str) -> tuple[str, ...]:
    """Return the tokens that a pre-login cookie carries, one for each tab that waits, newest first.

    Who opens an attempt gets a new token, whatever the cookie carried before: somebody who plants
    a token in a browser completes with it what they opened, never what that browser opens.
    """
    return tuple(one for one in cookie.split(_BETWEEN) if is_name(one))[:TOKENS_MAX]


def with_token(cookie: str, token: str) -> str:
    """Add a new token to what a pre-login cookie carries; the oldest of too many is dropped."""
    return _BETWEEN.join((token, *tokens_of(cookie))[:TOKENS_MAX])


def without_token(cookie: str, token: str) -> str:
    """Take a used token out of what a pre-login cookie carries; empty when none is left."""
    return _BETWEEN.join(one for one in tokens_of(cookie) if one != token)


def kept_or(cookie: str, token: str) -> str:
    """Return what a pre-login cookie carries, a new token when that is nothing."""
    return _BETWEEN.join(tokens_of(cookie)) or token


def steady_token(cookie: str) -> str:
    """Return the token that stays while others are added, empty when there is none."""
    return ("", *tokens_of(cookie))[-1]


def binding_of(text: str) -> bytes:
    """Return what ties a proof to a browser: the SHA-256 of its cookie or of its code."""
    return hashlib.sha256(text.encode()).digest()
