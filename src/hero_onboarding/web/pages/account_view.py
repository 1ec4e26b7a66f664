"""What the account page shows, ready to print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.identity import Session
from hero_onboarding.languages import Locale, Moment, marked
from hero_onboarding.passkeys import Passkey
from hero_onboarding.sign_in import KnownAddress

_METHODS: Final = {
    "key": marked("with a mycelium key"),
    "code": marked("with a code that a key approved"),
    "message": marked("with a code by message"),
    "passkey": marked("with a passkey"),
    "sandbox": marked("by choice, in the sandbox"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an account."""

    session: Session
    addresses: Sequence[KnownAddress]
    passkeys: Sequence[Passkey]
    sessions: Sequence[Session]
    now: datetime


@dataclass(frozen=True, slots=True)
class AddressLine:
    """An address that signs the user in."""

    address: str
    since: Moment


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    """A passkey; ``used`` is None before its first use."""

    id: str
    label: str
    since: Moment
    used: Moment | None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session; ``browser`` may be empty."""

    id: str
    is_this: bool
    is_limited: bool
    how: str
    browser: str
    place: str
    opened: Moment
    seen: Moment


@dataclass(frozen=True, slots=True)
class AccountView:
    """The account page.

    Attributes:
        sid: The user.
        limited_until: Until when this session may only look and pay, None for a full one.
        watched: Other sessions that a code opened lately: somebody else may have.
    """

    sid: str
    limited_until: Moment | None
    watched: int
    addresses: Sequence[AddressLine]
    passkeys: Sequence[PasskeyLine]
    sessions: Sequence[SessionLine]


def make_view(locale: Locale, facts: Facts, name_of: Callable[[bytes], str]) -> AccountView:
    """Make the page; ``name_of`` writes a passkey's id for a form."""
    session, now = facts.session, facts.now
    lines = [_session_line(locale, one, session, now) for one in facts.sessions]
    until = None if session.is_full(now) else session.limited_until
    assert session.user_sid is not None, "a user's session has a user"
    return AccountView(
        sid=session.user_sid,
        limited_until=None if until is None else locale.moment(until),
        watched=sum(line.is_limited and not line.is_this for line in lines),
        addresses=[
            AddressLine(str(one.address), locale.moment(one.linked_at)) for one in facts.addresses
        ],
        passkeys=[
            PasskeyLine(
                name_of(one.credential_id),
                one.label,
                locale.moment(one.created_at),
                None if one.used_at is None else locale.moment(one.used_at),
            )
            for one in facts.passkeys
        ],
        sessions=lines,
    )


def _session_line(locale: Locale, session: Session, this: Session, now: datetime) -> SessionLine:
    method = _METHODS.get(session.origin.method)
    return SessionLine(
        id=session.id,
        is_this=session.id == this.id,
        is_limited=not session.is_full(now),
        how="" if method is None else locale.gettext(method),
        browser=session.origin.browser,
        place=session.origin.place,
        opened=locale.moment(session.opened_at),
        seen=locale.moment(session.seen_at),
    )
