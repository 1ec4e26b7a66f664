"""Answers that mean no, in the shape that ClickPesa gives them."""

from typing import Final

from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.sandbox.exchange import Answer, json_answer

BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
CONFLICT: Final = 409


class ClickPesaAnswerError(RefusedError):
    """A request ends in an error answer.

    Attributes:
        status: HTTP status.
        message: What the body says.
        headers: What goes out beside it.
    """

    code = "sandbox.clickpesa_answer"

    def __init__(
        self, status: int, message: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(f"the sandbox's ClickPesa answers {status}: {message}")
        self.status = status
        self.message = message
        self.headers = headers


def invalid(message: str) -> ClickPesaAnswerError:
    """Say that a request can't be carried out as it stands."""
    return ClickPesaAnswerError(BAD_REQUEST, message)


def missing(message: str) -> ClickPesaAnswerError:
    """Say that there is no such thing."""
    return ClickPesaAnswerError(NOT_FOUND, message)


def failure_answer(failure: ClickPesaAnswerError) -> Answer:
    """Spell an error."""
    return json_answer({"message": failure.message}, failure.status, failure.headers)
