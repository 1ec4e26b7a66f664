"""Codes that people read in one place and type in another, pure."""

import secrets
from typing import Final

SYMBOLS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 symbols; what looks like another is left out."""

CODE_SYMBOLS: Final = 8
_HALF: Final = CODE_SYMBOLS // 2


def make_code() -> str:
    """Make a code of 40 random bits."""
    return "".join(secrets.choice(SYMBOLS) for _ in range(CODE_SYMBOLS))


def shown(code: str) -> str:
    """Write a code as people read it, in two halves."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def typed(text: str) -> str:
    """Take what a person typed: letters in any case, with or without hyphen and spaces."""
    return "".join(text.upper().replace("-", " ").split())
