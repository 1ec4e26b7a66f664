"""One repository of a running sandbox forge, with the calls that tests make to it."""

import base64
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx

from hero_onboarding.sandbox.forge import SandboxForge

AUTHOR = {"name": "node-00007", "email": "node-00007@nodes.invalid"}
DATES = {"author": "2026-01-01T01:00:00Z", "committer": "2026-01-01T01:00:00Z"}
_WAIT_SECONDS = 20

Json: TypeAlias = Any


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def git(*words: str, cwd: Path | None = None) -> str:
    done = run_git(*words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_git(*words: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.invalid",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.invalid",
    }
    return subprocess.run(
        ["git", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def wait_until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + _WAIT_SECONDS
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.002)


@dataclass(frozen=True)
class Bench:
    forge: SandboxForge
    name: str
    client: httpx.Client

    @classmethod
    def open(cls, forge: SandboxForge, name: str, token: str | None = None) -> Self:
        secret = forge.token if token is None else token
        headers = {"Authorization": f"token {secret}"} if secret else {}
        client = httpx.Client(base_url=f"{forge.url}/api/v1", headers=headers, timeout=60)
        return cls(forge, name, client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()

    @property
    def path(self) -> Path:
        return self.forge.repository_path(self.name)

    def with_token(self, token: str) -> "Bench":
        return Bench.open(self.forge, self.name, token)

    def get(self, rest: str = "", **query: str | int) -> httpx.Response:
        return self.client.get(f"/repos/{self.name}{rest}", params=query)

    def send(self, method: str, rest: str, body: Mapping[str, Any]) -> httpx.Response:
        return self.client.request(method, f"/repos/{self.name}{rest}", json=dict(body))

    def create(self, path: str, content: bytes, **more: Json) -> httpx.Response:
        body = {"content": encode(content), "message": f"add {path}", **more}
        return self.send("POST", f"/contents/{path}", body)

    def update(self, path: str, content: bytes, sha: str, **more: Json) -> httpx.Response:
        body = {"content": encode(content), "message": f"update {path}", "sha": sha, **more}
        return self.send("PUT", f"/contents/{path}", body)

    def delete(self, path: str, sha: str, **more: Json) -> httpx.Response:
        body = {"message": f"delete {path}", "sha": sha, **more}
        return self.send("DELETE", f"/contents/{path}", body)

    def change(self, *files: Mapping[str, Any], **more: Json) -> httpx.Response:
        return self.send("POST", "/contents", {"files": list(files), "message": "many", **more})

    def put_down(self, path: str, content: bytes) -> str:
        """Create a file and return its blob id."""
        answer = self.create(path, content)
        assert answer.status_code == 201, answer.text
        sha = answer.json()["content"]["sha"]
        assert isinstance(sha, str)
        return sha

    def head(self, branch: str = "main") -> str:
        done = run_git("-C", str(self.path), "rev-parse", "--verify", "-q", f"refs/heads/{branch}")
        return done.stdout.strip()

    def read(self, path: str, branch: str = "main") -> str:
        return git("-C", str(self.path), "show", f"{branch}:{path}")

    def commits(self, branch: str = "main") -> list[str]:
        return git("-C", str(self.path), "rev-list", branch).split()

    def references(self) -> str:
        return git("-C", str(self.path), "for-each-ref")

    def fsck(self) -> None:
        assert git("-C", str(self.path), "fsck", "--strict", "--no-dangling") == ""

    def remote(self, token: str | None = None) -> str:
        secret = self.forge.token if token is None else token
        return self.forge.url.replace("//", f"//sandbox:{secret}@") + f"/{self.name}.git"
