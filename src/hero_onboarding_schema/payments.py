"""The shared record of a payment: one fact about it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from hero_onboarding_schema.usage import SID_FORM

PAYMENT_EVENT_KINDS = (
    "credited",
    "suspended",
    "pending",
    "failed",
    "expired",
    "refunded",
    "disputed",
    "refund_asked",
    "refund_failed",
    "given_back",
    "came_back",
    "dispute_opened",
    "withdrawn",
    "reinstated",
)
"""What can be told of a payment."""

_Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,63}$")]
_Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class PaymentEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened to a payment into a wallet, once under its provider and key.

    ``amount`` is in hundredths of ``currency``, as the provider says it; ``payment_id`` is the
    provider's own, set once money came in. ``is_live`` says whether that was real money.
    """

    provider: _Name
    key: Annotated[str, Meta(min_length=1, max_length=300)]
    kind: _Name
    top_up_id: UUID
    user_sid: Annotated[str, Meta(pattern=f"^{SID_FORM}$")]
    payment_id: str | None
    amount: Annotated[int, Meta(ge=0)]
    currency: _Currency
    is_live: bool
    recorded_at: Annotated[datetime, Meta(tz=True)]
