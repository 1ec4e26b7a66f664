"""The admin secret: configured, or made at the first start."""

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hero_onboarding.bootstrap.settings import Settings

FILE_NAME: Final = "admin_secret"
_BYTES: Final = 32


def secret_path(settings: Settings) -> Path:
    """Return where a secret that nobody configured is kept."""
    return settings.data_dir / FILE_NAME


def find_secret(settings: Settings) -> str | None:
    """Return the admin secret that is configured or was made before."""
    if settings.admin_secret is not None:
        return settings.admin_secret
    try:
        return secret_path(settings).read_text(encoding="ascii").strip() or None
    except OSError:
        return None


def make_secret(settings: Settings) -> str:
    """Return the admin secret, made now (mode 0600) if there is none yet."""
    found = find_secret(settings)
    if found is not None:
        return found
    made = secrets.token_urlsafe(_BYTES)
    path = secret_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="ascii") as file:
        file.write(f"{made}\n")
    path.chmod(0o600)
    return made


def secret_check(secret: str) -> Callable[[str], bool]:
    """Return a comparison with the secret that takes the same time for all of a length."""
    expected = secret.encode()
    return lambda presented: hmac.compare_digest(presented.encode("utf-8", "replace"), expected)
