"""Passkeys: a second way in, and the confirmation of a sign-in that a code approved."""

from hero_onboarding.passkeys.errors import (
    CrowdedPasskeysError,
    TooManyPasskeysError,
    WrongLabelError,
)
from hero_onboarding.passkeys.service import Site, ask_to_enrol, ask_to_use, enrol, use
from hero_onboarding.passkeys.store import Passkey, delete_passkey, list_passkeys

__all__ = [
    "CrowdedPasskeysError",
    "Passkey",
    "Site",
    "TooManyPasskeysError",
    "WrongLabelError",
    "ask_to_enrol",
    "ask_to_use",
    "delete_passkey",
    "enrol",
    "list_passkeys",
    "use",
]
