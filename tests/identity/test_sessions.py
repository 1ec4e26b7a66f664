"""Sessions live in the database by digest, for twelve hours, until signed out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hero_onboarding.database import Database
from hero_onboarding.identity import (
    LIFE,
    close_session,
    create_user,
    find_session,
    open_session,
)
from hero_onboarding.identity.tables import sessions
from tests.fakes.clock import FakeClock

NOW = FakeClock().now()


@pytest.fixture
def token(database: Database) -> str:
    with database.transaction() as tx:
        create_user(tx, "ada", "", NOW)
        return open_session(tx, "ada", NOW)


def test_a_session_is_found_by_its_token_while_it_lasts(database: Database, token: str) -> None:
    with database.reading() as tx:
        found = find_session(tx, token, NOW + LIFE - timedelta(microseconds=1))
        assert found is not None
        assert (found.user_sid, found.is_operator) == ("ada", False)
        assert find_session(tx, token, NOW + LIFE) is None


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
        other = open_session(tx, None, NOW)
        close_session(tx, token)
        close_session(tx, token)

        assert find_session(tx, token, NOW) is None
        found = find_session(tx, other, NOW)
    assert found is not None
    assert found.is_operator


def test_sessions_that_are_over_are_swept_by_the_next(database: Database, token: str) -> None:
    with database.transaction() as tx:
        open_session(tx, "ada", NOW + LIFE)

        assert tx.execute(select(func.count()).select_from(sessions)).scalar_one() == 1
        assert find_session(tx, token, NOW) is None


def test_tokens_are_never_the_same(database: Database) -> None:
    with database.transaction() as tx:
        tokens = {open_session(tx, None, NOW) for _ in range(50)}

    assert len(tokens) == 50
