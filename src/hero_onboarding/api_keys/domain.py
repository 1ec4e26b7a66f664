"""API keys as values: their text, what they open, and when they count. Pure."""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hero_onboarding.api_keys.errors import WrongKeyRequestError

LABEL_CHARACTERS_MAX: Final = 100
EXPIRES_DAYS_MAX: Final = 3650
USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""A key's last use is written no more often, so that its row is not written by each request."""

_ID_BYTES: Final = 8
_SECRET_BYTES: Final = 32
_ID: Final = re.compile(r"[0-9a-f]{16}")
_TEXT: Final = re.compile(r"hok_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_NODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Scope(StrEnum):
    """What a key may do; the closed list, documented in ``docs/api_keys.md``."""

    USAGE_RECORD = "usage:record"
    USAGE_PUSH = "usage:push"
    ACCOUNT_READ = "account:read"
    READ = "read"
    USERS_WRITE = "users:write"
    WALLETS_WRITE = "wallets:write"
    PAYMENTS_WRITE = "payments:write"
    RIGHTS_WRITE = "rights:write"
    PRICES_WRITE = "prices:write"
    AGGREGATE = "aggregate:run"
    QUARANTINE_RETRY = "quarantine:retry"
    JOBS_RUN = "jobs:run"
    KEYS_WRITE = "keys:write"
    CLIENTS_WRITE = "clients:write"
    CLOCK_WRITE = "clock:write"


_BOUND: Final = (
    (Scope.USAGE_RECORD, "node_id", {Scope.USAGE_PUSH}),
    (Scope.ACCOUNT_READ, "user_sid", set[Scope]()),
)
"""Scopes that count for somebody alone, by which field, and what may stand beside them."""


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A key to make: for one node, for one user, or for an operator, who has neither."""

    label: str
    scopes: tuple[Scope, ...]
    node_id: str | None = None
    user_sid: str | None = None
    expires_days: int | None = None

    def require_sound(self) -> None:
        """Check everything that can be checked without asking the database.

        Raises:
            WrongKeyRequestError: If something of it can't be.
        """
        is_short = len(self.label) <= LABEL_CHARACTERS_MAX
        if not (self.label.strip() and self.label.isprintable() and is_short):
            detail = f"a label has 1 to {LABEL_CHARACTERS_MAX} printable characters"
            raise WrongKeyRequestError(detail)
        if self.expires_days is not None and not 0 < self.expires_days <= EXPIRES_DAYS_MAX:
            detail = f"expires_days must be from 1 to {EXPIRES_DAYS_MAX}, or absent"
            raise WrongKeyRequestError(detail)
        if self.node_id is not None and _NODE.fullmatch(self.node_id) is None:
            raise WrongKeyRequestError("node_id must be [a-z0-9][a-z0-9-]{0,62}")
        self._require_subject()

    def _require_subject(self) -> None:
        """Check that the scopes and whom the key is for go together."""
        if not self.scopes:
            raise WrongKeyRequestError(f"a key needs a scope; there are {_listed(Scope)}")
        subjects = {"node_id": self.node_id, "user_sid": self.user_sid}
        given = [name for name, value in subjects.items() if value is not None]
        for scope, wanted, fellows in _BOUND:
            if scope in self.scopes:
                others = [one for one in self.scopes if one != scope and one not in fellows]
                if others:
                    detail = f"{_listed(others)} can't be in one key with {scope}; make two"
                    raise WrongKeyRequestError(detail)
                if given != [wanted]:
                    raise WrongKeyRequestError(f"a key with {scope} needs {wanted}, and no other")
                return
        if given:
            detail = "only usage:record is for a node, and only account:read for a user"
            raise WrongKeyRequestError(detail)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; its secret is known to its holder only.

    ``node_id`` and ``user_sid`` say for whom alone it counts. ``created_by`` is ``server``,
    ``admin_secret``, ``key:`` and the id of the key that made it, or ``user:`` and a sid.
    """

    number: int
    id: str
    label: str
    scopes: tuple[Scope, ...]
    node_id: str | None
    user_sid: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_valid_at(self, now: datetime) -> bool:
        """Whether it is neither revoked nor over."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def has_any(self, scopes: Collection[Scope]) -> bool:
        """Whether it has one of some scopes."""
        return not set(scopes).isdisjoint(self.scopes)

    def is_use_to_note(self, now: datetime) -> bool:
        """Whether its last use was noted long enough ago to note this one."""
        return self.last_used_at is None or self.last_used_at <= now - USE_NOTED_EVERY


@dataclass(frozen=True, slots=True)
class KeyText:
    """The two parts of a key's text; printing it shows no secret."""

    id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What its holder keeps: 64 characters that need no escaping anywhere."""
        return f"hok_{self.id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What the database keeps of the secret; 256 random bits need no slow hash."""
        return hashlib.sha256(self.secret.encode("ascii")).digest()


def new_key_text() -> KeyText:
    """Make a key's text: a public id and 256 random bits."""
    return KeyText(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES))


def read_key_text(text: str) -> KeyText | None:
    """Take a key's text apart; None when it is none."""
    found = _TEXT.fullmatch(text)
    return None if found is None else KeyText(found[1], found[2])


def is_key_id(text: str) -> bool:
    """Whether a text could be the id of a key."""
    return _ID.fullmatch(text) is not None


def read_scopes(names: Sequence[str]) -> tuple[Scope, ...]:
    """Read scopes by name, each once, in the order of the closed list.

    Raises:
        WrongKeyRequestError: If a name is none of the list.
    """
    for name in names:
        if name not in set(Scope):
            detail = f"{name!r} is no scope; there are {_listed(Scope)}"
            raise WrongKeyRequestError(detail)
    return tuple(scope for scope in Scope if scope in names)


def _listed(scopes: Collection[Scope] | type[Scope]) -> str:
    return ", ".join(str(scope) for scope in scopes)
