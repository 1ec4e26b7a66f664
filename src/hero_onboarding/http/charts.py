"""Shapes of charts: whole numbers in, whole numbers of a drawing's own units out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from hero_onboarding.kernel.clock import from_unix, unix_seconds
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.languages import Locale

HOURS_IN_DAY: Final = 24
HOUR_SECONDS: Final = 3600
HEIGHT: Final = 1000
SLOT: Final = 10
BAR: Final = 8
_STEPS: Final = (2, 4, 10)
_VISIBLE: Final = 12
_LABEL_EVERY: Final = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled height; ``y`` counts from the top."""

    y: int
    label: str


@dataclass(frozen=True, slots=True)
class StackedChart:
    """Bars of equal width on a common zero line; ``width`` and ``height`` are its view box.

    ``drawn`` is the bars as SVG: hundreds of numbers that a template would look at one by one.
    """

    width: int
    height: int
    drawn: Markup
    ticks: tuple[Tick, ...]


def ceiling_micros(largest: int) -> int:
    """Return the top of an axis: at least two cents, whose half is a whole number of cents."""
    scale = MICROS_PER_CENT
    while True:
        for step in _STEPS:
            if largest <= step * scale:
                return step * scale
        scale *= 10


def stack(
    locale: Locale, columns: Sequence[Mapping[str, int]], groups: Sequence[str]
) -> StackedChart:
    """Stack each column's amounts by group, from the zero line up, in the order of groups."""
    top = ceiling_micros(max((sum(column.values()) for column in columns), default=0))
    drawn: list[str] = []
    for place, column in enumerate(columns):
        drawn += _draw_one(column, groups, place * SLOT + (SLOT - BAR) // 2, top)
    ticks = tuple(
        Tick(HEIGHT - HEIGHT * part // 2, locale.axis(top * part // 2)) for part in (2, 1, 0)
    )
    bars_drawn = Markup("\n".join(drawn))  # noqa: S704 - whole numbers, and names that are escaped
    return StackedChart(len(columns) * SLOT, HEIGHT, bars_drawn, ticks)


def _draw_one(column: Mapping[str, int], groups: Sequence[str], x: int, top: int) -> list[str]:
    """Write a column as rectangles; their groups name classes of the stylesheet."""
    drawn: list[str] = []
    below, bottom = 0, HEIGHT
    for group in groups:
        amount = column.get(group, 0)
        if amount <= 0:
            continue
        below += amount
        y = HEIGHT - below * HEIGHT // top
        drawn.append(
            f'<rect class="kind-{escape(group)}" x="{x}" y="{y}"'
            f' width="{BAR}" height="{bottom - y}"/>'
        )
        bottom = y
    return drawn


def bars(amounts: Sequence[int], *, height: int) -> list[int]:
    """Scale amounts to the largest of them; what is not nothing stays visible."""
    largest = max(amounts, default=0)
    return [
        max(amount * height // largest, height // _VISIBLE) if amount > 0 else 0
        for amount in amounts
    ]


def hour_of(moment: datetime) -> int:
    """Return the UTC hour of an instant, counted from 1970."""
    return unix_seconds(moment) // HOUR_SECONDS


def begin_of(hour: int) -> datetime:
    """Return when an hour counted from 1970 begins."""
    return from_unix(hour * HOUR_SECONDS)


def last_hours(now: datetime) -> range:
    """Return the present hour and the 23 before it, counted from 1970."""
    this_hour = hour_of(now)
    return range(this_hour - HOURS_IN_DAY + 1, this_hour + 1)


def hour_labels(locale: Locale, hours: Iterable[int]) -> list[str]:
    """Label every sixth hour of the locale's day; midnight bears the new date on a second line."""
    return [_hour_label(locale, begin_of(hour)) for hour in hours]


def _hour_label(locale: Locale, begins: datetime) -> str:
    hour = begins.astimezone(locale.zone).hour
    if hour % _LABEL_EVERY:
        return ""
    return locale.clock(begins) if hour else f"{locale.clock(begins)}\n{locale.day(begins)}"
