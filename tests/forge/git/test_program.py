"""The git program is bounded, alone, and told nothing on its command line."""

import stat
import time
from contextlib import suppress
from pathlib import Path

import pytest

from hero_onboarding.forge import ForgeUnavailableError
from hero_onboarding.forge.git.program import OUTPUT_BYTES_MAX, GitProgram
from hero_onboarding.outbound import AFTER_CALL, BEFORE_CALL, no_trace

SECRET = "a-secret-token"


def program_that(folder: Path, script: str) -> Path:
    path = folder / "git"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(process_id: int) -> None:
    ends_at = time.monotonic() + 10
    while is_alive(process_id):
        assert time.monotonic() < ends_at, f"{process_id} lives on"
        time.sleep(0.01)


def test_git_that_takes_too_long_is_killed_with_all_it_started(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/own; wait"
    program = GitProgram(program_that(tmp_path, script), {}, no_trace)

    with pytest.raises(ForgeUnavailableError, match="took over"):
        program.run(tmp_path, ["fetch"], timeout_seconds=1)

    wait_until_gone(int((tmp_path / "own").read_text()))
    wait_until_gone(int((tmp_path / "child").read_text()))


def test_git_that_closes_its_output_and_stays_is_killed_too(tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/own; exec >&- 2>&-; sleep 60"
    program = GitProgram(program_that(tmp_path, script), {}, no_trace)

    with pytest.raises(ForgeUnavailableError, match="took over"):
        program.run(tmp_path, ["fetch"], timeout_seconds=1)

    wait_until_gone(int((tmp_path / "own").read_text()))


def test_only_the_beginning_of_what_git_says_is_kept(tmp_path: Path) -> None:
    script = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 3"
    program = GitProgram(program_that(tmp_path, script), {}, no_trace)

    result = program.run(tmp_path, ["fetch"], timeout_seconds=30)

    assert (result.exit_code, len(result.output), len(result.said)) == (
        3,
        OUTPUT_BYTES_MAX,
        OUTPUT_BYTES_MAX,
    )


def test_the_token_is_in_the_environment_and_nothing_of_ours_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("HERO_ONBOARDING_FORGE_TOKEN", SECRET)
    program = program_that(tmp_path, 'printf "%s\\n" "$*"; echo ---; env')
    config = {"http.http://127.0.0.1/.extraHeader": f"Authorization: Basic {SECRET}"}

    result = GitProgram(program, config, no_trace).run(
        tmp_path, ["fetch", "--quiet"], timeout_seconds=30
    )

    words, _, environment = result.output.partition("---\n")
    assert words == f"-C {tmp_path} fetch --quiet\n"
    found = dict(line.split("=", 1) for line in environment.splitlines())
    assert found["GIT_CONFIG_COUNT"] == "1"
    assert found["GIT_CONFIG_KEY_0"] == "http.http://127.0.0.1/.extraHeader"
    assert found["GIT_CONFIG_VALUE_0"] == f"Authorization: Basic {SECRET}"
    assert found["GIT_CONFIG_GLOBAL"] == "/dev/null"
    assert found["GIT_TERMINAL_PROMPT"] == "0"
    assert not {"HTTPS_PROXY", "GIT_TRACE", "HERO_ONBOARDING_FORGE_TOKEN"} & found.keys()


def test_the_hook_hears_of_every_process(tmp_path: Path) -> None:
    points: list[str] = []
    program = GitProgram(program_that(tmp_path, "exit 1"), {}, points.append)

    program.run(tmp_path, ["fetch"], timeout_seconds=30)

    assert points == [BEFORE_CALL, AFTER_CALL]


def test_a_program_that_is_gone_is_for_later(tmp_path: Path) -> None:
    program = GitProgram(tmp_path / "git", {}, no_trace)

    with pytest.raises(ForgeUnavailableError, match="can't be started"):
        program.run(tmp_path, ["fetch"], timeout_seconds=1)


def open_pipes() -> set[str]:
    """Every pipe of this process, by its own number: nothing closes twice or by chance."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(entry.readlink()))
    return {name for name in found if name.startswith("pipe:")}


def test_a_program_that_ends_leaves_no_open_files(tmp_path: Path) -> None:
    program = GitProgram(program_that(tmp_path, "exit 0"), {}, no_trace)
    before = open_pipes()

    for _ in range(5):
        program.run(tmp_path, ["fetch"], timeout_seconds=30)

    assert open_pipes() <= before
