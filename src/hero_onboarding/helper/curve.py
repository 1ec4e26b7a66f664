"""X25519 (RFC 7748) in Python, for machines without a library that has it."""

from __future__ import annotations

import time
from typing import Callable, Final, Optional

Exchange = Callable[[bytes, bytes], Optional[bytes]]
"""Agrees on a secret: own secret key, other public key; None if that key is unusable."""

BASE_POINT: Final = (9).to_bytes(32, "little")
_P: Final = 2**255 - 19
_A24: Final = 121665
_SECONDS: Final = 0.2


def x25519(secret: bytes, point: bytes) -> bytes:
    """Multiply a point by a secret on Curve25519 (RFC 7748, section 5)."""
    number = int.from_bytes(secret, "little")
    number = (number & ~7 & ~(128 << 8 * 31)) | (64 << 8 * 31)
    u = (int.from_bytes(point, "little") & ((1 << 255) - 1)) % _P
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for place in reversed(range(255)):
        bit = number >> place & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % _P, b * b % _P, d * a % _P, c * b % _P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % _P, u * (da - cb) ** 2 % _P
        x2, z2 = aa * bb % _P, e * (aa + _A24 * e) % _P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, _P - 2, _P) % _P).to_bytes(32, "little")


def exchange_here(secret: bytes, point: bytes) -> bytes | None:
    """Agree on a secret in Python; None for a point of small order.

    How long it takes must tell a site nothing of the key, so it always takes as long as a slow run.
    """
    ends = time.monotonic() + _SECONDS
    agreed = x25519(secret, point)
    time.sleep(max(ends - time.monotonic(), 0))
    return agreed if any(agreed) else None
