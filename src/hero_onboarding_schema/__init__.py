"""Records that programs of the Hero network share: their fields, limits and text forms."""

from hero_onboarding_schema.otime import OTime, OTimeError
from hero_onboarding_schema.reading import WrongFieldError, read_usage_record, refusal_of_charge
from hero_onboarding_schema.usage import (
    KNOWN_FIELDS,
    OPTIONAL_FIELDS,
    REQUIRED_FIELDS,
    Extra,
    UsageBatch,
    UsageRecord,
    normalised_digest,
)

__all__ = [
    "KNOWN_FIELDS",
    "OPTIONAL_FIELDS",
    "REQUIRED_FIELDS",
    "Extra",
    "OTime",
    "OTimeError",
    "UsageBatch",
    "UsageRecord",
    "WrongFieldError",
    "normalised_digest",
    "read_usage_record",
    "refusal_of_charge",
]
