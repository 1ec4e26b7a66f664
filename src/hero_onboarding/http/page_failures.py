"""Answer failures with a page where a browser asked, else with the problem itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import MediaType, Request, Response

from hero_onboarding.http.failures import Problem, answer_edge
from hero_onboarding.http.rendering import Answer, Page, find_site, go_to, render, wants_block
from hero_onboarding.http.services import services_of
from hero_onboarding.http.sessions import SignInNeededError
from hero_onboarding.kernel.errors import HeroError

FAILURE: Final = Page("failure.html")

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


@dataclass(frozen=True, slots=True)
class FailureView:
    """What happened, what it means, what to do."""

    status: int
    title: str
    meaning: str
    remedy: str


_VIEWS: Final = {
    view.status: view
    for view in (
        FailureView(
            401,
            "Sign in first",
            "This page is only for people who are signed in.",
            "Sign in: it takes ten seconds.",
        ),
        FailureView(
            403,
            "This was not sent from here",
            "A form is taken only from a page of this site, so that no other site can act for you."
            " Nothing was changed.",
            "Open the page here and send it again.",
        ),
        FailureView(
            404,
            "There is no page here",
            "The address may have a typing mistake, or the page has moved.",
            "Go to the start and find it from there.",
        ),
        FailureView(
            405,
            "This address can't be used like that",
            "It takes forms only, or shows a page only. Nothing was changed.",
            "Go to the start and find your way from there.",
        ),
        FailureView(
            422,
            "This address or form could not be read",
            "Something in it is missing or has another form than expected. Nothing was changed.",
            "Go back and try it again.",
        ),
        FailureView(
            503,
            "Not now",
            "A part of this site is busy or out of reach. Nothing was lost.",
            "Try again in a minute.",
        ),
    )
}
_FAULT: Final = FailureView(
    500,
    "Something here failed",
    "It is a fault of ours, and it was written down.",
    "Trying again is safe.",
)


def for_browsers(handlers: Mapping[Any, Handler]) -> dict[Any, Handler]:
    """Add pages to failure handlers; what programs get stays the same."""
    answers: dict[Any, Handler] = {kind: _either(handler) for kind, handler in handlers.items()}
    return {**answers, SignInNeededError: _ask_to_sign_in}


def _ask_to_sign_in(request: Request[Any, Any, Any], error: SignInNeededError) -> Response[Any]:
    """Send a browser to the sign-in, and tell programs that they have to."""
    return go_to(request, "sign_in", []) if _wants_page(request) else answer_edge(request, error)


def _either(answer: Handler) -> Handler:
    def handle(request: Request[Any, Any, Any], error: Any) -> Response[Any]:  # noqa: ANN401 - any failure
        response = answer(request, error)
        problem = response.content
        if not isinstance(problem, Problem) or not _wants_page(request):
            return response
        page = show_failure(request, problem.status)
        page.headers.update(response.headers)
        return page

    return handle


def show_failure(request: Request[Any, Any, Any], status: int) -> Response[str]:
    """Answer with the page of a status."""
    known = _VIEWS.get(status)
    view = known or FailureView(status, _FAULT.title, _FAULT.meaning, _FAULT.remedy)
    visitor = None if status >= _FAULT.status else _find_visitor(request)
    return render(request, FAILURE, view, Answer(status, visitor))


def _find_visitor(request: Request[Any, Any, Any]) -> str | None:
    """Return who is signed in, so that the page keeps its navigation; nobody if that fails too."""
    site = find_site(request.app.state)
    assert site is not None, "the application was made without pages"
    try:
        with services_of(request.app.state).database.reading() as tx:
            return site.find_visitor(tx, request)
    except HeroError:
        return None


def _wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a browser asks; programs take anything or JSON."""
    if find_site(request.app.state) is None:
        return False
    return wants_block(request) or MediaType.HTML in request.headers.get("Accept", "")
