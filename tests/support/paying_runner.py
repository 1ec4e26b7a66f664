"""Live the life of a top-up again and again, killed at another point each time.

A program of its own with no threads, so that it can fork: each kill point is a fork of this warm
process, with a user of its own; the provider is Stripe's stand-in, in another process, over HTTP.
Reads a plan as JSON from standard input and prints what it found as one JSON object.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec

from hero_onboarding.aggregation import check_books
from hero_onboarding.database import Database, open_database
from hero_onboarding.jobs import end_all_leases
from hero_onboarding.kernel.clock import SystemClock
from hero_onboarding.payments import (
    Cashier,
    RefundRequest,
    TopUpRequest,
    get_top_up,
    list_refunds,
    payment_handlers,
)
from hero_onboarding.payments.providers.stripe import StripeProvider, StripeSettings
from hero_onboarding.payments.store import list_events
from hero_onboarding.scheduling import JobRunner
from hero_onboarding.wallet import get_wallet, open_user
from tests.support import compiled
from tests.support.kill_runner import KillAt, in_child

VISA = "4242424242424242"
AMOUNT, BACK = 2_500, 1_000


class Plan(msgspec.Struct, frozen=True):
    """Which database, and where Stripe's stand-in is."""

    url: str
    stripe: str
    secret_key: str


@dataclass(frozen=True)
class LateClock:
    """Some time later than it is, so that what waits is due."""

    ahead: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


@dataclass(frozen=True)
class Life:
    """One user's top-up: asked for, paid, credited, partly given back."""

    plan: Plan
    sid: str
    database: Database

    def cashier(self, minutes: int) -> Cashier:
        plan = self.plan
        settings = StripeSettings(plan.secret_key, False, ("whsec_any",), plan.stripe)
        clock = LateClock(timedelta(minutes=minutes))
        return Cashier(self.database, clock, {"stripe": StripeProvider(settings)}, "http://site")

    def live(self) -> None:
        """Live it from wherever it stands; repeating is safe."""
        request = TopUpRequest(self.sid, "stripe", "checkout", AMOUNT, "USD", "k")
        top_up, _ = self.cashier(0).open_top_up(request)
        httpx.post(
            f"{self.plan.stripe}/sandbox/stripe/sessions",
            json={"session": top_up.reference, "number": VISA},
            trust_env=False,
            verify=False,  # no TLS here, and reading the authorities takes longest of all
        )
        self.work(2)
        self.cashier(2).refund(RefundRequest(top_up.id, BACK, "r"))
        self.work(4)

    def work(self, minutes: int) -> None:
        cashier = self.cashier(minutes)
        JobRunner(self.database, cashier.clock, payment_handlers(cashier)).run_due()

    def outcome(self) -> dict[str, Any]:
        """What must be the same wherever it was killed."""
        request = TopUpRequest(self.sid, "stripe", "checkout", AMOUNT, "USD", "k")
        top_up, _ = self.cashier(4).open_top_up(request)
        with self.database.reading() as tx:
            return {
                "state": str(get_top_up(tx, top_up.id).state),
                "net": get_wallet(tx, self.sid).net,
                "refunds": [str(one.state) for one in list_refunds(tx, top_up.id)],
                "facts": sorted(one.kind for one in list_events(tx, top_up.id)),
                "wrong": [check.name for check in check_books(tx) if not check.ok],
            }


def living(plan: Plan, sid: str, trace: Callable[[str], None]) -> dict[str, Any]:
    """Live a life in a process of its own."""
    life = Life(plan, sid, open_database(plan.url, trace=trace))
    life.live()
    return life.outcome()


def finishing(plan: Plan, sid: str) -> dict[str, Any]:
    """Start anew where a killed process left off, as a server does."""
    database = open_database(plan.url)
    with database.transaction() as tx:
        end_all_leases(tx)
    return living(plan, sid, lambda _: None)


def kill_at(plan: Plan, point: int, clean: dict[str, Any]) -> str:
    """Kill at one point and finish; return what differs, if anything."""
    sid = f"u{point}"
    open_one(plan, sid)
    status, _ = in_child(lambda: living(plan, sid, KillAt(point)))
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        return f"point {point} was never reached: {status}"
    status, found = in_child(lambda: finishing(plan, sid))
    return "" if not status and found == clean else f"point {point}: {found} instead of {clean}"


def open_one(plan: Plan, sid: str) -> None:
    def work() -> None:
        with open_database(plan.url).transaction() as tx:
            open_user(tx, sid=sid, name="", now=SystemClock().now())

    in_child(work)


def counted(plan: Plan) -> tuple[int, dict[str, Any]]:
    """Live once to the end: how many points there are, and what comes out."""
    counter = KillAt(None)
    database = open_database(plan.url, trace=counter)
    life = Life(plan, "whole", database)
    life.live()
    points, found = counter.points, life.outcome()
    database.close()
    return points, found


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    compiled.share()
    open_one(plan, "whole")
    points, clean = counted(plan)
    found = [kill_at(plan, point, clean) for point in range(1, points + 1)]
    wrong = [problem for problem in found if problem]
    print(json.dumps({"points": points, "killed": len(found), "clean": clean, "wrong": wrong}))


if __name__ == "__main__":
    main()
