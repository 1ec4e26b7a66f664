"""Keys live in the database by digest: made, known again, listed, revoked, over."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from hero_onboarding.api_keys import (
    USE_NOTED_EVERY,
    ApiKey,
    KeyNotFoundError,
    KeyUserNotFoundError,
    Scope,
    WrongKeyRequestError,
    authenticate_key,
    create_key,
    list_keys,
    note_use,
    revoke_key,
)
from hero_onboarding.api_keys.domain import read_key_text
from hero_onboarding.api_keys.tables import api_keys
from hero_onboarding.database import Database
from hero_onboarding.identity import create_user
from hero_onboarding.kernel.paging import WrongCursorError
from tests.api_keys.asked import NOW, asked, made, others_of

TICK = timedelta(microseconds=1)


def found(database: Database, text: str, now: object = NOW) -> ApiKey | None:
    with database.reading() as tx:
        return authenticate_key(tx, text, now)  # type: ignore[arg-type]  # an instant


def listed(database: Database) -> list[ApiKey]:
    with database.reading() as tx:
        return list(list_keys(tx, None).items)


def test_a_key_is_known_by_its_text(database: Database) -> None:
    key, text = made(database, Scope.USAGE_RECORD, Scope.USAGE_PUSH, node_id="node-a")

    assert found(database, text) == key
    assert (key.node_id, key.user_sid) == ("node-a", None)
    assert key.scopes == (Scope.USAGE_RECORD, Scope.USAGE_PUSH)
    assert (key.created_at, key.created_by, key.label) == (NOW, "server", "a script")
    assert (key.expires_at, key.last_used_at, key.revoked_at) == (None, None, None)


def test_no_other_text_is_a_key(database: Database) -> None:
    _, text = made(database)
    made(database)

    for other in others_of(text):
        assert found(database, other) is None, other[:80]


def test_the_secret_of_one_key_does_not_fit_another(database: Database) -> None:
    texts = [made(database)[1] for _ in range(2)]
    first, second = (read_key_text(text) for text in texts)
    assert first is not None
    assert second is not None

    assert found(database, f"hok_{first.id}_{second.secret}") is None


def test_the_database_does_not_know_the_secret(database: Database) -> None:
    _, text = made(database)
    shown = read_key_text(text)
    assert shown is not None

    with database.reading() as tx:
        (row,) = tx.execute(select(api_keys)).all()

    assert bytes(row.secret_digest) == shown.digest
    for value in row:
        assert shown.secret not in str(value)
        assert shown.secret.encode() not in bytes(str(value), "utf-8")
    assert shown.secret not in repr(listed(database))


def test_a_key_that_is_revoked_opens_nothing_from_then_on(database: Database) -> None:
    key, text = made(database)
    _, other = made(database)

    with database.transaction() as tx:
        revoked = revoke_key(tx, key.id, NOW)
        again = revoke_key(tx, key.id, NOW + timedelta(days=1))

    assert revoked.revoked_at == NOW
    assert again == revoked, "the first time stays"
    assert found(database, text) is None
    assert found(database, text, NOW - timedelta(days=1)) is None
    assert found(database, other) is not None


@pytest.mark.parametrize("key_id", ["", "x", "0" * 16, "0" * 15, "\0", "\udcff", "A" * 16])
def test_a_key_that_is_not_there_can_not_be_revoked(database: Database, key_id: str) -> None:
    key, text = made(database)
    assert key.id != "0" * 16

    with pytest.raises(KeyNotFoundError), database.transaction() as tx:
        revoke_key(tx, key_id, NOW)

    assert found(database, text) == key


def test_a_key_is_over_when_its_days_are(database: Database) -> None:
    key, text = made(database, expires_days=2)
    end = NOW + timedelta(days=2)

    assert key.expires_at == end
    assert found(database, text, end - TICK) == key
    assert found(database, text, end) is None


def test_a_key_is_made_only_for_a_user_who_is_there(database: Database) -> None:
    with pytest.raises(KeyUserNotFoundError, match="there is no user 'ada' to make a key for"):
        made(database, Scope.ACCOUNT_READ, user_sid="ada")
    with pytest.raises(KeyUserNotFoundError):
        made(database, Scope.ACCOUNT_READ, user_sid="a\0")
    assert listed(database) == []

    with database.transaction() as tx:
        create_user(tx, "ada", "", NOW)
    key, text = made(database, Scope.ACCOUNT_READ, user_sid="ada")

    assert key.user_sid == "ada"
    assert found(database, text) == key


def test_what_can_not_be_asked_for_is_not_made(database: Database) -> None:
    with pytest.raises(WrongKeyRequestError), database.transaction() as tx:
        create_key(tx, asked(Scope.USAGE_RECORD), "server", NOW)

    assert listed(database) == []


def test_the_table_takes_no_key_of_two_subjects(database: Database) -> None:
    with database.transaction() as tx:
        create_user(tx, "ada", "", NOW)
    row = {
        "id": "0" * 16,
        "secret_digest": bytes(32),
        "label": "a script",
        "scopes": "read",
        "node_id": "node-a",
        "user_sid": "ada",
        "created_at": NOW,
        "created_by": "server",
    }

    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(insert(api_keys).values(row))

    assert listed(database) == []


def test_a_scope_that_a_newer_server_knows_opens_nothing_here(database: Database) -> None:
    _, text = made(database, Scope.READ)
    with database.transaction() as tx:
        tx.execute(api_keys.update().values(scopes="read everything:write"))

    key = found(database, text)

    assert key is not None
    assert key.scopes == (Scope.READ,)


def test_keys_are_listed_newest_first_in_pages(database: Database) -> None:
    ids = [made(database)[0].id for _ in range(5)][::-1]

    with database.reading() as tx:
        first = list_keys(tx, None, size=3)
        second = list_keys(tx, first.next_cursor, size=3)
        with pytest.raises(WrongCursorError):
            list_keys(tx, "x")

    assert [key.id for key in [*first.items, *second.items]] == ids
    assert second.next_cursor is None


def test_a_use_is_noted_once_a_minute(database: Database) -> None:
    key, text = made(database)
    assert key.is_use_to_note(NOW)
    soon, later = NOW + USE_NOTED_EVERY - TICK, NOW + USE_NOTED_EVERY

    def noted() -> ApiKey:
        now_known = found(database, text)
        assert now_known is not None
        return now_known

    with database.transaction() as tx:
        note_use(tx, key, NOW)
        note_use(tx, key, soon)
    assert noted().last_used_at == NOW
    assert not noted().is_use_to_note(soon)
    assert noted().is_use_to_note(later)

    with database.transaction() as tx:
        note_use(tx, key, later)
    assert noted().last_used_at == later


def test_noting_a_use_does_not_bring_a_key_back(database: Database) -> None:
    key, text = made(database)

    with database.transaction() as tx:
        revoke_key(tx, key.id, NOW)
        note_use(tx, key, NOW)

    assert found(database, text) is None


def test_knowing_a_key_is_one_read(database: Database) -> None:
    _, text = made(database)
    traced: list[str] = []
    watched = Database(database.writer, database.reader, database.aside, traced.append)

    assert found(watched, text) is not None
    assert found(watched, "hok_nonsense") is None

    assert traced.count("before statement") == 1
