"""A statement as CSV: whole, in order, quoted, and nothing in it computes."""

import csv
import io
from collections.abc import Iterator

import pytest

from hero_onboarding.ledger import Entry, Operation, Transfer
from hero_onboarding.wallet import post_transfer, read_statement, wallet_account
from tests.wallet.people import People


def read(people: People, sid: str = "ada", size: int = 2) -> Iterator[str]:
    return read_statement(people.database, people.wallet(sid), people.clock.now(), size=size)


def rows(people: People) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(read(people)), newline="")))


def test_every_movement_is_there_once_with_the_balance_after_it(people: People) -> None:
    people.dispute("ada", 5, "d1")
    people.use("ada", "k1", 150)
    people.charge()
    people.dispute("ada", 5, "d2")
    people.adjust("ada", 7, "k2")

    *found, owed = rows(people)

    amounts = [int(row["amount_micros"]) for row in found]
    assert amounts == [1_000_000, -1_500_000, 7]
    assert [row["amount_usd"] for row in found] == ["1.000000", "-1.500000", "0.000007"]
    assert [int(row["balance_micros"]) for row in found] == [1_000_000, -500_000, -499_993]
    assert [row["balance_usd"] for row in found] == ["1.000000", "-0.500000", "-0.499993"]
    assert [row["kind"] for row in found] == ["adjustment", "charge", "adjustment"]
    assert [row["detail"] for row in found] == ["a reason", "cpu 1.500000", "a reason"]
    assert found[0]["time"] == "2026-03-01T11:00:00Z"
    expected = [str(movement.transfer_id) for movement in reversed(people.statement("ada"))]
    assert [row["transfer_id"] for row in found] == expected
    # What was taken back moves no wallet: a last line takes it off, and the balance runs on.
    assert (owed["kind"], owed["amount_micros"], owed["amount_usd"]) == ("debt", "-10", "-0.000010")
    assert (owed["balance_micros"], owed["transfer_id"]) == ("-500003", "")


WAYS: tuple[tuple[dict[str, object], str], ...] = (
    ({}, "stripe checkout"),
    ({"method": "saved_card"}, "stripe saved_card"),
    (
        {"provider": "clickpesa", "method": "push", "paid": 500_005, "currency": "TZS"},
        "clickpesa push TZS 5000.05",
    ),
    (
        {"paid": 500_000, "currency": "TZS", "rate": 1, "applied": 2_550_000_000},
        "stripe checkout TZS 5000.00 at 2550.000000",
    ),
    ({"held": 6_275_000, "held_currency": "TZS"}, "stripe checkout TZS 62750.00"),
)


def test_a_top_up_says_its_way_and_what_came_in(people: People) -> None:
    detail = {"provider": "stripe", "method": "checkout", "paid": 2_500, "currency": "USD"}
    entries = (Entry(wallet_account("bob"), 5), Entry("losses", -5))
    of_old = {name: value for name, value in detail.items() if name != "method"}
    details = [of_old, *(detail | changes for changes, _ in WAYS)]

    with people.database.transaction() as tx:
        for key, one in enumerate(details):
            transfer = Transfer(Operation.TOP_UP, "bob", str(key), entries, people.now, one)
            post_transfer(tx, transfer, people.now, is_choice=False)

    found = csv.DictReader(io.StringIO("".join(read(people, "bob")), newline=""))
    assert [row["detail"] for row in found] == ["stripe", *(words for _, words in WAYS)]


@pytest.mark.parametrize(
    ("reason", "cell"),
    [
        ('a "gift", thanks', '"a ""gift"", thanks"'),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@now", "'@now"),
        ('=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'),
    ],
)
def test_what_people_typed_is_quoted_and_never_a_formula(
    reason: str, cell: str, people: People
) -> None:
    people.adjust("bob", 1, "k", reason=reason)

    header, line, end = "".join(read(people, "bob")).split("\r\n")

    assert header.startswith("time,kind,detail,amount_micros,amount_usd,balance_micros,balance_usd")
    assert line.startswith(f"2026-03-01T11:00:00Z,adjustment,{cell},1,0.000001,1,0.000001,")
    assert end == ""


def test_what_moves_while_it_is_read_is_left_for_the_next_time(people: People) -> None:
    people.adjust("ada", 1, "k1")
    people.adjust("ada", 2, "k2")

    reading = read(people)
    parts = [next(reading), next(reading)]
    people.adjust("ada", 3, "k3")
    parts += list(reading)

    assert len("".join(parts).splitlines()) == 1 + 3


def test_an_empty_statement_is_its_header(people: People) -> None:
    assert len("".join(read(people, "bob")).splitlines()) == 1
