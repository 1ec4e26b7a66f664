"""What every way out for mail does: hands letters over whole, and never inside a transaction."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hero_onboarding.database import Database
from hero_onboarding.kernel.boundary import OutsideCallInTransactionError
from hero_onboarding.mail import Letter, Sender
from tests.contracts.sender import KINDS, Arrived
from tests.fakes.clock import FakeClock

LETTER = Letter("a1", "ada@example.org", "fr", "Votre clé", "Déjà vu ✓\n", FakeClock().now())


@pytest.fixture(params=KINDS)
def way(
    request: pytest.FixtureRequest, database: Database
) -> Iterator[tuple[Database, Sender, Arrived]]:
    """Each implementation in turn, over each engine."""
    with KINDS[request.param](database) as (sender, arrived):
        yield database, sender, arrived


Way = tuple[Database, Sender, Arrived]


def test_letters_arrive_whole_and_in_order(way: Way) -> None:
    _, sender, arrived = way

    sender.send(LETTER)
    sender.send(replace(LETTER, id="a2", recipient="bob@example.org", subject="Hi"))

    assert arrived() == [
        ("ada@example.org", "Votre clé", "Déjà vu ✓\n"),
        ("bob@example.org", "Hi", "Déjà vu ✓\n"),
    ]


def test_a_letter_that_comes_again_can_be_told_by_its_id(way: Way) -> None:
    _, sender, arrived = way

    for _ in range(2):
        sender.send(LETTER)

    assert len(arrived()) == 1


def test_nothing_is_sent_while_a_transaction_is_open(way: Way) -> None:
    database, sender, arrived = way

    with database.transaction(), pytest.raises(OutsideCallInTransactionError):
        sender.send(LETTER)

    assert arrived() == []
