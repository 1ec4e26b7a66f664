"""Serve fetch and push over HTTP by running git's own CGI program."""

import asyncio
from dataclasses import dataclass, replace
from http import HTTPStatus

from hero_onboarding.sandbox.exchange import Answer, Message, Receive, Request, Send
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import RepositoryRecord, find_permission
from hero_onboarding.sandbox.forge.context import Caller, Forge
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, not_found
from hero_onboarding.sandbox.forge.git_process import run_backend
from hero_onboarding.sandbox.forge.pushes import announce, moves_between, snapshot
from hero_onboarding.sandbox.forge.pushing import git_environment
from hero_onboarding.sandbox.forge.receiving import Reception

_PATHS = {
    ("GET", "info", "refs"): "",
    ("POST", "git-upload-pack"): "git-upload-pack",
    ("POST", "git-receive-pack"): "git-receive-pack",
}


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """What git answers to a push, and whether any reference moved."""

    answer: Answer
    has_moved: bool


@dataclass(frozen=True, slots=True)
class GitService:
    """One request of the smart protocol."""

    head: Request
    owner: str
    name: str
    path: tuple[str, ...]
    is_push: bool

    @property
    def is_receiving(self) -> bool:
        """Whether this is the request that carries the pushed objects."""
        return self.path == ("git-receive-pack",)

    async def fetch(self, forge: Forge, caller: Caller, receive: Receive, send: Send) -> int:
        """Check the caller, run git and stream its answer; return the status."""
        record = self._authorise(forge, caller)
        bytes_max = self._check_size(forge)
        return await run_backend(self._environment(forge, record, caller), receive, send, bytes_max)

    async def receive_push(self, forge: Forge, caller: Caller, receive: Receive) -> PushOutcome:
        """Take a push, tell the hooks what moved, and return the answer that is due."""
        record = self._authorise(forge, caller)
        bytes_max = self._check_size(forge)
        assert caller.user is not None, caller
        before = snapshot(forge.shelf.open(record.owner, record.name))
        collected = _Collector()
        environment = self._environment(forge, record, caller) | self._reception(forge, record)
        try:
            await run_backend(environment, receive, collected.send, bytes_max)
        finally:
            # Whatever became of the answer, the branches may have moved.
            after = snapshot(forge.shelf.open(record.owner, record.name))
            moves = moves_between(before, after)
            await asyncio.to_thread(announce, forge, record, moves, caller.user)
        return PushOutcome(collected.answer(), bool(moves))

    def _check_size(self, forge: Forge) -> int:
        bytes_max = forge.switches.settings.max_body_bytes
        if int(self.head.headers.get("content-length", "0")) > bytes_max:
            raise ForgeAnswerError(413, "request body too large")
        return bytes_max

    def _reception(self, forge: Forge, record: RepositoryRecord) -> dict[str, str]:
        fault = forge.switches.take("refuse-push", self.head.method, self.head.path)
        refusal = "" if fault is None else fault.message or "refused by a hook"
        if record.over_quota and forge.switches.behaviour.quota:
            refusal = "quota exceeded"
        reception = Reception(
            forge.shelf.hooks,
            forge.switches.settings.pause_in_push_seconds,
            refusal,
            record.protected_branches,
        )
        if not reception.needs_hook:
            return {}
        return reception.environment() | {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.hooksPath",
            "GIT_CONFIG_VALUE_0": str(reception.hooks),
        }

    def _authorise(self, forge: Forge, caller: Caller) -> RepositoryRecord:
        record = forge.registry.find_repository(self.owner, self.name)
        owner = forge.registry.find_user(self.owner)
        held = None if record is None else find_permission(record, owner, caller.user)
        if caller.user is None and (held is None or self.is_push):
            raise ForgeAnswerError(401, "Unauthorized")
        if record is None or held is None:
            raise not_found()
        if not caller.may("write" if self.is_push else "read", "repository"):
            raise ForgeAnswerError(403, "token does not have the scope that is needed")
        if self.is_push and (held == "read" or record.archived):
            raise ForgeAnswerError(403, "pushing is not allowed")
        return record

    def _environment(
        self, forge: Forge, record: RepositoryRecord, caller: Caller
    ) -> dict[str, str]:
        folder = forge.shelf.path_of(record.owner, record.name)
        headers = self.head.headers
        return {
            **git_environment(),
            "GIT_PROJECT_ROOT": str(folder.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REQUEST_METHOD": self.head.method,
            "PATH_INFO": "/".join(("", folder.name, *self.path)),
            "QUERY_STRING": f"service={self.head.query.get('service', '')}",
            "CONTENT_TYPE": headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "REMOTE_USER": caller.name,
            "REMOTE_ADDR": "127.0.0.1",
        }


def find_service(head: Request) -> GitService | None:
    """Return what is asked of the smart protocol, or None if it is something else."""
    if not is_git_path(head):
        return None
    owner, name = head.segments[0], head.segments[1].removesuffix(".git")
    path = head.segments[2:]
    service = _PATHS.get((head.method, *path))
    if service is None or not (names.is_owner_name(owner) and names.is_repository_name(name)):
        return None
    service = service or head.query.get("service", "")
    if service not in {"git-upload-pack", "git-receive-pack"}:
        # The old protocol of plain files is not served.
        raise ForgeAnswerError(403, "only the smart protocol is served")
    return GitService(head, owner, name, path, service == "git-receive-pack")


def is_git_path(head: Request) -> bool:
    """Say whether a request is made by git: ``/owner/name.git/...``."""
    _owner, name, *rest = (*head.segments, "", "")
    return name.endswith(".git") and rest[0] != ""


def with_challenge(answer: Answer) -> Answer:
    """Add to a 401 the header without which git sends no password."""
    if answer.status != HTTPStatus.UNAUTHORIZED:
        return answer
    return replace(answer, headers=(*answer.headers, ("WWW-Authenticate", 'Basic realm="Gitea"')))


class _Collector:
    """Gathers an answer that is small, so that it can still be withheld."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: tuple[tuple[str, str], ...] = ()
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message["headers"]
            )
        else:
            self._parts.append(message["body"])

    def answer(self) -> Answer:
        return Answer(self._status, b"".join(self._parts), self._headers)
