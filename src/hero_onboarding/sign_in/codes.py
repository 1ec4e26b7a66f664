"""Codes that people read on one screen and type on another, pure."""

import hashlib
import re
import secrets
from typing import Final

SYMBOLS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 symbols; what looks like another is left out."""

CODE_SYMBOLS: Final = 8
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HALF: Final = CODE_SYMBOLS // 2


def is_name(text: str) -> bool:
    """Whether a text could name a challenge or an attempt; PostgreSQL can't be asked for others."""
    return _NAME.fullmatch(text) is not None


def make_code() -> str:
    """Make a code of 40 random bits."""
    return "".join(secrets.choice(SYMBOLS) for _ in range(CODE_SYMBOLS))


def shown(code: str) -> str:
    """Write a code as people read it, in two halves."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def typed(text: str) -> str:
    """Take what a person typed: letters in any case, with or without hyphen and spaces."""
    return "".join(text.upper().replace("-", " ").split())


def binding_of(text: str) -> bytes:
    """Return what ties a proof to a browser: the SHA-256 of its cookie or of its code."""
    return hashlib.sha256(text.encode()).digest()
