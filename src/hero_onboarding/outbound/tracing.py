"""A hook that hears of every call to the outside, so that a test can stop us around one."""

from collections.abc import Callable
from typing import Final

BEFORE_CALL: Final = "before call"
AFTER_CALL: Final = "after call"

Trace = Callable[[str], None]


def no_trace(_point: str) -> None:
    """Hear nothing."""
