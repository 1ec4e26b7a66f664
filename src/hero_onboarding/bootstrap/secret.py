"""The admin secret: configured, or made at the first start."""

import fcntl
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
        return _read(secret_path(settings).read_bytes())
    except OSError:
        return None


def make_secret(settings: Settings) -> str:
    """Return the admin secret, made now (mode 0600) if there is none yet.

    Of several processes that make it at once all return the same.
    """
    found = find_secret(settings)
    if found is not None:
        return found
    path = secret_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        found = _read(file.read())
        if found is not None:
            return found
        made = secrets.token_urlsafe(_BYTES)
        path.chmod(0o600)
        file.seek(0)
        file.truncate()
        file.write(f"{made}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    return made


def _read(content: bytes) -> str | None:
    """Read a file's secret; what is empty or can't stand in a header is none."""
    text = content.decode("ascii", "replace").strip()
    return text if text.isascii() and text.isprintable() and text else None


def secret_check(secret: str) -> Callable[[str], bool]:
    """Return a comparison with the secret that takes the same time for all of a length."""
    expected = secret.encode()
    return lambda presented: hmac.compare_digest(presented.encode("utf-8", "replace"), expected)
