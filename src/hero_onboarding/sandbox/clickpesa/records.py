"""What the merchant's account holds."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.orders import Order

Json = dict[str, object]
Count = Annotated[int, Meta(ge=0)]
Status = Annotated[str, Meta(min_length=1, max_length=40)]


class Step(Order, frozen=True):
    """What becomes of a payment, once so many queries or seconds have gone by since its last step.

    Attributes:
        is_told: Whether an event tells of it, where there is one.
    """

    status: Status
    after_queries: Count = 0
    after_seconds: Count = 0
    message: str = ""
    is_told: bool = True


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Who pays."""

    name: str = ""
    email: str = ""
    phone: str = ""

    def show(self) -> Json:
        """Spell it as queries and notices do."""
        shown = {
            "customerName": self.name,
            "customerEmail": self.email,
            "customerPhoneNumber": self.phone,
        }
        return {name: value for name, value in shown.items() if value}


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment.

    Attributes:
        fee: What it costs the merchant, in its currency.
        receipt: The operator's number, once money moved.
        queries: How often it was asked for since its last step.
        settled_at: Since when it is part of the balance.
    """

    id: str
    kind: Literal["push", "card", "checkout", "bill"]
    reference: str
    amount: Decimal
    currency: str
    channel: str
    status: str
    created_at: datetime
    updated_at: datetime
    customer: Customer = Customer()
    fee: Decimal = Decimal(0)
    phone: str = ""
    message: str = ""
    receipt: str = ""
    exchange: Json | None = None
    steps: tuple[Step, ...] = ()
    queries: int = 0
    settled_at: datetime | None = None

    @property
    def is_prompt(self) -> bool:
        """Whether somebody's phone asks for it."""
        return self.kind == "push" and self.status in {"PENDING", "PROCESSING"}


class Subscriber(Order, frozen=True):
    """Whose number it is, and who has it now."""

    phone: Annotated[str, Meta(pattern=r"^255[67]\d{8}$")]
    operator: Literal["M-PESA", "TIGO-PESA", "AIRTEL-MONEY", "HALOPESA"] | None = None
    name: str = "ASHA JUMA"


class Endpoint(msgspec.Struct, frozen=True):
    """An address that is told of events; those of the application take the merchant's place."""

    id: str
    url: str
    events: tuple[str, ...]
    level: Literal["merchant", "application"]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A page to pay on; one for a card takes one payment, one of the checkout any number."""

    id: str
    kind: Literal["card", "checkout"]
    reference: str
    amount: Decimal
    currency: str
    customer: Customer = Customer()
    description: str = ""
    callback_url: str = ""


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A control number; one of an order is closed by its first payment.

    Attributes:
        collected: What was ever paid to it, what was given back included.
    """

    number: str
    kind: Literal["order", "customer"]
    reference: str
    mode: str
    description: str = ""
    amount: Decimal | None = None
    amount_max: Decimal | None = None
    customer: Customer = Customer()
    status: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    collected: Decimal = Decimal(0)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the statement; ``balance`` is that after it."""

    id: str
    at: datetime
    entry: Literal["Credit", "Debit"]
    type: str
    amount: Decimal
    balance: Decimal
    currency: str
    reference: str


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is held, in the order it was made.

    Attributes:
        references: Those that were ever used.
        scripts: What becomes of the payments of a reference; ``*`` is for any other.
    """

    payments: dict[str, Payment] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    scripts: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    endpoints: list[Endpoint] = field(default_factory=list)
    links: dict[str, Link] = field(default_factory=dict)
    bills: dict[str, Bill] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def clear(self) -> None:
        """Forget it all."""
        for held in (
            self.payments,
            self.references,
            self.scripts,
            self.subscribers,
            self.endpoints,
            self.links,
            self.bills,
            self.lines,
        ):
            held.clear()

    def find_payments(self, reference: str) -> list[Payment]:
        """List the payments of a reference, the first first."""
        return [one for one in self.payments.values() if one.reference == reference]
