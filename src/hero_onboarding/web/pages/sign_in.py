"""Sign in: the command that does it, and the page of a browser that waits for one elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import segno
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from markupsafe import Markup

from hero_onboarding.http import Answer, Mode, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.reading_pages import show
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import find_user_at
from hero_onboarding.identity import Address, WrongAddressError
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.languages import Moment
from hero_onboarding.mail import EmailAddress, WrongEmailError
from hero_onboarding.sign_in import LOGIN, Half, State, is_name, shown
from hero_onboarding.web.attempts import (
    ask_email,
    ask_message,
    begin,
    look,
    type_code,
    type_email_code,
)
from hero_onboarding.web.pages.helper_file import HELPER, NAME
from hero_onboarding.web.pending import find_waiting_service, next_route

SIGN_IN: Final = Page("sign_in.html")
ATTEMPT: Final = Page("attempt.html")
Message = Annotated[Literal["sent", "wrong"] | None, QueryParameter(name="message", required=False)]
Email = Annotated[Literal["sent", "wrong"] | None, QueryParameter(name="email", required=False)]
_COMMAND: Final = "hero_onboarding login"


@dataclass(frozen=True, slots=True)
class SignInView:
    """The ways in: a command, the same by one file, codes by message and e-mail, the sandbox's own.

    ``address`` is what the form of the message begins with, ``is_wrong`` says that it is none;
    ``wrong_email`` is what was typed as an e-mail address and is none.
    ``service`` is called what waits for the sign-in, if anything; ``next_route`` follows.
    """

    command: str
    file_command: str
    file_sha256: str
    has_people: bool
    has_messages: bool
    address: str
    is_wrong: bool
    has_mail: bool
    wrong_email: str | None
    service: str | None
    next_route: str


@dataclass(frozen=True, slots=True)
class HalfView:
    """The key that approved a rotation first; ``name`` is what the events call this step."""

    address: str
    is_old: bool
    until: Moment
    name: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """A browser that waits.

    Attributes:
        attempt: Which.
        purpose: What it is for; of another browser's it is not said.
        state: What became of it; None in a browser that did not open it.
        code: What whoever approves has to type, None unless it waits here.
        command: What to run where the key is.
        picture: The page's address as a QR code.
        message: ``sent`` when a code is on its way, ``wrong`` after one that was not right.
        email: The same for a code by e-mail.
        address: What was proved, None until then.
        half: The first of two approvals while the second is waited for.
    """

    attempt: str
    purpose: str
    state: State | None
    code: str | None
    command: str
    picture: Markup | None
    message: str | None
    email: str | None
    address: str | None
    half: HalfView | None


@dataclass(frozen=True, slots=True)
class MessageForm:
    """Where to send a code."""

    address: str


@dataclass(frozen=True, slots=True)
class EmailForm:
    """Where to mail a code."""

    email: str


@dataclass(frozen=True, slots=True)
class CodeForm:
    """The code that came."""

    code: str


@show("/sign-in", name="sign_in")
def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the ways to sign in."""
    return _show_sign_in(request, _overlay_address(request))


def _show_sign_in(
    request: Request[Any, Any, Any],
    address: str,
    *,
    is_wrong: bool = False,
    wrong_email: str | None = None,
) -> Response[str]:
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        visitor = find_user_at(tx, request)
        service = find_waiting_service(tx, request)
    origin = origin_of(request)
    view = SignInView(
        command=f"{_COMMAND} {origin}",
        file_command=f"python3 {NAME} {origin}",
        file_sha256=HELPER.sha256,
        has_people=services.mode is Mode.SANDBOX,
        has_messages=services.messenger is not None,
        address=address,
        is_wrong=is_wrong,
        has_mail=services.mailer.outbox.can_send,
        wrong_email=wrong_email,
        service=service,
        next_route=next_route(request, "home"),
    )
    status = 422 if is_wrong or wrong_email is not None else 200
    return render(request, SIGN_IN, view, Answer(status, visitor=visitor, back="/sign-in"))


def _overlay_address(request: Request[Any, Any, Any]) -> str:
    """Return the address that a request came from if it came over the overlay: a hint, no proof."""
    host = request.client.host if request.client is not None else ""
    try:
        return str(Address.parse(host))
    except WrongAddressError:
        return ""


@post("/sign-in", name="submit_attempt", sync_to_thread=True)
def submit_attempt(request: Request[Any, Any, Any]) -> Response[str]:
    """Let this browser wait for an approval from the machine that has the key."""
    attempt, cookies = begin(request, LOGIN)
    return go_to(request, "show_attempt", cookies, attempt=attempt.id)


@post("/sign-in/message", name="submit_message", sync_to_thread=True)
def submit_message(
    request: Request[Any, Any, Any], data: URLEncodedBody[MessageForm]
) -> Response[str]:
    """Let this browser wait for a code that is sent to an address."""
    try:
        address = Address.parse(data.address.strip())
    except WrongAddressError:
        return _show_sign_in(request, data.address, is_wrong=True)
    attempt, cookies = begin(request, LOGIN)
    ask_message(request, attempt.id, address, cookie=cookies[0].value or "")
    return _go_on(request, attempt.id, "message=sent", cookies)


@post("/sign-in/email", name="submit_sign_in_email", sync_to_thread=True)
def submit_sign_in_email(
    request: Request[Any, Any, Any], data: URLEncodedBody[EmailForm]
) -> Response[str]:
    """Let this browser wait for a code that is mailed to an address."""
    try:
        address = EmailAddress.parse(data.email.strip())
    except WrongEmailError:
        return _show_sign_in(request, _overlay_address(request), wrong_email=data.email)
    attempt, cookies = begin(request, LOGIN)
    ask_email(request, attempt.id, address, cookie=cookies[0].value or "")
    return _go_on(request, attempt.id, "email=sent", cookies)


@post("/login/{attempt:str}/code", name="submit_code", sync_to_thread=True)
def submit_code(
    request: Request[Any, Any, Any], attempt: FromPath[str], data: URLEncodedBody[CodeForm]
) -> Response[str]:
    """Take the code that came by message, and go on if it is right."""
    is_right = type_code(request, attempt, data.code)
    return _go_on(request, attempt, "" if is_right else "message=wrong")


@post("/login/{attempt:str}/email-code", name="submit_sign_in_email_code", sync_to_thread=True)
def submit_sign_in_email_code(
    request: Request[Any, Any, Any], attempt: FromPath[str], data: URLEncodedBody[CodeForm]
) -> Response[str]:
    """Take the code that came by e-mail, and go on if it is right."""
    is_right = type_email_code(request, attempt, data.code)
    return _go_on(request, attempt, "" if is_right else "email=wrong")


def _go_on(
    request: Request[Any, Any, Any], attempt: str, query: str, cookies: Sequence[Cookie] = ()
) -> Response[str]:
    """Send the browser to the page on which it waits."""
    answer = go_to(request, "show_attempt", list(cookies), attempt=attempt)
    for header in {"Location", "HX-Redirect"} & answer.headers.keys():
        answer.headers[header] += f"?{query}" if query else ""
    return answer


@get("/login/{attempt:str}", name="show_attempt", sync_to_thread=True)
def show_attempt(
    request: Request[Any, Any, Any],
    attempt: FromPath[str],
    message: Message = None,
    email: Email = None,
) -> Response[str]:
    """Show what became of an attempt; any other browser is told only where the command belongs."""
    if not is_name(attempt):
        raise NotFoundException
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        found = look(tx, request, attempt)
        visitor = find_user_at(tx, request)
    state = None if found is None else found[1]
    is_waiting = found is not None and state is State.WAITING
    url = f"{origin_of(request)}{request.app.route_reverse('show_attempt', attempt=attempt)}"
    view = AttemptView(
        attempt=attempt,
        purpose=LOGIN if found is None else found[0].purpose,
        state=state,
        code=shown(found[0].code) if found is not None and is_waiting else None,
        command=f"{_COMMAND} {url}",
        picture=_picture(url) if is_waiting else None,
        message=message if is_waiting else None,
        email=email if is_waiting else None,
        address=None if found is None else found[0].approved_address,
        half=None if found is None else _half(request, found[0].open_half(services.clock.now())),
    )
    return render(request, ATTEMPT, view, Answer(visitor=visitor))


def _half(request: Request[Any, Any, Any], half: Half | None) -> HalfView | None:
    if half is None:
        return None
    until = locale_of(request).moment(half.until, seconds=True)
    return HalfView(half.address, half.is_old, until, f"{unix_seconds(half.until)}")


def _picture(url: str) -> Markup:
    """Draw an address as a QR code, dark on light in either colour scheme."""
    code = segno.make(url, micro=False)
    return Markup(code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=3))  # noqa: S704 - drawn from numbers
