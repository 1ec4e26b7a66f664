"""Sign in: the command that does it, and the page of a browser that waits for one elsewhere."""

from dataclasses import dataclass
from typing import Any, Final

import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from hero_onboarding.http import Answer, Mode, Page, go_to, render, services_of
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import find_user_at
from hero_onboarding.sign_in import LOGIN, State, shown
from hero_onboarding.web.attempts import begin, look
from hero_onboarding.web.pages.helper_file import HELPER, NAME

SIGN_IN: Final = Page("sign_in.html")
ATTEMPT: Final = Page("attempt.html")
_COMMAND: Final = "hero_onboarding login"


@dataclass(frozen=True, slots=True)
class SignInView:
    """The command that signs in, the same by one file, and whether the sandbox has another way."""

    command: str
    file_command: str
    file_sha256: str
    has_people: bool


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
        address: What was proved, None until then.
    """

    attempt: str
    purpose: str
    state: State | None
    code: str | None
    command: str
    picture: Markup
    address: str | None


@get("/sign-in", name="sign_in", sync_to_thread=True)
def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the ways to sign in."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        visitor = find_user_at(tx, request)
    origin = origin_of(request)
    view = SignInView(
        command=f"{_COMMAND} {origin}",
        file_command=f"python3 {NAME} {origin}",
        file_sha256=HELPER.sha256,
        has_people=services.mode is Mode.SANDBOX,
    )
    return render(request, SIGN_IN, view, Answer(visitor=visitor))


@post("/sign-in", name="submit_attempt", sync_to_thread=True)
def submit_attempt(request: Request[Any, Any, Any]) -> Response[str]:
    """Let this browser wait for an approval from the machine that has the key."""
    attempt, cookies = begin(request, LOGIN)
    return go_to(request, "show_attempt", cookies, attempt=attempt.id)


@get("/login/{attempt:str}", name="show_attempt", sync_to_thread=True)
def show_attempt(request: Request[Any, Any, Any], attempt: FromPath[str]) -> Response[str]:
    """Show what became of an attempt; any other browser is told only where the command belongs."""
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
        picture=_picture(url),
        address=None if found is None else found[0].approved_address,
    )
    return render(request, ATTEMPT, view, Answer(visitor=visitor))


def _picture(url: str) -> Markup:
    """Draw an address as a QR code, dark on light in either colour scheme."""
    code = segno.make(url, micro=False)
    return Markup(code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=3))  # noqa: S704 - drawn from numbers
