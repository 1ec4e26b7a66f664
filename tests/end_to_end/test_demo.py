"""The demonstration and its check, which finds each of five planted faults."""

import ast
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import demo
import demo_check
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
BLOCK = re.compile(r"\[\[records\]\]\n(?:.+\n)+")

pytestmark = pytest.mark.slow


def plain_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("HERO_ONBOARDING_")}


@dataclass(frozen=True)
class Walked:
    """A demonstration that was walked through, its processes still there."""

    demo: demo.Demo
    pushes: list[dict[str, Any]]

    def facts(self) -> dict[str, Any]:
        return self.demo.facts(self.pushes)

    def files(self) -> dict[str, bytes]:
        return demo_check.read_repository(self.demo.clone_address, self.demo.token)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    with ExitStack() as stack:
        made = demo.Demo(tmp_path_factory.mktemp("demo"), stack, fixed_ports=False)
        made.create_users()
        made.top_up()
        made.record()
        pushes = made.push()
        made.aggregate()
        yield Walked(made, pushes)


def check(files: dict[str, bytes], facts: dict[str, Any], folder: Path) -> tuple[int, list[str]]:
    """Commit files with git and run the check as a program of its own."""
    work = folder / "work"
    git = ["git", "-C", str(work), "-c", "user.name=t", "-c", "user.email=t@localhost"]
    subprocess.run(["git", "init", "-q", str(work)], check=True)
    for path, content in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(content)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "all"], check=True)
    (folder / "facts.json").write_text(json.dumps(facts))
    command = [sys.executable, str(SCRIPTS / "demo_check.py"), "--repository", str(work)]
    command += ["--facts", str(folder / "facts.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, json.loads(done.stdout)["problems"]


def test_the_demonstration_checks_itself_within_a_minute() -> None:
    command = [sys.executable, str(SCRIPTS / "demo.py"), "--check"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env=plain_environment()
    )

    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert (found["ok"], found["problems"], found["books_balanced"]) == (True, [], True)
    assert found["records"] == found["pushed_records"] > 50
    assert found["records_delivered"] > found["records"]
    assert (found["buckets"], found["commits"]) == (6, 3)
    assert found["paid_in"] == 25_000_000


def test_the_check_imports_nothing_but_pythons_own_library() -> None:
    tree = ast.parse((SCRIPTS / "demo_check.py").read_text())
    names = {
        name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    }
    names |= {
        str(node.module).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert names <= sys.stdlib_module_names, names


def test_what_was_pushed_agrees(walked: Walked, tmp_path: Path) -> None:
    assert check(walked.files(), walked.facts(), tmp_path) == (0, [])


def lose_a_record(files: dict[str, bytes]) -> None:
    path = max(files, key=lambda name: len(files[name]))
    files[path] = BLOCK.sub("", files[path].decode(), count=1).encode()


def double_a_record(files: dict[str, bytes]) -> None:
    path = max(files, key=lambda name: len(files[name]))
    match = BLOCK.search(files[path].decode())
    assert match is not None
    again = match[0].replace('idempotency_key = "', 'idempotency_key = "again-')
    files[path] += b"\n" + again.encode()


def change_an_amount(files: dict[str, bytes]) -> None:
    path = max(files, key=lambda name: len(files[name]))
    text = files[path].decode()
    match = re.search(r"amount_cents = (\d+)", text)
    assert match is not None
    files[path] = text.replace(match[0], f"amount_cents = {int(match[1]) + 1}", 1).encode()


def drop_a_bucket(files: dict[str, bytes]) -> None:
    del files[max(name for name in files if name.endswith(".otoml"))]


FAULTS: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a lost record": (lose_a_record, r"record \S+ of \S+ was sent and is not on the forge"),
    "a doubled record": (double_a_record, r"record again-\S+ of \S+ is on the forge and was never"),
    "a changed amount": (change_an_amount, r"record \S+ of \S+ has another amount_cents"),
    "a dropped bucket": (drop_a_bucket, r"the forge has 5 buckets, 6 were pushed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_the_forge_is_found(name: str, walked: Walked, tmp_path: Path) -> None:
    plant, sentence = FAULTS[name]
    files = walked.files()
    plant(files)

    code, problems = check(files, walked.facts(), tmp_path)

    assert code == 1
    assert any(re.search(sentence, problem) for problem in problems), problems


def test_the_same_record_twice_in_a_bucket_is_found(walked: Walked, tmp_path: Path) -> None:
    files = walked.files()
    path = max(files, key=lambda name: len(files[name]))
    match = BLOCK.search(files[path].decode())
    assert match is not None
    files[path] += b"\n" + match[0].encode()

    code, problems = check(files, walked.facts(), tmp_path)

    assert code == 1
    assert any("is there twice" in problem for problem in problems), problems


def test_a_wrong_balance_is_found(walked: Walked, tmp_path: Path) -> None:
    """The last of the module: it moves money that the facts know nothing of."""
    body = {"amount": 1, "reason": "planted", "idempotency_key": "planted"}
    answer = walked.demo.centre.ask("/v1/users/amina/adjustments", body)
    assert answer, answer

    code, problems = check(walked.files(), walked.facts(), tmp_path)

    assert code == 1
    assert problems == [problem for problem in problems if problem.startswith("user amina should")]
    assert len(problems) == 1


def test_the_site_of_the_demonstration_answers(walked: Walked) -> None:
    with urllib.request.urlopen(
        f"{walked.demo.centre.origins['hero_onboarding_server']}/health", timeout=10
    ) as response:
        assert json.load(response)["status"] == "ok"
