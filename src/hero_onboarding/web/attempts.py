"""What routes and pages of signing in share: attempts of a browser, and what they lead to."""

import secrets
from typing import Any, Final

from litestar import Request
from litestar.datastructures import Cookie

from hero_onboarding.contacts import Notice, write_to_user
from hero_onboarding.database import Transaction
from hero_onboarding.http import Services, services_of
from hero_onboarding.http.limits import OF_EMAILS, OF_MESSAGES, TYPED_CODES_OF_ADDRESS, limit
from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.sessions import (
    end_session,
    find_user_session_at,
    full_session_at,
    prelogin_cookie,
    user_cookie,
)
from hero_onboarding.identity import Address, session_id_of
from hero_onboarding.languages import Locale
from hero_onboarding.mail import EmailAddress, MailText
from hero_onboarding.sign_in import (
    LOGIN,
    Attempt,
    Finished,
    NotProvedError,
    SignedIn,
    State,
    Wish,
    answer_code,
    answer_email_code,
    ask_for_code,
    ask_for_email,
    complete,
    find_addressee,
    find_attempt,
    finish_attempt,
    open_attempt,
    state_of,
    with_token,
    without_token,
)
from hero_onboarding.web.notices import Notice as Told
from hero_onboarding.web.notices import keep_notice

_TOKEN_BYTES: Final = 32


def new_token() -> str:
    """Make a token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def begin(request: Request[Any, Any, Any], purpose: str) -> tuple[Attempt, list[Cookie]]:
    """Let the asking browser wait for ten minutes.

    Raises:
        SessionLimitedError: If linking or rotating is asked for by less than a full session.
        SignInNeededError: If it is asked for by nobody.
        TooManyError: If its network asked too often.
    """
    services = services_of(request.app.state)
    limit(request, "attempts")
    token = new_token()
    with services.database.transaction() as tx:
        session = None if purpose == LOGIN else full_session_at(tx, request)
        wish = Wish(
            purpose,
            token,
            *requester_of(request),
            session_id=None if session is None else session.id,
            user_sid=None if session is None else session.user_sid,
        )
        attempt = open_attempt(tx, wish, services.box, services.clock.now())
    carried = with_token(_cookie_of(request, services), token)
    return attempt, [prelogin_cookie(services).give(carried)]


def look(
    tx: Transaction, request: Request[Any, Any, Any], attempt_id: str
) -> tuple[Attempt, State] | None:
    """Return an attempt of the asking browser and what its page shows."""
    services = services_of(request.app.state)
    attempt = find_attempt(tx, attempt_id, _cookie_of(request, services), services.box)
    return None if attempt is None else (attempt, state_of(attempt, services.clock.now()))


def finish(
    request: Request[Any, Any, Any], attempt_id: str, *, is_told: bool = False
) -> tuple[SignedIn, list[Cookie]]:
    """Use an approved attempt up and sign its browser in; its session before that ends.

    Args:
        request: What asks.
        attempt_id: Which.
        is_told: Whether the page that follows shall tell what was done.

    Raises:
        AddressTakenError: If an address that is to be linked belongs to somebody.
        NotProvedError: If it is not approved, over, used or another browser's.
    """
    services = services_of(request.app.state)
    now = services.clock.now()
    with services.database.transaction() as tx:
        session = find_user_session_at(tx, request)
        session_id = None if session is None else session.id
        cookie = _cookie_of(request, services)
        finished = finish_attempt(tx, attempt_id, cookie, session_id, now)
        signed_in = None
        if finished is not None:
            signed_in = complete(tx, finished, *requester_of(request), now)
        if signed_in is not None:
            end_session(tx, request, user_cookie(services))
        if signed_in is not None and signed_in.is_limited:
            _tell(tx, services, signed_in, requester_of(request))
    if finished is None or signed_in is None:
        raise NotProvedError
    rest = without_token(cookie, finished.token)
    prelogin = prelogin_cookie(services)
    left = prelogin.give(rest) if rest else prelogin.take_back()
    told = _notices(services, signed_in, finished) if is_told else []
    return signed_in, [user_cookie(services).give(signed_in.token), left, *told]


def _notices(services: Services, signed_in: SignedIn, finished: Finished) -> list[Cookie]:
    """Return what keeps the notice of a finished attempt; without a key there is none."""
    if not finished.approvals:
        return []
    address = str(finished.approvals[-1].public_key.address)
    notice = Told(finished.purpose, address)
    return [keep_notice(services, signed_in.user_sid, notice)]


def _tell(
    tx: Transaction, services: Services, signed_in: SignedIn, requester: tuple[str, str]
) -> None:
    """Tell a user by mail that a code signed some browser in: it may not have been theirs."""
    now = services.clock.now()
    place, browser = requester

    def parameters(locale: Locale) -> dict[str, str]:
        unknown = locale.gettext("Unknown browser")
        time = locale.moment(now).text
        return {"time": time, "place": place, "browser": browser or unknown}

    key = f"sign_in:{session_id_of(signed_in.token)}"
    notice = Notice(signed_in.user_sid, key, MailText.NEW_SIGN_IN, parameters)
    write_to_user(tx, services.mailer.outbox, notice, services.locales, now)


def _cookie_of(request: Request[Any, Any, Any], services: Services) -> str:
    return request.cookies.get(prelogin_cookie(services).name, "")


def ask_message(
    request: Request[Any, Any, Any], attempt_id: str, address: Address, *, cookie: str = ""
) -> None:
    """Have a code sent to an address, for the asking browser; nobody learns whether it was.

    Args:
        request: What asks.
        attempt_id: The attempt that the code will approve.
        address: Where to send it.
        cookie: The browser's pre-login cookie where this answer only sets it.

    Raises:
        TooManyError: If its network, or anybody for this address, asked too often.
    """
    services = services_of(request.app.state)
    limit(request, "messages", [(one, str(address)) for one in OF_MESSAGES])
    if services.messenger is None:
        return
    value = cookie or _cookie_of(request, services)
    with services.database.transaction() as tx:
        ask_for_code(tx, attempt_id, value, address, services.box, services.clock.now())


def type_code(request: Request[Any, Any, Any], attempt_id: str, code: str) -> bool:
    """Take the code that came by message; whether it was right.

    Raises:
        TooManyError: If its network, or anybody for this address, typed too often.
    """
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        address = find_addressee(tx, attempt_id)
    others = [] if address is None else [(TYPED_CODES_OF_ADDRESS, str(address))]
    limit(request, "codes", others)
    cookie = _cookie_of(request, services)
    with services.database.transaction() as tx:
        return answer_code(tx, attempt_id, cookie, code, services.box, services.clock.now())


def ask_email(
    request: Request[Any, Any, Any], attempt_id: str, address: EmailAddress, *, cookie: str = ""
) -> None:
    """Have a code mailed to an address, for the asking browser; nobody learns whether it was.

    Args:
        request: What asks.
        attempt_id: The attempt that the code will approve.
        address: Where to send it, if a user proved it.
        cookie: The browser's pre-login cookie where this answer only sets it.

    Raises:
        TooManyError: If its network, or anybody for this address, asked too often.
    """
    services = services_of(request.app.state)
    limit(request, "emails", [(one, address.normalised) for one in OF_EMAILS])
    if not services.mailer.outbox.can_send:
        return
    value = cookie or _cookie_of(request, services)
    with services.database.transaction() as tx:
        ask_for_email(tx, attempt_id, value, address, services.box, services.clock.now())


def type_email_code(request: Request[Any, Any, Any], attempt_id: str, code: str) -> bool:
    """Take the code that came by e-mail; whether it was right.

    Raises:
        TooManyError: If its network typed too often.
    """
    services = services_of(request.app.state)
    limit(request, "codes")
    cookie = _cookie_of(request, services)
    with services.database.transaction() as tx:
        return answer_email_code(tx, attempt_id, cookie, code, services.box, services.clock.now())
