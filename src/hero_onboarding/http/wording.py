"""How amounts, instants and spans are written for people; English until there are languages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.money import USD, Money

MINUS: Final = "\N{MINUS SIGN}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_LARGE: Final = 100
_MILLION: Final = 1_000_000
_HYPHEN: Final = "-"
_LONG: Final = timedelta(days=730)
_DAYS: Final = timedelta(days=2)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as people read it, with its zone, and as programs do."""

    text: str
    iso: str


def money_text(micros: int) -> str:
    """Write an amount with its currency and two decimals, cut toward zero, never to be broken."""
    return Money(micros).text().replace(_HYPHEN, MINUS).replace(" ", NO_BREAK)


def signed_money_text(micros: int) -> str:
    """Write an amount that moved, with its sign."""
    text = money_text(micros)
    return text.replace(NO_BREAK, f"{NO_BREAK}+", 1) if micros > 0 else text


def axis_text(micros: int) -> str:
    """Write a round amount beside an axis, short where it is large."""
    dollars = micros // 10**USD.scale
    if dollars >= _MILLION:
        return f"{USD.code}{NO_BREAK}{dollars // _MILLION:,}M"
    return f"{USD.code}{NO_BREAK}{dollars:,}" if dollars >= _LARGE else money_text(micros)


def figure_text(micros: int) -> str:
    """Write an amount without its currency, for places whose heading names it."""
    return money_text(micros).partition(NO_BREAK)[2]


def moment_of(at: datetime, *, seconds: bool = False) -> Moment:
    """Write an instant in UTC with its zone."""
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return Moment(f"{at.day} {at.strftime(f'%b %Y, {clock}')} UTC", at.isoformat())


def hour_moment(hour: int) -> Moment:
    """Write the beginning of an hour that is counted from 1970."""
    return moment_of(from_unix(hour * 3600))


def span_text(span: timedelta) -> str:
    """Write how long something takes in its two largest useful units, cut and not rounded."""
    if span >= _LONG:
        return "more than 2 years"
    days, hours, minutes = span.days, span.seconds // 3600, span.seconds % 3600 // 60
    if span >= _DAYS:
        return f"{days} days" + (f" {hours} h" if hours else "")
    if span >= _HOUR:
        return f"{days * 24 + hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if span >= _MINUTE else "less than a minute"


def ago_text(at: datetime, now: datetime) -> str:
    """Write how long ago something was."""
    return "just now" if now - at < _MINUTE else f"{span_text(now - at)} ago"


def count_text(number: int, one: str, many: str | None = None) -> str:
    """Write how many there are of something."""
    word = one if number == 1 else many or f"{one}s"
    return f"{number:,} {word}"
