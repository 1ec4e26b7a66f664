"""Promotional credit: what a grant is, and which use it pays for.

A grant pays for use that occurred in its life. How much it has paid follows from what was charged
in each hour alone: grants take turns by earliest expiry, and each takes all that it can without
any use being paid for twice. Neither the order in which use arrives nor how it is cut into charges
changes that (ADR 0017).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final
from uuid import UUID

from hero_onboarding.kernel.clock import from_unix, unix_seconds
from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer, keyed_id
from hero_onboarding.wallet.domain import require_amount, require_text, wallet_account
from hero_onboarding.wallet.errors import WrongAmountError, WrongGrantTimeError

LATE_USE: Final = timedelta(hours=48)
"""How long a grant that is over waits for use that occurred in its life and was not charged yet."""

_HOUR_SECONDS: Final = 3600
_YEARS: Final = range(1971, 3000)


def promo_account(user_sid: str, grant_id: UUID) -> str:
    """Return the path of the account of a grant."""
    return f"user:{user_sid}:promo:{grant_id}"


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """Promotional credit to give, in micro-dollars; a grant's life is whole hours of UTC.

    The hour in which ``expires_at`` lies still counts, and so does the one of ``begins_at``.
    Without ``begins_at`` the life begins with the hour in which the credit is granted.
    """

    user_sid: str
    amount: int
    reason: str
    key: str
    expires_at: datetime
    begins_at: datetime | None = None

    def __post_init__(self) -> None:
        require_amount(self.amount)
        if self.amount < 0:
            raise WrongAmountError("a grant is positive")
        require_text("reason", self.reason)
        require_text("idempotency_key", self.key)
        for at in filter(None, (self.begins_at, self.expires_at)):
            if at.year not in _YEARS:
                raise WrongGrantTimeError("a grant lives between 1971 and 2999")
        if self.begins_at is not None and self.begins_at >= self.expires_at:
            raise WrongGrantTimeError("a grant ends after it begins")

    @property
    def id(self) -> UUID:
        """Identify the grant by its owner and key; its fact and its posting have the same id."""
        return keyed_id(FactKind.GRANT, self.user_sid, self.key)

    def fact(self, now: datetime) -> Fact:
        """Write down what was decided."""
        begins_at = self.begins_at and _hour_of(self.begins_at)
        content = {
            "amount": self.amount,
            "reason": self.reason,
            "begins_at": begins_at and begins_at.isoformat(),
            "expires_at": _hour_after(self.expires_at).isoformat(),
            "grant": str(self.id),
        }
        return Fact(FactKind.GRANT, self.user_sid, self.key, content, now)

    def open(self, now: datetime) -> "Grant":
        """Return the grant that is opened by it.

        Raises:
            WrongGrantTimeError: If it would be over.
        """
        if self.expires_at <= now:
            raise WrongGrantTimeError("expires_at must lie in the future")
        return Grant(
            id=self.id,
            user_sid=self.user_sid,
            key=self.key,
            reason=self.reason,
            begins_at=_hour_of(self.begins_at or now),
            expires_at=_hour_after(self.expires_at),
            granted=self.amount,
            granted_at=now,
        )


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as it stands, in micro-dollars; ``sequence`` counts the lines of its account.

    Its life is from ``begins_at`` until before ``expires_at``, both whole hours of UTC. It is open
    until what was left has expired, 48 hours after its life.
    """

    id: UUID
    user_sid: str
    key: str
    reason: str
    begins_at: datetime
    expires_at: datetime
    granted: int
    granted_at: datetime
    used: int = 0
    expired: int = 0
    sequence: int = 1
    is_open: bool = True

    @property
    def left(self) -> int:
        """What can still be used; the balance of the grant's account."""
        return self.granted - self.used - self.expired

    @property
    def account(self) -> str:
        """The path of the grant's account."""
        return promo_account(self.user_sid, self.id)

    @property
    def hours(self) -> range:
        """The hours of its life, counted from 1970."""
        begin, end = unix_seconds(self.begins_at), unix_seconds(self.expires_at)
        return range(begin // _HOUR_SECONDS, end // _HOUR_SECONDS)

    def lives_at(self, now: datetime) -> bool:
        """Whether use of this moment is paid for."""
        return self.begins_at <= now < self.expires_at

    def use(self, amount: int) -> "Grant":
        """Return it after some of it paid for use."""
        assert 0 < amount <= self.left, (self, amount)
        return replace(self, used=self.used + amount, sequence=self.sequence + 1)

    def close(self) -> "Grant":
        """Return it after what was left has expired."""
        lines = 1 if self.left else 0
        expired, sequence = self.expired + self.left, self.sequence + lines
        return replace(self, expired=expired, sequence=sequence, is_open=False)


@dataclass(frozen=True, slots=True)
class Posting:
    """A fact about a grant and the transfer that follows from it.

    Attributes:
        grant: The grant after it.
        fact: What happened.
        entries: What moves where; the first line is the grant's own.
    """

    grant: Grant
    fact: Fact
    entries: tuple[Entry, Entry]

    @property
    def transfer(self) -> Transfer:
        """The movement, under the fact's own id."""
        fact = self.fact
        detail = {"grant": str(self.grant.id), "reason": self.grant.reason}
        operation = Operation(fact.kind)
        return Transfer(operation, fact.owner, fact.key, self.entries, fact.occurred_at, detail)


def grant_posting(request: GrantRequest, grant: Grant) -> Posting:
    """Write a grant that was opened."""
    lines = (Entry(grant.account, grant.granted), Entry("promotions", -grant.granted))
    return Posting(grant, request.fact(grant.granted_at), lines)


def use_posting(grant: Grant, amount: int, now: datetime) -> Posting:
    """Write that a grant pays for use: the wallet gets it back."""
    used = grant.use(amount)
    lines = (Entry(grant.account, -amount), Entry(wallet_account(grant.user_sid), amount))
    key = f"{grant.id}:{used.sequence}"
    return Posting(used, _fact(FactKind.GRANT_USED, grant, key, amount, now), lines)


def expiry_posting(grant: Grant, now: datetime) -> Posting:
    """Write that what is left of a grant goes back to where it came from."""
    lines = (Entry(grant.account, -grant.left), Entry("promotions", grant.left))
    fact = _fact(FactKind.GRANT_EXPIRED, grant, str(grant.id), grant.left, now)
    return Posting(grant.close(), fact, lines)


def _fact(kind: FactKind, grant: Grant, key: str, amount: int, now: datetime) -> Fact:
    return Fact(kind, grant.user_sid, key, {"amount": amount, "grant": str(grant.id)}, now)


def credit_at(grants: Iterable[Grant], now: datetime) -> int:
    """Sum what is left of the grants that pay for use of this moment."""
    return sum(grant.left for grant in grants if grant.lives_at(now))


def that_compete(grants: Iterable[Grant]) -> list[Sequence[Grant]]:
    """Part a user's grants into groups whose lives touch no other group's.

    Only groups are returned in which something is left to use.
    """
    groups: list[list[Grant]] = []
    end = 0
    for grant in sorted(grants, key=lambda grant: grant.begins_at):
        if not groups or grant.hours.start >= end:
            groups.append([])
        groups[-1].append(grant)
        end = max(end, grant.hours.stop)
    return [group for group in groups if any(grant.left for grant in group)]


def allot(grants: Sequence[Grant], charged: Mapping[int, int]) -> list[tuple[Grant, int]]:
    """Say how much each of a user's grants pays now; those that pay nothing are left out.

    By earliest expiry, then id, a grant pays what is left of it, or as much as was charged in its
    life and is not paid for yet. No use is paid for twice exactly when in each span of hours, from
    the begin of one grant to the end of another, the grants that lie within have paid no more than
    was charged: so a grant can pay the least of what is unpaid in the spans around it.

    Args:
        grants: All grants that compete for the same use, what they have paid among them.
        charged: What the user was charged for use in each hour, in micro-dollars.
    """
    unpaid = _Unpaid(grants, charged)
    paid = []
    for grant in sorted(grants, key=lambda grant: (grant.expires_at, grant.id)):
        amount = min(grant.left, unpaid.around(grant.hours)) if grant.left else 0
        if amount > 0:
            unpaid.pay(grant.hours, amount)
            paid.append((grant, amount))
    return paid


class _Unpaid:
    """What was charged and is not paid for, in each span between a begin and an end."""

    def __init__(self, grants: Sequence[Grant], charged: Mapping[int, int]) -> None:
        begins = {grant.hours.start for grant in grants}
        ends = {grant.hours.stop for grant in grants}
        hours = sorted(charged)
        sums = [0, *accumulate(charged[hour] for hour in hours)]

        def before(hour: int) -> int:
            return sums[bisect_left(hours, hour)]

        self._spans = {
            (begin, end): before(end) - before(begin)
            for begin in begins
            for end in ends
            if begin < end
        }
        for grant in grants:
            self.pay(grant.hours, grant.used)

    def around(self, hours: range) -> int:
        """Return the least of what is unpaid in the spans that hold all these hours."""
        return min(
            unpaid
            for (begin, end), unpaid in self._spans.items()
            if begin <= hours.start and hours.stop <= end
        )

    def pay(self, hours: range, amount: int) -> None:
        """Take what a grant with this life pays from the spans around it."""
        for begin, end in self._spans:
            if begin <= hours.start and hours.stop <= end:
                self._spans[begin, end] -= amount


def _hour_of(at: datetime) -> datetime:
    """Return the begin of the hour in which an instant lies."""
    return from_unix(unix_seconds(at) // _HOUR_SECONDS * _HOUR_SECONDS)


def _hour_after(at: datetime) -> datetime:
    """Return the instant itself on the hour, else the begin of the next hour."""
    hour = _hour_of(at)
    return hour if hour == at else hour + timedelta(seconds=_HOUR_SECONDS)
