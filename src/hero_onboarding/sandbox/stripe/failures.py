"""Answers that mean no, in the shape that Stripe gives them."""

from collections.abc import Mapping
from typing import Final

from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.sandbox.exchange import Answer, json_answer

INVALID_REQUEST: Final = "invalid_request_error"
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404
_NOUNS: Final[Mapping[str, str]] = {
    "checkout.session": "checkout.session",
    "payment_method": "PaymentMethod",
    "radar.early_fraud_warning": "early fraud warning",
    "webhook_endpoint": "webhook endpoint",
}


class StripeAnswerError(RefusedError):
    """A request ends in an error answer.

    Attributes:
        status: HTTP status.
        body: The members of ``error``, without those that are not set.
        headers: What goes out beside it.
    """

    code = "sandbox.stripe_answer"

    def __init__(self, status: int, kind: str, message: str, **members: object) -> None:
        super().__init__(f"the sandbox's Stripe answers {status}: {message}")
        self.status = status
        given = {name: value for name, value in members.items() if value is not None}
        self.body: dict[str, object] = {"type": kind, "message": message, **given}
        self.headers: tuple[tuple[str, str], ...] = ()


def invalid(
    message: str, *, param: str | None = None, code: str | None = None, status: int = _BAD_REQUEST
) -> StripeAnswerError:
    """Say that a request can't be carried out as it stands."""
    return StripeAnswerError(status, INVALID_REQUEST, message, param=param, code=code)


def missing(kind: str, thing_id: str, *, param: str | None = None) -> StripeAnswerError:
    """Say that there is no such thing: 404 for one in the path, 400 for one in a parameter."""
    noun = _NOUNS.get(kind, kind)
    message = f"No such {noun}: '{thing_id}'"
    status = _NOT_FOUND if param is None else _BAD_REQUEST
    return invalid(message, param=param or "id", code="resource_missing", status=status)


def failure_answer(failure: StripeAnswerError) -> Answer:
    """Spell an error."""
    return json_answer({"error": failure.body}, failure.status, failure.headers)
