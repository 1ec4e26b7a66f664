"""Users are created once; sids are short, and chosen ones never collide with counted ones."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.database import Database
from hero_onboarding.identity import (
    SidTakenError,
    User,
    WrongNameError,
    WrongSidError,
    create_user,
    find_existing,
    find_user,
    list_users,
)
from hero_onboarding.kernel.errors import ConflictError, InvalidInputError
from hero_onboarding.ledger import AccountKind, account_kind
from hero_onboarding.wallet import open_user
from tests.fakes.clock import FakeClock

NOW = FakeClock().now()
Create = Callable[..., tuple[User, bool]]


@pytest.fixture
def create(database: Database) -> Create:
    def run(sid: str | None = None, name: str = "") -> tuple[User, bool]:
        with database.transaction() as tx:
            return create_user(tx, sid, name, NOW)

    return run


def sids(database: Database) -> list[str]:
    with database.reading() as tx:
        return [user.sid for user in list_users(tx, None).items]


def test_users_without_a_sid_are_counted_up(create: Create) -> None:
    assert [create()[0].sid for _ in range(3)] == ["0001", "0002", "0003"]


def test_a_sid_chosen_by_hand_is_left_out_of_the_count(create: Create) -> None:
    create("0002")

    assert [create()[0].sid for _ in range(3)] == ["0001", "0003", "0004"]


def test_a_repeated_user_is_answered_like_the_first(create: Create, database: Database) -> None:
    first, new = create("ada", "Ada")
    again, new_again = create("ada", "Ada")

    assert (new, new_again) == (True, False)
    assert again == first
    assert sids(database) == ["ada"]


def test_a_taken_sid_with_another_name_is_a_conflict(create: Create, database: Database) -> None:
    create("ada", "Ada")

    for name in ("", "ada", "Ada "):
        with pytest.raises(SidTakenError) as caught:
            create("ada", name)
        assert isinstance(caught.value, ConflictError)

    with database.reading() as tx:
        found = find_user(tx, "ada")
    assert found is not None
    assert found.name == "Ada"


@pytest.mark.parametrize(
    "sid", ["", "Ada", "a b", "a" * 65, "ad\u00e4", "a:b", "a\n", "a/b", "a\x1fb", "smoke", "\0"]
)
def test_a_sid_of_another_form_or_reserved_is_refused(
    create: Create, database: Database, sid: str
) -> None:
    with pytest.raises(WrongSidError) as caught:
        create(sid)

    assert isinstance(caught.value, InvalidInputError)
    assert sids(database) == []


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "\0", "a\x1b[31m", "\ud800", "\u202eevil"])
def test_a_name_is_short_and_printable(create: Create, database: Database, name: str) -> None:
    with pytest.raises(WrongNameError):
        create("ada", name)

    assert sids(database) == []


@pytest.mark.parametrize(
    "name", ["", "x" * 100, "\u00c4da L\u00f6v", "\u0627\u062f\u0627", "O'B; --"]
)
def test_names_of_people_are_kept_as_they_are(
    create: Create, database: Database, name: str
) -> None:
    create("ada", name)

    with database.reading() as tx:
        found = find_user(tx, "ada")
    assert found is not None
    assert (found.name, found.created_at) == (name, NOW)


def test_many_new_users_at_once_get_sids_of_their_own(create: Create, database: Database) -> None:
    ready = threading.Barrier(8, timeout=30)
    made: list[str] = []

    def work() -> None:
        ready.wait()
        made.extend(create()[0].sid for _ in range(4))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(made) == len(set(made)) == 32
    assert sorted(made) == sorted(sids(database))


def test_one_sid_asked_for_by_many_at_once_is_made_once(create: Create, database: Database) -> None:
    ready, outcomes = threading.Barrier(8, timeout=30), []

    def work() -> None:
        ready.wait()
        outcomes.append(create("ada", "Ada")[1])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(outcomes) == [False] * 7 + [True]
    assert sids(database) == ["ada"]


def test_users_are_listed_newest_first_in_pages(create: Create, database: Database) -> None:
    for _ in range(7):
        create()

    walked: list[str] = []
    cursor = None
    with database.reading() as tx:
        while True:
            page = list_users(tx, cursor, size=3)
            walked += [user.sid for user in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break

    assert walked == [f"000{number}" for number in range(7, 0, -1)]


def test_those_who_exist_are_told_from_those_who_do_not(create: Create, database: Database) -> None:
    create("ada")

    with database.reading() as tx:
        assert find_existing(tx, ["ada", "eve", "ada", "' OR 1=1"]) == {"ada"}
        assert find_existing(tx, []) == frozenset()
        assert find_user(tx, "eve") is None


def test_a_user_is_opened_with_one_empty_wallet(database: Database) -> None:
    for new in (True, False):
        with database.transaction() as tx:
            assert open_user(tx, sid="ada", name="", now=NOW)[1] is new


@given(st.one_of(st.text(max_size=70), st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True)))
def test_a_sid_that_is_taken_is_always_a_wallets_path(database: Database, sid: str) -> None:
    with database.transaction() as tx:
        try:
            user, _ = create_user(tx, sid, "", NOW)
        except WrongSidError:
            return
    assert user.sid == sid
    assert account_kind(f"user:{sid}:wallet") is AccountKind.WALLET
