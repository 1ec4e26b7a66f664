"""How one person reads: their language, and how it writes money, instants, spans and counts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from gettext import NullTranslations
from typing import Final

from babel import Locale as Conventions
from babel.dates import format_skeleton, get_timezone_location
from babel.numbers import format_decimal

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.money import USD

MINUS: Final = "\N{MINUS SIGN}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_UNIVERSAL: Final = frozenset({"UTC", "Etc/UTC"})
_CENT: Final = Decimal("0.01")
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
        return get_timezone_location(self.zone, locale=self.formats, return_city=True)

    def gettext(self, message: str, /, **values: object) -> str:
        """Say a message in this language."""
        return self.translations.gettext(message) % values

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Say a message in the form that a number needs; ``%(count)s`` stands for the number."""
        message = self.translations.ngettext(one, many, number)
        return message % {"count": self.number(number), **values}

    def number(self, number: int) -> str:
        """Write a whole number."""
        return format_decimal(number, locale=self.formats)

    def figure(self, micros: int) -> str:
        """Write an amount without its currency, for places whose heading names it."""
        cents = Decimal(micros).scaleb(-USD.scale).quantize(_CENT, ROUND_DOWN)
        text = format_decimal(abs(cents), format=self._amount_pattern, locale=self.formats)
        return f"{MINUS}{text}" if cents < 0 else text

    def money(self, micros: int) -> str:
        """Write an amount with its currency and two decimals, cut toward zero, never broken."""
        return self._with_currency(self.figure(micros))

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
        joint = str(self._conventions.datetime_formats["medium"]).replace("'", "")
        date = format_skeleton("yMMMd", at, self.zone, locale=self.formats)
        clock = format_skeleton("Hms" if seconds else "Hm", at, self.zone, locale=self.formats)
        text = joint.format(clock, date)
        return Moment(f"{text} {self.zone_name(at)}", at.isoformat())

    def hour(self, hour: int) -> Moment:
        """Write the beginning of an hour that is counted from 1970."""
        return self.moment(from_unix(hour * 3600))

    def day(self, at: datetime) -> str:
        """Write day and month of an instant."""
        return format_skeleton("MMMd", at, self.zone, locale=self.formats)

    def clock(self, at: datetime) -> str:
        """Write hour and minute of an instant, without the zone."""
        return format_skeleton("Hm", at, self.zone, locale=self.formats)

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
        """Return CLDR's entry, which Babel reads once."""
        return Conventions.parse(self.formats)

    @property
    def _amount_pattern(self) -> str:
        """Return how CLDR writes an amount, without where the currency goes."""
        return self._money_pattern.replace(_SIGN_OF_CURRENCY, "").strip(f" {NO_BREAK}")

    @property
    def _money_pattern(self) -> str:
        return str(self._conventions.currency_formats["standard"].pattern)

    def _with_currency(self, figure: str) -> str:
        """Put the currency's code where CLDR puts the currency; a sign stays at the figure."""
        parts = (USD.code, figure)
        is_first = self._money_pattern.startswith(_SIGN_OF_CURRENCY)
        return NO_BREAK.join(parts if is_first else reversed(parts))


ENGLISH: Final = Locale("en", "en_001", NullTranslations())
"""International English in UTC: the language of the messages themselves."""
