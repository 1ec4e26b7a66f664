"""Where a running server listens."""

import os

import msgspec

from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.bootstrap.settings import Settings

SERVER = "hero_onboarding_server"
ADMIN = "hero_onboarding_admin"
ADDRESSES_FILE = "addresses.json"


def find_origin(settings: Settings, program: str = SERVER) -> str:
    """Return a program's origin: as configured, or, with port 0, as it announced itself."""
    address = settings.listen if program == SERVER else settings.admin_listen
    if address.port:
        return f"http://{address.text}"
    return read_announced(settings).get(program, f"http://{address.text}")


def read_announced(settings: Settings) -> dict[str, str]:
    """Return the origins that programs announced when they last started."""
    path = settings.data_dir / ADDRESSES_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def announce(settings: Settings, addresses: dict[str, Address]) -> dict[str, str]:
    """Write down where programs listen and return all that are known."""
    known = read_announced(settings)
    known |= {name: f"http://{address.text}" for name, address in addresses.items()}
    new = settings.data_dir / f".{ADDRESSES_FILE}.{os.getpid()}"
    new.write_bytes(msgspec.json.encode(known))
    new.replace(settings.data_dir / ADDRESSES_FILE)
    return known
