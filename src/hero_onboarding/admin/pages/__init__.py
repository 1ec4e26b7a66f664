"""The operator's pages: what runs, what is wrong, and since when."""

from hero_onboarding.admin.pages.routes import make_pages

__all__ = ["make_pages"]
