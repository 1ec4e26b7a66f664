"""All settings as one value that prints itself with its secrets blanked."""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.kernel.overriding import override
from hero_onboarding.kernel.server import SERVICE, Mode, Role

SECRETS: Final = frozenset(
    {
        *("ADMIN_SECRET", "API_KEY", "FORGE_TOKEN", "SECRET_KEY", "SMTP_URL"),
        *("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
        *("CLICKPESA_API_KEY", "CLICKPESA_CHECKSUM_KEY"),
    }
)
RPC_SOCKET: Final = f"{SERVICE}/rpc.sock"
"""Where the socket for machines lies in the folder of all sockets, by the Hero convention."""

_QUERY_PASSWORD: Final = re.compile(r"(?<=[?&]password=)[^&]*")


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server runs; printing it blanks every secret."""

    mode: Mode
    role: Role
    listen: Address
    admin_listen: Address
    data_dir: Path
    database_url: str
    node_name: str
    admin_secret: str | None
    api_key: str | None
    forge_url: str | None
    forge_repo: str
    forge_token: str | None
    forge_branch: str | None
    forge_repos: tuple[str, ...]
    forge_read: str
    public_url: str
    bucket_bytes_max: int
    scheduler: str
    secret_key: str | None
    rate_limits: str
    page_processes: int
    exchange_margin: int
    mycelium_api: str | None
    smtp_url: str | None
    mail_from: str | None
    socket_dir: Path | None
    stripe_secret_key: str | None
    stripe_webhook_secret: str | None
    stripe_api_base: str | None
    clickpesa_client_id: str | None
    clickpesa_api_key: str | None
    clickpesa_checksum_key: str | None
    clickpesa_base_url: str | None
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The names, without prefix, of what was set rather than left to its default."""

    @property
    def is_sqlite(self) -> bool:
        """Whether one process owns the database."""
        return self.database_url.startswith("sqlite:")

    @property
    def rpc_socket(self) -> Path | None:
        """Where the socket for machines is; None where there shall be none."""
        return None if self.socket_dir is None else self.socket_dir / RPC_SOCKET

    @override
    def __repr__(self) -> str:
        """Show every setting, secrets and passwords blanked."""
        shown = []
        for one in fields(self):
            if not one.repr:
                continue
            value = getattr(self, one.name)
            if one.name.upper() in SECRETS and value is not None:
                value = "***"
            shown.append(f"{one.name}={_without_password(value)!r}")
        return f"Settings({', '.join(shown)})"


def _without_password(value: object) -> object:
    """Blank the password of a database's address."""
    if not isinstance(value, str) or "://" not in value:
        return value
    scheme, _, rest = _QUERY_PASSWORD.sub("***", value).partition("://")
    user, at, host = rest.rpartition("@")
    if at and ":" in user:
        user = f"{user.partition(':')[0]}:***"
    return f"{scheme}://{user}{at}{host}"
