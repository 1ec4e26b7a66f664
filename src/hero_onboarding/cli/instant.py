"""Instants that people type."""

from datetime import UTC, datetime
from typing import Any, Final

import click

from hero_onboarding.kernel.overriding import override

_FORMS: Final = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%fZ",
)
"""The last two are those in which times are printed."""


class Instant(click.DateTime):
    """An instant in UTC, such as 2026-03-01, 2026-03-01T10:00:00 or 2026-03-01T10:00:00Z."""

    def __init__(self) -> None:
        super().__init__(_FORMS)

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it as UTC."""
        found: datetime = super().convert(value, param, ctx)
        return found.replace(tzinfo=UTC)
