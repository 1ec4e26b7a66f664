"""The operator's pages in process: a world in order, one in trouble, and the way in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape

import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from hero_onboarding.admin import make_dashboard
from hero_onboarding.admin.pages.words import EQUATIONS, INCIDENTS, REASONS, REMEDIES
from hero_onboarding.aggregation import Reason, check_books
from hero_onboarding.database import open_database
from hero_onboarding.http import Mode
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.incidents import Incident, IncidentKind, list_incidents, open_incident
from tests.conftest import NewUrl
from tests.support.world import World, a_record
from tests.web.served import ADMIN, SECRET, Browser, services_for, words
from tests.web.states import empty_world, trouble

STRIP = re.compile(r'<ul class="strip">(.*?)</ul>', re.DOTALL)
SINCE = re.compile(r"\d\d:\d\d UTC|\bago\b|just now|over 2 h")
PAGES = ("/", "/nodes", "/quarantine", "/incidents")


@pytest.fixture
def empty(new_database_url: NewUrl) -> Iterator[World]:
    database = open_database(new_database_url("sqlite"))
    yield empty_world(database)
    database.close()


@pytest.fixture
def troubled(empty: World) -> World:
    empty.users("ada", amount=10_000_000)
    empty.record([a_record("k1")])
    empty.push()
    empty.aggregate()
    trouble(empty)
    return empty


@pytest.fixture(params=[Mode.SANDBOX, Mode.PRODUCTION])
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    return found


@contextmanager
def visiting(world: World, mode: Mode = Mode.SANDBOX) -> Iterator[Browser]:
    origin = ADMIN if mode is Mode.SANDBOX else "https://admin.hero.example"
    services = replace(services_for(world, mode=mode), admin_origin=origin)
    with TestClient(make_dashboard(services), base_url=origin) as client:
        yield Browser(client)


@pytest.fixture
def operator(troubled: World) -> Iterator[Browser]:
    with visiting(troubled) as browser:
        assert browser.submit("/sign-in", secret=SECRET).status_code == 303
        yield browser


def strip_of(html: str) -> list[str]:
    found = STRIP.search(html)
    assert found is not None
    items = found[1].split("<li>")[1:]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", item)).split()) for item in items]


def test_nobody_gets_in_without_the_secret_in_either_mode(empty: World, mode: Mode) -> None:
    with visiting(empty, mode) as browser:
        assert "Admin secret" in words(browser.get("/sign-in").text)
        for secret in ("", "not-it", f"{SECRET}x", SECRET.upper()):
            refused = browser.submit("/sign-in", secret=secret)
            assert refused.status_code == 422
            assert "This is not the admin secret" in words(refused.text)
            assert "Set-Cookie" not in refused.headers
            assert secret == "" or secret not in refused.text
        assert browser.submit("/sign-in", user_sid="ada").status_code == 422
        for path in PAGES:
            assert browser.get(path).headers["Location"] == "/sign-in"

        assert browser.submit("/sign-in", secret=f" {SECRET}\n").status_code == 303
        assert [browser.get(path).status_code for path in PAGES] == [200] * 4


def test_a_form_from_elsewhere_neither_signs_in_nor_out(operator: Browser) -> None:
    for path in ("/sign-in", "/sign-out"):
        answer = operator.post(path, {"secret": SECRET}, sec_fetch_site="cross-site")
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers

    assert operator.get("/").status_code == 200


def test_signing_out_ends_the_session_at_the_server(operator: Browser) -> None:
    token = operator.client.cookies["hero_operator"]

    assert operator.submit("/sign-out").headers["Location"] == "/sign-in"

    assert operator.get("/", cookie=f"hero_operator={token}").headers["Location"] == "/sign-in"


def assert_strip_says_since_when(html: str) -> None:
    figures = strip_of(html)
    assert [figure.split(" ")[0] for figure in figures] == [
        *("Books", "Nodes", "Aggregated", "Quarantine", "Incidents", "Jobs")
    ]
    for figure in figures:
        assert SINCE.search(figure), figure


def test_every_figure_of_the_strip_says_since_when(operator: Browser) -> None:
    assert_strip_says_since_when(operator.get("/").text)


def test_an_empty_world_needs_nobody_and_says_how_to_begin(empty: World) -> None:
    with visiting(empty) as browser:
        browser.submit("/sign-in", secret=SECRET)
        page = browser.get("/").text
        shown = words(page)

        assert_strip_says_since_when(page)
        assert "Nothing needs you." in shown
        assert "No node has files in a billing repository yet." in shown
        assert "Nothing is in quarantine" in shown
        assert "There are no incidents." in shown


def test_trouble_is_listed_with_where_to_look(operator: Browser) -> None:
    page = operator.get("/").text
    shown = words(page)

    for need in ("Node node-a silent for 3 h", "2 incidents to look at", "3 records or files"):
        assert need in shown
    for link in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{link}"' in page, link


def test_every_kind_of_incident_says_what_it_means_and_what_to_do(
    operator: Browser, troubled: World
) -> None:
    with troubled.database.transaction() as tx:
        for kind in IncidentKind:
            open_incident(tx, Incident(kind, "r", "p", {"a_name": "b"}), troubled.clock.now())

    shown = words(operator.get("/incidents").text)

    assert set(INCIDENTS) == set(IncidentKind)
    for kind, explained in INCIDENTS.items():
        for sentence in (explained.what, f"{explained.meaning} {explained.remedy}"):
            assert sentence in shown, kind
        assert kind not in shown
        assert explained.meaning.endswith(".")
        assert explained.remedy.endswith(".")
    assert "a name b" in shown


def test_incidents_page_to_the_oldest(operator: Browser, troubled: World) -> None:
    now = troubled.clock.now()
    with troubled.database.transaction() as tx:
        for number in range(60):
            open_incident(tx, Incident(IncidentKind.FILE_VANISHED, "r", f"p{number}"), now)
        count = len(list_incidents(tx, None, size=100).items)

    page, seen = operator.get("/incidents").text, 0
    while True:
        seen += page.count('<li id="incident-')
        older = re.search(r'href="(/incidents\?cursor=[^"]+)">Older', page)
        if older is None:
            break
        page = operator.get(unescape(older[1])).text

    assert seen == count == 62


def test_quarantine_is_shown_whole_or_by_reason(operator: Browser) -> None:
    everything = words(operator.get("/quarantine").text)
    unknown = words(operator.get("/quarantine?reason=unknown_user").text)
    none = words(operator.get("/quarantine?reason=over_cap").text)

    assert "stranger" in everything
    assert "The whole file can't be read" in everything
    assert unknown.startswith("The user is not known here Waits until the user exists.")
    assert "The whole file" not in unknown
    assert "Nothing is in quarantine for this reason." in none
    assert operator.get("/quarantine?reason=none").status_code == 422
    assert set(REASONS) == set(REMEDIES) == set(Reason)


def test_nodes_say_since_when_they_are_silent(operator: Browser) -> None:
    shown = words(operator.get("/nodes").text)

    assert re.search(r"node-a silent for 3 h", shown)
    assert re.search(r"node-c silent for 3 h .* not from this server", shown)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/no-such-page", 404, "There is nothing at this address"),
        ("/incidents?cursor=x", 422, "no such page of this list"),
        ("/quarantine?reason=none", 422, "could not be read"),
        ("/sign-out", 405, "can't be used like that"),
    ],
)
def test_a_failure_wears_the_operators_head_and_navigation(
    path: str, status: int, says: str, operator: Browser
) -> None:
    answer = operator.get(path)

    assert answer.status_code == status
    assert says in words(answer.text)
    assert "· Hero operator</title>" in answer.text
    assert '<body class="operator">' in answer.text
    assert 'aria-label="Operator"' in answer.text
    operator.client.cookies.clear()
    assert 'aria-label="Operator"' not in operator.get(path).text


def test_a_users_session_opens_no_page_of_the_operator(troubled: World, operator: Browser) -> None:
    operator.client.cookies.clear()
    with troubled.database.transaction() as tx:
        token = open_session(tx, "ada", troubled.clock.now(), Origin("key"))

    for name in ("hero_operator", "hero_session"):
        answer = operator.get("/", cookie=f"{name}={token}")
        assert answer.headers["Location"] == "/sign-in"


def test_an_operators_session_ends_after_twelve_hours(troubled: World, operator: Browser) -> None:
    assert operator.get("/").status_code == 200

    troubled.clock.advance(hours=12)

    assert operator.get("/").headers["Location"] == "/sign-in"


def test_every_equation_of_the_books_can_be_translated(empty: World) -> None:
    with empty.database.reading() as tx:
        assert {check.name for check in check_books(tx)} == set(EQUATIONS)


def test_books_that_differ_are_the_first_thing_to_see(troubled: World, operator: Browser) -> None:
    with troubled.database.transaction() as tx:
        tx.execute(text("UPDATE wallets SET net = net + 1"))
    troubled.clock.advance(minutes=2)

    page = operator.get("/").text

    assert "wrong" in strip_of(page)[0]
    assert re.search(r"Needs you The books differ: ", words(page))
    assert "✗ differs" in words(page)
