"""A repository on a Forgejo or Gitea as a forge, over REST alone: ``connect`` builds it."""

from dataclasses import dataclass, field

from hero_onboarding.forge.changes import check_branch, check_token
from hero_onboarding.forge.errors import ForgeInputError
from hero_onboarding.forge.forgejo.api import RepositoryApi
from hero_onboarding.forge.forgejo.repository import ForgejoForge
from hero_onboarding.forge.ports import Forge
from hero_onboarding.outbound import (
    AddressError,
    BaseAddress,
    HttpClient,
    Limits,
    Trace,
    no_trace,
    read_base_address,
)

__all__ = ["ForgejoSettings", "connect", "read_root"]


@dataclass(frozen=True, slots=True)
class ForgejoSettings:
    """Which branch of which repository.

    Attributes:
        root: The server's address, without ``/api/v1``.
        repository: ``owner/name``.
        branch: The branch; None takes the repository's default.
        token: Sent in a header, to this origin alone.
        limits: How long a call may take and how large an answer may be.
    """

    root: BaseAddress
    repository: str
    branch: str | None = None
    token: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)


def connect(settings: ForgejoSettings, *, trace: Trace = no_trace) -> Forge:
    """Build a forge on a repository of a Forgejo; nothing is sent yet.

    Raises:
        ForgeInputError: If the branch, the token or the repository's name is malformed.
    """
    if settings.branch is not None:
        check_branch(settings.branch)
    headers = {"Accept": "application/json"}
    if settings.token is not None:
        check_token(settings.token)
        headers["Authorization"] = f"token {settings.token}"
    owner, slash, name = settings.repository.partition("/")
    if not (owner and slash and name) or "/" in name:
        raise ForgeInputError("a repository is named owner/name")
    http = HttpClient(settings.root, headers=headers, limits=settings.limits, trace=trace)
    return ForgejoForge(RepositoryApi(http, owner, name, settings.token), settings.branch)


def read_root(text: str) -> BaseAddress:
    """Read the address of a Forgejo.

    Raises:
        ForgeInputError: If it can't be one.
    """
    try:
        return read_base_address(text)
    except AddressError as error:
        raise ForgeInputError(str(error)) from None
