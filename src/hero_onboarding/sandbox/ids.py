"""Ids that no one can guess."""

import secrets
import string
from typing import Final

_ALPHABET: Final = string.ascii_letters + string.digits
_LENGTH: Final = 24


def new_id(prefix: str) -> str:
    """Make an id."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
