"""Answers that mean no, in the shape that the forges give them."""

from http import HTTPStatus

from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.sandbox.exchange import Answer, json_answer

NOT_FOUND_MESSAGE = "The target couldn't be found."


class ForgeAnswerError(RefusedError):
    """A request ends in an error answer.

    Attributes:
        status: HTTP status.
        message: What the body says; the body of a 500 says nothing.
        errors: Details that only a 404 carries.
    """

    code = "sandbox.forge_answer"

    def __init__(self, status: int, message: str, errors: tuple[str, ...] = ()) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.errors = errors


def not_found(*errors: str) -> ForgeAnswerError:
    """Say that the target is not there."""
    return ForgeAnswerError(404, NOT_FOUND_MESSAGE, errors)


def invalid(message: str) -> ForgeAnswerError:
    """Say that the request cannot be processed."""
    return ForgeAnswerError(422, message)


def failure_answer(failure: ForgeAnswerError, root_url: str) -> Answer:
    """Spell an error: ``message`` and ``url``, and for a 404 ``errors`` too.

    Production servers blank the message of every 500 for ordinary users; this one does the same.
    """
    message = "" if failure.status == HTTPStatus.INTERNAL_SERVER_ERROR else failure.message
    body: dict[str, object] = {"message": message, "url": f"{root_url}/api/swagger"}
    if failure.status == HTTPStatus.NOT_FOUND:
        body["errors"] = list(failure.errors)
    return json_answer(body, failure.status)
