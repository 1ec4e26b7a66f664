"""What rates need from outside."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class RateSource(Protocol):
    """Whoever says what a dollar is in another currency."""

    @property
    def name(self) -> str:
        """Name under which its rates are kept, such as ``clickpesa``."""
        ...

    def fetch_rate(self, currency: str) -> int:
        """Ask what a dollar is now, in millionths of the currency; no margin is in it.

        Raises:
            HeroError: Of the source's own kind, if no answer came or it makes no sense.
        """
        ...
