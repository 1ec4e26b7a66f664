"""Money, instants, spans and counts as each language writes them, in the person's own zone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.languages import ENGLISH, MINUS, NO_BREAK, Locale, load_locales

NARROW = "\N{NARROW NO-BREAK SPACE}"
AT = datetime(2026, 3, 4, 21, 5, 9, tzinfo=UTC)
DOLLAR = 1_000_000
LOCALES = load_locales()


@pytest.fixture(params=list(LOCALES))
def locale(request: pytest.FixtureRequest) -> Locale:
    return LOCALES[str(request.param)]


def spaced(text: str) -> str:
    return text.replace(NO_BREAK, " ").replace(NARROW, " ")


@pytest.mark.parametrize(
    ("language", "amounts"),
    [
        ("en", ["USD 1,234.56", f"USD {MINUS}0.50", "USD +12.40", "USD 0.00", "1,234.56"]),
        ("sw", ["USD 1,234.56", f"USD {MINUS}0.50", "USD +12.40", "USD 0.00", "1,234.56"]),
        ("fr", ["1 234,56 USD", f"{MINUS}0,50 USD", "+12,40 USD", "0,00 USD", "1 234,56"]),
    ],
)
def test_an_amount_has_its_code_two_decimals_and_the_languages_own_form(
    language: str, amounts: list[str]
) -> None:
    locale = LOCALES[language]
    shown = [
        locale.money(1_234_569_999),
        locale.money(-509_999),
        locale.signed_money(12_400_000),
        locale.money(-9_999),
        locale.figure(1_234_569_999),
    ]

    assert [spaced(text) for text in shown] == amounts


@given(st.sampled_from(sorted(LOCALES)), st.integers(-(10**17), 10**17))
def test_no_language_breaks_or_rounds_an_amount(language: str, micros: int) -> None:
    text = LOCALES[language].money(micros)
    digits = "".join(one for one in text if one.isdigit())

    assert " " not in text
    assert "USD" in text.split(NO_BREAK)
    assert int(digits) == abs(micros) // 10_000
    assert (MINUS in text) == (micros <= -10_000)


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["USD 0.05", "USD 5,000", "USD 10M", "USD 20,000M"]),
        ("sw", ["USD 0.05", "USD 5,000", "USD 10M", "USD 20,000M"]),
        ("fr", ["0,05 USD", "5 000 USD", "10 M USD", "20 000 M USD"]),
    ],
)
def test_an_axis_is_labelled_shortly_in_every_language(language: str, labels: list[str]) -> None:
    amounts = [50_000, 5_000 * DOLLAR, 10**7 * DOLLAR, 2 * 10**10 * DOLLAR]

    assert [spaced(LOCALES[language].axis(micros)) for micros in amounts] == labels


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "UTC", "4 Mar 2026, 21:05 UTC"),
        ("sw", "UTC", "4 Mac 2026 21:05 UTC"),
        ("fr", "UTC", "4 mars 2026, 21:05 UTC"),
        ("en", "Africa/Dar_es_Salaam", "5 Mar 2026, 00:05 EAT"),
        ("sw", "Africa/Dar_es_Salaam", "5 Mac 2026 00:05 EAT"),
        ("fr", "Europe/Brussels", "4 mars 2026, 22:05 CET"),
        ("en", "America/Sao_Paulo", f"4 Mar 2026, 18:05 UTC{MINUS}03"),
        ("en", "Asia/Kathmandu", "5 Mar 2026, 02:50 UTC+0545"),
    ],
)
def test_an_instant_is_told_in_the_persons_zone_and_names_it(
    language: str, zone: str, text: str
) -> None:
    moment = replace(LOCALES[language], zone=ZoneInfo(zone)).moment(AT)

    assert moment.text == text
    assert moment.iso == "2026-03-04T21:05:09+00:00"


def test_a_zone_follows_its_summer_time() -> None:
    brussels = replace(LOCALES["fr"], zone=ZoneInfo("Europe/Brussels"))

    assert brussels.moment(AT.replace(month=7), seconds=True).text == "4 juil. 2026, 23:05:09 CEST"
    assert (brussels.day(AT), brussels.clock(AT)) == ("4 mars", "22:05")


def test_utc_is_no_city() -> None:
    assert ENGLISH.city == ""
    assert replace(ENGLISH, zone=ZoneInfo("UTC")).city == ""
    assert replace(LOCALES["fr"], zone=ZoneInfo("Europe/Brussels")).city == "Bruxelles"


SPANS = [
    timedelta(seconds=59),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=1, minutes=5),
    timedelta(hours=47, minutes=59),
    timedelta(days=9, hours=4),
]
LONG = timedelta(days=730)


@pytest.mark.parametrize(
    ("language", "spans"),
    [
        ("en", "less than a minute|1 min|1 h|1 h 5 min|47 h 59 min|9 days 4 h"),
        ("sw", "chini ya dakika moja|dakika 1|saa 1|saa 1 dakika 5|saa 47 dakika 59|siku 9 saa 4"),
        ("fr", "moins d'une minute|1 min|1 h|1 h 5 min|47 h 59 min|9 jours 4 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_useful_units(language: str, spans: str) -> None:
    assert [spaced(LOCALES[language].span(span)) for span in SPANS] == spans.split("|")


@pytest.mark.parametrize(
    ("language", "ago"),
    [
        ("en", ["just now", "1 min ago", "1 h ago", "1 h 5 min ago", "more than 2 years ago"]),
        (
            "sw",
            [
                "sasa hivi",
                "dakika 1 iliyopita",
                "saa 1 iliyopita",
                "saa 1 dakika 5 zilizopita",
                "zaidi ya miaka 2 iliyopita",
            ],
        ),
        (
            "fr",
            [
                "à l'instant",
                "il y a 1 min",
                "il y a 1 h",
                "il y a 1 h 5 min",
                "il y a plus de 2 ans",
            ],
        ),
    ],
)
def test_how_long_ago_agrees_with_the_span(language: str, ago: list[str]) -> None:
    shown = [LOCALES[language].ago(AT - span, AT) for span in (*SPANS[:4], LONG)]

    assert [spaced(text) for text in shown] == ago


def test_a_long_span_is_not_counted_out(locale: Locale) -> None:
    said = {"en": "more than 2 years", "sw": "zaidi ya miaka 2", "fr": "plus de 2 ans"}

    assert spaced(locale.span(LONG)) == said[locale.language]


def test_counts_are_grouped_as_the_language_does(locale: Locale) -> None:
    grouped = {"en": "1,234,567", "sw": "1,234,567", "fr": "1 234 567"}

    assert spaced(locale.number(1_234_567)) == grouped[locale.language]
    assert locale.direction == "ltr"
