"""What a provider says of money that went back or is asked for, beside the payment itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hero_onboarding.payments.dispute_ports import ProviderDispute
from hero_onboarding.payments.ports import ProviderRefund


@dataclass(frozen=True, slots=True)
class Returns:
    """Refunds and disputes; None where nobody was asked: then the payment's own state counts.

    Attributes:
        is_overtaken: Whether a newer answer was heard before this one was done.
    """

    refunds: Sequence[ProviderRefund] | None = None
    disputes: Sequence[ProviderDispute] | None = None
    is_overtaken: bool = False


UNASKED: Final = Returns()
