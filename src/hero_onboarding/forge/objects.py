"""Ids as git computes them."""

import hashlib


def blob_id(content: bytes) -> str:
    """Compute git's id of a file's bytes, SHA-1 format."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
