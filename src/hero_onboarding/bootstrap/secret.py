"""The admin secret and the secret key: configured, or made at the first start."""

import hmac
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hero_onboarding.bootstrap.secret_file import read_secret_file, settle_secret_file
from hero_onboarding.bootstrap.settings import Settings

FILE_NAME: Final = "admin_secret"
KEY_FILE_NAME: Final = "secret_key"
_BYTES: Final = 32


def secret_path(settings: Settings) -> Path:
    """Return where a secret that nobody configured is kept."""
    return settings.data_dir / FILE_NAME


def find_secret(settings: Settings) -> str | None:
    """Return the admin secret that is configured or was made before."""
    if settings.admin_secret is not None:
        return settings.admin_secret
    return read_secret_file(secret_path(settings))


def make_secret(settings: Settings) -> str:
    """Return the admin secret, made now (mode 0600) if there is none yet.

    Of several processes that make it at once all return the same.
    """
    return find_secret(settings) or _settle(secret_path(settings))


def make_secret_keys(settings: Settings) -> Sequence[str]:
    """Return the keys that seal what lies in the database, the newest first.

    Without configured ones there is one, made now (mode 0600) if there is none yet.
    """
    text = settings.secret_key or _settle(settings.data_dir / KEY_FILE_NAME)
    return [key.strip() for key in text.split(",")]


def _settle(path: Path) -> str:
    return settle_secret_file(path, lambda kept: kept or secrets.token_urlsafe(_BYTES))


def secret_check(secret: str) -> Callable[[str], bool]:
    """Return a comparison with the secret that takes the same time for all of a length."""
    expected = secret.encode()
    return lambda presented: hmac.compare_digest(presented.encode("utf-8", "replace"), expected)
