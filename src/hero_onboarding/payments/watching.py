"""Look at balances after they fell: who is topped up by themselves, and who is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hero_onboarding.database import Database, Transaction
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.payments.alerts import tell_of_lows
from hero_onboarding.payments.automatic import top_up_the_low
from hero_onboarding.payments.ports import PaymentProvider

WATCH_BALANCES: Final = "watch_balances"
"""Jobs of this kind look at all balances that are low; each has a key of its own.

One key for all would lose what was charged while such a job ran.
"""


def watch_later(tx: Transaction, now: datetime) -> None:
    """Have balances looked at when the transaction that lowered some has committed."""
    enqueue(tx, Job(WATCH_BALANCES, now.isoformat(), now))


def watch_balances(
    database: Database, clock: Clock, providers: Mapping[str, PaymentProvider]
) -> None:
    """Top up who agreed to it, then tell who wants to be told; repeating is safe."""
    top_up_the_low(database, clock, providers)
    while True:
        with database.transaction() as tx:
            if not tell_of_lows(tx, clock.now()):
                return
