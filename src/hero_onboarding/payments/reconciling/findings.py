"""What reconciling finds, as values: each thing once, by the worst that was seen of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final


class Outcome(IntEnum):
    """What a thing turned out to be; the worst one counts."""

    MATCHED = 0
    REPAIRED = 1
    UNEXPLAINED = 2


class Oddity(StrEnum):
    """Why something can't be explained; documented in ``docs/payments.md``."""

    UNKNOWN_PAYMENT = "unknown_payment"
    NOT_IN_BOOKS = "not_in_books"
    OTHER_AMOUNT = "other_amount"
    UNKNOWN_LINE = "unknown_line"
    ODD_STATUS = "odd_status"
    NOT_AT_PROVIDER = "not_at_provider"
    NO_LINE = "no_line"
    OTHER_BALANCE = "other_balance"


SENTENCES: Final = {
    Oddity.UNKNOWN_PAYMENT: "the provider has money of a payment that no top-up here is for",
    Oddity.NOT_IN_BOOKS: "the provider has it, and asking about its top-up did not bring it in",
    Oddity.OTHER_AMOUNT: "the provider says another amount than the books",
    Oddity.UNKNOWN_LINE: "a line of the provider's account of a kind that is not understood",
    Oddity.ODD_STATUS: "it came in by the books, and its status at the provider says otherwise",
    Oddity.NOT_AT_PROVIDER: "it was credited here, and the provider knows nothing of it",
    Oddity.NO_LINE: "it was credited two days ago, and no line of the provider's account shows it",
    Oddity.OTHER_BALANCE: "the provider holds another amount than the books and all of this say",
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can't be explained.

    Attributes:
        about: What it is: a kind of line, ``payment`` or ``balance``.
        reference: The provider's id of it; of a balance its currency.
        amount: What the provider says, signed, in hundredths of ``currency``.
        booked: What the books say, in hundredths; None for nothing.
        said: What the provider calls it, where that helps to find out.
    """

    oddity: Oddity
    about: str
    reference: str
    amount: int
    currency: str
    booked: int | None = None
    payment_id: str | None = None
    said: str = ""

    @property
    def sentence(self) -> str:
        """Say in words what is odd."""
        said = f": {self.said}" if self.said else ""
        return f"{SENTENCES[self.oddity]}{said}"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a provider holds in a currency, and how the books come to the same; in hundredths.

    Attributes:
        held: What the provider says.
        booked: What the books say that it holds.
        in_transit: What the books have and no line of the provider's account shows yet.
        unposted: What its lines show and the books have not: what can't be explained.
        payments_in_transit: The provider's ids of some payments in ``in_transit``, oldest first.
    """

    currency: str
    held: int
    booked: int
    in_transit: int
    unposted: int
    payments_in_transit: Sequence[str] = ()

    @property
    def difference(self) -> int:
        """Return what is left that nothing explains."""
        return self.held - (self.booked - self.in_transit + self.unposted)


@dataclass(frozen=True, slots=True)
class Report:
    """What reconciling one provider found; ``balances`` is empty where it was not asked."""

    provider: str
    since: datetime
    until: datetime
    matched: int
    repaired: int
    items: Sequence[Item]
    balances: Sequence[Balance] = ()

    @property
    def unexplained(self) -> int:
        """Count what can't be explained."""
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts things while they are looked at."""

    things: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    odd: dict[tuple[str, str], Item] = field(default_factory=dict)

    def note(self, about: str, reference: str, outcome: Outcome) -> None:
        """Note what became of a thing."""
        thing = (about, reference)
        self.things[thing] = max(self.things.get(thing, Outcome.MATCHED), outcome)

    def name(self, item: Item) -> None:
        """Note that a thing can't be explained; what was first said of it stays."""
        self.note(item.about, item.reference, Outcome.UNEXPLAINED)
        self.odd.setdefault((item.about, item.reference), item)

    def has(self, about: str, reference: str) -> bool:
        """Whether anything was noted of a thing."""
        return (about, reference) in self.things

    def count(self, outcome: Outcome) -> int:
        """Count things by what became of them."""
        return list(self.things.values()).count(outcome)


def odd_balance(balance: Balance) -> Item:
    """Name a balance that nothing explains."""
    return Item(
        oddity=Oddity.OTHER_BALANCE,
        about="balance",
        reference=balance.currency,
        amount=balance.held,
        currency=balance.currency,
        booked=balance.held - balance.difference,
    )
