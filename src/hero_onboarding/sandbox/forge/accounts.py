"""Users, organisations, tokens, repositories and hooks as the forge keeps them."""

from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

Permission = Literal["read", "write", "admin"]

CATEGORIES = (
    "activitypub",
    "admin",
    "misc",
    "notification",
    "organization",
    "package",
    "issue",
    "repository",
    "user",
)
SCOPES = frozenset(
    {"all", "public-only"} | {f"{verb}:{name}" for verb in ("read", "write") for name in CATEGORIES}
)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in, or an organisation whose members do."""

    id: int
    name: str
    email: str
    password: str = ""
    is_organisation: bool = False
    members: tuple[str, ...] = ()


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that stands for a user within some scopes."""

    id: int
    user: str
    name: str
    secret: str
    scopes: tuple[str, ...]

    def allows(self, verb: str, category: str) -> bool:
        """Say whether the scopes hold this one, where writing includes reading."""
        if "all" in self.scopes or f"write:{category}" in self.scopes:
            return True
        return verb == "read" and f"read:{category}" in self.scopes


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is told of pushes."""

    id: int
    type: str
    url: str
    content_type: Literal["json", "form"]
    secret: str
    events: tuple[str, ...]
    branch_filter: str
    active: bool
    authorization_header: str
    created_at: datetime


class RepositoryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a repository beside its objects and references."""

    id: int
    owner: str
    name: str
    default_branch: str
    created_at: datetime
    description: str = ""
    private: bool = False
    archived: bool = False
    over_quota: bool = False
    protected_branches: tuple[str, ...] = ()
    protected_paths: tuple[str, ...] = ()
    collaborators: dict[str, Permission] = {}
    hooks: tuple[Hook, ...] = ()

    @property
    def full_name(self) -> str:
        """Spell owner and name with a slash between."""
        return f"{self.owner}/{self.name}"

    def protects_branch(self, branch: str) -> bool:
        """Say whether a pattern covers this branch."""
        return any(fnmatchcase(branch, pattern) for pattern in self.protected_branches)

    def find_protected(self, paths: list[str]) -> str | None:
        """Return the first of these paths that a pattern covers."""
        for path in paths:
            if any(fnmatchcase(path, pattern) for pattern in self.protected_paths):
                return path
        return None


def find_permission(
    record: RepositoryRecord, owner: User | None, user: User | None
) -> Permission | None:
    """Give what a user may do in a repository; None hides that it exists."""
    if user is not None:
        if user.name == record.owner or (owner is not None and user.name in owner.members):
            return "admin"
        if user.name in record.collaborators:
            return record.collaborators[user.name]
    return None if record.private else "read"
