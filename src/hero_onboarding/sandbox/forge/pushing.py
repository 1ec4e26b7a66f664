"""Push a commit from a temporary clone into a repository, as the forges do."""

import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from hero_onboarding.sandbox.forge.receiving import Reception
from hero_onboarding.sandbox.forge.repositories import lay_out

_PUSH_SECONDS = 120
_CLONE_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tbare = true
\tfsync = none
[gc]
\tauto = 0
"""


@dataclass(frozen=True, slots=True)
class Push:
    """One commit on its way to one branch.

    Attributes:
        reception: How the receiving side takes it.
        force: Whether the branch may move to something that is not ahead of it.
    """

    clone: Path
    target: Path
    commit: str
    branch: str
    reception: Reception
    force: bool = False


@dataclass(frozen=True, slots=True)
class PushResult:
    """How git ended, and what it said."""

    exit_code: int
    said: str

    @property
    def is_out_of_date(self) -> bool:
        """Whether the branch had moved before the push began."""
        return "non-fast-forward" in self.said

    @property
    def is_rejected(self) -> bool:
        """Whether the receiving side refused: a hook, or a branch that moved meanwhile."""
        return "! [remote rejected]" in self.said


def share_objects(workshop: Path, target: Path, branch: str) -> Path:
    """Make a temporary bare clone that reads the repository's objects and writes its own."""
    clone = Path(mkdtemp(dir=workshop))
    lay_out(clone, branch, _CLONE_CONFIG)
    (clone / "objects/info/alternates").write_text(f"{target}/objects\n")
    return clone


def push(order: Push) -> PushResult:
    """Run ``git push`` and return what came of it."""
    command = [find_git(), "-C", str(order.clone), "push"]
    environment = git_environment()
    reception = order.reception
    if reception.needs_hook:
        receive = f"{shlex.quote(find_git())} -c {shlex.quote(f'core.hooksPath={reception.hooks}')}"
        command.append(f"--receive-pack={receive} receive-pack")
        environment |= reception.environment()
    if order.force:
        command.append("--force")
    command += ["--", str(order.target), f"{order.commit}:refs/heads/{order.branch}"]
    done = subprocess.run(  # noqa: S603 - no shell, and every word is checked or our own
        command,
        env=environment,
        capture_output=True,
        timeout=_PUSH_SECONDS + reception.pause_seconds,
        check=False,
    )
    return PushResult(done.returncode, (done.stderr + done.stdout).decode(errors="replace"))


@cache
def find_git() -> str:
    """Give the path of the git program."""
    found = shutil.which("git")
    assert found is not None, "the sandbox needs git"
    return found


@cache
def find_backend() -> str:
    """Give the path of git's own CGI program for smart HTTP."""
    done = subprocess.run(  # noqa: S603 - no shell, and no word from outside
        [find_git(), "--exec-path"], env=git_environment(), capture_output=True, check=True
    )
    return f"{done.stdout.decode().strip()}/git-http-backend"


def git_environment() -> dict[str, str]:
    """Give git what it needs and nothing of the user's own configuration."""
    return {
        "PATH": f"{Path(find_git()).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
    }
