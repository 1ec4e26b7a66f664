"""The pages of the site: a route, a view made of words and numbers, a template."""

from hero_onboarding.web.pages.routes import make_pages

__all__ = ["make_pages"]
