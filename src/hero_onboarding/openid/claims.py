"""What a service is told about a user."""

from collections.abc import Sequence

from hero_onboarding.database import Transaction
from hero_onboarding.openid.domain import HERO_SID, MYCELIUM, subject_of
from hero_onboarding.sign_in import KnownAddress, list_addresses


def address_told(known: Sequence[KnownAddress]) -> str | None:
    """Return which of a user's addresses services are told: the first of those in use, if any."""
    return str(known[0].address) if known else None


def claims_of(
    tx: Transaction, salt: bytes, sector: str, user_sid: str, scopes: str
) -> dict[str, str]:
    """Return a user's subject for a sector, and what the scopes ask for besides.

    ``mycelium_address`` is the address that the user proved first of those that still sign them
    in; who has none has no such claim.
    """
    asked = scopes.split()
    claims = {"sub": subject_of(salt, sector, user_sid)}
    if MYCELIUM in asked:
        told = address_told(list_addresses(tx, user_sid))
        claims |= {} if told is None else {"mycelium_address": told}
    if HERO_SID in asked:
        claims["hero_sid"] = user_sid
    return claims
