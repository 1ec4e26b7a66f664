"""A user's account: who they are to us, the ways in, and what is signed in."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Final, Literal

from litestar import Request, Response, post
from litestar.params import URLEncodedBody

from hero_onboarding.api_keys import list_user_keys
from hero_onboarding.contacts import list_emails
from hero_onboarding.http import Answer, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.reading_pages import show
from hero_onboarding.http.sessions import full_session_at, me_at, session_token_at
from hero_onboarding.identity import (
    acknowledge_others,
    get_profile,
    list_sessions,
    revoke_others,
    revoke_session,
)
from hero_onboarding.openid import list_consents, revoke_consent
from hero_onboarding.passkeys import delete_passkey, list_passkeys
from hero_onboarding.sign_in import list_addresses
from hero_onboarding.web.attempts import begin
from hero_onboarding.web.pages.account_view import AccountForms, Facts, make_view

ACCOUNT: Final = Page("account.html")


@dataclass(frozen=True, slots=True)
class AttemptForm:
    """What is to be approved with a key."""

    purpose: Literal["link", "rotate"]


@dataclass(frozen=True, slots=True)
class SessionForm:
    """Which session is to end."""

    session_id: str


@dataclass(frozen=True, slots=True)
class PasskeyForm:
    """Which passkey is to go."""

    passkey_id: str


@dataclass(frozen=True, slots=True)
class ServiceForm:
    """Which service is to know nothing more."""

    client_id: str


@show("/account", name="account")
def show_account(request: Request[Any, Any, Any]) -> Response[str]:
    """Show profile, e-mail, addresses, passkeys and sessions."""
    return show_account_with(request, AccountForms())


def show_account_with(request: Request[Any, Any, Any], forms: AccountForms) -> Response[str]:
    """Show the account with what was wrong in its forms, which answers 422."""
    services = services_of(request.app.state)
    now = services.clock.now()
    with services.database.reading() as tx:
        session = me_at(tx, request)
        facts = Facts(
            session=session,
            profile=get_profile(tx, session.sid),
            emails=list_emails(tx, session.sid),
            can_mail=services.email_desk.outbox.can_send,
            addresses=list_addresses(tx, session.sid),
            passkeys=list_passkeys(tx, session.sid),
            keys=list_user_keys(tx, session.sid, now),
            sessions=list_sessions(tx, session.sid, now),
            services=list_consents(tx, session.sid),
            now=now,
        )
    locale = locale_of(request)
    view = make_view(locale, facts, forms, name_of)
    status = 200 if forms == AccountForms() else 422
    answer = Answer(status, visitor=session.sid, locale=locale, back="/account")
    return render(request, ACCOUNT, view, answer)


@post("/account/attempts", name="submit_account_attempt", sync_to_thread=True)
def submit_account_attempt(
    request: Request[Any, Any, Any], data: URLEncodedBody[AttemptForm]
) -> Response[str]:
    """Wait for the approvals that linking an address or replacing a key takes."""
    attempt, cookies = begin(request, data.purpose)
    return go_to(request, "show_attempt", cookies, attempt=attempt.id)


@post("/account/sessions/revoke", name="revoke_session", sync_to_thread=True)
def submit_revoke(
    request: Request[Any, Any, Any], data: URLEncodedBody[SessionForm]
) -> Response[str]:
    """End one session of the user's own; repeating is safe."""
    with services_of(request.app.state).database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        revoke_session(tx, sid, data.session_id)
    return go_to(request, "account", [])


@post("/account/sessions/revoke-others", name="revoke_others", sync_to_thread=True)
def submit_revoke_others(request: Request[Any, Any, Any]) -> Response[str]:
    """End all sessions of the user's own but this one; repeating is safe."""
    with services_of(request.app.state).database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        revoke_others(tx, sid, session_token_at(request))
    return go_to(request, "account", [])


@post("/account/sessions/acknowledge", name="acknowledge_sessions", sync_to_thread=True)
def submit_acknowledge(request: Request[Any, Any, Any]) -> Response[str]:
    """Take it that the sessions which codes opened are the user's own; repeating is safe."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        acknowledge_others(tx, sid, session_token_at(request), services.clock.now())
    return go_to(request, "account", [])


@post("/account/passkeys/remove", name="remove_passkey", sync_to_thread=True)
def submit_remove_passkey(
    request: Request[Any, Any, Any], data: URLEncodedBody[PasskeyForm]
) -> Response[str]:
    """Remove one passkey of the user's own; repeating is safe."""
    with services_of(request.app.state).database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        delete_passkey(tx, sid, _credential_id(data.passkey_id))
    return go_to(request, "account", [])


@post("/account/services/revoke", name="revoke_service", sync_to_thread=True)
def submit_revoke_service(
    request: Request[Any, Any, Any], data: URLEncodedBody[ServiceForm]
) -> Response[str]:
    """Forget that a service may sign the user in, and end what it was given; repeating is safe."""
    with services_of(request.app.state).database.transaction() as tx:
        sid = full_session_at(tx, request).user_sid
        assert sid is not None, "a user's session has a user"
        revoke_consent(tx, sid, data.client_id)
    return go_to(request, "account", [])


def name_of(credential_id: bytes) -> str:
    """Write a credential's id so that a form can carry it."""
    return urlsafe_b64encode(credential_id).decode()


def _credential_id(name: str) -> bytes:
    try:
        return urlsafe_b64decode(name)
    except ValueError:
        return b""
