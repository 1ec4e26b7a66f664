"""Every failure that HTTP can answer has a sentence for people, in the language they ask for."""

import re

import pytest

from hero_onboarding.http.failure_titles import TITLES, title_of
from hero_onboarding.languages import load_locales
from tests.api.conftest import NewApi
from tests.api.served import HEADERS, Api, problem
from tests.architecture.test_docs import text_of

LOCALES = load_locales()
ROW = re.compile(r"^\| `([a-z_.]+)` \| [45]\S* \| (\*?)", re.MULTILINE)
SAID = {
    "": "There is no such user",
    "en-GB": "There is no such user",
    "sw": "Hakuna mtumiaji kama huyo",
    "de, fr;q=0.1": "Cet utilisateur n'existe pas",
}


def test_every_code_that_http_can_answer_has_a_title_and_no_other_has() -> None:
    rows = ROW.findall(text_of("errors.md"))
    answered = {code for code, mark in rows if not mark}

    assert len(rows) > 50
    assert answered == set(TITLES)


@pytest.mark.parametrize("language", list(LOCALES))
def test_every_title_is_said_in_every_language(language: str) -> None:
    said = [LOCALES[language].gettext(title) for title in TITLES.values()]

    assert len(set(said)) == len(said)
    for title, sentence in zip(TITLES.values(), said, strict=True):
        assert sentence[0].isupper()
        assert not sentence.endswith(".")
        assert len(sentence) < 90
        assert (sentence == title) == (language == "en"), title


def test_a_failure_that_is_never_answered_is_called_refused_or_ours() -> None:
    assert title_of("jobs.lease_lost", 409) == TITLES["request.refused"]
    assert title_of("scheduling.failed", 503) == TITLES["internal"]


@pytest.mark.parametrize(("asked", "title"), SAID.items())
def test_a_problem_has_its_title_in_the_language_asked_for_and_its_detail_in_english(
    sqlite_api: Api, asked: str, title: str
) -> None:
    answer = sqlite_api.client.get(
        "/v1/users/eve/wallet", headers={**HEADERS, "Accept-Language": asked}
    )

    assert problem(answer) == (404, "wallet.not_found")
    assert answer.json()["title"] == title
    assert answer.json()["detail"] == "there is no user 'eve'"
    assert answer.headers["Content-Language"] in LOCALES
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_cookie_does_not_change_what_programs_are_told(sqlite_api: Api) -> None:
    headers = {**HEADERS, "Cookie": "hero_language=sw"}

    answer = sqlite_api.client.get("/v1/users/eve/wallet", headers=headers)

    assert answer.json()["title"] == "There is no such user"


def test_a_refusal_before_any_route_is_told_in_the_language_too(sqlite_api: Api) -> None:
    headers = {"Host": "evil.example", "Accept-Language": "fr"}

    answer = sqlite_api.client.get("/health", headers=headers)

    assert problem(answer) == (421, "request.not_loopback")
    assert answer.json()["title"] == LOCALES["fr"].gettext(TITLES["request.not_loopback"])
    assert answer.headers["Content-Language"] == "fr"


def test_a_node_tells_its_failures_in_the_language_too(new_api: NewApi) -> None:
    node = new_api("sqlite", ROLE="node")

    answer = node.client.get("/v1/users", headers={**HEADERS, "Accept-Language": "sw"})

    assert problem(answer) == (404, "request.not_found")
    assert answer.json()["title"] == "Hakuna kitu kwenye anwani hii"
