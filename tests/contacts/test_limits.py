"""How many mails may be asked for: to one address, and by one user, also by many at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from hero_onboarding.rates import TooManyError
from tests.contacts.desk import ADDRESS, Desk


def refused_for(desk: Desk, user_sid: str = "ada", address: str = ADDRESS) -> int:
    """Claim, be refused without a trace, and return how many seconds to wait."""
    before = (desk.rows(), len(desk.office.rows()))
    with pytest.raises(TooManyError) as caught:
        desk.claim(user_sid, address)
    assert (desk.rows(), len(desk.office.rows())) == before
    return caught.value.retry_after_seconds


def test_an_address_gets_three_mails_in_ten_minutes_whoever_asks(desk: Desk) -> None:
    for sid in ("ada", "bob", "eve"):
        desk.claim(sid)
        desk.office.clock.advance(minutes=1)

    assert refused_for(desk) == 7 * 60
    assert refused_for(desk, address="ADA@example.org") == 7 * 60
    desk.claim("ada", "other@example.org")
    desk.office.clock.advance(minutes=7)

    desk.claim("ada")
    assert len(desk.letters()) == 5


def test_an_address_gets_ten_mails_a_day(desk: Desk) -> None:
    sids = ("ada", "bob", "eve")
    for number in range(10):
        desk.claim(sids[number % 3])
        desk.office.clock.advance(hours=1)

    assert refused_for(desk) == 14 * 3600
    desk.office.clock.advance(hours=14)

    desk.claim()


def test_a_user_causes_five_mails_an_hour(desk: Desk) -> None:
    for number in range(5):
        desk.claim(address=f"a{number}@example.org")
        desk.office.clock.advance(minutes=1)

    assert refused_for(desk, address="b@example.org") == 55 * 60
    desk.claim("bob", "b@example.org")
    desk.office.clock.advance(minutes=55)

    desk.claim(address="b@example.org")


def test_warnings_to_an_owner_count_like_codes(desk: Desk) -> None:
    desk.prove("bob")
    for _ in range(3):
        desk.claim("ada")
        desk.office.clock.advance(seconds=30)

    assert refused_for(desk) == 600 - 90


def test_what_is_refused_is_not_counted(desk: Desk) -> None:
    for sid in ("ada", "bob", "eve"):
        desk.claim(sid)
    desk.office.clock.advance(minutes=1)

    for _ in range(9):
        refused_for(desk)

    desk.office.clock.advance(minutes=9)
    desk.claim("ada")


def test_without_limits_there_are_none(desk: Desk) -> None:
    free = replace(desk, has_limits=False)

    for _ in range(12):
        free.claim()
        desk.office.clock.advance(seconds=30)

    assert len(desk.letters()) == 12


def test_many_at_once_get_no_more_than_one_after_another(desk: Desk) -> None:
    people = [f"u{number}" for number in range(8)]
    desk.office.open_users(*people)
    ready = threading.Barrier(len(people), timeout=30)

    def claim(sid: str) -> bool:
        ready.wait()
        try:
            desk.claim(sid)
        except TooManyError:
            return False
        return True

    with ThreadPoolExecutor(len(people)) as pool:
        done = list(pool.map(claim, people))

    assert sum(done) == 3
    assert len(desk.office.rows()) == 3


def test_a_double_click_sends_one_mail(desk: Desk) -> None:
    ready = threading.Barrier(4, timeout=30)

    def claim(_: int) -> None:
        ready.wait()
        desk.claim()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(claim, range(4)))

    assert len(desk.letters()) == 1
    assert desk.verify(desk.code()) is not None


def test_of_many_who_prove_one_address_at_once_one_has_it(desk: Desk) -> None:
    codes = {}
    for sid in ("ada", "bob", "eve"):
        desk.claim(sid)
        codes[sid] = desk.code()
    ready = threading.Barrier(3, timeout=30)

    def prove(sid: str) -> bool:
        ready.wait()
        return desk.verify(codes[sid], sid) is not None

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(prove, codes))

    assert sum(done) == 1
    assert desk.owner() == list(codes)[done.index(True)]


def test_tries_at_once_are_five_too(desk: Desk) -> None:
    desk.claim()
    code = desk.code()
    ready = threading.Barrier(8, timeout=30)

    def guess(number: int) -> None:
        ready.wait()
        desk.verify(f"{number}222 2222")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(8)))

    assert desk.rows()[0]["code_tries"] == 5
    assert desk.verify(code) is None
