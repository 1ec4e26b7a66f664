"""Seal what lies in the database under the server's secret key, which may be rotated."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_BOX: Final = b"hero_onboarding secret box"
_MAC: Final = b"hero_onboarding secret mac"


@dataclass(frozen=True, slots=True)
class SecretBox:
    """Seals with the newest key and opens with any; printing it shows none."""

    _fernet: MultiFernet = field(repr=False)
    _newest: Fernet = field(repr=False)
    _mac_keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, keys: Sequence[str]) -> Self:
        """Take the server's secret keys, the newest first."""
        assert keys, "there is no secret key"
        fernets = [Fernet(_key_of(key)) for key in keys]
        return cls(MultiFernet(fernets), fernets[0], tuple(_derived(_MAC, key) for key in keys))

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate bytes."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes | None:
        """Return what was sealed, None when no key of ours sealed it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None

    def seal_for(self, purpose: str, content: bytes) -> bytes:
        """Encrypt and authenticate bytes so that nothing else of ours takes them for its own."""
        return self.seal(_labelled(purpose, content))

    def open_for(self, purpose: str, sealed: bytes) -> bytes | None:
        """Return what was sealed for a purpose, None when no key of ours did that."""
        content, label = self.open(sealed), _labelled(purpose, b"")
        is_ours = content is not None and content.startswith(label)
        return content[len(label) :] if content is not None and is_ours else None

    def renew(self, sealed: bytes) -> bytes | None:
        """Seal anew, under the newest key, what an older one sealed; None where that is not needed.

        What no key of ours sealed is not touched either.
        """
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            content = self.open(sealed)
            return None if content is None else self.seal(content)
        return None

    def mac(self, content: bytes) -> bytes:
        """Return what only this server can make of some bytes, 32 bytes, under the newest key."""
        return hmac.digest(self._mac_keys[0], content, "sha256")

    def is_mac(self, mac: bytes, content: bytes) -> bool:
        """Whether any key of ours made this of some bytes, in constant time for each key."""
        made = [hmac.digest(key, content, "sha256") for key in self._mac_keys]
        return sum(hmac.compare_digest(one, mac) for one in made) > 0


def _key_of(secret: str) -> bytes:
    return base64.urlsafe_b64encode(_derived(_BOX, secret))


def _labelled(purpose: str, content: bytes) -> bytes:
    assert "\0" not in purpose, "it ends there"
    return purpose.encode() + b"\0" + content


def _derived(use: bytes, secret: str) -> bytes:
    return hashlib.sha256(use + b"\0" + secret.encode()).digest()
