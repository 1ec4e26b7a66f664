"""Amounts are whole numbers of the smallest units; what is finer or no number is refused."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.money import (
    INT64_MAX,
    USD,
    Asset,
    InexactAmountError,
    Money,
    micros_from_cents,
)

ASSETS = st.builds(Asset, st.just("USD"), st.integers(0, 9))
UNITS = st.integers(-INT64_MAX, INT64_MAX)


def plain(units: int, scale: int) -> str:
    """Write units as a decimal number, by another way than the code's."""
    return f"{Decimal(units).scaleb(-scale):f}"


@given(units=UNITS, asset=ASSETS)
def test_what_is_written_in_full_is_read_back_exactly(units: int, asset: Asset) -> None:
    assert Money.parse(plain(units, asset.scale), asset) == Money(units, asset)


@given(units=UNITS, asset=ASSETS, zeros=st.integers(0, 8))
def test_zeros_after_the_last_decimal_change_nothing(units: int, asset: Asset, zeros: int) -> None:
    text = plain(units, asset.scale)
    padded = text + ("0" * zeros if "." in text else "")

    assert Money.parse(padded, asset) == Money(units, asset)


@given(
    whole=st.integers(0, 10**6),
    asset=ASSETS,
    digit=st.integers(1, 9),
    further=st.integers(0, 10**15),
)
def test_a_decimal_finer_than_the_asset_is_never_rounded_away(
    whole: int, asset: Asset, digit: int, further: int
) -> None:
    text = f"{whole}.{'0' * asset.scale}{further:015d}{digit}"

    with pytest.raises(InexactAmountError):
        Money.parse(text, asset)


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_a_refusal(text: str) -> None:
    try:
        money = Money.parse(text)
    except InexactAmountError as error:
        assert error.text == text  # noqa: PT017 - either outcome is right, nothing else is
    else:
        assert re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text)
        assert money.units == Decimal(text) * 10**6


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "1,000",
        ".5",
        "5.",
        "-",
        "+-1",
        "--1",
        "0x10",
        "1e3",
        "1E+999999",
        "1e999999999",
        "-1e-999999999",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "\uff11\uff12",
        "\u0664",
        "1" * 31,
        "9" * 100_000,
        "9223372036854.775808",
        "-9223372036854.775808",
        "0.0000001",
        "1.00000000000000000000000000001",
        "USD 1",
        "\0",
    ],
)
def test_what_is_no_exact_amount_is_invalid_input(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Money.parse(text)

    assert caught.value.code == "money.inexact"
    assert "USD with 6 decimals" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0),
        ("-0", 0),
        ("+1", 1_000_000),
        ("12.50", 12_500_000),
        ("-0.000001", -1),
        ("007.1", 7_100_000),
        ("9223372036854.775807", INT64_MAX),
        ("-9223372036854.775807", -INT64_MAX),
    ],
)
def test_plain_numbers_are_read(text: str, units: int) -> None:
    assert Money.parse(text) == Money(units, USD)


@given(units=UNITS, asset=ASSETS, decimals=st.integers(0, 12))
def test_text_is_the_amount_cut_toward_zero(units: int, asset: Asset, decimals: int) -> None:
    written = Money(units, asset).text(decimals=decimals)

    code, number = written.split(" ")
    shown = min(decimals, asset.scale)
    cut = abs(units) // 10 ** (asset.scale - shown)
    digits = number.lstrip("-").replace(",", "").replace(".", "")
    assert code == "USD"
    assert int(digits) == cut
    assert number.startswith("-") == (units < 0 and cut > 0)
    assert len(number.partition(".")[2]) == shown


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1_234_567_890_000), "USD 1,234,567.89"),
        (Money(-9_999), "USD 0.00"),
        (Money(-10_000), "USD -0.01"),
        (Money(500_000, Asset("TZS", 2)), "TZS 5,000.00"),
        (Money(1_500, Asset("JPY", 0)), "JPY 1,500"),
    ],
)
def test_amounts_read_as_people_write_them(money: Money, text: str) -> None:
    assert money.text() == text


@given(st.integers(0, 10**9))
def test_cents_become_micro_dollars_exactly(cents: int) -> None:
    assert micros_from_cents(cents) * 100 == cents * 10**6
    assert isinstance(micros_from_cents(cents), int)
