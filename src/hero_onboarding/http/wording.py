"""How amounts, instants and spans are written for people; English until there are languages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.money import USD, Money

MINUS: Final = "\N{MINUS SIGN}"
_HYPHEN: Final = "-"
_LONG: Final = timedelta(days=730)
_DAYS: Final = timedelta(days=2)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Locale:
    """The language of a page and the direction it is written in."""

    language: str
    direction: str


ENGLISH: Final = Locale("en", "ltr")


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as people read it, with its zone, and as programs do."""

    text: str
    iso: str


def money_text(micros: int) -> str:
    """Write an amount with its currency and two decimals, cut toward zero."""
    return Money(micros).text().replace(_HYPHEN, MINUS)


def signed_money_text(micros: int) -> str:
    """Write an amount that moved, with its sign."""
    text = money_text(micros)
    return text.replace(" ", " +", 1) if micros > 0 else text


def kept_together(sentence: str) -> str:
    """Keep each amount of a sentence on one line with its currency."""
    return sentence.replace(f"{USD.code} ", f"{USD.code}\N{NO-BREAK SPACE}")


def figure_text(micros: int) -> str:
    """Write an amount without its currency, for places whose heading names it."""
    return money_text(micros).partition(" ")[2]


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
