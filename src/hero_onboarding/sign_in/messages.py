"""A code by mycelium message: for whoever has a daemon and can't run the helper.

It proves less than a key does: that somebody reads that node's messages. Its sign-ins are limited
as those of every attempt are. What is sent is decided before anything is known of the address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update

from hero_onboarding.database import Database, Transaction
from hero_onboarding.identity import Address, PublicKey
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.codes import make_code, shown, typed
from hero_onboarding.sign_in.attempts import Approval, approve, find_attempt, is_waiting
from hero_onboarding.sign_in.codes import is_name
from hero_onboarding.sign_in.domain import LOGIN
from hero_onboarding.sign_in.errors import NodeNotFoundError
from hero_onboarding.sign_in.ports import Messenger
from hero_onboarding.sign_in.sealing import SecretBox
from hero_onboarding.sign_in.tables import message_codes

SEND_MESSAGE: Final = "send_sign_in_message"
LIFE: Final = timedelta(minutes=5)
TRIES_MAX: Final = 5
_c = message_codes.c


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent, and where."""

    address: Address
    code: str
    browser_code: str
    place: str
    browser: str
    expires_at: datetime

    def text(self, origin: str) -> str:
        """Write it: under a kilobyte, with all that tells a true one from a false one."""
        asked = f"{self.browser or 'a browser'} at {self.place or 'an unknown network'}"
        return (
            f"{origin}\n"
            f"Sign-in code: {shown(self.code)} (until {self.expires_at:%H:%M} UTC)\n"
            f"Asked for by {asked}, which shows {shown(self.browser_code)}.\n"
            "Type the code there only if your browser shows the same, and nowhere else.\n"
            "You did not ask for it? Then do nothing.\n"
        )


def ask_for_code(
    tx: Transaction, attempt_id: str, cookie: str, address: Address, box: SecretBox, now: datetime
) -> bool:
    """Have a code sent to an address, for the browser that waits; an earlier one is void.

    Returns whether there is such a browser; whoever asks must not be told.
    """
    attempt = find_attempt(tx, attempt_id, cookie, box)
    if attempt is None or attempt.purpose != LOGIN or not is_waiting(attempt, now):
        return False
    code = make_code()
    mac = box.mac(_named(attempt_id, code))
    tx.execute(delete(message_codes).where(_c.expires_at <= now))
    tx.execute(delete(message_codes).where(_c.attempt_id == attempt_id))
    tx.execute(
        message_codes.insert().values(
            attempt_id=attempt_id,
            address=address.packed,
            mac=mac,
            sealed_letter=box.seal(f"{code} {attempt.code}".encode()),
            place=attempt.place,
            browser=attempt.browser,
            tries_left=TRIES_MAX,
            expires_at=now + LIFE,
        )
    )
    which = {"attempt": attempt_id, "letter": mac.hex()}
    enqueue(tx, Job(SEND_MESSAGE, mac.hex(), now, which))
    return True


@dataclass(frozen=True, slots=True)
class Postman:
    """Sends the letters of codes; the work of a job."""

    database: Database
    clock: Clock
    messenger: Messenger
    box: SecretBox
    origin: str

    def deliver(self, attempt_id: str, letter_name: str) -> None:
        """Send one letter unless it is void, over, or sent; sending twice is harmless.

        Args:
            attempt_id: Whose letter it is.
            letter_name: The MAC of its code in hexadecimal: an attempt may have a newer letter,
                which has a job of its own.

        Raises:
            NodeNotFoundError: If the network has not found the address yet: try again in seconds.
        """
        which = (_c.attempt_id == attempt_id) & (_c.mac == bytes.fromhex(letter_name))
        with self.database.reading() as tx:
            letter = _letter(tx, which, self.box, self.clock.now())
        if letter is None:
            return
        key = self._find(letter.address)
        if key.address != letter.address:
            self._report(letter.address, key)
            return
        with self.database.transaction() as tx:
            found = update(message_codes).where(which).values(public_key=key.packed)
            is_wanted = tx.execute(found.returning(_c.attempt_id)).first() is not None
        if not is_wanted:
            return  # a newer one voids it meanwhile
        self.messenger.send(key, letter.text(self.origin))
        with self.database.transaction() as tx:
            tx.execute(update(message_codes).where(which).values(sealed_letter=b""))

    def _report(self, address: Address, key: PublicKey) -> None:
        """Report that the network names a key of another address, such as one in the same /64."""
        evidence = {"address": str(address), "key": str(key), "key_address": str(key.address)}
        with self.database.transaction() as tx:
            incident = Incident(IncidentKind.MESSAGE_REFUSED, "", "", evidence)
            open_incident(tx, incident, self.clock.now())

    def _find(self, address: Address) -> PublicKey:
        """Return the key of an address; the network looks for one only when it is called."""
        key = self.messenger.find_key(address)
        if key is None:
            self.messenger.call(address)
            key = self.messenger.find_key(address)
        if key is None:
            raise NodeNotFoundError
        return key


def answer_code(
    tx: Transaction, attempt_id: str, cookie: str, text: str, box: SecretBox, now: datetime
) -> bool:
    """Take a typed code; whether it was right. It must be committed whatever comes out."""
    if find_attempt(tx, attempt_id, cookie, box) is None:
        return False
    row = tx.execute(
        update(message_codes)
        .where(_c.attempt_id == attempt_id, _c.tries_left > 0, _c.expires_at > now)
        .values(tries_left=_c.tries_left - 1)
        .returning(_c.mac, _c.public_key)
    ).first()
    if row is None or row.public_key is None:
        return False
    if not box.is_mac(bytes(row.mac), _named(attempt_id, typed(text))):
        return False
    tx.execute(delete(message_codes).where(_c.attempt_id == attempt_id))
    approval = Approval(PublicKey(bytes(row.public_key)), "message")
    return approve(tx, attempt_id, approval, now) is not None


def find_addressee(tx: Transaction, attempt_id: str) -> Address | None:
    """Return where an attempt's code was sent to."""
    if not is_name(attempt_id):
        return None
    packed = tx.execute(select(_c.address).where(_c.attempt_id == attempt_id)).scalar()
    return None if packed is None else Address(bytes(packed))


def _letter(
    tx: Transaction, which: ColumnElement[bool], box: SecretBox, now: datetime
) -> Letter | None:
    query = select(message_codes).where(which, _c.expires_at > now)
    row = tx.execute(query).first()
    opened = None if row is None else box.open(bytes(row.sealed_letter))
    if row is None or opened is None:
        return None
    code, _, browser_code = opened.decode().partition(" ")
    address = Address(bytes(row.address))
    return Letter(address, code, browser_code, row.place, row.browser, row.expires_at)


def _named(attempt_id: str, code: str) -> bytes:
    return f"message code {attempt_id} {code}".encode()
