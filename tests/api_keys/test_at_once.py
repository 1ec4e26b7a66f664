"""Keys that are used, noted and revoked by many at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hero_onboarding.api_keys import Scope, authenticate_key, list_keys, note_use, revoke_key
from hero_onboarding.database import Database
from tests.api_keys.asked import NOW, made

WORKERS = 6


def at_once(work: Callable[[int], object]) -> list[object]:
    """Run work in several threads that begin together."""
    ready = threading.Barrier(WORKERS, timeout=30)

    def begin(number: int) -> object:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(begin, range(WORKERS)))


def test_no_use_that_begins_after_a_revocation_succeeds(database: Database) -> None:
    key, text = made(database, Scope.READ)
    is_revoked = threading.Event()

    def use_or_revoke(number: int) -> object:
        if number == 0:
            with database.transaction() as tx:
                revoke_key(tx, key.id, NOW)
            is_revoked.set()
            return None
        outcomes = []
        for _ in range(30):
            was_revoked = is_revoked.is_set()
            with database.reading() as tx:
                outcomes.append((was_revoked, authenticate_key(tx, text, NOW) is not None))
        return outcomes

    uses = [use for some in at_once(use_or_revoke) if isinstance(some, list) for use in some]

    assert (True, True) not in uses
    with database.reading() as tx:
        assert authenticate_key(tx, text, NOW) is None


def test_uses_and_revocations_at_once_leave_one_of_each(database: Database) -> None:
    key, text = made(database, Scope.READ)
    moments = [NOW + timedelta(seconds=number) for number in range(WORKERS)]

    def use_and_revoke(number: int) -> object:
        with database.transaction() as tx:
            note_use(tx, key, moments[number])
        with database.transaction() as tx:
            return revoke_key(tx, key.id, moments[number]).revoked_at

    answers = at_once(use_and_revoke)

    with database.reading() as tx:
        (left,) = list_keys(tx, None).items
        assert authenticate_key(tx, text, NOW) is None
    assert set(answers) == {left.revoked_at}, "all are told of the first"
    assert left.revoked_at in moments
    assert left.last_used_at in moments


def test_keys_made_at_once_are_all_different(database: Database) -> None:
    keys = at_once(lambda _: [made(database)[1] for _ in range(5)])

    texts = {text for some in keys if isinstance(some, list) for text in some}
    assert len(texts) == WORKERS * 5
    with database.reading() as tx:
        assert all(authenticate_key(tx, text, NOW) for text in texts)
