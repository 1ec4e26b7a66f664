"""Any git remote as a forge: ``connect`` builds it, the git program carries the network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hero_onboarding.forge.changes import check_branch
from hero_onboarding.forge.git.addresses import GitAddress, folder_address, read_address
from hero_onboarding.forge.git.clone import Clone
from hero_onboarding.forge.git.program import find_program
from hero_onboarding.forge.git.remote import Timeouts, connect_remote
from hero_onboarding.forge.git.repository import GitForge
from hero_onboarding.forge.ports import Forge
from hero_onboarding.outbound.tracing import Trace, no_trace

__all__ = [
    "GitAddress",
    "GitSettings",
    "Timeouts",
    "connect",
    "find_program",
    "folder_address",
    "read_address",
]


@dataclass(frozen=True, slots=True)
class GitSettings:
    """Which branch of which remote, and where our own clone of it lies.

    Attributes:
        address: The remote.
        clone: Folder of our own clone; made when it is missing, safe to share and to delete.
        branch: The branch; None takes the one that the repository begins with.
        token: Sent in a header, to this address alone.
        is_made: Whether a repository on this machine's disk is made when it is missing.
        timeouts: How long git may take.
        lock_seconds: How long to wait for another thread or process that uses the clone.
        environment: Variables for git's processes, such as ``SSH_AUTH_SOCK`` and ``HOME``.
    """

    address: GitAddress
    clone: Path
    branch: str | None = None
    token: str | None = field(default=None, repr=False)
    is_made: bool = False
    timeouts: Timeouts = field(default_factory=Timeouts)
    lock_seconds: float = 120
    environment: Mapping[str, str] = field(default_factory=dict)


def connect(settings: GitSettings, *, trace: Trace = no_trace) -> Forge:
    """Build a forge on a git remote; nothing is sent yet.

    Raises:
        ForgeInputError: If the branch or the token is malformed.
        ForgeRefusedError: If git is not installed.
    """
    if settings.branch is not None:
        check_branch(settings.branch)
    remote = connect_remote(
        settings.address, settings.token, settings.timeouts, trace, settings.environment
    )
    clone = Clone(settings.clone, settings.lock_seconds)
    return GitForge(remote, clone, settings.branch, settings.is_made)
