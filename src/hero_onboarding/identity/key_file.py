"""The file in which a mycelium daemon keeps its secret key: 32 raw bytes of X25519.

What follows the 32 bytes is ignored, as the daemon does. The file is only read.
"""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hero_onboarding.identity.errors import (
    KeyFileMissingError,
    KeyFileShortError,
    KeyFileUnreadableError,
)
from hero_onboarding.identity.mycelium import KEY_BYTES, PublicKey

_WIDEST_MODE: Final = 0o640
_IN_HOME: Final[Mapping[str, str]] = {
    "linux": ".local/share/mycelium/priv_key.bin",
    "darwin": "Library/Application Support/ThreeFold Tech/Mycelium/priv_key.bin",
    "win32": "AppData/Local/ThreeFold Tech/Mycelium/priv_key.bin",
}
_OF_THE_SYSTEM: Final = Path("/var/lib/mycelium/key.bin")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A daemon's key; printing it shows no secret.

    ``is_wide_open`` says that others than the owner and its group may read the file.
    """

    path: Path
    public_key: PublicKey
    is_wide_open: bool
    secret: bytes = field(repr=False)


def usual_places(home: Path, platform: str) -> Sequence[Path]:
    """List where daemons keep their keys: a user's own first, then the machine's."""
    own = _IN_HOME.get(platform, _IN_HOME["linux"])
    return [home / own, *([] if platform == "win32" else [_OF_THE_SYSTEM])]


def read_key_file(places: Sequence[Path]) -> KeyFile:
    """Read the first key file that is there.

    Raises:
        KeyFileMissingError: If none is.
        KeyFileShortError: If it has fewer than 32 bytes.
        KeyFileUnreadableError: If this user may not read it.
    """
    for path in places:
        try:
            with path.open("rb") as file:
                secret = file.read(KEY_BYTES)
                mode = stat.S_IMODE(path.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise KeyFileUnreadableError(path, error.strerror or str(error)) from None
        if len(secret) < KEY_BYTES:
            raise KeyFileShortError(path)
        return KeyFile(path, _public_key(secret), bool(mode & ~_WIDEST_MODE & 0o777), secret)
    raise KeyFileMissingError(places)


def _public_key(secret: bytes) -> PublicKey:
    key = X25519PrivateKey.from_private_bytes(secret)
    return PublicKey(key.public_key().public_bytes_raw())
