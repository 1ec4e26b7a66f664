import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding_schema import OTime, OTimeError
from hero_onboarding_schema.otime import OTIME_FORM

HIGHEST = 2**32 - 1
SECONDS = st.integers(0, HIGHEST)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-03-01 10:15:00", 1772360100),
        ("2026-03-01 10:15:00Z", 1772360100),
        ("2026-03-01 10:15:00z", 1772360100),
        ("2026-03-01T10:15:00Z", 1772360100),
        ("2026-03-01t10:15:00z", 1772360100),
        ("2026-03-01T11:15:00+01:00", 1772360100),
        ("2026-03-01 04:45:00-05:30", 1772360100),
        ("2026-03-01T10:15:00-00:00", 1772360100),
        ("2026-03-02T10:14:00+23:59", 1772360100),
        ("1772360100", 1772360100),
        ("2024-02-29 00:00:00", 1709164800),
        ("0", 0),
        ("1970-01-01 00:00:00", 0),
        ("1969-12-31 23:00:00-01:00", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("4294967295", HIGHEST),
        ("2106-02-07 06:28:15", HIGHEST),
        ("2106-02-07T07:28:15+01:00", HIGHEST),
        ("2106-02-06T23:28:15-07:00", HIGHEST),
    ],
)
def test_an_accepted_form_means_its_second(text: str, seconds: int) -> None:
    assert OTime.parse(text) == seconds
    assert re.fullmatch(OTIME_FORM, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "now",
        "-1",
        "+1",
        "-0",
        "00",
        "01",
        "1.0",
        "1e9",
        "1_000",
        "4294967296",
        "9999999999",
        "10000000000",
        "0x10",
        " 0",
        "0\n",
        "\u0661",
        "\uff11",
        "2026-03-01",
        "2026-03-01T10:15:00",
        "2026-03-01t10:15:00",
        "2026-03-01 10:15",
        "2026-03-01 10:15:00.0",
        "2026-03-01T10:15:00.000Z",
        "2026-03-01 10:15:00,5",
        "2026-03-01  10:15:00",
        "2026-03-01 10:15:00 Z",
        "2026-03-01 10:15:00\n",
        "2026-03-01T10:15:00+1:00",
        "2026-03-01T10:15:00+0100",
        "2026-03-01T10:15:00+01",
        "2026-03-01T10:15:00+24:00",
        "2026-03-01T10:15:00+00:60",
        "2026-03-01T10:15:00\u221201:00",
        "2026-03-0\u0661 10:15:00",
        "2026-3-1 10:15:00",
        "26-03-01 10:15:00",
        "+2026-03-01 10:15:00",
        "2026-02-29 10:15:00",
        "2026-00-01 10:15:00",
        "2026-13-01 10:15:00",
        "2026-03-00 10:15:00",
        "2026-04-31 10:15:00",
        "2026-03-01 24:00:00",
        "2026-03-01 10:60:00",
        "2016-12-31 23:59:60",
        "2016-12-31T23:59:60Z",
        "0000-01-01 00:00:00",
        "1969-12-31 23:59:59",
        "1970-01-01T00:59:59+01:00",
        "2106-02-07 06:28:16",
        "2106-02-07T06:28:15-00:01",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_every_other_text_is_refused(text: str) -> None:
    with pytest.raises(OTimeError):
        OTime.parse(text)


@given(SECONDS)
def test_what_is_written_reads_back(seconds: int) -> None:
    time = OTime(seconds)

    assert OTime.parse(time.text) == time
    assert OTime.parse(str(seconds)) == time
    assert time.text == datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


@given(st.integers(86_400, HIGHEST - 86_400), st.integers(-1439, 1439))
def test_an_offset_moves_the_clock_and_not_the_moment(seconds: int, minutes: int) -> None:
    shown = OTime(seconds + minutes * 60).text.replace(" ", "T")
    hours, rest = divmod(abs(minutes), 60)

    assert OTime.parse(f"{shown}{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}") == seconds


@given(SECONDS)
def test_an_hour_holds_3600_seconds(seconds: int) -> None:
    time = OTime(seconds)

    assert time.hour * 3600 <= time < (time.hour + 1) * 3600


@pytest.mark.parametrize("seconds", [-1, 2**32, 10**30])
def test_a_count_beyond_32_bits_is_refused(seconds: int) -> None:
    with pytest.raises(OTimeError):
        OTime(seconds)


@given(st.text(max_size=25))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        time = OTime.parse(text)
    except OTimeError:
        return
    assert re.fullmatch(OTIME_FORM, text)
    assert text.isascii()
    assert 0 <= time <= HIGHEST
