"""The proof that somebody holds a key, as the site checks it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

LABEL: Final = b"hero-mycelium-login/v1"


@dataclass(frozen=True)
class Challenge:
    """What a site asks to be proved, as it was checked here."""

    purpose: str
    origin: str
    challenge_id: str
    address: bytes
    public_key: bytes
    server_public_key: bytes
    nonce: bytes
    issued_at: int
    expires_at: int

    def packed(self, binding: bytes) -> bytes:
        """Write every field behind its length: all that the proof is about."""
        fields = (
            LABEL,
            self.purpose.encode("ascii"),
            self.origin.encode("ascii"),
            self.challenge_id.encode("ascii"),
            self.address,
            self.public_key,
            self.server_public_key,
            self.nonce,
            self.issued_at.to_bytes(8, "big"),
            self.expires_at.to_bytes(8, "big"),
            binding,
        )
        return b"".join(len(one).to_bytes(2, "big") + one for one in fields)


def proof_of(transcript: bytes, agreed: bytes) -> bytes:
    """Prove a transcript: HMAC under a key that HKDF makes of the agreed secret (RFC 5869)."""
    salt = hashlib.sha256(transcript).digest()
    extracted = hmac.new(salt, agreed, "sha256").digest()
    key = hmac.new(extracted, LABEL + b" client-proof\x01", "sha256").digest()
    return hmac.new(key, transcript, "sha256").digest()
