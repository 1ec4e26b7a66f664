"""The words of mails: in every language, with the same gaps, and none in a subject."""

import re
import unicodedata
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.mail import MailText, load_texts
from hero_onboarding.mail.domain import CODES, PARAMETER_CHARACTERS_MAX, one_line

TEXTS = load_texts()
SITE = "https://hero.example.org"
EACH = [(text, language) for text in MailText for language in CODES]


def test_every_text_is_a_file_in_every_language_and_no_file_is_left_over() -> None:
    folder = resources.files("hero_onboarding.mail") / "texts"

    assert {file.name for file in folder.iterdir()} == {
        f"{text}.{language}.txt" for text, language in EACH
    }


@pytest.mark.parametrize("text", MailText)
def test_a_text_has_the_same_gaps_in_every_language(text: MailText) -> None:
    gaps = {TEXTS[text, language].gaps for language in CODES}

    assert len(gaps) == 1
    for language in CODES:
        assert "$site" in TEXTS[text, language].body.template


@pytest.mark.parametrize(("text", "language"), EACH)
def test_a_text_is_whole_and_its_subject_has_no_gaps(text: MailText, language: str) -> None:
    words = TEXTS[text, language]

    assert 0 < len(words.subject) < 60
    assert words.subject.isprintable()
    assert "$" not in words.subject
    assert words.body.is_valid()
    assert re.search(r"[ \t]$|\n\n\n|\t|\r|<", words.body.template, re.MULTILINE) is None
    assert words.body.template.endswith("\n")
    assert not words.body.template.startswith("\n")


def test_no_two_languages_say_the_same() -> None:
    assert len({words.subject for words in TEXTS.values()}) == len(TEXTS)
    assert len({words.body.template for words in TEXTS.values()}) == len(TEXTS)


@pytest.mark.parametrize("language", CODES)
def test_a_code_stands_on_a_line_of_its_own(language: str) -> None:
    words = TEXTS[MailText.VERIFY_ADDRESS, language]

    body = words.fill({"code": "ABCD-EFGH", "minutes": "15"}, SITE)

    assert "\n    ABCD-EFGH\n" in body
    assert SITE in body
    assert " 15" in body.replace("\N{NO-BREAK SPACE}", " ")


def test_french_keeps_a_colon_with_its_word() -> None:
    for text in MailText:
        assert re.search(r"[^\N{NO-BREAK SPACE}] [:;!?]", TEXTS[text, "fr"].body.template) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Firefox on Android", "Firefox on Android"),
        ("a\r\nBcc: eve@example.org\r\n\r\nb", "a Bcc: eve@example.org b"),
        ("  a \t b\u2028c\u00a0d\x85e\x00f  ", "a b c d e f"),
        ("a\u202eb\ud800c", "a b c"),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}\N{CJK UNIFIED IDEOGRAPH-4E2D}", "é中"),
        ("x" * 1000, "x" * PARAMETER_CHARACTERS_MAX),
    ],
)
def test_a_parameter_becomes_one_line(given: str, kept: str) -> None:
    assert one_line(given) == kept


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_whatever_a_parameter_holds_it_is_one_line_of_valid_text(text: str) -> None:
    kept = one_line(text)

    assert kept.encode().decode() == kept
    assert len(kept) <= PARAMETER_CHARACTERS_MAX
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in kept)
    body = TEXTS[MailText.NEW_SIGN_IN, "en"].fill(
        {"place": text, "browser": text, "time": text}, SITE
    )
    assert body.count("\n") == TEXTS[MailText.NEW_SIGN_IN, "en"].body.template.count("\n")
