"""An operator signs in with the admin secret."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import URLEncodedBody

from hero_onboarding.http import Answer, Page, go_to, render, services_of
from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.sessions import end_session, operator_cookie
from hero_onboarding.identity import Origin, open_session

SIGN_IN: Final = Page("sign_in.html")


@dataclass(frozen=True, slots=True)
class SignInView:
    """Whether the secret that was sent is wrong."""

    is_wrong: bool


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What the operator typed; never shown or logged."""

    secret: str


@get("/sign-in", name="sign_in", sync_to_thread=False)
def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """Ask for the admin secret."""
    return render(request, SIGN_IN, SignInView(is_wrong=False))


@post("/sign-in", name="submit_sign_in", sync_to_thread=True)
def submit_sign_in(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[SignInForm],
) -> Response[str]:
    """Open an operator's session; an earlier one of this browser ends. Repeating is safe."""
    services = services_of(request.app.state)
    if not services.is_secret(data.secret.strip()):
        return render(request, SIGN_IN, SignInView(is_wrong=True), Answer(422))
    cookie = operator_cookie(services)
    with services.database.transaction() as tx:
        end_session(tx, request, cookie)
        origin = Origin("secret", *requester_of(request))
        token = open_session(tx, None, services.clock.now(), origin)
    return go_to(request, "home", [cookie.give(token)])


@post("/sign-out", name="sign_out", sync_to_thread=True)
def submit_sign_out(request: Request[Any, Any, Any]) -> Response[str]:
    """End the session; repeating is safe."""
    services = services_of(request.app.state)
    cookie = operator_cookie(services)
    with services.database.transaction() as tx:
        end_session(tx, request, cookie)
    return go_to(request, "sign_in", [cookie.take_back()])
