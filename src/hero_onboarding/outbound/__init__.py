"""The one way out over HTTP: time-outs, size limits, no redirects, one origin per client."""

from hero_onboarding.outbound.tracing import AFTER_CALL, BEFORE_CALL, Trace, no_trace

__all__ = ["AFTER_CALL", "BEFORE_CALL", "Trace", "no_trace"]
