"""Where a running server listens."""

import os
from typing import Final

import msgspec

from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.bootstrap.settings import Settings

SERVER: Final = "hero_onboarding_server"
ADMIN: Final = "hero_onboarding_admin"
ADDRESSES_FILE: Final = "addresses.json"
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked here, not bound


class Announced(msgspec.Struct, frozen=True):
    """What a program said when it began to listen."""

    origin: str
    pid: int


def find_origin(settings: Settings, program: str = SERVER) -> str:
    """Return a program's origin: as configured, or, with port 0, as it announced itself."""
    address = settings.listen if program == SERVER else settings.admin_listen
    if address.port:
        return _origin_of(address)
    announced = read_announced(settings).get(program)
    return _origin_of(address) if announced is None else announced.origin


def read_announced(settings: Settings) -> dict[str, Announced]:
    """Return what programs announced when they last started."""
    path = settings.data_dir / ADDRESSES_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Announced])
    except (OSError, msgspec.DecodeError):
        return {}


def announce(settings: Settings, addresses: dict[str, Address]) -> dict[str, Announced]:
    """Write down where this process listens and return all that is known."""
    known = read_announced(settings)
    for name, address in addresses.items():
        known[name] = Announced(_origin_of(address), os.getpid())
    new = settings.data_dir / f".{ADDRESSES_FILE}.{os.getpid()}"
    new.write_bytes(msgspec.json.encode(known))
    new.replace(settings.data_dir / ADDRESSES_FILE)
    return known


def _origin_of(address: Address) -> str:
    """Return where this machine reaches an address; one that means all is reached by loopback."""
    host = _EVERYWHERE.get(address.host, address.host)
    return f"http://{Address(host, address.port).text}"
