"""What was asked of a stand-in, so that tests can count calls."""

import threading
from collections import deque

import msgspec

_ENTRIES_MAX = 20_000


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request; status 0 means that the connection was cut, ``key`` makes it happen once."""

    method: str
    path: str
    query: str
    status: int
    user: str
    key: str = ""


class RequestLog:
    """The last requests in the order they were answered, and counts of them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=_ENTRIES_MAX)
        self._total = 0

    def note(self, entry: Entry) -> None:
        """Add a request."""
        with self._lock:
            self._entries.append(entry)
            self._total += 1

    def list_entries(self, method: str = "*", path_prefix: str = "/") -> list[Entry]:
        """List the kept requests of a method whose path begins so."""
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if method in {"*", entry.method} and entry.path.startswith(path_prefix)
        ]

    def count(self, method: str = "*", path_prefix: str = "/") -> int:
        """Count the kept requests of a method whose path begins so."""
        return len(self.list_entries(method, path_prefix))

    @property
    def total(self) -> int:
        """Count all requests since the last reset, those no longer kept included."""
        with self._lock:
            return self._total

    def reset(self) -> None:
        """Forget every request."""
        with self._lock:
            self._entries.clear()
            self._total = 0
