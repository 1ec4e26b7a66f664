"""Wallets driven at random against real SQL, beside a model in plain Python.

The model knows the rules of the design and no SQL. After every step each wallet must equal the
model's, and all equations of the books must hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from hero_onboarding.database import Database
from hero_onboarding.kernel.overriding import override
from hero_onboarding.ledger import KeyReusedError
from hero_onboarding.wallet import BalanceTooLowError, Hold, HoldKeyReusedError
from tests.fakes.clock import FakeClock
from tests.support.emptied import EXAMPLES_KEPT, empty
from tests.support.world import a_record
from tests.wallet.people import People

MICROS_PER_CENT = 10_000
PERSONS = ("p", "q")
Size = int | str
SIZES: st.SearchStrategy[Size] = st.one_of(
    st.integers(1, 3_000_000),
    st.sampled_from(("all", "one more", "held too", "owed too")),
    st.sampled_from((1, 7, "all", "one more")),
)


@dataclass
class ModelHold:
    amount: int
    remaining: int
    expires_at: datetime
    is_open: bool = True


@dataclass
class Model:
    """What the design says a wallet is."""

    adjusted: dict[str, tuple[int, bool]] = field(default_factory=dict)
    disputed: dict[str, int] = field(default_factory=dict)
    granted: dict[str, int] = field(default_factory=dict)
    holds: dict[str, ModelHold] = field(default_factory=dict)
    used: int = 0
    charged: int = 0

    @property
    def net(self) -> int:
        return sum(amount for amount, _ in self.adjusted.values()) - self.charged + self.credit

    @property
    def credit(self) -> int:
        """What grants have paid: all use here occurs in all their lives."""
        return min(sum(self.granted.values()), self.charged)

    @property
    def debt(self) -> int:
        return sum(self.disputed.values())

    @property
    def held(self) -> int:
        return sum(hold.remaining for hold in self.holds.values() if hold.is_open)

    @property
    def free(self) -> int:
        """What may be chosen; below zero when more was used, owed or held than is there."""
        return self.net - self.debt - self.held

    def amount(self, size: Size) -> int:
        """An amount at an edge of what may be chosen, or as it was drawn."""
        if isinstance(size, int):
            return size
        beyond = {"all": 0, "one more": 1, "held too": self.held, "owed too": self.debt}
        return max(1, self.free + beyond[size])


class WalletMachine(RuleBasedStateMachine):
    """Moves three people's money in every way there is."""

    database: ClassVar[Database]
    numbers: ClassVar[Iterator[int]] = count()

    placed = Bundle("placed")

    @initialize()
    def begin(self) -> None:
        number = next(self.numbers)
        if number % EXAMPLES_KEPT == 0:
            empty(self.database)
        self.people = People(self.database, FakeClock())
        self.prefix = f"m{number}"
        self.models = {name: Model() for name in PERSONS}
        for name in PERSONS:
            self.people.open(self.sid(name))
        self.adjust("p", 1_000_000, 1, "start", allow_debt=False)
        self.adjust("q", 20, 1, "start", allow_debt=False)

    def sid(self, name: str) -> str:
        return f"{self.prefix}{name}"

    @rule(
        name=st.sampled_from(PERSONS),
        size=SIZES,
        sign=st.sampled_from((1, -1)),
        key=st.sampled_from("abcdefgh"),
        allow_debt=st.booleans(),
    )
    def adjust(self, name: str, size: Size, sign: int, key: str, *, allow_debt: bool) -> None:
        model = self.models[name]
        amount = model.amount(size)
        asked = sign * amount
        is_refused = sign < 0 and not allow_debt and amount > model.free
        try:
            new = self.people.adjust(self.sid(name), asked, key, allow_debt=allow_debt)
        except KeyReusedError:
            assert model.adjusted.get(key, (asked, allow_debt)) != (asked, allow_debt)
        except BalanceTooLowError:
            assert key not in model.adjusted
            assert is_refused
        else:
            assert new == (key not in model.adjusted)
            assert not (new and is_refused)
            assert model.adjusted.setdefault(key, (asked, allow_debt)) == (asked, allow_debt)

    @rule(name=st.sampled_from(PERSONS), size=SIZES, key=st.sampled_from("ijklmn"))
    def choose(self, name: str, size: Size, key: str) -> None:
        """Spend as somebody chooses."""
        self.adjust(name, size, -1, key, allow_debt=False)

    @rule(name=st.sampled_from(PERSONS), size=SIZES, key=st.sampled_from("xyz"))
    def dispute(self, name: str, size: Size, key: str) -> None:
        """A payment is taken back, whatever is there."""
        model = self.models[name]
        amount = model.amount(size)
        try:
            new = self.people.dispute(self.sid(name), amount, key)
        except KeyReusedError:
            assert model.disputed.get(key, amount) != amount
        else:
            assert new == (key not in model.disputed)
            assert model.disputed.setdefault(key, amount) == amount

    @rule(
        target=placed,
        name=st.sampled_from(PERSONS),
        size=SIZES,
        key=st.sampled_from("stuvw"),
        minutes=st.sampled_from((10, 30)),
    )
    def hold(self, name: str, size: Size, key: str, minutes: int) -> object:
        model = self.models[name]
        amount = model.amount(size)
        expires_at = self.people.expiry(minutes)
        earlier = model.holds.get(key)
        try:
            hold, new = self.people.hold(self.sid(name), amount, key, minutes=minutes)
        except HoldKeyReusedError:
            assert earlier is not None
            assert (earlier.amount, earlier.expires_at) != (amount, expires_at)
            return multiple()
        except BalanceTooLowError:
            assert earlier is None
            assert amount > model.free
            return multiple()
        assert new == (earlier is None)
        if new:
            assert amount <= model.free
            model.holds[key] = ModelHold(amount, amount, expires_at)
        return (name, key, hold)

    @rule(hold=placed, amount=st.integers(1, 3_000_000))
    def shrink(self, hold: tuple[str, str, Hold], amount: int) -> None:
        name, key, placed = hold
        model = self.models[name].holds[key]
        expected = min(amount, model.remaining) if model.is_open else 0
        assert self.people.shrink(placed, amount) == expected
        model.remaining -= expected

    @rule(hold=placed)
    def close(self, hold: tuple[str, str, Hold]) -> None:
        name, key, placed = hold
        model = self.models[name].holds[key]
        assert self.people.close(placed) == model.is_open
        model.is_open = False

    @rule(minutes=st.sampled_from((1, 10, 25)))
    def let_time_pass(self, minutes: int) -> None:
        self.people.clock.advance(minutes=minutes)
        self.people.expire()
        for model in self.models.values():
            for hold in model.holds.values():
                hold.is_open = hold.is_open and hold.expires_at > self.people.now

    @rule(
        name=st.sampled_from(PERSONS),
        cents=st.integers(0, 500),
        kind=st.sampled_from(("cpu", "network", "gpu")),
    )
    def use(self, name: str, cents: int, kind: str) -> None:
        key = f"u{next(self.numbers)}"
        record = a_record(key, user_sid=self.sid(name), amount_cents=cents, resource_kind=kind)
        self.people.accept([record])
        self.models[name].used += cents * MICROS_PER_CENT

    @rule(name=st.sampled_from(PERSONS), cents=st.integers(1, 300), key=st.sampled_from("gh"))
    def grant(self, name: str, cents: int, key: str) -> None:
        """Credit pays for what was charged before, too."""
        model, amount = self.models[name], cents * MICROS_PER_CENT
        try:
            _, new = self.people.grant(self.sid(name), amount, key)
        except KeyReusedError:
            assert model.granted[key] != amount
        else:
            assert new == (key not in model.granted)
            assert model.granted.setdefault(key, amount) == amount

    @rule()
    def charge(self) -> None:
        """What was used is always charged."""
        self.people.charge()
        for model in self.models.values():
            model.charged = model.used

    @invariant()
    def wallets_are_the_models(self) -> None:
        for name, model in getattr(self, "models", {}).items():
            wallet = self.people.wallet(self.sid(name))
            assert (wallet.net, wallet.debt, wallet.held) == (model.net, model.debt, model.held)
            assert wallet.available == max(0, model.free)

    @invariant()
    def books_balance(self) -> None:
        self.people.assert_books()

    @override
    def teardown(self) -> None:
        """Every statement adds up, line by line, to its wallet's net."""
        for name, model in getattr(self, "models", {}).items():
            total = 0
            for movement in reversed(self.people.statement(self.sid(name), size=50)):
                total += movement.amount
                assert movement.balance_after == total
            assert total == model.net
