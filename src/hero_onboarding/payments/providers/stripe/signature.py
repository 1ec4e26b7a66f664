"""Check that a notice is Stripe's: the library's own check, and the time by our clock. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from stripe import SignatureVerificationError, WebhookSignature

from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.payments.errors import ForgedNoticeError

TOLERANCE_SECONDS: Final = 300
_HEADER_CHARACTERS_MAX: Final = 2_000
_TIME: Final = re.compile(r"(?:^|,)t=([0-9]{1,12})(?=,|$)")


def require_authentic(header: str, body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Go on only with a body that one of the secrets signed within five minutes of now.

    The library compares ages with the machine's clock and lets the future pass, so both ends of
    the window are checked here, by the clock that everything else goes by.

    Raises:
        ForgedNoticeError: If the signature is missing, malformed or wrong, or the time is off.
    """
    times = _TIME.findall(header) if len(header) <= _HEADER_CHARACTERS_MAX else []
    if len(times) != 1:
        raise ForgedNoticeError("Stripe-Signature is missing or malformed; nothing was stored")
    if not any(_is_signed(header, body, secret) for secret in secrets):
        raise ForgedNoticeError(
            "Stripe-Signature is wrong; check HERO_ONBOARDING_STRIPE_WEBHOOK_SECRET"
        )
    seconds = unix_seconds(now) - int(times[0])
    if abs(seconds) > TOLERANCE_SECONDS:
        when = f"{seconds} s old" if seconds > 0 else f"{-seconds} s in the future"
        raise ForgedNoticeError(f"Stripe-Signature is {when}; check this machine's clock")


def _is_signed(header: str, body: bytes, secret: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, header, secret, tolerance=None))
    except (SignatureVerificationError, UnicodeError):
        return False
