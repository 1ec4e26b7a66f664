"""How one person reads: their language, and how it writes money, instants, spans and counts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import Final

from babel import Locale as Conventions
from babel.dates import format_skeleton, get_timezone_location
from babel.numbers import format_decimal

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.money import USD

MINUS: Final = "\N{MINUS SIGN}"
SHILLINGS: Final = "TSh"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_UNIVERSAL: Final = frozenset({"UTC", "Etc/UTC"})
_DECIMALS: Final = 2
_CENT_MICROS: Final = 10 ** (USD.scale - _DECIMALS)
_REMEMBERED: Final = 16_384
"""How many numbers, amounts, dates and cities are kept as written: pages say them again."""

_SIGN_OF_CURRENCY: Final = "\N{CURRENCY SIGN}"
_LARGE: Final = 100
_MILLION: Final = 1_000_000
_LONG: Final = timedelta(days=730)
_DAYS: Final = timedelta(days=2)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as people read it, with its zone, and as programs do."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Locale:
    """A language, its catalogue, and the zone in which times are told.

    ``formats`` names the entry of CLDR whose numbers and dates are used. Messages are English and
    are their own keys; ``%(name)s`` stands for a value and ``%%`` for a percent sign.
    """

    language: str
    formats: str
    translations: NullTranslations
    zone: tzinfo = UTC

    @property
    def direction(self) -> str:
        """Return ``ltr`` or ``rtl``."""
        return self._conventions.text_direction

    @property
    def city(self) -> str:
        """Name the city that the zone is named after; empty for UTC."""
        if str(self.zone) in _UNIVERSAL:
            return ""
        return _city(self.formats, self.zone)

    def gettext(self, message: str, /, **values: object) -> str:
        """Say a message in this language."""
        return self.translations.gettext(message) % values

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Say a message in the form that a number needs; ``%(count)s`` stands for the number."""
        message = self.translations.ngettext(one, many, number)
        return message % {"count": self.number(number), **values}

    def number(self, number: int) -> str:
        """Write a whole number."""
        return _number(self.formats, number)

    def figure(self, micros: int) -> str:
        """Write an amount without its currency, for places whose heading names it."""
        cents = abs(micros) // _CENT_MICROS
        text = _amount(self.formats, cents)
        return f"{MINUS}{text}" if micros < 0 and cents else text

    def money(self, micros: int) -> str:
        """Write an amount with its currency and two decimals, cut toward zero, never broken."""
        return self._with_currency(self.figure(micros))

    def shillings(self, hundredths: int) -> str:
        """Write an amount in shillings, whole ones, with their sign as people write it."""
        return self._with_currency(self.number(hundredths // 100), SHILLINGS)

    def rate(self, millionths: int) -> str:
        """Write how many shillings a dollar is, to their hundredths."""
        return self._with_currency(_amount(self.formats, millionths // _CENT_MICROS), SHILLINGS)

    def signed_money(self, micros: int) -> str:
        """Write an amount that moved, with its sign."""
        return self._with_currency(f"{'+' if micros > 0 else ''}{self.figure(micros)}")

    def axis(self, micros: int) -> str:
        """Write a round amount beside an axis, short where it is large."""
        dollars = micros // 10**USD.scale
        if dollars >= _MILLION:
            millions = self.number(dollars // _MILLION)
            return self._with_currency(self.gettext("%(millions)sM", millions=millions))
        if dollars >= _LARGE:
            return self._with_currency(self.number(dollars))
        return self.money(micros)

    def moment(self, at: datetime, *, seconds: bool = False) -> Moment:
        """Write an instant with its date and zone."""
        date = _dated(self.formats, "yMMMd", at, self.zone)
        clock = _dated(self.formats, "Hms" if seconds else "Hm", at, self.zone)
        text = _joint(self.formats).format(clock, date)
        return Moment(f"{text} {self.zone_name(at)}", at.isoformat())

    def hour(self, hour: int) -> Moment:
        """Write the beginning of an hour that is counted from 1970."""
        return self.moment(from_unix(hour * 3600))

    def day(self, at: datetime) -> str:
        """Write day and month of an instant."""
        return _dated(self.formats, "MMMd", at, self.zone)

    def clock(self, at: datetime) -> str:
        """Write hour and minute of an instant, without the zone."""
        return _dated(self.formats, "Hm", at, self.zone)

    def zone_name(self, at: datetime) -> str:
        """Write the zone as it is called at an instant, by its difference if it has no name."""
        name = at.astimezone(self.zone).tzname() or ""
        return f"UTC{name.replace('-', MINUS)}" if name[:1] in {"+", "-"} else name

    def span(self, span: timedelta) -> str:
        """Write how long something takes in its two largest useful units, cut and not rounded."""
        if span >= _LONG:
            return self.gettext("more than 2 years")
        if span < _MINUTE:
            return self.gettext("less than a minute")
        return " ".join(text for _, text in self._units(span))

    def ago(self, at: datetime, now: datetime) -> str:
        """Write how long ago something was."""
        span = now - at
        if span >= _LONG:
            return self.gettext("more than 2 years ago")
        if span < _MINUTE:
            return self.gettext("just now")
        units = self._units(span)  # some languages tell one hour that passed from several
        number = sum(count for count, _ in units)
        return self.ngettext("%(span)s ago", "%(span)s ago", number, span=self.span(span))

    def _units(self, span: timedelta) -> list[tuple[int, str]]:
        """Count the two largest useful units of a span and write each."""
        whole = span // _MINUTE
        if span >= _DAYS:
            days, hours = divmod(whole // 60, 24)
            written = [(days, self.ngettext("%(count)s day", "%(count)s days", days))]
        else:
            hours, written = whole // 60, []
        written.append((hours, self.gettext("%(count)s h", count=self.number(hours))))
        if span < _DAYS:
            minutes = whole % 60
            written.append((minutes, self.gettext("%(count)s min", count=self.number(minutes))))
        return [(count, text) for count, text in written if count]

    @property
    def _conventions(self) -> Conventions:
        return _conventions_of(self.formats)

    def _with_currency(self, figure: str, currency: str = USD.code) -> str:
        """Put the currency where CLDR puts it; a sign stays at the figure."""
        if _money_pattern(self.formats).startswith(_SIGN_OF_CURRENCY):
            return f"{currency}{NO_BREAK}{figure}"
        return f"{figure}{NO_BREAK}{currency}"


@cache
def _conventions_of(formats: str) -> Conventions:
    """Return CLDR's entry by its name."""
    return Conventions.parse(formats)


@cache
def _money_pattern(formats: str) -> str:
    return str(_conventions_of(formats).currency_formats["standard"].pattern)


@cache
def _joint(formats: str) -> str:
    """Return how CLDR joins a time ``{0}`` and a date ``{1}``."""
    return str(_conventions_of(formats).datetime_formats["medium"]).replace("'", "")


@lru_cache(_REMEMBERED)
def _amount(formats: str, cents: int) -> str:
    """Write hundredths as CLDR writes an amount, without where the currency goes."""
    pattern = _money_pattern(formats).replace(_SIGN_OF_CURRENCY, "").strip(f" {NO_BREAK}")
    amount = Decimal(cents).scaleb(-_DECIMALS)
    return format_decimal(amount, format=pattern, locale=_conventions_of(formats))


@lru_cache(_REMEMBERED)
def _number(formats: str, number: int) -> str:
    """Write a whole number as CLDR does."""
    return format_decimal(number, locale=_conventions_of(formats))


@lru_cache(_REMEMBERED)
def _city(formats: str, zone: tzinfo) -> str:
    """Name the city of a zone as CLDR does."""
    return get_timezone_location(zone, locale=formats, return_city=True)


@lru_cache(_REMEMBERED)
def _dated(formats: str, skeleton: str, at: datetime, zone: tzinfo) -> str:
    """Write the parts of an instant that a skeleton of CLDR names."""
    return format_skeleton(skeleton, at, zone, locale=_conventions_of(formats))


ENGLISH: Final = Locale("en", "en_001", NullTranslations())
"""International English in UTC: the language of the messages themselves."""
