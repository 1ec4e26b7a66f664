"""An outbox with a mailer and whom they serve, as a test sees them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from hero_onboarding.database import Database
from hero_onboarding.identity import create_user
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.kernel.overriding import override
from hero_onboarding.mail import (
    DAY,
    SEND_MAIL,
    Mail,
    Mailer,
    MailText,
    Outbox,
    Sender,
    load_texts,
    write_mail,
)
from hero_onboarding.mail.tables import mails
from hero_onboarding.scheduling import JobRunner, report_mail
from tests.fakes.clock import FakeClock
from tests.fakes.post import FakeBox, FakeSender

SITE = "https://hero.example.org"
SIGN_IN = {"place": "Dar es Salaam", "browser": "Firefox on Android", "time": "1 March, 11:00"}


class LongestWait(random.Random):
    """Draws the longest back-off there is."""

    @override
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def a_mail(key: str = "k1", **changes: Any) -> Mail:  # noqa: ANN401 - of every field
    """A mail to Ada, changed where a test cares."""
    fields: dict[str, Any] = {
        "key": key,
        "recipient": "ada@example.org",
        "language": "en",
        "text": MailText.VERIFY_ADDRESS,
        "parameters": {"code": "ABCD-EFGH", "minutes": "15"},
        "life": DAY,
    }
    return Mail(**(fields | changes))


@dataclass(frozen=True)
class Office:
    """An outbox over a database, and everything that carries mail out of it."""

    database: Database
    clock: FakeClock
    sender: FakeSender = field(default_factory=FakeSender)
    box: FakeBox = field(default_factory=FakeBox)

    @property
    def outbox(self) -> Outbox:
        return Outbox(can_send=True, box=self.box, texts=load_texts())

    def mailer(self, sender: Sender | None = None) -> Mailer:
        return Mailer(
            self.database,
            self.clock,
            self.outbox,
            sender or self.sender,
            SITE,
            report_mail,
            LongestWait(),
        )

    def open_users(self, *sids: str) -> None:
        with self.database.transaction() as tx:
            for sid in sids:
                create_user(tx, sid, "", self.clock.now())

    def write(self, mail: Mail) -> bool:
        with self.database.transaction() as tx:
            return write_mail(tx, self.outbox, mail, self.clock.now())

    def run(self, mailer: Mailer | None = None) -> tuple[int, int]:
        """Run the jobs that are due, as the server does; return how many ran and failed."""
        at_work = mailer or self.mailer()

        def deliver(payload: Mapping[str, Any]) -> None:
            at_work.deliver(payload["mail"], payload["attempts"])

        return JobRunner(self.database, self.clock, {SEND_MAIL: deliver}).run_due()

    def rows(self) -> list[Mapping[str, Any]]:
        with self.database.reading() as tx:
            query = select(mails).order_by(mails.c.number)
            return [dict(row) for row in tx.execute(query).mappings()]

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def walk(self, hours: float) -> int:
        """Let time pass and jobs run as they fall due; return how often a mail was tried."""
        before = self.sender.tried
        ends_at = self.clock.now() + timedelta(hours=hours)
        while (due_at := self._next_due()) is not None and due_at <= ends_at:
            self.clock.moment = max(self.clock.moment, due_at)
            self.run()
        self.clock.moment = ends_at
        return self.sender.tried - before

    def _next_due(self) -> datetime | None:
        with self.database.reading() as tx:
            query = select(func.min(jobs.c.due_at)).where(jobs.c.state == "waiting")
            found: datetime | None = tx.execute(query).scalar()
        return found
