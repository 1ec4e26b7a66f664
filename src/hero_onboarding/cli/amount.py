"""Amounts that people type."""

import click

from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.kernel.money import Money
from hero_onboarding.kernel.overriding import override


class Amount(click.ParamType[Money]):
    """An amount in US dollars, such as 12.50 or -3."""

    name = "usd"

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Money:
        """Read it without rounding."""
        if isinstance(value, Money):
            return value
        try:
            return Money.parse(str(value))
        except HeroError as error:
            self.fail(str(error), param, ctx)
