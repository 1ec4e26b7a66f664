"""Serve fetch and push over HTTP by running git's own CGI program."""

import asyncio
from dataclasses import dataclass, replace
from http import HTTPStatus

from hero_onboarding.sandbox.exchange import Answer, Receive, Request, Send
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import RepositoryRecord, find_permission
from hero_onboarding.sandbox.forge.context import Caller, Forge
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, not_found
from hero_onboarding.sandbox.forge.pushes import announce, moves_between, snapshot
from hero_onboarding.sandbox.forge.pushing import find_backend, git_environment

_CHUNK_BYTES = 64 * 1024
_HEAD_BYTES_MAX = 64 * 1024
_PATHS = {
    ("GET", "info", "refs"): "",
    ("POST", "git-upload-pack"): "git-upload-pack",
    ("POST", "git-receive-pack"): "git-receive-pack",
}


@dataclass(frozen=True, slots=True)
class GitService:
    """One request of the smart protocol."""

    head: Request
    owner: str
    name: str
    path: tuple[str, ...]
    is_push: bool

    async def run(self, forge: Forge, caller: Caller, receive: Receive, send: Send) -> int:
        """Check the caller, run git and stream its answer; return the status."""
        record = self._authorise(forge, caller)
        bytes_max = forge.switches.settings.max_body_bytes
        if int(self.head.headers.get("content-length", "0")) > bytes_max:
            raise ForgeAnswerError(413, "request body too large")
        if self.path != ("git-receive-pack",) or caller.user is None:
            return await self._serve(forge, record, caller, (receive, send))
        before = snapshot(forge.shelf.open(record.owner, record.name))
        try:
            return await self._serve(forge, record, caller, (receive, send))
        finally:
            after = snapshot(forge.shelf.open(record.owner, record.name))
            announce(forge, record, moves_between(before, after), caller.user)

    async def _serve(
        self, forge: Forge, record: RepositoryRecord, caller: Caller, wire: tuple[Receive, Send]
    ) -> int:
        receive, send = wire
        process = await asyncio.create_subprocess_exec(
            find_backend(),
            env=self._environment(forge, record, caller),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdin is not None, process
        assert process.stdout is not None, process
        bytes_max = forge.switches.settings.max_body_bytes
        feeding = asyncio.create_task(_feed(process.stdin, receive, bytes_max))
        try:
            return await _relay(process.stdout, send)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            if process.returncode is None:
                await _end(process)

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


async def _feed(stdin: asyncio.StreamWriter, receive: Receive, bytes_max: int) -> None:
    size = 0
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            part = message.get("body", b"")
            size += len(part)
            if size > bytes_max:
                return
            stdin.write(part)
            await stdin.drain()
            if not message.get("more_body", False):
                return
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        stdin.close()


async def _relay(stdout: asyncio.StreamReader, send: Send) -> int:
    status, headers = await _read_head(stdout)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    while part := await stdout.read(_CHUNK_BYTES):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return status


async def _read_head(stdout: asyncio.StreamReader) -> tuple[int, list[tuple[bytes, bytes]]]:
    status, size = 200, 0
    headers: list[tuple[bytes, bytes]] = []
    while line := await stdout.readline():
        size += len(line)
        if line.strip() == b"" or size > _HEAD_BYTES_MAX:
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"status":
            status = int(value.split()[0])
        else:
            headers.append((name.strip().lower(), value.strip()))
    if not headers:
        raise ForgeAnswerError(500, "git ended without an answer")
    return status, headers


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()
