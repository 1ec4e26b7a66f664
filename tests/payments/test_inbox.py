"""The inbox goes before the questions that its notices lead to."""

import asyncio
import time

from hero_onboarding.payments import Inbox
from hero_onboarding.payments.notices import Kept
from hero_onboarding.payments.ports import Notice
from tests.payments.till import Till

WORKED = 0.02


def rest_of(inbox: Inbox, worked: float) -> float:
    """Return how many seconds it rests after a question that took so many."""
    begun = time.monotonic()
    inbox.give_way(worked)
    return time.monotonic() - begun


def test_questions_give_way_while_notices_come_and_not_for_long(till: Till) -> None:
    inbox = Inbox(till.cashier)
    notice = Kept("fake", Notice("e1", "any", ("nothing",)), b"{}", till.cashier.clock.now())

    quiet = rest_of(inbox, WORKED)
    inbox.start()
    try:
        is_new = asyncio.run(inbox.store(notice))
        busy = rest_of(inbox, WORKED)
        asyncio.run(inbox.store(notice))
        long = rest_of(inbox, 60)
    finally:
        inbox.stop()

    assert is_new
    assert quiet < WORKED
    assert busy >= 3 * WORKED
    assert long < 5
