"""What is asked of a remote by the git program: its branch, its objects, and to take a commit."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from hero_onboarding.forge.changes import check_branch
from hero_onboarding.forge.errors import ForgeAnswerError, ForgeRefusedError, ForgeUnavailableError
from hero_onboarding.forge.git.addresses import GitAddress, token_header
from hero_onboarding.forge.git.clone import FALLBACK_BRANCH, REMOTE, head_branch_of
from hero_onboarding.forge.git.program import GitProgram, GitResult, get_program
from hero_onboarding.forge.git.refusals import failure_of
from hero_onboarding.outbound.tracing import Trace

_UP_TO_DATE: Final = re.compile(r"^=\t", re.MULTILINE)
_HEAD_LINE: Final = re.compile(r"ref: refs/heads/(\S+)\tHEAD")
_TIP_LINE: Final = re.compile(r"([0-9a-f]{40})\t(\S+)")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long git may take; a first fetch of a large repository takes minutes."""

    call_seconds: float = 60
    fetch_seconds: float = 600


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a branch is; ``commit`` is None while it does not exist."""

    branch: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository somewhere else."""

    address: GitAddress
    program: GitProgram
    timeouts: Timeouts
    secrets: tuple[str, ...] = field(repr=False)

    def fetch_tip(self, folder: Path, branch: str | None) -> Tip:
        """Ask where a branch is, or which one the repository begins with and where that is.

        A server that does not name the branch of an empty repository gets ``main``.
        """
        if branch is None and self.address.folder is not None:
            branch = head_branch_of(self.address.folder) or FALLBACK_BRANCH
        wanted = "HEAD" if branch is None else f"refs/heads/{branch}"
        listed = self._list(folder, wanted)
        found = {name: tip for tip, name in _TIP_LINE.findall(listed)}
        if branch is None:
            match = _HEAD_LINE.search(listed)
            if match is None and found:
                raise ForgeRefusedError("the repository's HEAD names no branch: set the branch")
            branch = match[1] if match else self._clone_empty(folder)
            check_branch(branch)
        return Tip(branch, found.get(wanted))

    def fetch(self, folder: Path, branch: str, *, negotiate: bool) -> None:
        """Bring a branch and all its history into the clone."""
        tracked = f"{REMOTE}{branch}"
        words = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"]
        words += ["--no-recurse-submodules", "--refmap="]
        if negotiate:
            words.append(f"--negotiation-tip={tracked}")
        words += ["--", self.address.url, f"+refs/heads/{branch}:{tracked}"]
        seconds = self.timeouts.fetch_seconds
        self._must(folder, words, self.program.run(folder, words, timeout_seconds=seconds))

    def push(self, folder: Path, branch: str, *, commit: str, onto: str | None) -> bool:
        """Move a branch from one commit to the next, or create it; return whether it moved.

        It does not when another server of the same node has just pushed the very same commit.

        The lease makes the move a compare-and-set on both ends: not only is a branch that went
        on left alone, but also one that was put back.
        """
        reference = f"refs/heads/{branch}"
        words = ["push", "--porcelain", "--no-verify", "--no-signed"]
        words += [f"--force-with-lease={reference}:{onto or ''}"]
        words += ["--", self.address.url, f"{commit}:{reference}"]
        result = self._run(folder, words)
        self._must(folder, words, result)
        return _UP_TO_DATE.search(result.output) is None

    def tidy(self, folder: Path) -> None:
        """Let git pack the clone when it has grown; a fetch does so by itself, a push does not."""
        with suppress(ForgeUnavailableError):
            words = ["gc", "--auto", "--quiet"]
            self.program.run(folder, words, timeout_seconds=self.timeouts.fetch_seconds)

    def _list(self, folder: Path, pattern: str) -> str:
        words = ["ls-remote", "--quiet", "--symref", "--", self.address.url, pattern]
        result = self._run(folder, words)
        self._must(folder, words, result)
        return result.output

    def _clone_empty(self, folder: Path) -> str:
        """Learn an empty repository's first branch, which git tells to a clone only."""
        with TemporaryDirectory(dir=folder.parent, prefix=".empty-") as place:
            words = ["clone", "--bare", "--quiet", "--depth=1", "--template=", "--"]
            words += [self.address.url, f"{place}/empty"]
            self._must(folder, words, self._run(folder, words))
            return head_branch_of(Path(place) / "empty") or FALLBACK_BRANCH

    def _run(self, folder: Path, words: list[str]) -> GitResult:
        return self.program.run(folder, words, timeout_seconds=self.timeouts.call_seconds)

    def _must(self, folder: Path, words: list[str], result: GitResult) -> None:
        if result.exit_code == 0:
            return
        if not folder.is_dir():
            raise ForgeAnswerError(f"the clone {folder.name} was taken away while it was in use")
        raise failure_of(words[0], result, self.secrets)


def connect_remote(
    address: GitAddress,
    token: str | None,
    timeouts: Timeouts,
    trace: Trace,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Remote:
    """Prepare the git program for one remote and no other."""
    config = {
        "protocol.allow": "never",
        f"protocol.{address.scheme}.allow": "always",
        "transfer.fsckObjects": "true",
        "core.hooksPath": "/dev/null",
        "core.askPass": "",
        "credential.helper": "",
        "http.followRedirects": "false",
        "http.proxy": "",
        "http.userAgent": "hero_onboarding git",
        "fetch.recurseSubmodules": "false",
        "push.recurseSubmodules": "no",
        "advice.pushUpdateRejected": "false",
    }
    secrets: tuple[str, ...] = ()
    if token is not None:
        header = token_header(token)
        config[f"http.{address.origin}.extraHeader"] = header
        secrets = (token, header.rpartition(" ")[2])
    program = GitProgram(get_program(), config, trace, environment)
    return Remote(address, program, timeouts, secrets)
