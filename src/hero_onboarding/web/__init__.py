"""What users and scripts see: the site and the billing API."""

from hero_onboarding.web.application import make_site

__all__ = ["make_site"]
