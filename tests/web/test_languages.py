"""Everybody reads the site in a language of theirs, and can choose another on every page."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient

from hero_onboarding.admin import make_dashboard
from hero_onboarding.aggregation import HourUse
from hero_onboarding.database import open_database
from hero_onboarding.http import Mode
from hero_onboarding.http.language_switch import local_path
from hero_onboarding.kernel.paging import Page
from hero_onboarding.languages import ENGLISH
from hero_onboarding.wallet import Wallet
from hero_onboarding.web import make_site
from hero_onboarding.web.pages.dashboard_view import Facts, dashboard_view, first_hour_shown
from tests.conftest import NewUrl
from tests.support.world import World
from tests.web.served import ADMIN, SECRET, SITE, Browser, services_for, words
from tests.web.states import empty_world

SAYS = {"en": "Three steps", "sw": "Hatua tatu", "fr": "Trois étapes"}
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "",
    "/\tevil.example",
    "/\n/evil.example",
    "/\x00",
    " //evil.example",
    "/ /evil.example",
    "/home\r\nSet-Cookie: a=b",
    "/%E4\xe4",
    "/" + "a" * 3000,
]


def language_of(html: str) -> str:
    found = re.search(r'<html lang="([^"]+)" dir="ltr">', html)
    assert found is not None
    return found[1]


@pytest.fixture
def world(new_database_url: NewUrl) -> Iterator[World]:
    """One engine does: nothing here depends on it."""
    database = open_database(new_database_url("sqlite"))
    made = empty_world(database)
    made.users("ada", amount=12_400_000)
    yield made
    database.close()


@pytest.mark.parametrize(
    ("path", "form", "back"),
    [
        ("/sign-in/email", {"email": "none"}, "/sign-in"),
        ("/account/emails", {"email": "none"}, "/account"),
        ("/account/keys", {"label": " "}, "/account"),
        ("/sandbox/sign-in", {"user_sid": "nobody"}, "/"),
    ],
)
def test_the_switch_on_a_page_that_answers_a_form_leads_to_one_that_can_be_shown(
    site: Browser, path: str, form: dict[str, str], back: str
) -> None:
    site.sign_in("ada")

    page = site.submit(path, **form)

    assert page.status_code == 422
    assert f'name="back" value="{back}"' in page.text


def test_a_key_that_is_shown_once_has_no_switch_beside_it(site: Browser) -> None:
    site.sign_in("ada")

    assert 'name="language"' not in site.submit("/account/keys", label="mine").text


@pytest.fixture(params=["site", "admin"])
def either(request: pytest.FixtureRequest, world: World) -> Iterator[Browser]:
    """Each application in turn, in each mode, nobody signed in."""
    services = services_for(world)
    is_site = request.param == "site"
    application = make_site(services) if is_site else make_dashboard(services)
    with TestClient(application, base_url=SITE if is_site else ADMIN) as client:
        yield Browser(client)


@pytest.mark.parametrize("language", list(SAYS))
def test_a_page_is_in_the_language_that_the_browser_asks_for(site: Browser, language: str) -> None:
    answer = site.get("/", accept_language=f"de, {language}-XX;q=0.7, *;q=0.1")

    assert SAYS[language] in words(answer.text)
    assert language_of(answer.text) == language
    assert answer.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(re.split(", *", answer.headers["Vary"]))


def test_a_choice_is_remembered_and_wins_over_what_the_browser_asks(either: Browser) -> None:
    chosen = either.submit("/language", language="sw", back="/sign-in?cursor=5")

    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/sign-in?cursor=5")
    assert re.fullmatch(
        r"hero_language=sw; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax",
        chosen.headers["Set-Cookie"],
    )
    assert language_of(either.get("/sign-in", accept_language="fr").text) == "sw"


@pytest.mark.parametrize("cookie", ["de", "SW", "", "../fr", '"fr', "x" * 4000, "\xe9", "1"])
def test_a_cookie_that_names_no_language_is_not_heeded(site: Browser, cookie: str) -> None:
    for accept, language in (("fr", "fr"), ("", "en")):
        header = f"hero_language={cookie}".encode("latin-1")
        headers = [
            (b"cookie", header),
            (b"accept", b"text/html"),
            (b"accept-language", accept.encode()),
        ]
        answer = site.client.get("/", headers=headers)
        assert (answer.status_code, language_of(answer.text)) == (200, language)


def test_no_header_breaks_a_page(site: Browser) -> None:
    for header in ("sw;q=x", "\xff", ";" * 5000, "sw," * 2000, "*;q=0"):
        headers = [(b"accept", b"text/html"), (b"accept-language", header.encode("latin-1"))]
        assert language_of(site.client.get("/", headers=headers).text) == "en"


def test_languages_asked_for_on_two_lines_count_together(site: Browser) -> None:
    headers = [(b"accept-language", b"de"), (b"accept-language", b"sw;q=0.1")]

    assert language_of(site.client.get("/", headers=headers).text) == "sw"


def test_an_unknown_language_changes_nothing(either: Browser) -> None:
    answer = either.submit("/language", language="de", back="/sign-in")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("back", ELSEWHERE)
def test_the_switch_leads_to_no_other_site(either: Browser, back: str) -> None:
    answer = either.submit("/language", language="fr", back=back)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers.get_list("Set-Cookie") == [answer.headers["Set-Cookie"]]


def test_the_switch_without_a_page_leads_to_the_start(either: Browser) -> None:
    assert either.submit("/language", language="fr").headers["Location"] == "/"


def test_a_local_path_stays_as_it_is() -> None:
    for path in ("/", "/movements?cursor=a%2Fb&x=1", "/a//b", "/:80", "/@evil"):
        assert local_path(path) == path


def test_a_form_from_elsewhere_chooses_no_language(either: Browser) -> None:
    for headers in ({"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}, {}):
        answer = either.post("/language", {"language": "sw", "back": "/"}, **headers)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("mode", list(Mode))
def test_every_page_has_the_switch_in_either_mode(world: World, mode: Mode) -> None:
    services = services_for(world, mode=mode)
    for application, origin, paths in (
        (make_site(services), SITE, ("/", "/sign-in", "/no-such-page?a=1")),
        (make_dashboard(services), ADMIN, ("/sign-in", "/no-such-page?a=1")),
    ):
        with TestClient(application, base_url=origin) as client:
            for path in paths:
                assert_has_switch(Browser(client).get(path, accept_language="sw").text, path, "sw")


def assert_has_switch(html: str, path: str, language: str) -> None:
    """Check that each language is offered by its own name, and that the form leads back."""
    form = re.search(
        r'<form class="languages" method="post" action="/language".*?</form>', html, re.DOTALL
    )
    assert form is not None, path
    back = re.search(r'name="back" value="([^"]*)"', form[0])
    assert back is not None
    assert unescape(back[1]) == path
    offered = re.findall(
        r'name="language" value="(\w+)" lang="(\w+)"( aria-current="true")?>([^<]+)<', form[0]
    )
    assert [(code, name) for code, _, _, name in offered] == [
        ("en", "English"),
        ("sw", "Kiswahili"),
        ("fr", "Français"),
    ]
    assert all(code == lang for code, lang, _, _ in offered)
    assert [code for code, _, current, _ in offered if current] == [language]


def test_whoever_is_signed_in_can_switch_and_stays_signed_in(site: Browser) -> None:
    site.sign_in("ada")
    page = site.get("/movements?cursor=9").text
    assert_has_switch(page, "/movements?cursor=9", "en")

    site.submit("/language", language="fr", back="/movements")

    page = site.get("/movements").text
    assert_has_switch(page, "/movements", "fr")
    assert "Mouvements" in words(page)
    assert "12,40 USD" in words(page)


def test_a_page_asked_for_under_an_odd_path_does_not_name_it(site: Browser) -> None:
    for path in ("//evil.example/", "/a\\b"):
        html = site.client.get(f"{SITE}{path}", headers={"Accept": "text/html"}).text
        assert "evil" not in html
        assert 'name="back" value="/' in html


def test_htmx_gets_its_part_in_the_same_language(site: Browser) -> None:
    site.sign_in("ada")

    answer = site.get("/dashboard", hx_request="true", accept_language="sw")

    assert "Salio lako" in answer.text
    assert "<html" not in answer.text
    assert answer.headers["Content-Language"] == "sw"


def test_the_operators_pages_speak_too(world: World) -> None:
    with TestClient(make_dashboard(services_for(world)), base_url=ADMIN) as client:
        browser = Browser(client)
        wrong = browser.post(
            "/sign-in", {"secret": "no"}, sec_fetch_site="same-origin", accept_language="fr"
        )
        browser.submit("/sign-in", secret=SECRET)
        shown = words(browser.get("/", accept_language="sw").text)

    assert "Ce n'est pas le secret d'administration de ce serveur." in words(wrong.text)
    assert "Hakuna kinachokuhitaji." in shown


def test_failures_are_told_in_the_persons_language(site: Browser) -> None:
    said = {
        ("/no-such-page", "sw"): "Hakuna kitu kwenye anwani hii",
        ("/no-such-page", "fr"): "Il n'y a rien à cette adresse",
        ("/language", "fr"): "Cette adresse ne s'utilise pas ainsi",
    }
    for (path, language), words_said in said.items():
        answer = site.get(path, accept_language=language)
        assert answer.status_code in {404, 405}
        assert words_said in words(answer.text)
        assert language_of(answer.text) == language
    site.client.cookies.set("hero_language", "fr")
    assert "Statut 404" in words(site.get("/no-such-page", accept_language="sw").text)


DAY = ZoneInfo("Africa/Dar_es_Salaam")
INDIA = ZoneInfo("Asia/Kolkata")
MIDNIGHT = 492_336  # 2026-03-02 00:00 UTC, counted in hours since 1970


def use_of(hours: range) -> list[HourUse]:
    return [HourUse(hour, "cpu", 1_000_000, 1) for hour in hours]


@pytest.mark.parametrize(
    ("zone", "today", "first_hour", "label"),
    [
        (ZoneInfo("UTC"), 24, MIDNIGHT - 5 * 24, "00:00\n3 Mar"),
        (DAY, 3, MIDNIGHT - 4 * 24 - 3, "00:00\n4 Mar"),
        (INDIA, 5, MIDNIGHT - 4 * 24 - 5, "00:30\n4 Mar"),
    ],
)
def test_a_day_begins_at_midnight_where_the_person_is(
    zone: ZoneInfo, today: int, first_hour: int, label: str
) -> None:
    """At 23:50 UTC on 3 March it is 4 March already in Dar es Salaam and in Kolkata."""
    now = datetime(2026, 3, 3, 23, 50, tzinfo=ZoneInfo("UTC"))
    this_hour = MIDNIGHT + 47
    locale = replace(ENGLISH, zone=zone)
    first = first_hour_shown(locale, now)
    facts = Facts(
        now=now,
        is_watched=False,
        wallet=Wallet("ada", net=100_000_000, debt=0, held=0, sequence=1, charges=0),
        use=use_of(range(first, this_hour + 1)),
        movements=Page([], None),
    )

    view = dashboard_view(locale, facts)

    assert first == first_hour
    assert view.use.today.total == f"USD\N{NO-BREAK SPACE}{today}.00"
    assert view.use.week.words.startswith(
        f"USD\N{NO-BREAK SPACE}{this_hour + 1 - first}.00 in 7 days"
    )
    assert view.use.hours is not None
    assert label in view.use.hours.labels
    assert view.use.zone in view.as_of.text
