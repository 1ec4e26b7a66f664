"""What users and scripts see: the site, the billing API, and the same as JSON-RPC."""

from hero_onboarding.web.application import make_site
from hero_onboarding.web.rpc import make_rpc

__all__ = ["make_rpc", "make_site"]
