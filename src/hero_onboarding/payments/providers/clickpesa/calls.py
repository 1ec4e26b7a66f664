"""Calls to ClickPesa: its token, its checksum, and what its statuses mean.

No text of an answer, no token and no phone number stands in a log or in a failure.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from hero_onboarding.kernel.clock import Clock
from hero_onboarding.outbound import (
    AnswerTooLargeError,
    HttpAnswer,
    HttpClient,
    Limits,
    OutboundUnavailableError,
    read_base_address,
)
from hero_onboarding.payments.errors import ProviderAnswerError, ProviderUnavailableError
from hero_onboarding.payments.providers.clickpesa.checksum import signed_body
from hero_onboarding.payments.providers.clickpesa.settings import ClickPesaSettings
from hero_onboarding.payments.providers.clickpesa.token import TokenCache
from hero_onboarding.payments.providers.clickpesa.wire import read_json, read_object

LIMITS: Final = Limits(connect_seconds=10, overall_seconds=30)
BAD_REQUEST: Final = 400
NOT_FOUND: Final = 404
CONFLICT: Final = 409
WAIT_SECONDS_MIN: Final = 10
_WAIT_SECONDS_MAX: Final = 3600
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_SERVER_ERRORS: Final = 500
_LATER: Final = frozenset({408, 425, 429})
_TOO_MANY: Final = ("too many", "rate limit", "throttl")
_TOKEN: Final = re.compile(r"(Bearer )?[\x21-\x7e]{1,8192}")
_CREDENTIALS: Final = "HERO_ONBOARDING_CLICKPESA_CLIENT_ID and HERO_ONBOARDING_CLICKPESA_API_KEY"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """What ClickPesa answered: done, or 400, 404 or 409 with why.

    Attributes:
        content: The body as JSON, None where a refusal has none.
    """

    status: int
    content: object = field(repr=False)

    @property
    def is_done(self) -> bool:
        """Whether it did what was asked."""
        return self.status < BAD_REQUEST

    @property
    def words(self) -> str:
        """Return why not, in lower case, to be looked at and never to be shown."""
        return _words_of(self.content)


class ClickPesaCalls:
    """Calls one account; safe to share between threads."""

    def __init__(self, settings: ClickPesaSettings, clock: Clock, limits: Limits = LIMITS) -> None:
        self._settings = settings
        self._token = TokenCache(self._fetch_token, clock)
        address = read_base_address(settings.base_url)
        self._http = HttpClient(address, headers={"Accept": "application/json"}, limits=limits)

    def get(self, path: str, **query: str | int) -> Answered:
        """Read something.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came, or ClickPesa does not let us.
        """
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, members: Mapping[str, Any]) -> Answered:
        """Ask for something with a summed body; never sent twice, but after a 401.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came, so that nobody knows what was done, or
                ClickPesa does not let us.
        """
        return self._call("POST", path, signed_body(members, self._settings.checksum_key))

    def _call(self, method: str, path: str, body: bytes | None) -> Answered:
        call = f"{method} {path.partition('?')[0]}"
        header = self._token.header()
        answer = self._send(method, path, body, {"Authorization": header})
        if answer.status == _UNAUTHORIZED:
            self._token.drop(header)
            header = self._token.header()
            answer = self._send(method, path, body, {"Authorization": header})
        return _judge(call, answer)

    def _fetch_token(self) -> str:
        settings = self._settings
        headers = {"client-id": settings.client_id, "api-key": settings.api_key}
        call = "POST /generate-token"
        answer = _judge(call, self._send("POST", "/generate-token", None, headers))
        if not answer.is_done:
            raise _locked_out(call, answer.status)
        token = read_object(answer.content).get("token")
        if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
            raise ProviderAnswerError("ClickPesa gave no usable token")
        return token

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> HttpAnswer:
        try:
            return self._http.send(method, path, json=body, headers=headers)
        except OutboundUnavailableError as error:
            raise ProviderUnavailableError(f"ClickPesa did not answer: {error}") from None
        except AnswerTooLargeError as error:
            raise ProviderAnswerError(f"ClickPesa answered too much: {error}") from None


def _judge(call: str, answer: HttpAnswer) -> Answered:
    """Say what an answer is: done, refused with a reason, or a failure."""
    status = answer.status
    try:
        content = read_json(answer.body)
    except ValueError:
        content = None
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        raise _locked_out(call, status)
    if status >= BAD_REQUEST and (status in _LATER or _is_throttled(content)):
        wait = max(WAIT_SECONDS_MIN, _asked_wait(answer))
        raise ProviderUnavailableError(f"{call} to ClickPesa was one call too many", wait)
    if status >= _SERVER_ERRORS:
        raise ProviderUnavailableError(f"{call} to ClickPesa was answered {status}")
    is_done = status // 100 == 2  # noqa: PLR2004 - 2xx
    if is_done and content is not None:
        return Answered(status, content)
    if status in {BAD_REQUEST, NOT_FOUND, CONFLICT}:
        return Answered(status, content)
    raise ProviderAnswerError(f"{call} to ClickPesa was answered {status} and nothing of sense")


def _locked_out(call: str, status: int) -> ProviderUnavailableError:
    """Call staff: nothing works until somebody mends the credentials."""
    detail = f"ClickPesa does not let us: {call} was answered {status}; check {_CREDENTIALS}"
    _log.error("%s", detail)
    return ProviderUnavailableError(detail, is_locked_out=True)


def _is_throttled(content: object) -> bool:
    words = _words_of(content)
    return any(sign in words for sign in _TOO_MANY)


def _asked_wait(answer: HttpAnswer) -> int:
    text = answer.headers.get("retry-after", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_WAIT_SECONDS_MAX))
    return min(int(text), _WAIT_SECONDS_MAX) if is_number else 0


def _words_of(content: object) -> str:
    message = content.get("message") if isinstance(content, Mapping) else None
    return message.lower() if isinstance(message, str) else ""
