"""X25519 in constant time, as commands use it."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey


def agree(secret: bytes, point: bytes) -> bytes | None:
    """Agree on a secret in constant time; None for a point of small order."""
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(
            X25519PublicKey.from_public_bytes(point)
        )
    except ValueError:
        return None
