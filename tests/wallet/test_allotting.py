"""Which use credit pays for, without a database: beside an oracle that matches cent by cent."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.wallet import Grant, allot
from hero_onboarding.wallet.grants import that_compete

Use = tuple[int, int]
"""An hour and what was charged for it."""


def a_grant(number: int, begin: int, end: int, amount: int) -> Grant:
    at, over = from_unix(begin * 3600), from_unix(end * 3600)
    return Grant(uuid.UUID(int=number), "ada", str(number), "", at, over, amount, at)


@dataclass
class Book:
    """A user's grants and charges, as stage B goes through them."""

    grants: dict[uuid.UUID, Grant]
    charged: Counter[int]

    @classmethod
    def of(cls, grants: Sequence[Grant] = ()) -> "Book":
        return cls({grant.id: grant for grant in grants}, Counter())

    def charge(self, uses: Sequence[Use]) -> None:
        for hour, amount in uses:
            self.charged[hour] += amount
        self.apply()

    def give(self, grant: Grant) -> None:
        self.grants[grant.id] = grant
        self.apply()

    def apply(self) -> None:
        for group in that_compete(self.grants.values()):
            for grant, amount in allot(group, self.charged):
                self.grants[grant.id] = grant.use(amount)

    @property
    def used(self) -> list[int]:
        return [grant.used for grant in sorted(self.grants.values(), key=lambda one: one.id)]


def most_that_can_be_paid(grants: Sequence[Grant], charged: Counter[int]) -> list[int]:
    """Match each unit of credit with a unit of use of its own, earliest expiry first.

    By augmenting paths: whoever is matched once stays matched, with other use if need be.
    """
    use = [hour for hour in sorted(charged) for _ in range(charged[hour])]
    owner: dict[int, tuple[Grant, int]] = {}

    def find(unit: tuple[Grant, int], seen: set[int]) -> bool:
        for place, hour in enumerate(use):
            if hour in unit[0].hours and place not in seen:
                seen.add(place)
                if place not in owner or find(owner[place], seen):
                    owner[place] = unit
                    return True
        return False

    paid = Counter[uuid.UUID]()
    for grant in sorted(grants, key=lambda one: (one.expires_at, one.id)):
        paid[grant.id] = sum(find((grant, unit), set()) for unit in range(grant.granted))
    return [paid[grant.id] for grant in sorted(grants, key=lambda one: one.id)]


LIVES = st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(1, 5))
GRANTS = st.lists(LIVES, min_size=1, max_size=4).map(
    lambda lives: [
        a_grant(number, begin, begin + length, amount)
        for number, (begin, length, amount) in enumerate(lives)
    ]
)
USES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), max_size=7)


@given(grants=GRANTS, uses=USES, data=st.data())
def test_any_order_and_any_cut_of_the_same_use_leaves_the_same_in_each_grant(
    grants: list[Grant], uses: list[Use], data: st.DataObject
) -> None:
    one_by_one, at_once = Book.of(grants), Book.of(grants)
    for use in data.draw(st.permutations(uses)):
        one_by_one.charge([use])
    at_once.charge(uses)

    assert one_by_one.used == at_once.used
    assert at_once.used == most_that_can_be_paid(grants, at_once.charged)


@given(grants=GRANTS, uses=USES, data=st.data())
def test_whenever_credit_is_given_it_pays_as_much_in_all_as_it_can(
    grants: list[Grant], uses: list[Use], data: st.DataObject
) -> None:
    book = Book.of()
    steps: list[Grant | Use] = [*grants, *uses]
    for step in data.draw(st.permutations(steps)):
        if isinstance(step, Grant):
            book.give(step)
        else:
            book.charge([step])

    assert sum(book.used) == sum(most_that_can_be_paid(grants, book.charged))


def test_what_expired_pays_no_more_and_its_use_is_not_paid_for_again() -> None:
    book = Book.of([a_grant(1, 0, 5, 10), a_grant(2, 0, 9, 10)])
    book.charge([(3, 4)])
    first = book.grants[uuid.UUID(int=1)]
    assert book.used == [4, 0]

    book.grants[first.id] = replace(first, expired=6, is_open=False)
    book.charge([(4, 3)])

    assert book.used == [4, 3]


def test_late_use_moves_what_was_paid_to_the_credit_that_reaches_it() -> None:
    book = Book.of([a_grant(1, 0, 6, 10), a_grant(2, 5, 9, 10)])

    book.charge([(5, 10)])
    assert book.used == [10, 0]
    book.charge([(1, 10)])

    assert book.used == [10, 10]
