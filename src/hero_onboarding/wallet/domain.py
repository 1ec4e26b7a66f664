"""A user's prepaid account: what people see of it, and the rules for spending."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from hero_onboarding.kernel.money import USD
from hero_onboarding.ledger import Entry, Operation, Transfer, keyed_id, revenue_account
from hero_onboarding.wallet.errors import WrongAmountError, WrongReasonError

AMOUNT_MICROS_MAX: Final = 10**15
NET_MICROS_MAX: Final = 4 * 10**18
"""Nets and debts stay within this on either side of zero; the engines count to 2^63."""

TEXT_CHARACTERS_MAX: Final = 200

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""When a hold ends that only somebody who knows more may close."""


def wallet_account(user_sid: str) -> str:
    """Return the path of a user's wallet."""
    return f"user:{user_sid}:wallet"


def debt_account(user_sid: str) -> str:
    """Return the path of a user's debt from disputes and reversals."""
    return f"user:{user_sid}:debt"


@dataclass(frozen=True, slots=True)
class Wallet:
    """The stored state of a wallet, in micro-dollars.

    ``net`` is signed. ``debt`` grows when a payment is taken back. ``held`` is what open holds
    claim. ``sequence`` counts changes; ``charges`` counts charge numbers given out.
    """

    user_sid: str
    net: int
    debt: int
    held: int
    sequence: int
    charges: int

    @property
    def balance(self) -> int:
        """What belongs to the user, holds included; never negative."""
        return max(self.net - self.debt, 0)

    @property
    def overdraft(self) -> int:
        """What was used beyond the balance, without debt."""
        return max(-self.net, 0)

    @property
    def owed(self) -> int:
        """The part of the debt that the net does not cover."""
        return self.debt - min(self.debt, max(self.net, 0))

    @property
    def available(self) -> int:
        """What the user may choose to spend."""
        return max(self.balance - self.held, 0)


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement.

    ``balance_after`` is the wallet's net after it, in micro-dollars; negative in overdraft.
    ``written_detail`` is JSON as it was stored: pages that wrote a line before need not read it.
    """

    sequence: int
    transfer_id: UUID
    at: datetime
    kind: str
    amount: int
    balance_after: int
    written_detail: str

    @property
    def detail(self) -> Mapping[str, Any]:
        """What is known beyond the amounts, by operation."""
        found: dict[str, Any] = msgspec.json.decode(self.written_detail)
        return found


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An operator's movement between a wallet and ``adjustments``; micro-dollars, signed."""

    user_sid: str
    amount: int
    reason: str
    key: str
    allow_debt: bool = False

    def __post_init__(self) -> None:
        require_amount(self.amount)
        require_text("reason", self.reason)
        require_text("idempotency_key", self.key)

    def transfer(self, occurred_at: datetime) -> Transfer:
        """Write it in double entry."""
        entries = (
            Entry(wallet_account(self.user_sid), self.amount),
            Entry("adjustments", -self.amount),
        )
        detail = {"reason": self.reason}
        return Transfer(Operation.ADJUSTMENT, self.user_sid, self.key, entries, occurred_at, detail)


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A part of a user's debt that an operator gives up; micro-dollars."""

    user_sid: str
    amount: int
    reason: str
    key: str

    def __post_init__(self) -> None:
        require_amount(self.amount)
        if self.amount < 0:
            raise WrongAmountError("what is written off is positive")
        require_text("reason", self.reason)
        require_text("idempotency_key", self.key)

    def transfer(self, occurred_at: datetime) -> Transfer:
        """Write it in double entry: losses are debited, the debt credited."""
        entries = (
            Entry(debt_account(self.user_sid), self.amount),
            Entry("losses", -self.amount),
        )
        detail = {"reason": self.reason}
        return Transfer(Operation.WRITE_OFF, self.user_sid, self.key, entries, occurred_at, detail)


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A claim on what is available, in micro-dollars, until somebody closes it."""

    user_sid: str
    amount: int
    purpose: str
    key: str
    expires_at: datetime

    def __post_init__(self) -> None:
        require_amount(self.amount)
        if self.amount < 0:
            raise WrongAmountError("a hold is positive")
        require_text("purpose", self.purpose)
        require_text("idempotency_key", self.key)

    @property
    def id(self) -> UUID:
        """Identify the hold by its owner and key."""
        return keyed_id("hold", self.user_sid, self.key)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands; ``remaining`` is what it still claims."""

    id: UUID
    user_sid: str
    amount: int
    remaining: int
    purpose: str
    expires_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """What a user used since the last charge, in micro-dollars by resource kind."""

    user_sid: str
    number: int
    by_kind: Mapping[str, int]
    records: int

    @property
    def amount(self) -> int:
        """The whole charge."""
        return sum(self.by_kind.values())

    def transfer(self, occurred_at: datetime) -> Transfer:
        """Write it in double entry: the wallet is debited, revenue credited by kind."""
        revenue: dict[str, int] = {}
        for kind, amount in self.by_kind.items():
            account = revenue_account(kind)
            revenue[account] = revenue.get(account, 0) + amount
        entries = [Entry(wallet_account(self.user_sid), -self.amount, USD.code)]
        entries += [Entry(path, amount) for path, amount in sorted(revenue.items()) if amount]
        detail = {"by_kind": dict(sorted(self.by_kind.items())), "records": self.records}
        key = str(self.number)
        return Transfer(Operation.CHARGE, self.user_sid, key, tuple(entries), occurred_at, detail)


def require_amount(amount: int) -> None:
    """Refuse zero and amounts beyond a billion dollars.

    Raises:
        WrongAmountError: If the amount is one of those.
    """
    assert type(amount) is int, amount
    if amount == 0 or abs(amount) > AMOUNT_MICROS_MAX:
        raise WrongAmountError(f"an amount is not 0 and at most {AMOUNT_MICROS_MAX} micro-dollars")


def require_text(name: str, text: str) -> None:
    """Refuse texts that are empty, too long or not printable.

    Raises:
        WrongReasonError: Naming the field.
    """
    if not 1 <= len(text) <= TEXT_CHARACTERS_MAX or not text.isprintable():
        raise WrongReasonError(f"{name} must have 1 to {TEXT_CHARACTERS_MAX} printable characters")
