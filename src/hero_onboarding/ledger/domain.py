"""Accounts, entries, transfers and facts: values, and what makes them well formed."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from hero_onboarding.kernel.money import INT64_MAX, USD
from hero_onboarding.ledger.errors import UnknownAccountError

NAMESPACE: Final = UUID("6f0e1c1a-8d0c-5d6a-9b5e-2f6c1d3a7e40")
"""The namespace of all transfer and fact ids; documented in ``docs/ledger.md``."""

_SEPARATOR: Final = "\x1f"
_NAME: Final = "[A-Za-z0-9_.-]{1,64}"


class AccountKind(StrEnum):
    """The closed list of accounts; the value is the path's pattern for readers."""

    WALLET = "user:<sid>:wallet"
    PROMO = "user:<sid>:promo:<grant>"
    DEBT = "user:<sid>:debt"
    CLEARING = "provider:<name>:<asset>:clearing"
    BANK = "bank:<provider>"
    REFUNDS = "refunds:<provider>"
    FEES = "fees:<provider>"
    SUSPENSE = "suspense:<provider>"
    EXCHANGE = "fx:<asset>"
    TAX = "tax:<jurisdiction>"
    REVENUE = "revenue:<kind>"
    NODE_ACCRUED = "node:<id>:accrued"
    NODE_PAYABLE = "node:<id>:payable"
    PROMOTIONS = "promotions"
    ADJUSTMENTS = "adjustments"
    BREAKAGE = "breakage"
    LOSSES = "losses"


STORED_BALANCES: Final = frozenset({AccountKind.WALLET, AccountKind.DEBT, AccountKind.PROMO})
"""Accounts whose balance stands in a row of its own; all others are only ever inserted into."""

REVENUE_KINDS: Final = frozenset({"cpu", "memory", "storage", "network", "ipv4"})

_PATTERNS: Final = {
    kind: re.compile(re.sub(r"<[a-z]+>", lambda _: _NAME, re.escape(kind.value)))
    for kind in AccountKind
}


def account_kind(path: str) -> AccountKind:
    """Say which kind of account a path names.

    Raises:
        UnknownAccountError: If it names none of the closed list.
    """
    kind = _KINDS_SEEN.get(path)
    if kind is None:
        kind = next((k for k, pattern in _PATTERNS.items() if pattern.fullmatch(path)), None)
    if kind is None or (kind is AccountKind.REVENUE and path not in _REVENUE_ACCOUNTS):
        raise UnknownAccountError(path)
    return kind


def revenue_account(resource_kind: str) -> str:
    """Return the revenue account of a resource kind; rare kinds share ``revenue:other``."""
    return f"revenue:{resource_kind if resource_kind in REVENUE_KINDS else 'other'}"


_REVENUE_ACCOUNTS: Final = frozenset(revenue_account(kind) for kind in (*REVENUE_KINDS, "other"))
_KINDS_SEEN: Final = dict.fromkeys(_REVENUE_ACCOUNTS, AccountKind.REVENUE)


class Operation(StrEnum):
    """Why money moves; part of every transfer's id."""

    ADJUSTMENT = "adjustment"
    CHARGE = "charge"
    TOP_UP = "top_up"
    SUSPENSE = "suspense"
    SUSPENSE_PAID = "suspense_paid"
    SUSPENSE_REVERSED = "suspense_reversed"
    REFUND = "refund"
    REFUND_PAID = "refund_paid"
    REFUND_REVERSED = "refund_reversed"
    REFUND_RETURNED = "refund_returned"
    TAKEN_BACK = "taken_back"
    TAKEN_BACK_RETURNED = "taken_back_returned"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_RETURNED = "dispute_returned"
    WRITE_OFF = "write_off"
    FEE = "fee"
    PAYOUT = "payout"
    PAYOUT_RETURNED = "payout_returned"
    EXCHANGE = "exchange"
    GRANT = "grant"
    GRANT_USED = "grant_used"
    GRANT_EXPIRED = "grant_expired"


class FactKind(StrEnum):
    """What may be decided about money; every decision that depends on the moment is a fact."""

    ADJUSTMENT = "adjustment"
    RELEASE = "release"
    RATE = "rate"
    TOP_UP = "top_up"
    SUSPENSE = "suspense"
    SUSPENSE_PAID = "suspense_paid"
    SUSPENSE_REVERSED = "suspense_reversed"
    REFUND = "refund"
    REFUND_PAID = "refund_paid"
    REFUND_REVERSED = "refund_reversed"
    REFUND_RETURNED = "refund_returned"
    TAKEN_BACK = "taken_back"
    TAKEN_BACK_RETURNED = "taken_back_returned"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_RETURNED = "dispute_returned"
    WRITE_OFF = "write_off"
    FEE = "fee"
    PAYOUT = "payout"
    PAYOUT_RETURNED = "payout_returned"
    EXCHANGE = "exchange"
    GRANT = "grant"
    GRANT_USED = "grant_used"
    GRANT_EXPIRED = "grant_expired"


WALLET_FACTS: Final = (
    FactKind.ADJUSTMENT,
    FactKind.TOP_UP,
    FactKind.REFUND,
    FactKind.REFUND_RETURNED,
    FactKind.GRANT_USED,
)
"""Facts whose ``amount``, in micro-dollars, is what they move in their owner's wallet."""

DEBT_FACTS: Final = {
    FactKind.TAKEN_BACK: 1,
    FactKind.DISPUTE_WITHDRAWN: 1,
    FactKind.TAKEN_BACK_RETURNED: -1,
    FactKind.DISPUTE_RETURNED: -1,
    FactKind.WRITE_OFF: -1,
}
"""Facts whose ``amount``, in micro-dollars, raises their owner's debt (1) or lowers it (-1)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transfer: ``amount`` credits the account when positive, debits it when not.

    Counted in the asset's smallest units. Accounts with a stored balance hold USD alone.
    """

    account: str
    amount: int
    asset: str = USD.code

    def __post_init__(self) -> None:
        kind = account_kind(self.account)
        assert type(self.amount) is int, self
        assert -INT64_MAX <= self.amount <= INT64_MAX, self
        assert kind not in STORED_BALANCES or self.asset == USD.code, self


def keyed_id(operation: str, owner: str, key: str) -> UUID:
    """Make the id that an operation of an owner has under a key.

    UUIDv5 of ``NAMESPACE`` and operation, owner and key joined by U+001F, which none of them can
    hold; so whoever starts something can name it before anyone else has heard of it.
    """
    parts = (operation, owner, key)
    assert not any(_SEPARATOR in part for part in parts), parts
    return uuid5(NAMESPACE, _SEPARATOR.join(parts))


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement of money: two or more entries that sum to zero in every asset."""

    operation: Operation
    owner: str
    key: str
    entries: tuple[Entry, ...]
    occurred_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert len(self.entries) > 1, self
        sums: Counter[str] = Counter()
        for entry in self.entries:
            sums[entry.asset] += entry.amount
        assert not any(sums.values()), self

    @property
    def id(self) -> UUID:
        """Identify the transfer by what was asked for, not by when."""
        return keyed_id(self.operation, self.owner, self.key)

    @property
    def digest(self) -> bytes:
        """Digest what moves where, so that a repeat with other content is noticed."""
        lines = sorted((e.account, e.asset, e.amount) for e in self.entries)
        return _digest([lines, self.detail])


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was decided or happened about money, kept for ever under its key."""

    kind: FactKind
    owner: str
    key: str
    content: Mapping[str, Any]
    occurred_at: datetime

    @property
    def id(self) -> UUID:
        """Identify the fact; the transfer that follows from it has the same id."""
        return keyed_id(self.kind, self.owner, self.key)

    @property
    def digest(self) -> bytes:
        """Digest the content, so that a repeat with other content is noticed."""
        return _digest(self.content)


def _digest(value: object) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(value, order="sorted"), digest_size=16).digest()
