"""Swahili and French say everything that English says, and nothing by halves."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from messages import CATALOGUES, forms_of, found_messages, read_catalogue, updated

import hero_onboarding
from hero_onboarding.languages import ENGLISH, LANGUAGES, load_locales
from tests.languages.checks import faults

OTHERS = [one.code for one in LANGUAGES if one.code != ENGLISH.language]
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n{plurals}"\n\n'
PLURALS = "Plural-Forms: nplurals=2; plural=(n > 1);\\n"


@pytest.fixture(scope="module")
def said() -> Catalog:
    return found_messages()


def test_each_language_but_english_has_a_catalogue() -> None:
    assert sorted(path.stem for path in CATALOGUES.glob("*.po")) == sorted(OTHERS)
    assert list(load_locales()) == [one.code for one in LANGUAGES]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_complete_and_fits_its_messages(language: str, said: Catalog) -> None:
    assert len(said) > 200
    assert sorted(faults(language, read_catalogue(language), said)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_writing_a_catalogue_anew_changes_nothing(language: str) -> None:
    before = (CATALOGUES / f"{language}.po").read_bytes()

    assert updated(language) == before
    assert re.search(rb"-Date|Generated-By|#:", before) is None


def test_nothing_compiled_is_kept() -> None:
    assert list(Path(hero_onboarding.__file__).parent.rglob("*.mo")) == []


def catalogue(text: str, plurals: str = PLURALS) -> Catalog:
    written = HEADER.format(plurals=plurals) + text
    return read_po(BytesIO(written.encode()), locale="fr")


SAID = """
msgid "Your balance"
msgstr ""

msgid "Lasts %(span)s"
msgstr ""

msgid "<strong>Sandbox.</strong>"
msgstr ""

msgid "%(count)s node"
msgid_plural "%(count)s nodes"
msgstr[0] ""
msgstr[1] ""

msgid "Site"
msgstr ""
"""
GOOD = """
msgid "Your balance"
msgstr "Votre solde"

msgid "Lasts %(span)s"
msgstr "Suffit pour %(span)s"

msgid "<strong>Sandbox.</strong>"
msgstr "<strong>Essais.</strong>"

msgid "%(count)s node"
msgid_plural "%(count)s nodes"
msgstr[0] "%(count)s nœud"
msgstr[1] "%(count)s nœuds"

msgid "Site"
msgstr "Site"
"""
PLANTED = [
    ("Votre solde", "", "missing: Your balance"),
    ('msgid "Your balance"\nmsgstr "Votre solde"\n', "", "missing: Your balance"),
    ('msgid "Your balance"', '#, fuzzy\nmsgid "Your balance"', "not sure: Your balance"),
    ("Votre solde", "Your balance", "same as English"),
    ('msgstr "Site"', 'msgstr "Lieu"', "not the same: Site"),
    ("pour %(span)s", "pour", "placeholders: Lasts"),
    ("pour %(span)s", "pour %(spam)s", "placeholders: Lasts"),
    ("pour %(span)s", "pour %(span)s ou 5 %", "percent sign: Lasts"),
    ("<strong>Essais.</strong>", "<strong>Essais.", "tags: <strong>"),
    ("Votre solde", 'Votre \\"solde\\"', "double quote"),
    ('msgstr[1] "%(count)s nœuds"', 'msgstr[1] ""', "missing: %(count)s node"),
    ('msgstr[1] "%(count)s nœuds"', 'msgstr[1] "des nœuds"', "placeholders: %(count)s node"),
    ("Votre solde", 'Votre solde"\n\nmsgid "Old"\nmsgstr "Vieux', "left over: Old"),
]


def test_a_sound_catalogue_has_no_faults() -> None:
    assert list(faults("fr", catalogue(GOOD), catalogue(SAID))) == []


@pytest.mark.parametrize(("before", "after", "fault"), PLANTED)
def test_a_planted_fault_is_found(before: str, after: str, fault: str) -> None:
    assert before in GOOD
    found = list(faults("fr", catalogue(GOOD.replace(before, after)), catalogue(SAID)))

    assert any(fault in one for one in found), found


def test_each_language_has_the_plurals_of_its_grammar() -> None:
    one, many = "%(count)s day", "%(count)s days"
    shown = {
        code: [locale.ngettext(one, many, number) for number in (0, 1, 2, 1000)]
        for code, locale in load_locales().items()
    }

    plain = {
        code: " ".join(texts).replace("\N{NO-BREAK SPACE}", " ") for code, texts in shown.items()
    }
    assert plain == {
        "en": "0 days 1 day 2 days 1,000 days",
        "sw": "siku 0 siku 1 siku 2 siku 1,000",
        "fr": "0 jour 1 jour 2 jours 1\N{NARROW NO-BREAK SPACE}000 jours",
    }


def test_swahili_tells_one_hour_that_passed_from_several() -> None:
    swahili = load_locales()["sw"]

    assert swahili.ngettext("%(span)s ago", "%(span)s ago", 1, span="x") == "x iliyopita"
    assert swahili.ngettext("%(span)s ago", "%(span)s ago", 2, span="x") == "x zilizopita"


def test_french_never_breaks_before_its_signs() -> None:
    broken = [
        form
        for message in read_catalogue("fr")
        if message.id
        for form in forms_of(message)
        if re.search(r" [;:?!»]|« ", form)
    ]

    assert broken == []
