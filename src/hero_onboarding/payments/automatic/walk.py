"""Walk the users who have less than they want, and write a top-up down for each."""

from collections.abc import Mapping

from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.payments.automatic import store
from hero_onboarding.payments.automatic.service import top_up_if_low
from hero_onboarding.payments.ports import PaymentProvider


def top_up_the_low(
    database: Database, clock: Clock, providers: Mapping[str, PaymentProvider]
) -> int:
    """Write automatic top-ups down for all users who are due one; return how many.

    Each has a transaction of its own. Repeating is safe, and so is running it twice at once.
    """
    is_live = {name: provider.is_live for name, provider in providers.items()}
    written, after = 0, ""
    while True:
        with database.reading() as tx:
            sids = store.list_low(tx, after)
        if not sids:
            return written
        for sid in sids:
            with database.transaction() as tx:
                found = top_up_if_low(tx, sid, is_live=is_live, now=clock.now())
            written += found.top_up_id is not None
        after = sids[-1]
