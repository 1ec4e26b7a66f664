"""What the dashboard says, made of what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.aggregation import HourUse
from hero_onboarding.http.charts import (
    HOURS_IN_DAY,
    StackedChart,
    bars,
    hour_labels,
    hour_of,
    last_hours,
    stack,
)
from hero_onboarding.http.wording import (
    Moment,
    figure_text,
    hour_moment,
    moment_of,
    money_text,
)
from hero_onboarding.kernel.paging import Page
from hero_onboarding.wallet import Movement, Wallet
from hero_onboarding.web.pages.balance_view import BalanceView, balance_view
from hero_onboarding.web.pages.kinds import OTHER, by_group, group_of, in_order, word_of
from hero_onboarding.web.pages.movements_view import MovementLine, movement_line

DAYS_SHOWN: Final = 7
RARE_NAMED: Final = 3
_SPARK_HEIGHT: Final = 24
_BAR_WIDTH: Final = 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read for the dashboard; ``use`` covers the last seven UTC days with today."""

    now: datetime
    wallet: Wallet
    use: Sequence[HourUse]
    movements: Page[Movement]

    @property
    def this_hour(self) -> int:
        """The present hour, counted from 1970."""
        return hour_of(self.now)

    @property
    def this_day(self) -> int:
        """The present UTC day, counted from 1970."""
        return self.this_hour // HOURS_IN_DAY


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day of the sparkline."""

    x: int
    y: int
    height: int
    is_today: bool


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week of use in seven bars, and in words."""

    bars: Sequence[DayBar]
    words: str


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of today's use; ``width`` is in thousandths of the largest."""

    word: str
    group: str
    amount: str
    width: int


@dataclass(frozen=True, slots=True)
class TodayView:
    """What was used since midnight UTC."""

    date: str
    total: str
    kinds: Sequence[KindLine]


@dataclass(frozen=True, slots=True)
class HourLine:
    """One hour of the table behind the chart."""

    begins: Moment
    kinds: str
    total: str


@dataclass(frozen=True, slots=True)
class HoursView:
    """The last 24 hours by hour and kind."""

    chart: StackedChart
    labels: Sequence[str]
    legend: Sequence[tuple[str, str]]
    lines: Sequence[HourLine]
    total: str
    words: str


@dataclass(frozen=True, slots=True)
class DashboardView:
    """Everything that the dashboard shows, ready to print."""

    as_of: Moment
    balance: BalanceView
    week: WeekView
    today: TodayView
    hours: HoursView | None
    movements: Sequence[MovementLine]
    has_more: bool


def first_hour_shown(now: datetime) -> int:
    """Return the first hour of the week that ends today."""
    return (hour_of(now) // HOURS_IN_DAY - DAYS_SHOWN + 1) * HOURS_IN_DAY


def dashboard_view(facts: Facts) -> DashboardView:
    """Write the dashboard."""
    return DashboardView(
        as_of=moment_of(facts.now, seconds=True),
        balance=balance_view(facts.wallet, sum(row.micros for row in _last_day(facts))),
        week=_week(facts),
        today=_today(facts),
        hours=_hours(facts),
        movements=[movement_line(movement) for movement in facts.movements.items],
        has_more=facts.movements.next_cursor is not None,
    )


def _last_day(facts: Facts) -> list[HourUse]:
    first = last_hours(facts.now).start
    return [row for row in facts.use if row.hour >= first]


def _week(facts: Facts) -> WeekView:
    """Draw seven days; the last is today and not over."""
    today = facts.this_day
    days = range(today - DAYS_SHOWN + 1, today + 1)
    sums = dict.fromkeys(days, 0)
    for row in facts.use:
        sums[row.hour // HOURS_IN_DAY] += row.micros
    heights = bars(list(sums.values()), height=_SPARK_HEIGHT)
    drawn = [
        DayBar(place * 10, _SPARK_HEIGHT - height, height, day == today)
        for place, (day, height) in enumerate(zip(days, heights, strict=True))
    ]
    total = money_text(sum(sums.values()))
    return WeekView(drawn, f"{total} in 7 days")


def _today(facts: Facts) -> TodayView:
    """Sum today's use by kind."""
    midnight = facts.this_day * HOURS_IN_DAY
    sums = _by_kind(row for row in facts.use if row.hour >= midnight)
    kinds = in_order(sums)
    widths = bars([sums[kind] for kind in kinds], height=_BAR_WIDTH)
    lines = [
        KindLine(word_of(kind), group_of(kind), money_text(sums[kind]), width)
        for kind, width in zip(kinds, widths, strict=True)
    ]
    date = f"{facts.now.day} {facts.now.strftime('%b')}"
    return TodayView(date, money_text(sum(sums.values())), lines)


def _by_kind(rows: Iterable[HourUse]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.kind] = sums.get(row.kind, 0) + row.micros
    return sums


def _hours(facts: Facts) -> HoursView | None:
    """Draw and list the last 24 hours; None when nothing was used in them."""
    rows = _last_day(facts)
    if not rows:
        return None
    hours = last_hours(facts.now)
    kinds_of = {hour: _by_kind(row for row in rows if row.hour == hour) for hour in hours}
    sums = _by_kind(rows)
    groups = list(by_group(sums))
    chart = stack([by_group(kinds_of[hour]) for hour in hours], groups)
    total = money_text(sum(row.micros for row in rows))
    return HoursView(
        chart=chart,
        labels=hour_labels(hours),
        legend=[(group, _legend_word(group, sums)) for group in groups],
        lines=[_hour_line(hour, kinds_of[hour]) for hour in reversed(hours) if kinds_of[hour]],
        total=total,
        words=f"Use by hour in the last 24 hours, {total} in all.",
    )


def _legend_word(group: str, kinds: Iterable[str]) -> str:
    """Name a colour; the one that rare kinds share names them."""
    if group != OTHER:
        return word_of(group)
    rare = [word_of(kind) for kind in in_order(kinds) if group_of(kind) == OTHER]
    return f"other ({', '.join(rare)})" if len(rare) <= RARE_NAMED else OTHER


def _hour_line(hour: int, sums: Mapping[str, int]) -> HourLine:
    parts = [f"{word_of(kind)} {figure_text(sums[kind])}" for kind in in_order(sums)]
    return HourLine(hour_moment(hour), ", ".join(parts), money_text(sum(sums.values())))
