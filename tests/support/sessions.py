"""End the sessions of a PostgreSQL database, and wait for it no longer than it takes."""

import time
from typing import Any, Final

import psycopg

_END_OTHERS: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = %s AND pid <> pg_backend_pid()"""
_SECONDS_MAX: Final = 10
_PAUSE_SECONDS: Final = 0.001
"""The server's own waiting looks again after a tenth of a second, which is most of a test."""


def end_others(connection: "psycopg.Connection[Any]", name: str) -> bool:
    """End all sessions of a database but this one; say whether they are gone."""
    ends_at = time.monotonic() + _SECONDS_MAX
    while connection.execute(_END_OTHERS, (name,)).fetchall():
        if time.monotonic() > ends_at:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True
