"""What the site and the operator's application share: services, access, failures."""

from hero_onboarding.http.access import (
    SECRET_HEADER,
    ScopeGuard,
    key_of,
    read_bearer,
    require,
    require_account,
    require_node,
)
from hero_onboarding.http.failures import (
    FAILURE_HANDLERS,
    PROBLEM_JSON,
    EdgeError,
    Problem,
    problem_response,
)
from hero_onboarding.http.health import show_health
from hero_onboarding.http.language_switch import LanguageForm, remember_language, submit_language
from hero_onboarding.http.loopback import LoopbackOnly
from hero_onboarding.http.page_failures import for_browsers
from hero_onboarding.http.rendering import Answer, Page, go_to, page_state, render
from hero_onboarding.http.request_locale import locale_of
from hero_onboarding.http.same_origin import require_same_origin
from hero_onboarding.http.services import Services, services_of
from hero_onboarding.http.static_files import show_static_file
from hero_onboarding.kernel.server import Mode, Role, is_loopback_host

__all__ = [
    "FAILURE_HANDLERS",
    "PROBLEM_JSON",
    "SECRET_HEADER",
    "Answer",
    "EdgeError",
    "LanguageForm",
    "LoopbackOnly",
    "Mode",
    "Page",
    "Problem",
    "Role",
    "ScopeGuard",
    "Services",
    "for_browsers",
    "go_to",
    "is_loopback_host",
    "key_of",
    "locale_of",
    "page_state",
    "problem_response",
    "read_bearer",
    "remember_language",
    "render",
    "require",
    "require_account",
    "require_node",
    "require_same_origin",
    "services_of",
    "show_health",
    "show_static_file",
    "submit_language",
]
