"""Send the mails that wait, outside of any transaction, until they are taken or given up."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from hero_onboarding.database import Database, Transaction
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.mail import store
from hero_onboarding.mail.domain import GivenUp, Letter, wait_after
from hero_onboarding.mail.errors import MailDelayedError, MailRefusedError
from hero_onboarding.mail.outbox import Outbox, enqueue_attempt
from hero_onboarding.mail.ports import Sender
from hero_onboarding.mail.store import WaitingMail

KEPT: Final = timedelta(days=30)
_OVERDUE: Final = timedelta(hours=1)
_log = logging.getLogger(__name__)

Failure = MailDelayedError | MailRefusedError

Report = Callable[[Transaction, GivenUp, datetime], None]
"""Told of a mail that is given up, in the transaction that gives it up."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends what the outbox holds.

    Attributes:
        sender: The way out, None where there is none; what waits then is given up in time.
        site: The site's address, as mails name it.
        report: Told of what is given up.
    """

    database: Database
    clock: Clock
    outbox: Outbox
    sender: Sender | None
    site: str
    report: Report
    chance: random.Random = field(default_factory=random.Random)

    def deliver(self, number: int, attempts: int) -> None:
        """Try to send a mail that was tried ``attempts`` times before.

        A process that dies after the mail was taken and before that is written down sends it again.
        """
        with self.database.reading() as tx:
            mail = store.find_waiting(tx, number, attempts)
        if mail is None:
            return
        failure = self._try(mail)
        with self.database.transaction() as tx:
            self._write_down(tx, mail, failure)

    def sweep(self) -> int:
        """Give up what is long overdue, forget what is older than 30 days; return how many.

        A mail is overdue for so long only when its jobs were lost: each ended its worker.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            overdue = store.list_expired(tx, now - _OVERDUE)
            for mail in overdue:
                self._give_up(tx, mail, "it was never tried to its end", now)
            return len(overdue) + store.forget(tx, now - KEPT)

    def _try(self, mail: WaitingMail) -> Failure | None:
        """Send a mail; return why it could not be sent."""
        try:
            self._send(mail)
        except (MailDelayedError, MailRefusedError) as error:
            return error
        return None

    def _send(self, mail: WaitingMail) -> None:
        if self.clock.now() >= mail.expires_at:
            raise MailRefusedError("its time was over before it could be sent")
        if self.sender is None:
            raise MailDelayedError("this server has no way out for mail")
        self.sender.send(self._letter_of(mail))

    def _letter_of(self, mail: WaitingMail) -> Letter:
        words = self.outbox.texts.get((mail.text, mail.language))
        if words is None:
            raise MailDelayedError("it has a text that this version does not know")
        opened = self.outbox.box.open(mail.parameters)
        if opened is None:
            raise MailRefusedError("its parameters were sealed with a key that is gone")
        body = words.fill(msgspec.json.decode(opened, type=dict[str, str]), self.site)
        return Letter(mail.id, mail.recipient, mail.language, words.subject, body, mail.created_at)

    def _write_down(self, tx: Transaction, mail: WaitingMail, failure: Failure | None) -> None:
        now = self.clock.now()
        if failure is None:
            store.close_sent(tx, mail, now)
            return
        _log.warning("mail %s failed at attempt %d: %s", mail.id, mail.attempts + 1, failure)
        next_at = now + wait_after(mail.attempts + 1, self.chance)
        if isinstance(failure, MailRefusedError) or next_at >= mail.expires_at:
            self._give_up(tx, mail, str(failure), now)
        elif store.count_attempt(tx, mail):
            enqueue_attempt(tx, mail.number, mail.attempts + 1, next_at)

    def _give_up(self, tx: Transaction, mail: WaitingMail, failure: str, now: datetime) -> None:
        if store.close_given_up(tx, mail):
            self.report(tx, GivenUp(mail.id, mail.text, failure), now)
