"""What providers list of their own books, as reconciliation and quotes read it.

Amounts are in the hundredths of their currency, whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from hero_onboarding.payments.ports import Hundredths, PaymentState


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """A payment of an order, anybody's, as a provider lists it; an order may have several.

    Attributes:
        order_reference: The order that it names, ours or of another site on the same account.
        amount: What came in; 0 where nothing did and the provider says nothing.
        currency: Of that; empty where the provider says nothing.
        status: The provider's word, in upper case.
        state: What that word means here.
        created_at: None where the provider does not say.
        updated_at: When it took on its status; None where the provider does not say.
        exchanged_from: What the payer was asked for where the provider exchanged that into what
            came in; None where it did not, or where what it says of that makes no sense.
    """

    payment_id: str
    order_reference: str
    amount: int
    currency: str
    status: str
    state: PaymentState
    created_at: datetime | None
    updated_at: datetime | None
    exchanged_from: Hundredths | None = None


class Entry(StrEnum):
    """Which way a line of a statement goes."""

    CREDIT = "credit"
    DEBIT = "debit"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A movement of the account at a provider.

    Attributes:
        at: None where the provider does not say.
        type: What it is, a word of the provider's, such as ``Fee - Payment``.
        order_reference: Which order it belongs to; empty for none.
    """

    id: str
    at: datetime | None
    entry: Entry
    type: str
    amount: int
    currency: str
    order_reference: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The movements of one currency in some days; ``closing`` is opening and all lines."""

    currency: str
    opening: int
    closing: int
    lines: Sequence[StatementLine]


@dataclass(frozen=True, slots=True)
class PushMethod:
    """A mobile-money operator that could be asked to collect.

    Attributes:
        name: The provider's name of it, such as ``M-PESA``.
        fee: What the payer pays on top, an estimate; None while it is not available.
    """

    name: str
    is_available: bool
    fee: int | None


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """How much of ``target`` one unit of ``source`` is, as a provider quotes it.

    Attributes:
        at: As of when; None where the provider does not say.
    """

    source: str
    target: str
    rate: Decimal
    at: datetime | None
