"""The one way out over HTTP: time-outs, size limits, no redirects, one origin per client."""

from hero_onboarding.outbound.addresses import BaseAddress, read_base_address
from hero_onboarding.outbound.client import HttpAnswer, HttpClient, Limits
from hero_onboarding.outbound.errors import (
    AddressError,
    AnswerTooLargeError,
    OutboundUnavailableError,
)
from hero_onboarding.outbound.tracing import AFTER_CALL, BEFORE_CALL, Trace, no_trace

__all__ = [
    "AFTER_CALL",
    "BEFORE_CALL",
    "AddressError",
    "AnswerTooLargeError",
    "BaseAddress",
    "HttpAnswer",
    "HttpClient",
    "Limits",
    "OutboundUnavailableError",
    "Trace",
    "no_trace",
    "read_base_address",
]
