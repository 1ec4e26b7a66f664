"""Ids as git computes and spells them."""

import hashlib
import re
from typing import Final

_OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}")


def blob_id(content: bytes) -> str:
    """Compute git's id of a file's bytes, SHA-1 format."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def is_object_id(text: str) -> bool:
    """Whether a text is an object id of SHA-1 format, in lower case."""
    return _OBJECT_ID.fullmatch(text) is not None
