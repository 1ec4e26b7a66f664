"""Write a mail in the transaction of its cause; a job sends it afterwards."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from hero_onboarding.database import Transaction
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.mail import store
from hero_onboarding.mail.domain import Mail, code_for
from hero_onboarding.mail.errors import MailOffError
from hero_onboarding.mail.ports import Box
from hero_onboarding.mail.texts import Texts

SEND_MAIL: Final = "send_mail"


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where features put their mails.

    Attributes:
        can_send: Whether there is a way out; where there is none, features offer no mail.
        box: Seals the parameters until the mail is sent.
        texts: What mails can say.
    """

    can_send: bool
    box: Box
    texts: Texts


def write_mail(tx: Transaction, outbox: Outbox, mail: Mail, now: datetime) -> bool:
    """Write a mail that is sent when the transaction has committed; return whether it is new.

    A second mail with the same key changes nothing.

    Raises:
        MailOffError: If this server sends no mail.
    """
    if not outbox.can_send:
        raise MailOffError
    gaps = outbox.texts[mail.text, code_for(mail.language)].gaps
    assert gaps == mail.parameters.keys(), (mail.text, sorted(gaps ^ mail.parameters.keys()))
    sealed = outbox.box.seal(msgspec.json.encode(_valid(mail)))
    number = store.insert_mail(tx, mail, uuid.uuid4().hex, sealed, now)
    if number is None:
        return False
    return enqueue_attempt(tx, number, 0, now)


def enqueue_attempt(tx: Transaction, number: int, attempts: int, due_at: datetime) -> bool:
    """Enqueue the next attempt to send a mail; each has a job of its own.

    The twelve attempts of one job end within the hour, and a mail is worth a day.
    """
    payload = {"mail": number, "attempts": attempts}
    return enqueue(tx, Job(SEND_MAIL, f"{number}.{attempts}", due_at, payload))


def _valid(mail: Mail) -> dict[str, str]:
    """Return the parameters without halves of surrogates, which no encoding takes."""
    return {
        name: value.encode("utf-8", "replace").decode() for name, value in mail.parameters.items()
    }
