"""The forms of the account page about e-mail: claim an address, prove it, take it off."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, post
from litestar.params import URLEncodedBody

from hero_onboarding.contacts import (
    AlreadyVerifiedError,
    EmailClaim,
    claim_email,
    remove_email,
    verify_email,
)
from hero_onboarding.http import go_to, locale_of, services_of
from hero_onboarding.http.sessions import full_session_at
from hero_onboarding.languages import marked
from hero_onboarding.mail import WrongEmailError
from hero_onboarding.sign_in import void_email_codes
from hero_onboarding.web.pages.account import show_account_with
from hero_onboarding.web.pages.account_view import AccountForms

_NO_ADDRESS: Final = marked("This is no e-mail address. One looks like ada@example.org.")
_HAVE_IT: Final = marked("This address is yours already.")


@dataclass(frozen=True, slots=True)
class EmailForm:
    """An address for mail."""

    email: str


@dataclass(frozen=True, slots=True)
class EmailCodeForm:
    """The code that came by mail."""

    code: str


@post("/account/emails", name="submit_email", sync_to_thread=True)
def submit_email(request: Request[Any, Any, Any], data: URLEncodedBody[EmailForm]) -> Response[str]:
    """Send a code to an address that the user says is theirs."""
    services = services_of(request.app.state)
    address, problem = data.email.strip(), None
    try:
        with services.database.transaction() as tx:
            sid = full_session_at(tx, request).sid
            claim = EmailClaim(sid, address, locale_of(request).language)
            claim_email(tx, services.email_desk, claim, services.clock.now())
    except WrongEmailError:
        problem = _NO_ADDRESS
    except AlreadyVerifiedError:
        problem = _HAVE_IT
    if problem is not None:
        said = locale_of(request).gettext(problem)
        return show_account_with(request, AccountForms(typed=address, claim_problem=said))
    return _back(request)


@post("/account/emails/verify", name="verify_email", sync_to_thread=True)
def submit_email_code(
    request: Request[Any, Any, Any], data: URLEncodedBody[EmailCodeForm]
) -> Response[str]:
    """Take the code that came by mail; the address is the user's then."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        desk, now = services.email_desk, services.clock.now()
        verified = verify_email(tx, desk, user_sid=sid, code=data.code, now=now)
    if verified is None:
        return show_account_with(request, AccountForms(is_code_wrong=True))
    return _back(request)


@post("/account/emails/remove", name="remove_email", sync_to_thread=True)
def submit_remove_email(
    request: Request[Any, Any, Any], data: URLEncodedBody[EmailForm]
) -> Response[str]:
    """Take an address off the account; repeating is safe."""
    with services_of(request.app.state).database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        remove_email(tx, user_sid=sid, address=data.email)
        void_email_codes(tx, sid)
    return _back(request)


def _back(request: Request[Any, Any, Any]) -> Response[str]:
    """Go back to the part of the account page about e-mail."""
    answer = go_to(request, "account", [])
    for header in ("Location", "HX-Redirect"):
        if header in answer.headers:
            answer.headers[header] += "#email"
    return answer
