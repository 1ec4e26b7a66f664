"""Claim an e-mail address, prove it by a code, take it off again."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.contacts import store
from hero_onboarding.contacts.errors import AlreadyVerifiedError
from hero_onboarding.contacts.limits import count_mail
from hero_onboarding.contacts.store import Code, UserEmail
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.codes import make_code, shown, typed
from hero_onboarding.mail import EmailAddress, Mail, MailOffError, MailText, Outbox, write_mail

LIFE: Final = timedelta(minutes=15)
TRIES_MAX: Final = 5
TWICE_WITHIN: Final = timedelta(seconds=30)
_MINUTE: Final = timedelta(minutes=1)
_PURPOSE: Final = "hero_onboarding e-mail code"


@dataclass(frozen=True, slots=True)
class EmailDesk:
    """What claims are made with: where mails go, the server's key, whether limits hold."""

    outbox: Outbox
    key: bytes = field(repr=False)
    has_limits: bool = True


@dataclass(frozen=True, slots=True)
class EmailClaim:
    """That an address is a user's, in the language that the user reads."""

    user_sid: str
    address: str = field(repr=False)
    language: str


def claim_email(tx: Transaction, desk: EmailDesk, claim: EmailClaim, now: datetime) -> None:
    """Send a code to an address that a user says is theirs; it takes the place of an earlier one.

    The claimant can't tell whether the address is somebody else's: then its owner is told that
    somebody tried, and the claimant waits for a code that nobody gets. The same claim again
    within 30 seconds changes nothing.

    Raises:
        AlreadyVerifiedError: If it is this user's own already.
        MailOffError: If this server sends no mail.
        TooManyError: If the address or the user had as many mails as there may be.
        WrongEmailError: If it is no address that we send to.
    """
    if not desk.outbox.can_send:
        raise MailOffError
    address = EmailAddress.parse(claim.address)
    owner = store.find_verified(tx, address.normalised)
    if owner is not None and owner.user_sid == claim.user_sid:
        raise AlreadyVerifiedError
    email = UserEmail(claim.user_sid, address.shown, address.normalised, claim.language, now)
    code = make_code()
    checked = Code(_digest(desk.key, email, code), now + LIFE)
    if not store.put_claim(tx, email, checked, twice_within=TWICE_WITHIN):
        return
    if desk.has_limits:
        count_mail(tx, recipient=email.normalised, user_sid=email.user_sid, now=now)
    mail = _code_mail(email, code) if owner is None else _warning(owner)
    write_mail(tx, desk.outbox, mail, now)


def verify_email(
    tx: Transaction, desk: EmailDesk, *, user_sid: str, code: str, now: datetime
) -> UserEmail | None:
    """Prove a user's claim by its code; return the address, now verified, or None.

    None says that there is no open claim, that its 15 minutes or five tries are over, that the
    code is wrong, or that the address was proved by somebody else meanwhile: all the same to
    whoever guesses. A wrong try counts, so the transaction must commit.
    """
    found = store.take_try(tx, user_sid, now, tries_max=TRIES_MAX)
    if found is None:
        return None
    claim, digest = found
    is_right = hmac.compare_digest(_digest(desk.key, claim, typed(code)), digest)
    if not is_right or not store.insert_verified(tx, claim, now):
        return None
    return store.find_verified(tx, claim.normalised)


def remove_email(tx: Transaction, *, user_sid: str, address: str) -> bool:
    """Take an address or a claim off a user; return whether there was one. Repeating is safe.

    Raises:
        WrongEmailError: If it is no address.
    """
    return store.delete_address(tx, user_sid, EmailAddress.parse(address).normalised)


def list_emails(tx: Transaction, user_sid: str) -> Sequence[UserEmail]:
    """List a user's addresses, the oldest first; at most one is a claim."""
    return store.list_of_user(tx, user_sid)


def find_email_owner(tx: Transaction, address: str) -> UserEmail | None:
    """Return the verified address that a text names, with its user, None if it is nobody's.

    Raises:
        WrongEmailError: If it is no address.
    """
    return store.find_verified(tx, EmailAddress.parse(address).normalised)


def _digest(key: bytes, email: UserEmail, code: str) -> bytes:
    """Return what checks a code: useless without the key, for another user or address."""
    content = f"{_PURPOSE}\0{email.user_sid}\0{email.normalised}\0{code}"
    return hmac.digest(key, content.encode("utf-8", "replace"), "sha256")


def _code_mail(email: UserEmail, code: str) -> Mail:
    return Mail(
        key=_new_key(),
        recipient=email.normalised,
        language=email.language,
        text=MailText.VERIFY_ADDRESS,
        parameters={"code": shown(code), "minutes": f"{LIFE // _MINUTE}"},
        life=LIFE,
    )


def _warning(owner: UserEmail) -> Mail:
    return Mail(_new_key(), owner.normalised, owner.language, MailText.ADDRESS_CLAIMED, {})


def _new_key() -> str:
    """Each claim that was put is one mail more; doubles were found before."""
    return f"email_claim:{uuid.uuid4().hex}"
