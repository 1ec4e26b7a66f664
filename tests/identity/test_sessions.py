"""Sessions live in the database by digest, for a week at most, until signed out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hero_onboarding.database import Database
from hero_onboarding.identity import (
    LIFE,
    Origin,
    close_session,
    create_user,
    find_session,
    list_sessions,
    note_use,
    open_session,
    revoke_others,
    revoke_session,
    session_id_of,
)
from hero_onboarding.identity.sessions import IDLE, LIMITED, OPERATOR_LIFE
from hero_onboarding.identity.tables import sessions
from tests.fakes.clock import FakeClock

NOW = FakeClock().now()
HERE = Origin("key", "192.0.2.7", "Firefox, Linux")


@pytest.fixture
def token(database: Database) -> str:
    with database.transaction() as tx:
        create_user(tx, "ada", "", NOW)
        return open_session(tx, "ada", NOW, HERE)


def test_a_session_is_found_by_its_token_while_it_lasts(database: Database, token: str) -> None:
    with database.transaction() as tx:
        found = find_session(tx, token, NOW)
        assert found is not None
        assert (found.user_sid, found.is_operator, found.origin) == ("ada", False, HERE)
        note_use(tx, token, NOW + LIFE - timedelta(hours=1))

        assert find_session(tx, token, NOW + LIFE - timedelta(microseconds=1)) is not None
        assert find_session(tx, token, NOW + LIFE) is None


def test_a_session_that_is_not_used_ends(database: Database, token: str) -> None:
    with database.transaction() as tx:
        assert find_session(tx, token, NOW + IDLE - timedelta(microseconds=1)) is not None
        assert find_session(tx, token, NOW + IDLE) is None
        assert list_sessions(tx, "ada", NOW + IDLE) == []


def test_a_session_from_before_it_said_when_it_was_used_lasts_from_its_beginning(
    database: Database, token: str
) -> None:
    with database.transaction() as tx:
        tx.execute(update(sessions).values(seen_at=None))

        found = find_session(tx, token, NOW + IDLE - timedelta(seconds=1))
        assert found is not None
        assert found.seen_at == NOW
        assert find_session(tx, token, NOW + IDLE) is None


def test_an_operators_session_lasts_half_a_day_at_most(database: Database) -> None:
    with database.transaction() as tx:
        token = open_session(tx, None, NOW, HERE)
        note_use(tx, token, NOW + OPERATOR_LIFE - timedelta(minutes=1))

        assert find_session(tx, token, NOW + OPERATOR_LIFE - timedelta(seconds=1)) is not None
        assert find_session(tx, token, NOW + OPERATOR_LIFE) is None


def test_a_limited_session_becomes_a_full_one(database: Database) -> None:
    with database.transaction() as tx:
        create_user(tx, "ada", "", NOW)
        token = open_session(tx, "ada", NOW, HERE, is_limited=True)
        found = find_session(tx, token, NOW)

    assert found is not None
    assert not found.is_full(NOW + LIMITED - timedelta(microseconds=1))
    assert found.is_full(NOW + LIMITED)


def test_a_user_lists_and_revokes_only_their_own(database: Database, token: str) -> None:
    with database.transaction() as tx:
        create_user(tx, "bob", "", NOW)
        other = open_session(tx, "bob", NOW, HERE)
        second = open_session(tx, "ada", NOW + timedelta(minutes=1), HERE)
        ids = [one.id for one in list_sessions(tx, "ada", NOW)]
        assert ids == [session_id_of(second), session_id_of(token)]

        revoke_session(tx, "ada", session_id_of(other))
        revoke_session(tx, "ada", session_id_of(token))
        revoke_session(tx, "ada", session_id_of(token))

        assert find_session(tx, other, NOW) is not None
        assert find_session(tx, token, NOW) is None
        assert [one.id for one in list_sessions(tx, "ada", NOW)] == [session_id_of(second)]


def test_all_others_can_be_ended_at_once(database: Database, token: str) -> None:
    with database.transaction() as tx:
        others = [open_session(tx, "ada", NOW, HERE) for _ in range(3)]
        revoke_others(tx, "ada", token)

        assert find_session(tx, token, NOW) is not None
        assert all(find_session(tx, one, NOW) is None for one in others)


def test_no_other_token_finds_it(database: Database, token: str) -> None:
    with database.reading() as tx:
        for wrong in ("", token[:-1], token.swapcase(), token + "x"):
            assert find_session(tx, wrong, NOW) is None


def test_the_database_does_not_know_the_token(database: Database, token: str) -> None:
    with database.reading() as tx:
        (row,) = tx.execute(select(sessions)).all()

    assert len(token) >= 43
    assert all(token.encode() not in str(value).encode() for value in row)


def test_signing_out_ends_one_session_and_may_be_repeated(database: Database, token: str) -> None:
    with database.transaction() as tx:
        other = open_session(tx, None, NOW, HERE)
        close_session(tx, token)
        close_session(tx, token)

        assert find_session(tx, token, NOW) is None
        found = find_session(tx, other, NOW)
    assert found is not None
    assert found.is_operator


def test_sessions_that_are_over_are_swept_by_the_next(database: Database, token: str) -> None:
    with database.transaction() as tx:
        open_session(tx, "ada", NOW + LIFE, HERE)

        assert tx.execute(select(func.count()).select_from(sessions)).scalar_one() == 1
        assert find_session(tx, token, NOW) is None


def test_tokens_are_never_the_same(database: Database) -> None:
    with database.transaction() as tx:
        tokens = {open_session(tx, None, NOW, HERE) for _ in range(50)}

    assert len(tokens) == 50
