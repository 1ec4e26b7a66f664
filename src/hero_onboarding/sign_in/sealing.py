"""Seal what lies in the database under the server's secret key, which may be rotated."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


@dataclass(frozen=True, slots=True)
class SecretBox:
    """Seals with the newest key and opens with any; printing it shows none."""

    _fernet: MultiFernet = field(repr=False)

    @classmethod
    def of(cls, keys: Sequence[str]) -> Self:
        """Take the server's secret keys, the newest first."""
        assert keys, "there is no secret key"
        return cls(MultiFernet([Fernet(_key_of(key)) for key in keys]))

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate bytes."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes | None:
        """Return what was sealed, None when no key of ours sealed it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None


def _key_of(secret: str) -> bytes:
    digest = hashlib.sha256(b"hero_onboarding secret box\0" + secret.encode()).digest()
    return base64.urlsafe_b64encode(digest)
