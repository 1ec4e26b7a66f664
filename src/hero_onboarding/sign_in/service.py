"""Sign people in by proof of a mycelium key."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.identity import Address, Origin, PublicKey, open_session, revoke_others
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.sign_in import store
from hero_onboarding.sign_in.addresses import link_address, list_addresses, retire_address, user_of
from hero_onboarding.sign_in.attempts import (
    Approval,
    Attempt,
    Finished,
    State,
    approve,
    take_challenge_of,
)
from hero_onboarding.sign_in.codes import binding_of, is_name, tokens_of
from hero_onboarding.sign_in.domain import (
    LIFE_SECONDS,
    LINK,
    LINK_SECONDS,
    LOGIN,
    ROTATE,
    Transcript,
    is_proof,
    public_bytes,
)
from hero_onboarding.sign_in.errors import (
    AddressTakenError,
    CrowdedError,
    NotProvedError,
    WrongClaimError,
    WrongPurposeError,
)
from hero_onboarding.sign_in.sealing import SecretBox
from hero_onboarding.sign_in.store import Link

WAITING_MAX: Final = 20_000
_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 16
_TOKEN_BYTES: Final = 32
_METHODS: Final = {"key": "code", "message": "message"}


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody's wish to prove an address.

    Attributes:
        address: The address that is claimed.
        public_key: Its key.
        origin: This site's origin.
        cookie: The pre-login cookie that the asking side will come back with.
        purpose: What it says it is for, None for what follows from the attempt.
        attempt_id: The attempt that it approves, if any.
    """

    address: Address
    public_key: PublicKey
    origin: str
    cookie: str
    purpose: str | None = None
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is to be proved, and for whom if it is for a browser elsewhere."""

    transcript: Transcript
    attempt: Attempt | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a challenge.

    Attributes:
        challenge_id: Which.
        proof: 32 bytes.
        cookie: The pre-login cookie that came along, empty if none.
        wants_link: Whether to give a link instead of signing the caller in.
        origin: Where the answer came from.
    """

    challenge_id: str
    proof: bytes
    cookie: str
    wants_link: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is signed in, by a token that only their browser will know.

    ``is_limited`` says that a code was enough, so that the user is to be told.
    """

    user_sid: str
    token: str
    is_limited: bool = False


@dataclass(frozen=True, slots=True)
class Approved:
    """A proof was taken.

    Attributes:
        link_token: For a link, if one was asked for.
        is_half: Whether another key has to approve too.
    """

    link_token: str | None = None
    is_half: bool = False


def open_challenge(tx: Transaction, ask: Ask, box: SecretBox, now: datetime) -> Challenge:
    """Open a challenge, the same way whether or not anyone has this address.

    Raises:
        CrowdedError: If too many wait already.
        NotProvedError: If the attempt is unknown, over, approved, or out of challenges.
        WrongClaimError: If the key has another address.
        WrongPurposeError: If the purpose is not the attempt's, or needs one.
    """
    if ask.public_key.address != ask.address:
        raise WrongClaimError
    seconds = unix_seconds(now)
    store.forget_old(tx, seconds, now)
    if store.count_challenges(tx) >= WAITING_MAX:
        raise CrowdedError
    attempt = _attempt_of(tx, ask, box, now)
    purpose = LOGIN if attempt is None else attempt.purpose
    if ask.purpose not in {None, purpose}:
        raise WrongPurposeError
    secret = secrets.token_bytes(_SECRET_BYTES)
    transcript = Transcript(
        purpose=purpose,
        origin=ask.origin,
        challenge_id=secrets.token_urlsafe(_ID_BYTES),
        public_key=ask.public_key,
        server_public_key=public_bytes(secret),
        nonce=secrets.token_bytes(_SECRET_BYTES),
        issued_at=seconds,
        expires_at=seconds + LIFE_SECONDS,
        binding=binding_of(ask.cookie if attempt is None else attempt.code),
    )
    store.insert_challenge(tx, transcript, box.seal(secret), ask.attempt_id)
    return Challenge(transcript, attempt)


def _attempt_of(tx: Transaction, ask: Ask, box: SecretBox, now: datetime) -> Attempt | None:
    if ask.attempt_id is None:
        return None
    attempt = take_challenge_of(tx, ask.attempt_id, box, now)
    if attempt is None:
        raise NotProvedError
    return attempt


def answer_challenge(
    tx: Transaction, answer: Answer, box: SecretBox, now: datetime
) -> SignedIn | Approved | None:
    """Take an answer to a challenge; None is the same for everything that is wrong with it.

    The challenge is gone before anything is compared, so that each has one answer; the
    transaction must be committed whatever comes out.
    """
    is_named = is_name(answer.challenge_id)
    taken = store.take_challenge(tx, answer.challenge_id) if is_named else None
    if taken is None or not _is_proved(taken, answer, box, now):
        return None
    key = taken.transcript.public_key
    if taken.attempt_id is not None:
        state = approve(tx, taken.attempt_id, Approval(key, "key"), now)
        return None if state is None else Approved(is_half=state is State.WAITING)
    user_sid = user_of(tx, key, now)
    if user_sid is None:
        return None
    if answer.wants_link:
        return Approved(_open_link(tx, Link(user_sid, key.address), now))
    return SignedIn(user_sid, open_session(tx, user_sid, now, answer.origin))


def _is_proved(taken: store.Taken, answer: Answer, box: SecretBox, now: datetime) -> bool:
    """Whether the proof is right, in time, and from where it was asked for."""
    secret = box.open(taken.sealed_secret)
    if secret is None:
        return False
    transcript = taken.transcript
    is_right = is_proof(transcript, answer.proof, secret=secret)
    bindings = [binding_of(token) for token in tokens_of(answer.cookie)]
    bound = [secrets.compare_digest(transcript.binding, one) for one in bindings]
    is_here = any(bound) or taken.attempt_id is not None
    return is_right and is_here and unix_seconds(now) < transcript.expires_at


def _open_link(tx: Transaction, link: Link, now: datetime) -> str:
    """Return the token of a link that signs a user in once, for a minute."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    store.insert_link(tx, token, link, now + timedelta(seconds=LINK_SECONDS))
    return token


def follow_link(tx: Transaction, token: str, origin: Origin, now: datetime) -> SignedIn | None:
    """Sign in whoever follows a link, once."""
    link = store.take_link(tx, token, now)
    if link is None:
        return None
    return SignedIn(link.user_sid, open_session(tx, link.user_sid, now, origin))


def complete(
    tx: Transaction, finished: Finished, place: str, browser: str, now: datetime
) -> SignedIn | None:
    """Do what a finished attempt was for, and open a new session for its browser.

    Whoever only signed in so is limited at first: a person can be sent a genuine command. None
    when the key's address is not theirs to sign in with; that must be committed.

    Raises:
        AddressTakenError: If an address that is to be linked belongs to somebody.
    """
    if finished.purpose == LOGIN:
        user_sid, method = _who_signs_in(tx, finished, now)
        if user_sid is None:
            return None
        origin = Origin(method, place, browser)
        token = open_session(tx, user_sid, now, origin, is_limited=True)
        return SignedIn(user_sid, token, is_limited=True)
    user_sid = finished.user_sid
    assert user_sid is not None, finished
    if finished.purpose == LINK:
        (approval,) = finished.approvals
        link_address(tx, approval.public_key, user_sid, now)
    else:
        assert finished.purpose == ROTATE, finished
        _rotate(tx, finished, user_sid, now)
    token = open_session(tx, user_sid, now, Origin("key", place, browser))
    if finished.purpose == ROTATE:
        revoke_others(tx, user_sid, token)
    return SignedIn(user_sid, token)


def _who_signs_in(tx: Transaction, finished: Finished, now: datetime) -> tuple[str | None, str]:
    """Return who approved a sign-in and how: by a key, or as a user by a code by e-mail."""
    if not finished.approvals:
        return finished.user_sid, "email"
    (approval,) = finished.approvals
    return user_of(tx, approval.public_key, now), _METHODS[approval.method]


def _rotate(tx: Transaction, finished: Finished, user_sid: str, now: datetime) -> None:
    """Put a new key in the place of an old one, which signs nobody in any more."""
    owned = {one.address for one in list_addresses(tx, user_sid)}
    old = [one.public_key for one in finished.approvals if one.public_key.address in owned]
    new = [one.public_key for one in finished.approvals if one.public_key.address not in owned]
    if len(old) != 1 or len(new) != 1:
        raise AddressTakenError
    link_address(tx, new[0], user_sid, now)
    retire_address(tx, old[0].address, now)
