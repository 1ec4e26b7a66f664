"""What every endpoint is given."""

from dataclasses import dataclass, replace
from threading import Lock

import pygit2

from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.exchange import Request
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import (
    Permission,
    RepositoryRecord,
    Token,
    User,
    find_permission,
)
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, not_found
from hero_onboarding.sandbox.forge.registry import Registry
from hero_onboarding.sandbox.forge.repositories import Shelf
from hero_onboarding.sandbox.forge.switches import Switches
from hero_onboarding.sandbox.forge.webhooks import HookSender
from hero_onboarding.sandbox.request_log import RequestLog

_RANKS: dict[Permission, int] = {"read": 0, "write": 1, "admin": 2}


class WriteQueues:
    """One lock per repository, for the server version that lets writers queue."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: dict[int, Lock] = {}

    def lock_of(self, repository_id: int) -> Lock:
        """Return the lock of a repository."""
        with self._guard:
            return self._locks.setdefault(repository_id, Lock())


@dataclass(frozen=True, slots=True)
class Forge:
    """The forge's parts.

    Attributes:
        root_url: The origin it answers on, without a final slash.
    """

    root_url: str
    clock: SettableClock
    registry: Registry
    shelf: Shelf
    switches: Switches
    log: RequestLog
    queues: WriteQueues
    hooks: HookSender


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; a missing token with a user means that the password was given."""

    user: User | None = None
    token: Token | None = None

    @property
    def name(self) -> str:
        """The user's name, or nothing."""
        return "" if self.user is None else self.user.name

    def may(self, verb: str, category: str) -> bool:
        """Say whether the credentials reach this far, whoever holds them."""
        return self.token is None or self.token.allows(verb, category)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, who makes it, and the forge it is made to."""

    forge: Forge
    request: Request
    caller: Caller

    def parameter(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.parameters[name]

    def query(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.query.get(name, default)

    def query_flag(self, name: str, *, default: bool) -> bool:
        """Return a query parameter that says yes or no."""
        text = self.query(name)
        return default if text == "" else text.lower() in {"true", "1", "t", "on"}

    def query_number(self, name: str) -> int:
        """Return a query parameter that is a number; nonsense counts as zero."""
        text = self.query(name)
        digits = text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - fits anywhere
        return int(text) if digits else 0

    def signed_in(self) -> User:
        """Return the user, or answer 401."""
        if self.caller.user is None:
            raise ForgeAnswerError(401, "token is required")
        return self.caller.user

    def repository(self, needed: Permission = "read") -> "RepositoryCall":
        """Find the repository of the path and check that the caller may do this to it."""
        owner, name = self.parameter("owner"), self.parameter("repo")
        if not (names.is_owner_name(owner) and names.is_repository_name(name)):
            raise not_found()
        record = self.forge.registry.find_repository(owner, name)
        if record is None:
            raise not_found()
        held = find_permission(record, self.forge.registry.find_user(owner), self.caller.user)
        if held is None or self._is_hidden(record):
            raise not_found()
        if _RANKS[held] < _RANKS[needed]:
            self.signed_in()
            raise ForgeAnswerError(403, "user should have a permission to write to a repo")
        return RepositoryCall(self, record, held)

    def with_parameters(self, parameters: dict[str, str]) -> "Call":
        """Copy the call with the parts of its path named."""
        return replace(self, request=replace(self.request, parameters=parameters))

    def _is_hidden(self, record: RepositoryRecord) -> bool:
        token = self.caller.token
        return record.private and token is not None and "public-only" in token.scopes


@dataclass(frozen=True, slots=True)
class RepositoryCall:
    """A call about one repository."""

    call: Call
    record: RepositoryRecord
    permission: Permission

    @property
    def forge(self) -> Forge:
        """The forge that is called."""
        return self.call.forge

    @property
    def api(self) -> str:
        """The repository's address in the API."""
        return f"{self.forge.root_url}/api/v1/repos/{self.record.full_name}"

    @property
    def page(self) -> str:
        """The repository's address in a browser."""
        return f"{self.forge.root_url}/{self.record.full_name}"

    def open(self) -> pygit2.Repository:
        """Open the repository's objects."""
        return self.forge.shelf.open(self.record.owner, self.record.name)

    def refuse_if_archived(self) -> None:
        """Answer 423 if nothing may be written any more."""
        if self.record.archived:
            raise ForgeAnswerError(423, f"{self.record.full_name} is archived")

    def refuse_over_quota(self) -> None:
        """Answer 413 if the owner has used up a quota, where the server knows quotas."""
        if self.record.over_quota and self.forge.switches.behaviour.quota:
            raise ForgeAnswerError(413, "quota exceeded")
