"""Tell from a status who has to do what about a failure."""

from http import HTTPStatus
from typing import Final

from hero_onboarding.forge.errors import (
    ForgeAnswerError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.forge.forgejo.answers import message_of
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.outbound import HttpAnswer

MESSAGE_CHARACTERS_MAX: Final = 300

_REMEDIES: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "the forge does not know our token: set a valid one",
    HTTPStatus.FORBIDDEN: "the forge does not let us: check the token's scope and protections",
    HTTPStatus.NOT_FOUND: (
        "the repository does not exist or our token does not see it: create it or correct its name"
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "the forge takes no more: raise its quota or the limit of the proxy before it"
    ),
    HTTPStatus.LOCKED: "the repository is archived: make it writable or name another one",
}
_REDIRECTS: Final = range(300, 400)
_OWN_FAILURES: Final = range(500, 600)


def failure_of(call: str, answer: HttpAnswer, secret: str | None) -> HeroError:
    """Translate an answer that is no success into one of the forge's errors."""
    shown = f"{call}: {describe(answer, secret)}"
    remedy = _REMEDIES.get(answer.status)
    if remedy is not None:
        is_too_large = answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return ForgeRefusedError(f"{remedy} ({shown})", is_too_large=is_too_large)
    if answer.status in _REDIRECTS:
        return ForgeRefusedError(f"the forge answers from another address: set that one ({shown})")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status in _OWN_FAILURES:
        return ForgeUnavailableError(shown)
    return ForgeAnswerError(shown)


def describe(answer: HttpAnswer, secret: str | None) -> str:
    """Spell a status and what the server says, short and without our token."""
    message = message_of(answer)
    if secret:
        message = message.replace(secret, "***")
    return f"{answer.status} {message[:MESSAGE_CHARACTERS_MAX]}".strip()
