"""Answer failures with a page where a browser asked, else with the problem, in one's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from litestar import MediaType, Request, Response

from hero_onboarding.http.failures import Problem, answer_edge, in_language
from hero_onboarding.http.rendering import Answer, Page, find_site, go_to, render, wants_block
from hero_onboarding.http.request_locale import asked_locale, locale_of
from hero_onboarding.http.services import services_of
from hero_onboarding.http.sessions import SignInNeededError
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.languages import Locale, marked

FAILURE: Final = Page("failure.html")

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


@dataclass(frozen=True, slots=True)
class FailureView:
    """What happened, what it means, what to do."""

    status: int
    title: str
    meaning: str
    remedy: str


_ADVICE: Final = {
    "request.unauthenticated": (
        marked("This page is only for people who are signed in."),
        marked("Sign in: it takes ten seconds."),
    ),
    "sign_in.not_proved": (
        marked("It is over, was used before, or was never approved."),
        marked("Start again: it takes ten seconds."),
    ),
    "openid.wrong_request": (
        marked(
            "A service sent you here with a request that this site can't answer, or the request is"
            " over. To keep you safe, you are not sent on."
        ),
        marked("Go back to the service and sign in there again. If it stays so, tell its makers."),
    ),
    "request.too_many": (marked("Nothing was changed."), marked("Try again in a minute.")),
    "request.cross_site": (
        marked(
            "A form is taken only from a page of this site, so that no other site can act for you."
            " Nothing was changed."
        ),
        marked("Open the page here and send it again."),
    ),
    "request.not_found": (
        marked("The address may have a typing mistake, or the page has moved."),
        marked("Go to the start and find it from there."),
    ),
    "request.method": (
        marked("It takes forms only, or shows a page only. Nothing was changed."),
        marked("Go to the start and find your way from there."),
    ),
    "request.malformed": (
        marked(
            "Something in it is missing or has another form than expected. Nothing was changed."
        ),
        marked("Go back and try it again."),
    ),
    "internal": (
        marked("It is a fault of ours, and it was written down."),
        marked("Trying again is safe."),
    ),
}
"""What each failure means for people and what they can do, where more is known than below."""

_REFUSED: Final = (marked("Nothing was changed."), marked("Go back and try it again."))
_NOT_NOW: Final = (
    marked("A part of this site is busy or out of reach. Nothing was lost."),
    marked("Try again in a minute."),
)
_FAULTS_FROM: Final = 500
_MINUTE_SECONDS: Final = 60


def for_browsers(handlers: Mapping[Any, Handler]) -> dict[Any, Handler]:
    """Add pages to failure handlers; programs get the same, its title in the language they ask."""
    answers: dict[Any, Handler] = {kind: _either(handler) for kind, handler in handlers.items()}
    return {**answers, SignInNeededError: _ask_to_sign_in}


def _ask_to_sign_in(request: Request[Any, Any, Any], error: SignInNeededError) -> Response[Any]:
    """Send a browser to the sign-in, and tell programs that they have to."""
    if _wants_page(request):
        return go_to(request, "sign_in", [])
    response = answer_edge(request, error)
    return _in_language(response, response.content, asked_locale(request))


def _either(answer: Handler) -> Handler:
    def handle(request: Request[Any, Any, Any], error: Any) -> Response[Any]:  # noqa: ANN401 - any failure
        response = answer(request, error)
        problem = response.content
        if not isinstance(problem, Problem):
            return response
        if not _wants_page(request):
            return _in_language(response, problem, asked_locale(request))
        seconds = int(response.headers.get("Retry-After", "0"))
        page = show_failure(request, problem, retry_after_seconds=seconds)
        page.headers.update(response.headers)
        return page

    return handle


def _in_language(response: Response[Any], problem: Problem, locale: Locale) -> Response[Any]:
    response.content = in_language(problem, locale)
    response.headers["Content-Language"] = locale.language
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def show_failure(
    request: Request[Any, Any, Any], problem: Problem, *, retry_after_seconds: int = 0
) -> Response[str]:
    """Answer with the page of a failure: what happened, what it means, what to do."""
    is_fault = problem.status >= _FAULTS_FROM
    visitor = None if is_fault else _find_visitor(request)
    locale = locale_of(request)
    meaning, remedy = _ADVICE.get(problem.code, _NOT_NOW if is_fault else _REFUSED)
    said = [locale.gettext(text) for text in (problem.title, meaning, remedy)]
    if retry_after_seconds > _MINUTE_SECONDS:
        span = locale.span(timedelta(seconds=retry_after_seconds + _MINUTE_SECONDS - 1))
        said[2] = locale.gettext("Try again in %(span)s.", span=span)
    answer = Answer(problem.status, visitor, locale=locale)
    return render(request, FAILURE, FailureView(problem.status, *said), answer)


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
