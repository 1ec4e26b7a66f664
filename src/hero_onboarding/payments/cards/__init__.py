"""Saved cards: kept by providers for payers who agreed, and forgotten when they say so."""

from hero_onboarding.payments.cards.desk import CardDesk
from hero_onboarding.payments.cards.domain import CardState, SavedCard, charge_of
from hero_onboarding.payments.cards.ports import CardKeepingProvider
from hero_onboarding.payments.cards.service import (
    DETACH_CARD,
    fail_card,
    get_own_card,
    keep_card,
    list_cards,
    read_card,
    remove_card,
)
from hero_onboarding.payments.cards.store import claim_customer

__all__ = [
    "DETACH_CARD",
    "CardDesk",
    "CardKeepingProvider",
    "CardState",
    "SavedCard",
    "charge_of",
    "claim_customer",
    "fail_card",
    "get_own_card",
    "keep_card",
    "list_cards",
    "read_card",
    "remove_card",
]
