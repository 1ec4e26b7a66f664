"""Ids of git objects, counted without git."""

import hashlib
from collections.abc import Iterable
from typing import Literal

HashName = Literal["sha1", "sha256"]


def object_id(kind: str, content: bytes, hash_name: HashName = "sha1") -> str:
    """Give the id of an object of a kind (``blob``, ``tree``, ``commit``) with these bytes."""
    header = f"{kind} {len(content)}".encode() + b"\0"
    digest = hashlib.new(hash_name, usedforsecurity=False)
    digest.update(header)
    digest.update(content)
    return digest.hexdigest()


def blob_id(content: bytes, hash_name: HashName = "sha1") -> str:
    """Give the id of a file with these bytes."""
    return object_id("blob", content, hash_name)


def tree_id(entries: Iterable[tuple[str, str, str]]) -> str:
    """Give the id of a directory of ``(mode, name, id)`` entries.

    Entries sort by name as if directories ended in a slash.
    """
    ordered = sorted(entries, key=lambda entry: _sort_key(entry[0], entry[1]))
    content = b"".join(
        f"{mode} {name}".encode() + b"\0" + bytes.fromhex(raw) for mode, name, raw in ordered
    )
    return object_id("tree", content)


def _sort_key(mode: str, name: str) -> bytes:
    return (name + "/" if mode == "40000" else name).encode()
