"""The ``Stripe-Signature`` header, by code of its own (held to the vectors of the scheme)."""

import hmac
from collections.abc import Sequence
from typing import Literal

SignatureSwitch = Literal["right", "wrong", "stale", "decoy", "missing"]

_STALE_SECONDS = 3600


def sign(secret: str, moment: int, body: bytes) -> str:
    """Give the HMAC-SHA-256, keyed with the whole secret, of the time, a full stop and the body."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, "sha256").hexdigest()


def signature_header(secrets: Sequence[str], moment: int, body: bytes) -> str:
    """Spell the header: the time, and one ``v1`` for each secret that is in force."""
    return ",".join([f"t={moment}", *(f"v1={sign(secret, moment, body)}" for secret in secrets)])


def faulty_header(
    switch: SignatureSwitch, secrets: Sequence[str], moment: int, body: bytes
) -> str | None:
    """Spell the header as the switch wants it; None leaves it out."""
    if switch == "missing":
        return None
    if switch == "stale":
        return signature_header(secrets, moment - _STALE_SECONDS, body)
    if switch == "wrong":
        return signature_header([f"{secret}?" for secret in secrets], moment, body)
    header = signature_header(secrets, moment, body)
    return header.replace("v1=", "v0=") if switch == "decoy" else header
