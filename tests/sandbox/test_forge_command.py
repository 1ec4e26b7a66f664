import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hero_onboarding.sandbox.errors import ClockBackwardsError, NotLoopbackError
from hero_onboarding.sandbox.forge import SandboxForge, Settings
from tests.sandbox.forge_bench import git

COMMAND = [sys.executable, "-m", "hero_onboarding.sandbox.forge"]


@pytest.fixture
def process(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    words = ["--root", str(tmp_path / "root"), "--repository", "o/r", "--server", "gitea"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_command_prints_its_address_and_stops_on_sigterm(
    process: "subprocess.Popen[str]",
) -> None:
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())

    headers = {"Authorization": f"token {ready['token']}"}
    version = httpx.get(f"{ready['url']}/api/v1/version").json()["version"]
    written = httpx.post(
        f"{ready['url']}/api/v1/repos/o/r/contents/a", json={"content": ""}, headers=headers
    )
    os.kill(process.pid, signal.SIGTERM)

    assert version == "1.26.0"
    assert written.status_code == 201
    assert process.wait(20) == 0


@pytest.mark.parametrize("address", ["0.0.0.0:0", "example.org:80", "10.0.0.1:0", "[::]:0", "x"])
def test_the_command_listens_on_loopback_only(address: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--root", str(tmp_path), "--listen", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "loopback" in done.stderr


def test_the_class_listens_on_loopback_only(tmp_path: Path) -> None:
    with pytest.raises(NotLoopbackError):
        SandboxForge(tmp_path, listen="192.168.0.1:0")


def test_tokens_repositories_and_commits_survive_a_restart(tmp_path: Path) -> None:
    with SandboxForge(tmp_path) as first:
        path = first.create_repository("o/r")
        token = first.token
        head = git("-C", str(path), "rev-parse", "main")
    with SandboxForge(tmp_path) as second:
        second.create_repository("o/r")
        shown = httpx.get(
            f"{second.url}/api/v1/repos/o/r/branches/main",
            headers={"Authorization": f"token {token}"},
        )

    assert second.token == token
    assert shown.json()["commit"]["id"] == head.strip()


def test_the_accounts_file_can_lie_elsewhere_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    state = tmp_path / "accounts.json"

    with SandboxForge(tmp_path / "root", state=state, settings=Settings(server="gitea")) as forge:
        assert forge.switches.settings.server == "gitea"

    assert state.stat().st_mode & 0o777 == 0o600


def test_what_an_earlier_run_left_half_done_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / ".work" / "tmpabc").mkdir(parents=True)

    with SandboxForge(tmp_path):
        assert list((tmp_path / ".work").iterdir()) == []


def test_a_forge_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    forge = SandboxForge(tmp_path)
    forge.stop()
    forge.stop()


def test_the_clock_cannot_be_turned_back_by_a_negative_step(tmp_path: Path) -> None:
    with SandboxForge(tmp_path) as forge:
        answer = httpx.post(f"{forge.url}/sandbox/clock", json={"advance_seconds": -1})

    assert answer.status_code == 422
    assert ClockBackwardsError.code == "sandbox.clock_backwards"
