"""Services that sign their users in here, as values. Pure."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from hero_onboarding.openid.errors import WrongClientError
from hero_onboarding.openid.redirect_uris import agree, fault_of

OPENID: Final = "openid"
MYCELIUM: Final = "mycelium"
HERO_SID: Final = "hero_sid"
SCOPES: Final = (OPENID, MYCELIUM, HERO_SID)
"""The closed list of what a service may ask for; documented in ``docs/openid.md``."""

ES256: Final = "ES256"
RS256: Final = "RS256"
ALGORITHMS: Final = (ES256, RS256)
"""What identity tokens can be signed with; the second is for clients that know no better."""

CODE_LIFE: Final = timedelta(seconds=60)
TOKEN_LIFE: Final = timedelta(minutes=10)
ID_TOKEN_LIFE: Final = timedelta(minutes=10)
REQUEST_LIFE: Final = timedelta(minutes=10)
"""How long a browser has to sign in and to decide."""

NAME_CHARACTERS_MAX: Final = 60
URIS_MAX: Final = 10
_ID_BYTES: Final = 8
_SECRET_BYTES: Final = 32
_ID: Final = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A client to register: a service's name, and where it takes its users back."""

    name: str
    redirect_uris: tuple[str, ...]
    is_public: bool = False
    algorithm: str = ES256

    def require_sound(self) -> None:
        """Check what can be checked without asking the database.

        Raises:
            WrongClientError: If something of it can't be.
        """
        is_short = len(self.name) <= NAME_CHARACTERS_MAX
        if not (self.name.strip() and self.name.isprintable() and is_short):
            detail = f"a name has 1 to {NAME_CHARACTERS_MAX} printable characters"
            raise WrongClientError(detail)
        if self.algorithm not in ALGORITHMS:
            raise WrongClientError(f"the algorithm is one of {', '.join(ALGORITHMS)}")
        if not 0 < len(self.redirect_uris) <= URIS_MAX:
            raise WrongClientError(f"a client has 1 to {URIS_MAX} redirect URIs")
        for fault in filter(None, map(fault_of, self.redirect_uris)):
            raise WrongClientError(fault)
        if len({_host(uri) for uri in self.redirect_uris}) > 1:
            detail = "all redirect URIs of a client have one host: its users' subjects depend on it"
            raise WrongClientError(detail)


@dataclass(frozen=True, slots=True)
class Client:
    """A service that may sign its users in here.

    Attributes:
        number: Orders the list.
        id: Names it, publicly.
        name: What users are told.
        redirect_uris: Where browsers may be sent back to.
        algorithm: What its users' identity tokens are signed with.
        is_public: Whether it has no secret: it runs where its users could read one.
        created_at: Since when.
        created_by: Who registered it, as for API keys.
        revoked_at: Since when it counts no more.
    """

    number: int
    id: str
    name: str
    redirect_uris: tuple[str, ...]
    algorithm: str
    is_public: bool
    created_at: datetime
    created_by: str
    revoked_at: datetime | None

    @property
    def sector(self) -> str:
        """The host that its users' subjects belong to (OpenID Connect Core 8.1)."""
        return sector_of(self.redirect_uris)

    def has_redirect_uri(self, uri: str) -> bool:
        """Whether browsers may be sent there; on loopback to any port."""
        return any(agree(one, uri) for one in self.redirect_uris)

    def is_assured(self, uri: str) -> bool:
        """Whether nobody else can take what is sent there.

        Any program of a machine can listen on its loopback; without a secret it could then pass
        for the client (RFC 8252, 8.6).
        """
        return not self.is_public or uri.startswith("https://")


@dataclass(frozen=True, slots=True)
class Consent:
    """A service that a user signs in to, and what it may learn."""

    client_id: str
    name: str
    host: str
    scopes: tuple[str, ...]
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What a browser carries to a service, as far as it matters for what it is exchanged for.

    Attributes:
        digest: Of the code.
        user_sid: Who signed in.
        session_id: Their session here.
        redirect_uri: Where the browser was sent.
        scopes: What was asked for, as the protocol writes it.
        nonce: What the service put in to know its own request again, if anything.
        challenge: S256 challenge of the service's verifier.
        signed_in_at: When the user proved who they are.
        expires_at: When it is over.
    """

    digest: bytes = field(repr=False)
    user_sid: str
    session_id: str
    redirect_uri: str
    scopes: str
    nonce: str | None
    challenge: str
    signed_in_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token opens."""

    client_id: str
    user_sid: str
    scopes: str
    sector: str


def new_client_id() -> str:
    """Make the public id of a client."""
    return secrets.token_hex(_ID_BYTES)


def new_secret() -> str:
    """Make 256 random bits that need no escaping: a secret, a code or a token."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """Return what the database knows of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def is_client_id(text: str) -> bool:
    """Whether a text could be the id of a client."""
    return _ID.fullmatch(text) is not None


def subject_of(salt: bytes, sector: str, user_sid: str) -> str:
    """Name a user to one sector: 64 digits, stable, that no other sector knows or can make."""
    fields = (sector.encode(), user_sid.encode())
    packed = b"".join(len(one).to_bytes(2, "big") + one for one in fields)
    return hmac.new(salt, packed, "sha256").hexdigest()


def sector_of(redirect_uris: Sequence[str]) -> str:
    """Return the host that all redirect URIs of a client have."""
    return _host(redirect_uris[0])


def read_scopes(text: str) -> tuple[str, ...]:
    """Read scopes as the protocol writes them, in the order of the closed list."""
    names = text.split()
    return tuple(scope for scope in SCOPES if scope in names)


def host_of(uri: str) -> str:
    """Return what people know a service by: its host, with a port that is not the usual one."""
    return urlsplit(uri).netloc


def _host(uri: str) -> str:
    return urlsplit(uri).hostname or ""
