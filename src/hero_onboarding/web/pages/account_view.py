"""What the account page shows, ready to print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.api_keys import ApiKey
from hero_onboarding.contacts import UserEmail
from hero_onboarding.identity import Profile, Session
from hero_onboarding.languages import LANGUAGES, Locale, Moment, list_countries, marked
from hero_onboarding.openid import HERO_SID, MYCELIUM, Consent, address_told
from hero_onboarding.passkeys import Passkey
from hero_onboarding.sign_in import KnownAddress

_METHODS: Final = {
    "key": marked("with a mycelium key"),
    "code": marked("with a code that a key approved"),
    "message": marked("with a code by message"),
    "email": marked("with a code by e-mail"),
    "passkey": marked("with a passkey"),
    "sandbox": marked("by choice, in the sandbox"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an account."""

    session: Session
    profile: Profile
    emails: Sequence[UserEmail]
    can_mail: bool
    addresses: Sequence[KnownAddress]
    passkeys: Sequence[Passkey]
    keys: Sequence[ApiKey]
    sessions: Sequence[Session]
    services: Sequence[Consent]
    now: datetime


@dataclass(frozen=True, slots=True)
class AccountForms:
    """What was wrong in the forms about e-mail and API keys, and what was typed there."""

    typed: str = ""
    claim_problem: str | None = None
    is_code_wrong: bool = False
    wrong_label: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileView:
    """How the user reads and where they live; None is what they left open."""

    language: str | None
    zone: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class EmailView:
    """Addresses for mail.

    Attributes:
        verified: Those that the user proved, and since when.
        waiting: One whose code has been sent, None if there is none.
        can_add: Whether this site sends mail.
        forms: What was typed and wrong.
    """

    verified: Sequence[tuple[str, Moment]]
    waiting: str | None
    can_add: bool
    forms: AccountForms


@dataclass(frozen=True, slots=True)
class AddressLine:
    """An address that signs the user in."""

    address: str
    since: Moment


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A passkey or an API key; ``used`` is None before its first use."""

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
    is_strange: bool
    how: str
    browser: str
    place: str
    opened: Moment
    seen: Moment


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service that the user signs in to, and what it learns beyond that it is them.

    ``address`` is the one that it is told, None while the user has none.
    """

    client_id: str
    name: str
    host: str
    knows_address: bool
    address: str | None
    knows_sid: bool
    since: Moment


@dataclass(frozen=True, slots=True)
class AccountView:
    """The account page.

    Attributes:
        sid: The user.
        limited_until: Until when this session may only look and pay, None for a full one.
        wrong_label: What was typed as an API key's name and can't be one.
        watched: Other sessions that codes opened, of which the user has not said that they know
            them: somebody else may have.
    """

    sid: str
    limited_until: Moment | None
    watched: int
    profile: ProfileView
    email: EmailView
    wrong_label: str | None
    addresses: Sequence[AddressLine]
    passkeys: Sequence[KeptLine]
    keys: Sequence[KeptLine]
    sessions: Sequence[SessionLine]
    services: Sequence[ServiceLine]


def make_view(
    locale: Locale, facts: Facts, forms: AccountForms, name_of: Callable[[bytes], str]
) -> AccountView:
    """Make the page; ``name_of`` writes a passkey's id for a form."""
    session, now = facts.session, facts.now
    lines = [_session_line(locale, one, session, now) for one in facts.sessions]
    told = address_told(facts.addresses)
    until = None if session.is_full(now) else session.limited_until
    return AccountView(
        sid=session.sid,
        limited_until=None if until is None else locale.moment(until),
        watched=sum(line.is_strange and not line.is_this for line in lines),
        profile=_profile(locale, facts.profile),
        email=_email(locale, facts, forms),
        wrong_label=forms.wrong_label,
        addresses=[
            AddressLine(str(one.address), locale.moment(one.linked_at)) for one in facts.addresses
        ],
        passkeys=[
            _kept(locale, name_of(one.credential_id), one.label, one.created_at, one.used_at)
            for one in facts.passkeys
        ],
        keys=[
            _kept(locale, one.id, one.label, one.created_at, one.last_used_at) for one in facts.keys
        ],
        sessions=lines,
        services=[_service_line(locale, one, told) for one in facts.services],
    )


def _service_line(locale: Locale, consent: Consent, address: str | None) -> ServiceLine:
    return ServiceLine(
        client_id=consent.client_id,
        name=consent.name,
        host=consent.host,
        knows_address=MYCELIUM in consent.scopes,
        address=address,
        knows_sid=HERO_SID in consent.scopes,
        since=locale.moment(consent.given_at),
    )


def _kept(
    locale: Locale, name: str, label: str, since: datetime, used: datetime | None
) -> KeptLine:
    return KeptLine(
        name, label, locale.moment(since), None if used is None else locale.moment(used)
    )


def _profile(locale: Locale, profile: Profile) -> ProfileView:
    names = {one.code: one.name for one in LANGUAGES}
    countries = dict(list_countries(locale))
    return ProfileView(
        language=names.get(profile.language or ""),
        zone=None if profile.time_zone is None else city_of(profile.time_zone),
        country=countries.get(profile.country or ""),
    )


def city_of(zone: str) -> str:
    """Return the part of a zone's name that people know it by."""
    return zone.rpartition("/")[2].replace("_", " ")


def _email(locale: Locale, facts: Facts, forms: AccountForms) -> EmailView:
    waiting = [one.address for one in facts.emails if one.verified_at is None]
    return EmailView(
        verified=[
            (one.address, locale.moment(one.verified_at))
            for one in facts.emails
            if one.verified_at is not None
        ],
        waiting=waiting[0] if waiting else None,
        can_add=facts.can_mail,
        forms=forms,
    )


def _session_line(locale: Locale, session: Session, this: Session, now: datetime) -> SessionLine:
    method = _METHODS.get(session.origin.method)
    return SessionLine(
        id=session.id,
        is_this=session.id == this.id,
        is_limited=not session.is_full(now),
        is_strange=not session.is_acknowledged,
        how="" if method is None else locale.gettext(method),
        browser=session.origin.browser,
        place=session.origin.place,
        opened=locale.moment(session.opened_at),
        seen=locale.moment(session.seen_at),
    )
