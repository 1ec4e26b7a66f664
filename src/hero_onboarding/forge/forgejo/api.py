"""The calls to one repository of a Forgejo or Gitea: paths, JSON and failures."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from hero_onboarding.forge.errors import ForgeAnswerError, ForgeUnavailableError
from hero_onboarding.forge.forgejo.answers import ApiSettings, RepositoryAnswer, read_answer
from hero_onboarding.forge.forgejo.refusals import failure_of
from hero_onboarding.outbound import (
    AnswerTooLargeError,
    HttpAnswer,
    HttpClient,
    OutboundUnavailableError,
)

_BASE: Final = "/api/v1"
_SUCCESSES: Final = range(200, 300)


@dataclass(slots=True)
class Learned:
    """What we found out about the server, so as not to ask again.

    Losing or racing it costs a request, nothing else.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    settings: ApiSettings | None = None
    default_branch: str | None = None
    has_batch_blobs: bool = True
    has_multi_file: bool = True


@dataclass(frozen=True, slots=True)
class RepositoryApi:
    """One repository's part of the API."""

    http: HttpClient
    owner: str
    name: str
    token: str | None = field(repr=False)
    learned: Learned = field(default_factory=Learned)

    def ask(
        self, path: str, query: Mapping[str, str | int] | None = None, **limits: int
    ) -> HttpAnswer:
        """Read below the repository and return the answer whatever its status.

        Raises:
            ForgeUnavailableError: If there is no answer.
            AnswerTooLargeError: If it is over ``answer_bytes_max``.
        """
        return self._send("GET", self._path(path, query), None, **limits)

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> HttpAnswer:
        """Read below the repository and return what is a success.

        Raises:
            ForgeAnswerError: If the answer makes no sense or is too large.
            ForgeRefusedError: If an operator has to act.
            ForgeUnavailableError: If trying later may help.
        """
        try:
            answer = self.ask(path, query)
        except AnswerTooLargeError as error:
            raise ForgeAnswerError(str(error)) from None
        return self.must("GET", answer)

    def write(self, method: str, path: str, body: object) -> HttpAnswer:
        """Write below the repository and return the answer whatever its status.

        Raises:
            ForgeUnavailableError: If there is no answer; whether it was written is unknown.
        """
        try:
            return self._send(method, self._path(path, None), msgspec.json.encode(body))
        except AnswerTooLargeError as error:
            raise ForgeAnswerError(str(error)) from None

    def must(self, call: str, answer: HttpAnswer) -> HttpAnswer:
        """Return a success, raise anything else as the forge's errors."""
        if answer.status not in _SUCCESSES:
            raise failure_of(call, answer, self.token)
        return answer

    def get_repository(self) -> RepositoryAnswer:
        """Read the repository itself; raises when it does not exist or can't be seen."""
        return read_answer(self.get(""), RepositoryAnswer)

    def get_settings(self) -> ApiSettings:
        """Read the server's sizes once; a server that does not tell has the usual ones."""
        with self.learned.lock:
            if self.learned.settings is None:
                answer = self._send("GET", f"{_BASE}/settings/api", None)
                silent = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
                if answer.status in silent:
                    self.learned.settings = ApiSettings()
                else:
                    self.must("GET settings", answer)
                    self.learned.settings = read_answer(answer, ApiSettings)
            return self.learned.settings

    def _path(self, path: str, query: Mapping[str, str | int] | None) -> str:
        below = "/".join(quote(part, safe="") for part in path.split("/")) if path else ""
        asked = f"?{urlencode(query, safe=',')}" if query else ""
        owner, name = quote(self.owner, safe=""), quote(self.name, safe="")
        return f"{_BASE}/repos/{owner}/{name}{f'/{below}' if below else ''}{asked}"

    def _send(
        self, method: str, path: str, body: bytes | None, *, answer_bytes_max: int | None = None
    ) -> HttpAnswer:
        try:
            return self.http.send(method, path, json=body, answer_bytes_max=answer_bytes_max)
        except OutboundUnavailableError as error:
            raise ForgeUnavailableError(f"the forge can't be reached: {error}") from None
