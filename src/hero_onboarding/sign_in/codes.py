"""Names of challenges and attempts, and what ties a proof to a browser, pure."""

import hashlib
import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_name(text: str) -> bool:
    """Whether a text could name a challenge or an attempt; PostgreSQL can't be asked for others."""
    return _NAME.fullmatch(text) is not None


def binding_of(text: str) -> bytes:
    """Return what ties a proof to a browser: the SHA-256 of its cookie or of its code."""
    return hashlib.sha256(text.encode()).digest()
