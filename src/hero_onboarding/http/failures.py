"""Translate failures into RFC 9457 problems, in one place."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from hero_onboarding.http.failure_titles import title_of
from hero_onboarding.kernel.errors import (
    ConflictError,
    HeroError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from hero_onboarding.languages import Locale
from hero_onboarding.rates import TooManyError

PROBLEM_JSON: Final = "application/problem+json"

STATUS_BY_KIND: Final = {
    InvalidInputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    RefusedError: 403,
    UnavailableError: 503,
    UpstreamError: 502,
}
_STATUSES: Final[list[tuple[type[HeroError], int]]] = list(STATUS_BY_KIND.items())
STATUS_BY_CODE: Final = {
    "usage.bucket_full": 413,
    "usage.batch_too_large": 413,
    "sign_in.not_proved": 401,
    "request.too_many": 429,
    "payments.notice_forged": 401,
    "payments.notice_malformed": 400,
}
"""Failures whose status the contract names although their kind has another."""

_EDGE_CODES: Final = {
    400: "request.malformed",
    401: "request.unauthenticated",
    403: "request.forbidden",
    404: "request.not_found",
    405: "request.method",
    413: "request.too_large",
    415: "request.media_type",
    422: "request.malformed",
    429: "request.too_many",
}
_EDGE_DETAILS: Final = {
    404: "there is no such route at this server",
    405: "this route does not do that; Allow names what it does",
}
_log = logging.getLogger(__name__)


class EdgeError(Exception):
    """A refusal that only the HTTP edge knows: who asks, how much, how often.

    Attributes:
        status: HTTP status.
        code: Stable dotted name.
        detail: A sentence for the caller.
        headers: What the status asks for besides.
    """

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, for programs and people (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""


def problem_response(status: int, code: str, detail: str) -> Response[Problem]:
    """Answer with a problem."""
    problem = make_problem(status, code, detail)
    return Response(problem, status_code=status, media_type=PROBLEM_JSON)


def make_problem(status: int, code: str, detail: str) -> Problem:
    """Describe what went wrong, in English; the title follows from the code."""
    return Problem(title=title_of(code, status), status=status, code=code, detail=detail)


def in_language(problem: Problem, locale: Locale) -> Problem:
    """Say the title in another language; the detail stays as it is, for developers."""
    return msgspec.structs.replace(problem, title=locale.gettext(problem.title))


def status_of(error: HeroError) -> int:
    """Return the HTTP status of an expected failure."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next(status for kind, status in _STATUSES if isinstance(error, kind))


def answer_expected(_: Request[Any, Any, Any], error: HeroError) -> Response[Problem]:
    """Answer with an expected failure."""
    response = problem_response(status_of(error), error.code, str(error))
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def answer_edge(_: Request[Any, Any, Any], error: EdgeError) -> Response[Problem]:
    """Answer with a refusal of the edge."""
    response = problem_response(error.status, error.code, error.detail)
    response.headers.update(error.headers)
    return response


def answer_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Answer with what the framework refused; a malformed request is 422."""
    status = 422 if isinstance(error, ValidationException) else error.status_code
    status = 422 if status == 400 else status  # noqa: PLR2004 - the status itself
    detail = _EDGE_DETAILS.get(status, error.detail)
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        wrong = [f"{e.get('key', '')}: {e.get('message', '')}" for e in error.extra]
        detail = "; ".join(wrong) or detail
    response = problem_response(status, _EDGE_CODES.get(status, "request.refused"), detail)
    response.headers.update(error.headers or {})
    return response


def answer_unreadable(
    request: Request[Any, Any, Any], error: RecursionError | UnicodeDecodeError
) -> Response[Problem]:
    """Answer to a body that the framework's parser gives up on without an error of its own."""
    _log.warning("unreadable at %s %s", request.method, _route_of(request), exc_info=error)
    is_deep = isinstance(error, RecursionError)
    detail = "the body is nested too deeply" if is_deep else "the body is no UTF-8"
    return problem_response(422, _EDGE_CODES[422], detail)


def _route_of(request: Request[Any, Any, Any]) -> str:
    """Return a route's template: a path may hold what opens something, and as much as it likes."""
    return str(request.scope.get("path_template", "an unknown path"))


def answer_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Log what nobody expected and answer without details."""
    _log.error("fault at %s %s", request.method, _route_of(request), exc_info=error)
    return problem_response(500, "internal", "The fault was logged; trying again is safe.")


FAILURE_HANDLERS: Final[dict[Any, Any]] = {
    HeroError: answer_expected,
    EdgeError: answer_edge,
    HTTPException: answer_http,
    RecursionError: answer_unreadable,
    UnicodeDecodeError: answer_unreadable,
    Exception: answer_fault,
}
