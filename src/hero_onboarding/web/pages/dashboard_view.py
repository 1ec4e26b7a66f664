"""What the dashboard says, made of what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from hero_onboarding.aggregation import HourUse
from hero_onboarding.http.charts import (
    HOUR_SECONDS,
    HOURS_IN_DAY,
    StackedChart,
    bars,
    begin_of,
    hour_labels,
    hour_of,
    last_hours,
    stack,
)
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.kernel.paging import Page
from hero_onboarding.languages import Locale, Moment
from hero_onboarding.payments import NO_NEWS, MoneyNews
from hero_onboarding.wallet import Grant, Movement, Wallet
from hero_onboarding.web.pages.balance_view import BalanceView, balance_view, credit_of
from hero_onboarding.web.pages.kinds import (
    OTHER,
    by_group,
    group_of,
    in_order,
    word_of,
    words_of,
)
from hero_onboarding.web.pages.movements_view import MovementLine, movement_line
from hero_onboarding.web.pages.news_view import NewsLine, news_lines

DAYS_SHOWN: Final = 7
RARE_NAMED: Final = 3
_SPARK_HEIGHT: Final = 24
_BAR_WIDTH: Final = 1000
_REMEMBERED: Final = 512


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read for the dashboard; ``use`` covers the last seven days with today.

    Kinds are known from ``first_hour_by_kind`` on.

    ``is_watched`` says that a code signed another browser in within the last day, ``can_top_up``
    that this site takes payments. ``news`` is what needs the user.
    """

    now: datetime
    is_watched: bool
    wallet: Wallet
    use: Sequence[HourUse]
    movements: Page[Movement]
    can_top_up: bool = False
    grants: Sequence[Grant] = ()
    news: MoneyNews = NO_NEWS


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

    bars: tuple[DayBar, ...]
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
    """What was used since midnight."""

    date: str
    total: str
    kinds: tuple[KindLine, ...]


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
    labels: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]
    lines: tuple[HourLine, ...]
    total: str
    words: str


@dataclass(frozen=True, slots=True)
class UseView:
    """What follows from use alone; ``hours`` is None when nothing was used in the last 24."""

    micros_in_day: int
    zone: str
    week: WeekView
    today: TodayView
    hours: HoursView | None


@dataclass(frozen=True, slots=True)
class _When:
    """The hour, the person's day and the zone's name at an instant."""

    hour: int
    day: date
    zone: str


@dataclass(frozen=True, slots=True)
class DashboardView:
    """Everything that the dashboard shows, ready to print."""

    as_of: Moment
    is_watched: bool
    balance: BalanceView
    use: UseView
    movements: Sequence[MovementLine]
    has_more: bool
    can_top_up: bool
    news: Sequence[NewsLine]


def first_hour_shown(locale: Locale, now: datetime) -> int:
    """Return the first hour, counted from 1970, that begins in the week that ends today."""
    first = _day_of(locale, now) - timedelta(days=DAYS_SHOWN - 1)
    midnight = unix_seconds(datetime.combine(first, time(), locale.zone))
    return -(-midnight // HOUR_SECONDS)


def first_hour_by_kind(now: datetime) -> int:
    """Return an hour before the last 24 and before today, from which on kinds are shown.

    A day has up to 25 hours, and an hour of UTC may begin within one of the person's.
    """
    return last_hours(now).start - 2


def dashboard_view(locale: Locale, facts: Facts) -> DashboardView:
    """Write the dashboard."""
    today = _day_of(locale, facts.now)
    when = _When(hour_of(facts.now), today, locale.zone_name(facts.now))
    use = _use_view(locale, when, tuple(facts.use))
    return DashboardView(
        as_of=locale.moment(facts.now, seconds=True),
        is_watched=facts.is_watched,
        balance=balance_view(
            locale,
            facts.wallet,
            use.micros_in_day,
            credit=credit_of(locale, facts.grants, facts.now),
            can_top_up=facts.can_top_up,
        ),
        use=use,
        movements=[movement_line(locale, movement) for movement in facts.movements.items],
        has_more=facts.movements.next_cursor is not None,
        can_top_up=facts.can_top_up,
        news=tuple(news_lines(locale, facts.news)),
    )


@lru_cache(_REMEMBERED)
def _use_view(locale: Locale, when: _When, use: Sequence[HourUse]) -> UseView:
    """Write what follows from use alone, as of an hour and a day.

    It is remembered: an open dashboard asks every minute, and its use changes once an hour.
    """
    hours = range(when.hour - HOURS_IN_DAY + 1, when.hour + 1)
    last_day = [row for row in use if row.hour >= hours.start]
    days = {hour: _day_of(locale, begin_of(hour)) for hour in {row.hour for row in use}}
    return UseView(
        micros_in_day=sum(row.micros for row in last_day),
        zone=when.zone,
        week=_week(locale, when.day, use, days),
        today=_today(locale, when.day, [row for row in use if days[row.hour] == when.day]),
        hours=_hours(locale, hours, last_day) if last_day else None,
    )


def _day_of(locale: Locale, at: datetime) -> date:
    """Return the day on which an instant lies where the person is."""
    return at.astimezone(locale.zone).date()


def _week(
    locale: Locale, today: date, use: Iterable[HourUse], days: Mapping[int, date]
) -> WeekView:
    """Draw seven days; the last is today and not over."""
    sums = {today - timedelta(days=back): 0 for back in reversed(range(DAYS_SHOWN))}
    for row in use:
        sums[days[row.hour]] += row.micros
    heights = bars(list(sums.values()), height=_SPARK_HEIGHT)
    drawn = tuple(
        DayBar(place * 10, _SPARK_HEIGHT - height, height, day == today)
        for place, (day, height) in enumerate(zip(sums, heights, strict=True))
    )
    total = locale.money(sum(sums.values()))
    return WeekView(drawn, locale.gettext("%(amount)s in 7 days", amount=total))


def _today(locale: Locale, today: date, use: Iterable[HourUse]) -> TodayView:
    """Sum today's use by kind."""
    sums = _by_kind(use)
    kinds = in_order(sums)
    widths = bars([sums[kind] for kind in kinds], height=_BAR_WIDTH)
    lines = tuple(
        KindLine(word_of(locale, kind), group_of(kind), locale.money(sums[kind]), width)
        for kind, width in zip(kinds, widths, strict=True)
    )
    noon = datetime.combine(today, time(12), locale.zone)
    return TodayView(locale.day(noon), locale.money(sum(sums.values())), lines)


def _by_kind(rows: Iterable[HourUse]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.kind] = sums.get(row.kind, 0) + row.micros
    return sums


def _hours(locale: Locale, hours: range, rows: Sequence[HourUse]) -> HoursView:
    """Draw and list the use of some hours."""
    kinds_of: dict[int, dict[str, int]] = {hour: {} for hour in hours}
    for row in rows:
        kinds_of[row.hour][row.kind] = kinds_of[row.hour].get(row.kind, 0) + row.micros
    sums = _by_kind(rows)
    groups = list(by_group(sums))
    total = locale.money(sum(row.micros for row in rows))
    return HoursView(
        chart=stack(locale, [by_group(kinds_of[hour]) for hour in hours], groups),
        labels=tuple(hour_labels(locale, hours)),
        legend=tuple((group, _legend_word(locale, group, sums)) for group in groups),
        lines=tuple(
            _hour_line(locale, hour, kinds_of[hour]) for hour in reversed(hours) if kinds_of[hour]
        ),
        total=total,
        words=locale.gettext("Use by hour in the last 24 hours, %(amount)s in all.", amount=total),
    )


def _legend_word(locale: Locale, group: str, kinds: Iterable[str]) -> str:
    """Name a colour; the one that rare kinds share names them."""
    if group != OTHER:
        return word_of(locale, group)
    rare = [word_of(locale, kind) for kind in in_order(kinds) if group_of(kind) == OTHER]
    if len(rare) > RARE_NAMED:
        return locale.gettext("other")
    return locale.gettext("other (%(kinds)s)", kinds=", ".join(rare))


def _hour_line(locale: Locale, hour: int, sums: Mapping[str, int]) -> HourLine:
    return HourLine(locale.hour(hour), words_of(locale, sums), locale.money(sum(sums.values())))
