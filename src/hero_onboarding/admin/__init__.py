"""What operators see."""

from hero_onboarding.admin.application import make_dashboard

__all__ = ["make_dashboard"]
