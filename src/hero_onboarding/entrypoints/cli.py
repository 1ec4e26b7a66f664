"""``hero_onboarding``: the command line."""

from hero_onboarding.cli import main

__all__ = ["main"]
