"""Ask a program whether it is ready."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final
from urllib.parse import urlsplit

HEALTH_PATH: Final = "/health"
_ASK_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.1
_OK: Final = 200
_ANSWER_BYTES_MAX: Final = 4096

Answer = tuple[int, bytes]
"""Status and the beginning of the body."""


class Health(Enum):
    """What answers where a program should."""

    READY = auto()
    SILENT = auto()
    ANOTHER = auto()


def is_healthy(origin: str, program: str, path: str = HEALTH_PATH) -> bool:
    """Whether a program answers at an origin and says that it is the one that was asked for."""
    return find_health(origin, program, path) is Health.READY


def find_health(origin: str, program: str, path: str = HEALTH_PATH) -> Health:
    """Say whether a program is ready, silent, or another one in its place."""
    try:
        answer = fetch(origin, path)
    except http.client.HTTPException:
        return Health.ANOTHER
    if answer is None:
        return Health.SILENT
    status, body = answer
    try:
        told = json.loads(body)
    except ValueError:
        return Health.ANOTHER
    is_program = isinstance(told, dict) and told.get("service") == program
    if is_program and status == _OK and told.get("status") == "ok":
        return Health.READY
    return Health.SILENT if is_program else Health.ANOTHER


def fetch(origin: str, path: str, headers: Mapping[str, str] | None = None) -> Answer | None:
    """Return what is answered at a path, None when nobody answers in time.

    Raises:
        HTTPException: If what answers does not speak HTTP.
    """
    parts = urlsplit(origin)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ASK_SECONDS)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read(_ANSWER_BYTES_MAX)
    except OSError:
        return None
    finally:
        connection.close()


def wait_until(is_so: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until something is so, at most for some seconds; return whether it is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
