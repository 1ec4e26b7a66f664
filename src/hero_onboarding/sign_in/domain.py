"""The proof that somebody holds a mycelium key, pure: ECDH challenge and response.

The key can only agree on secrets, not sign. The server makes a key pair for each challenge; both
sides derive one secret, and the holder answers with a MAC over everything that must not be
changed: origin, purpose, address, keys, times and the asking browser. What leaves the holder is a
PRF's output under a key of its own domain, never the agreed secret, which the daemon would use as
a traffic key.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hero_onboarding.identity import Address, PublicKey

LABEL: Final = b"hero-mycelium-login/v1"
LIFE_SECONDS: Final = 120
LINK_SECONDS: Final = 60
ATTEMPT_SECONDS: Final = 600
LOGIN: Final = "login"
LINK: Final = "link"
ROTATE: Final = "rotate"
PURPOSES: Final = (LOGIN, LINK, ROTATE)
PROOF_BYTES: Final = 32
_INFO: Final = LABEL + b" client-proof"


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that a proof is about.

    Attributes:
        purpose: What is asked for, one of ``PURPOSES``.
        origin: The site's serialised origin, as the holder's own connection names it.
        challenge_id: Names the challenge.
        public_key: The key whose address is claimed.
        server_public_key: The server's key for this challenge alone, 32 bytes.
        nonce: 32 random bytes.
        issued_at: Unix seconds by the server's clock.
        expires_at: Unix seconds; valid while now is before it.
        binding: SHA-256 of the pre-login cookie, or of the code that a person typed.
    """

    purpose: str
    origin: str
    challenge_id: str
    public_key: PublicKey
    server_public_key: bytes
    nonce: bytes
    issued_at: int
    expires_at: int
    binding: bytes

    @property
    def address(self) -> Address:
        """The address that is claimed."""
        return self.public_key.address

    @property
    def packed(self) -> bytes:
        """The fields in order, each behind its length in two bytes."""
        fields = (
            LABEL,
            self.purpose.encode("ascii"),
            self.origin.encode("ascii"),
            self.challenge_id.encode("ascii"),
            self.address.packed,
            self.public_key.packed,
            self.server_public_key,
            self.nonce,
            self.issued_at.to_bytes(8, "big"),
            self.expires_at.to_bytes(8, "big"),
            self.binding,
        )
        return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def public_bytes(secret: bytes) -> bytes:
    """Return the public key of 32 secret bytes."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def proof_of(transcript: Transcript, *, secret: bytes, peer: bytes) -> bytes | None:
    """Return the proof, the same for the holder and the server.

    Args:
        transcript: What is proved.
        secret: The own secret key, 32 bytes.
        peer: The other side's public key.

    Returns:
        32 bytes; None when the agreed secret is zero, which a peer can force by a point of small
        order (RFC 7748, 6.1): then anybody could make the proof.
    """
    key = X25519PrivateKey.from_private_bytes(secret)
    try:
        agreed = key.exchange(X25519PublicKey.from_public_bytes(peer))
    except ValueError:
        return None
    packed = transcript.packed
    salt = hashlib.sha256(packed).digest()
    derived = HKDF(hashes.SHA256(), PROOF_BYTES, salt, _INFO).derive(agreed)
    return hmac.digest(derived, packed, "sha256")


def is_proof(transcript: Transcript, proof: bytes, *, secret: bytes) -> bool:
    """Whether a proof is right, compared in constant time."""
    expected = proof_of(transcript, secret=secret, peer=transcript.public_key.packed)
    return expected is not None and hmac.compare_digest(expected, proof)
