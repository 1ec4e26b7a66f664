"""What the site and the operator's application share: services, access, failures."""

from hero_onboarding.http.access import SECRET_HEADER, require_sandbox_write, require_secret
from hero_onboarding.http.failures import (
    FAILURE_HANDLERS,
    PROBLEM_JSON,
    EdgeError,
    Problem,
    problem_response,
)
from hero_onboarding.http.health import show_health
from hero_onboarding.http.loopback import LoopbackOnly, is_loopback_host
from hero_onboarding.http.services import Mode, Role, Services, services_of

__all__ = [
    "FAILURE_HANDLERS",
    "PROBLEM_JSON",
    "SECRET_HEADER",
    "EdgeError",
    "LoopbackOnly",
    "Mode",
    "Problem",
    "Role",
    "Services",
    "is_loopback_host",
    "problem_response",
    "require_sandbox_write",
    "require_secret",
    "services_of",
    "show_health",
]
