"""The file in which a mycelium daemon keeps its secret key: 32 raw bytes of X25519."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hero_onboarding.helper.outcome import NO_KEY, Stop

KEY_BYTES: Final = 32
_WIDEST_MODE: Final = 0o640
_IN_HOME: Final = {
    "linux": ".local/share/mycelium/priv_key.bin",
    "darwin": "Library/Application Support/ThreeFold Tech/Mycelium/priv_key.bin",
    "win32": "AppData/Local/ThreeFold Tech/Mycelium/priv_key.bin",
}
_OF_THE_SYSTEM: Final = Path("/var/lib/mycelium/key.bin")


@dataclass(frozen=True)
class KeyFile:
    """A daemon's key; ``is_wide_open`` says that more than its owner and group may read it."""

    path: Path
    is_wide_open: bool
    secret: bytes = field(repr=False)


def usual_places(home: Path, platform: str) -> list[Path]:
    """List where daemons keep their keys: a user's own first, then the machine's."""
    own = home / _IN_HOME.get(platform, _IN_HOME["linux"])
    return [own] if platform == "win32" else [own, _OF_THE_SYSTEM]


def read_key(places: list[Path]) -> KeyFile:
    """Read the first key file that is there: 32 raw bytes; what follows them is ignored."""
    for path in places:
        try:
            with path.open("rb") as file:
                secret = file.read(KEY_BYTES)
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            reason = error.strerror or str(error)
            advice = "run this as the user whose key it is"
            raise Stop(NO_KEY, f"{path} can't be read ({reason}); {advice}") from None
        if len(secret) < KEY_BYTES:
            raise Stop(NO_KEY, f"{path} is no mycelium key; one has 32 bytes")
        return KeyFile(path, bool(mode & ~_WIDEST_MODE & 0o777), secret)
    looked = " and ".join(map(str, places))
    raise Stop(NO_KEY, f"there is no mycelium key at {looked}; name the file with -k")
