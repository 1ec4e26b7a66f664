"""Ask a program whether it is ready."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

_ASK_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.1
_OK: Final = 200


def is_healthy(origin: str, program: str, path: str = "/health") -> bool:
    """Whether a program answers at an origin and says that it is the one that was asked for."""
    parts = urlsplit(origin)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ASK_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        answer = json.loads(response.read(4096))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return (
        response.status == _OK
        and isinstance(answer, dict)
        and answer.get("status") == "ok"
        and answer.get("service") == program
    )


def wait_until(is_so: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until something is so, at most for some seconds; return whether it is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
