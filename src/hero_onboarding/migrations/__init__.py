"""The schema and how it came to be; ``upgrade`` brings a database up to date."""

from hero_onboarding.migrations.upgrade import current_revision, newest_revision, upgrade

__all__ = ["current_revision", "newest_revision", "upgrade"]
