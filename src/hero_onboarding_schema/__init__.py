"""Records that programs of the Hero network share: their fields, limits and text forms."""

from hero_onboarding_schema.json_schema import usage_schema
from hero_onboarding_schema.otime import OTime, OTimeError
from hero_onboarding_schema.payments import PAYMENT_EVENT_KINDS, PaymentEvent
from hero_onboarding_schema.reading import WrongFieldError, read_usage_record, refusal_of_charge
from hero_onboarding_schema.usage import (
    AMOUNT_CENTS_MAX,
    INT64_MAX,
    INT64_MIN,
    KEY_FORM,
    KIND_FORM,
    KNOWN_FIELDS,
    NODE_FORM,
    OPTIONAL_FIELDS,
    REQUIRED_FIELDS,
    SID_FORM,
    Extra,
    UsageBatch,
    UsageRecord,
    normalised_digest,
)

__all__ = [
    "AMOUNT_CENTS_MAX",
    "INT64_MAX",
    "INT64_MIN",
    "KEY_FORM",
    "KIND_FORM",
    "KNOWN_FIELDS",
    "NODE_FORM",
    "OPTIONAL_FIELDS",
    "PAYMENT_EVENT_KINDS",
    "REQUIRED_FIELDS",
    "SID_FORM",
    "Extra",
    "OTime",
    "OTimeError",
    "PaymentEvent",
    "UsageBatch",
    "UsageRecord",
    "WrongFieldError",
    "normalised_digest",
    "read_usage_record",
    "refusal_of_charge",
    "usage_schema",
]
