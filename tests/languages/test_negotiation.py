"""Whoever asks for a language gets the best there is, and nobody can ask for trouble."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.languages import choose_language

OFFERED = ("en", "sw", "fr")

ASKED = [
    ("", "en"),
    ("sw", "sw"),
    ("SW", "sw"),
    ("fr-BE", "fr"),
    ("fr-BE,fr;q=0.9,en;q=0.8", "fr"),
    ("de,sw;q=0.5", "sw"),
    ("en;q=0.4, sw;q=0.6, fr;q=0.5", "sw"),
    ("fr;q=0.501,sw;q=0.5", "fr"),
    ("sw;q=0.8,fr;q=0.8", "sw"),
    ("fr,sw", "fr"),
    ("sw ; q=0.9\t,  fr", "fr"),
    ("sw;Q=1.000", "sw"),
    ("en-US,en;q=0.5,fr;q=0.9", "en"),
    ("de, zh-Hant-TW", "en"),
    ("*", "en"),
    ("*;q=0.5, fr;q=0.1", "en"),
    ("en;q=0, *", "sw"),
    ("en;q=0, *;q=0.1, sw;q=0", "fr"),
    ("en;q=0", "en"),
    ("sw;q=0, fr;q=0.1", "fr"),
    ("sw;q=0", "en"),
    ("fr-CH;q=0, fr", "fr"),
    ("*;q=0", "en"),
]
GARBAGE = [
    ";;;,,,",
    "sw;q=2",
    "sw;q=0.5555",
    "sw;q=-1",
    "sw;q=1;q=0",
    "sw;level=1",
    "s w",
    "sw_TZ",
    "../../etc/passwd",
    "<script>",
    "\x00sw",
    "\N{LATIN SMALL LETTER LONG S}w",
    "sw" * 20,
    "sw-",
    "-sw",
    "q=1",
]


@pytest.mark.parametrize(("header", "language"), ASKED)
def test_the_best_language_that_is_offered_is_chosen(header: str, language: str) -> None:
    assert choose_language(header, OFFERED) == language


@pytest.mark.parametrize("header", GARBAGE)
def test_what_cannot_be_read_is_skipped(header: str) -> None:
    assert choose_language(header, OFFERED) == "en"
    assert choose_language(f"{header},fr", OFFERED) == "fr"
    assert choose_language(f"fr,{header}", OFFERED) == "fr"


def test_a_very_long_header_is_not_read() -> None:
    assert choose_language("sw," * 333, OFFERED) == "sw"
    assert choose_language("sw," * 100_000, OFFERED) == "en"
    assert choose_language("a" * 1_000_000, OFFERED) == "en"


@given(st.text() | st.from_regex(r"[a-z*\-;q=0-9., ]{0,60}", fullmatch=True))
def test_any_header_chooses_a_language_that_is_offered(header: str) -> None:
    assert choose_language(header, OFFERED) in OFFERED
