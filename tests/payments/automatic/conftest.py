"""The fixtures of saved cards."""

from tests.payments.cards.conftest import crash, fragile, till

__all__ = ["crash", "fragile", "till"]
