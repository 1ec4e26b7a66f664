"""Run the smoke script against a sandbox forge: it must pass, and fail where a part is off.

A healthy server must pass every check, twice in a row and on each kind of forge server. Then
servers without de-duplication, without merging and without the secret check must each fail a
check of a known name, and still leave the repository as it was. Prints a line for each run and
exits 1 when anything is not as expected.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PROGRAMS: Final = Path(sys.executable).parent
SCRIPT: Final = ROOT / "scripts" / "smoke_usage_push.sh"
REPOSITORY: Final = "lhumina_code/hero_onboarding_billing"
SECRET: Final = "the-admin-secret-of-the-smoke-run"
CHECKS_MIN: Final = 24
FORGES: Final = ("forgejo-late", "forgejo-mid-2025", "gitea")
MUST_FAIL: Final = {
    "deduplication": "a repeat is 200 and duplicate",
    "merge": "the late record is merged into the existing file",
    "secret-check": "recording with a wrong secret is 401",
}
"""The check that must fail when a part is off."""

_LINE = re.compile(r"(ok|not ok) \d+ - (.*)")


@dataclass(frozen=True)
class Forge:
    """A running sandbox forge."""

    url: str
    token: str


@dataclass(frozen=True)
class Run:
    """What one run of the script said."""

    name: str
    code: int
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    output: str

    @property
    def summary(self) -> str:
        """Say it in one line."""
        shown = f"{self.name}: {len(self.passed)} passed, {len(self.failed)} failed"
        return f"{shown}, exit {self.code}"


@contextmanager
def started(
    command: list[str], settings: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program for the time of the block; its output is its own pipe."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HERO_ONBOARDING_")}
    with (
        log.open("ab") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, env={**plain, **settings}, cwd=ROOT
        ) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def read_line(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Wait for the next line that a program prints."""
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    if not line:
        raise SystemExit(f"a program did not start:\n{log.read_text()}")
    return line


@contextmanager
def forge_server(folder: Path, kind: str) -> Iterator[Forge]:
    """Run a sandbox forge that acts one kind of server."""
    log = folder / "forge.log"
    command = [str(PROGRAMS / "hero_onboarding"), "sandbox", "forge", "--server", kind]
    command += ["--root", str(folder / "forge"), "--repository", REPOSITORY]
    with started(command, {}, log) as process:
        ready = json.loads(read_line(process, log))
        yield Forge(ready["url"], ready["token"])


@contextmanager
def product_server(folder: Path, forge: Forge, fault: str | None) -> Iterator[str]:
    """Run the product's server, with a part off if a fault is named, and give its origin."""
    command = [str(PROGRAMS / "hero_onboarding_server")]
    if fault is not None:
        command = [sys.executable, "-m", "tests.support.faulty_server", fault]
    settings = {
        **script_settings(forge),
        "HERO_ONBOARDING_DATA_DIR": str(folder / f"data-{fault}"),
        "HERO_ONBOARDING_NODE_NAME": "smoke-in-ci",
        "HERO_ONBOARDING_SOCKET_DIR": "off",
        "HERO_ONBOARDING_LISTEN": "127.0.0.1:0",
        "HERO_ONBOARDING_ADMIN_LISTEN": "127.0.0.1:0",
    }
    log = folder / f"server-{fault}.log"
    with started(command, settings, log) as process:
        yield read_line(process, log).split()[-1]


def script_settings(forge: Forge) -> dict[str, str]:
    """Return what the script needs to know."""
    return {
        "HERO_ONBOARDING_ADMIN_SECRET": SECRET,
        "HERO_ONBOARDING_FORGE_URL": forge.url,
        "HERO_ONBOARDING_FORGE_TOKEN": forge.token,
        "HERO_ONBOARDING_FORGE_REPO": REPOSITORY,
    }


def smoke(name: str, origin: str, forge: Forge) -> Run:
    """Run the script once."""
    done = subprocess.run(
        ["bash", str(SCRIPT), origin],
        env={"PATH": os.environ["PATH"], **script_settings(forge)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = _LINE.findall(done.stdout)
    passed = tuple(check for word, check in found if word == "ok")
    failed = tuple(check for word, check in found if word != "ok")
    return Run(name, done.returncode, passed, failed, done.stdout + done.stderr)


def judge_healthy(run: Run) -> list[str]:
    """Say what is wrong with a run that must pass."""
    last = run.output.rstrip().splitlines()[-1:]
    counted = [f"{len(run.passed)} passed, 0 failed"]
    if run.code or run.failed or len(run.passed) < CHECKS_MIN or last != counted:
        return [f"{run.name} must pass {CHECKS_MIN} checks or more:\n{run.output}"]
    return []


def judge_faulty(run: Run, must_fail: str) -> list[str]:
    """Say what is wrong with a run of which one check must fail."""
    if run.code != 1 or must_fail not in run.failed:
        return [f"{run.name} must fail at {must_fail!r} and exit 1:\n{run.output}"]
    if "the created files are removed" not in run.passed:
        return [f"{run.name} must remove its files:\n{run.output}"]
    return []


def run_healthy(folder: Path, kind: str) -> tuple[list[Run], list[str]]:
    """Run the script twice against a healthy server."""
    with forge_server(folder, kind) as forge, product_server(folder, forge, None) as origin:
        runs = [smoke(f"{kind}, {turn} run", origin, forge) for turn in ("first", "second")]
    return runs, [problem for run in runs for problem in judge_healthy(run)]


def run_faulty(folder: Path, fault: str) -> tuple[list[Run], list[str]]:
    """Run the script against a server with a part off."""
    with forge_server(folder, FORGES[0]) as forge, product_server(folder, forge, fault) as origin:
        run = smoke(f"without {fault}", origin, forge)
    return [run], judge_faulty(run, MUST_FAIL[fault])


def main() -> int:
    """Make all runs, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join((*FORGES, *MUST_FAIL)))
    names = parser.parse_args().names or [*FORGES, *MUST_FAIL]
    problems: list[str] = []
    for name in names:
        make = run_faulty if name in MUST_FAIL else run_healthy
        with tempfile.TemporaryDirectory(prefix="hero-smoke-") as folder:
            runs, found = make(Path(folder), name)
        problems += found
        for run in runs:
            print(run.summary, *(f"  not ok - {check}" for check in run.failed), sep="\n")
    for problem in problems:
        print(problem, file=sys.stderr)
    print("all as expected" if not problems else f"{len(problems)} runs not as expected")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
