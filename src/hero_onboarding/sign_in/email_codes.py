"""A code by e-mail: for whoever lost their key and proved an address before.

Its sign-ins are limited as those of every attempt are. What is written down when somebody asks is
the same for an address of ours and for any other; only the job that follows knows which it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from hero_onboarding.contacts import UserEmail, find_email_owner
from hero_onboarding.database import Database, Transaction
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.codes import make_code, shown, typed
from hero_onboarding.mail import EmailAddress, Mail, MailText, Outbox, write_mail
from hero_onboarding.sign_in.attempts import approve_user, find_attempt, is_waiting
from hero_onboarding.sign_in.domain import LOGIN
from hero_onboarding.sign_in.sealing import SecretBox
from hero_onboarding.sign_in.tables import email_codes

WRITE_EMAIL: Final = "write_sign_in_email"
LIFE: Final = timedelta(minutes=10)
TRIES_MAX: Final = 5
_MINUTE: Final = timedelta(minutes=1)
_c = email_codes.c


def ask_for_email(
    tx: Transaction,
    attempt_id: str,
    cookie: str,
    address: EmailAddress,
    box: SecretBox,
    now: datetime,
) -> bool:
    """Have a code mailed to an address, for the browser that waits; an earlier one is void.

    Returns whether there is such a browser; whoever asks must not be told.
    """
    attempt = find_attempt(tx, attempt_id, cookie, box)
    if attempt is None or attempt.purpose != LOGIN or not is_waiting(attempt, now):
        return False
    code = make_code()
    mac = box.mac(_named(attempt_id, code))
    letter = f"{code} {attempt.code} {address.normalised}"
    tx.execute(delete(email_codes).where(_c.expires_at <= now))
    tx.execute(delete(email_codes).where(_c.attempt_id == attempt_id))
    tx.execute(
        email_codes.insert().values(
            attempt_id=attempt_id,
            mac=mac,
            sealed_letter=box.seal(letter.encode()),
            place=attempt.place,
            browser=attempt.browser,
            tries_left=TRIES_MAX,
            expires_at=now + LIFE,
        )
    )
    which = {"attempt": attempt_id, "letter": mac.hex()}
    enqueue(tx, Job(WRITE_EMAIL, mac.hex(), now, which))
    return True


@dataclass(frozen=True, slots=True)
class EmailClerk:
    """Writes the mails of codes to those who proved their address; the work of a job."""

    database: Database
    clock: Clock
    outbox: Outbox
    box: SecretBox

    def write(self, attempt_id: str, letter_name: str) -> None:
        """Write a mail unless it is void, over, written, or for nobody of ours.

        Args:
            attempt_id: Whose mail it is.
            letter_name: The MAC of its code in hexadecimal: an attempt may have a newer mail,
                which has a job of its own.
        """
        now = self.clock.now()
        which = (_c.attempt_id == attempt_id) & (_c.mac == bytes.fromhex(letter_name))
        with self.database.transaction() as tx:
            query = select(email_codes).where(which, _c.expires_at > now)
            row = tx.execute(query.with_for_update()).first()
            opened = None if row is None else self.box.open(bytes(row.sealed_letter))
            if row is None or opened is None or not self.outbox.can_send:
                return
            code, browser_code, address = opened.decode().split(" ", 2)
            owner = find_email_owner(tx, address)
            user_sid = None if owner is None else owner.user_sid
            written = update(email_codes).where(which)
            tx.execute(written.values(sealed_letter=b"", user_sid=user_sid))
            if owner is not None:
                mail = _mail(row, owner, code, browser_code)
                write_mail(tx, self.outbox, mail, now)


def answer_email_code(
    tx: Transaction, attempt_id: str, cookie: str, text: str, box: SecretBox, now: datetime
) -> bool:
    """Take a typed code; whether it was right. It must be committed whatever comes out."""
    if find_attempt(tx, attempt_id, cookie, box) is None:
        return False
    row = tx.execute(
        update(email_codes)
        .where(_c.attempt_id == attempt_id, _c.tries_left > 0, _c.expires_at > now)
        .values(tries_left=_c.tries_left - 1)
        .returning(_c.mac, _c.user_sid)
    ).first()
    if row is None or not box.is_mac(bytes(row.mac), _named(attempt_id, typed(text))):
        return False
    if row.user_sid is None:
        return False
    tx.execute(delete(email_codes).where(_c.attempt_id == attempt_id))
    return approve_user(tx, attempt_id, row.user_sid, now)


def void_email_codes(tx: Transaction, user_sid: str) -> None:
    """Let codes that were mailed to a user sign nobody in any more."""
    tx.execute(delete(email_codes).where(_c.user_sid == user_sid))


def _mail(row: Row[Any], owner: UserEmail, code: str, browser_code: str) -> Mail:
    return Mail(
        key=f"sign_in_code:{bytes(row.mac).hex()}",
        recipient=owner.normalised,
        language=owner.language,
        text=MailText.SIGN_IN_CODE,
        parameters={
            "code": shown(code),
            "shown": shown(browser_code),
            "minutes": f"{LIFE // _MINUTE}",
            "browser": row.browser or "-",
            "place": row.place or "-",
        },
        life=LIFE,
    )


def _named(attempt_id: str, code: str) -> bytes:
    return f"email code {attempt_id} {code}".encode()
