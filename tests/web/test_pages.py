"""The site's pages in process: home, dashboards of people in different states, statements."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from itertools import pairwise

import pytest
from litestar.testing import TestClient
from sqlalchemy import update

from hero_onboarding.aggregation import grant_credit
from hero_onboarding.database import open_database
from hero_onboarding.http import Mode
from hero_onboarding.languages import MINUS
from hero_onboarding.wallet import GrantRequest
from hero_onboarding.wallet.tables import wallets
from hero_onboarding.web import make_site
from hero_onboarding_schema import OTime
from tests.conftest import NewUrl
from tests.support.world import World, a_record
from tests.web.served import SITE, Browser, services_for, words
from tests.web.states import HOURS, PEOPLE, empty_world, lived_in_world

LINES = re.compile(r'<tr role="row">\s*<td class="when"')


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory, sqlite_template: object) -> Iterator[World]:
    path = tmp_path_factory.mktemp("lived-in") / "hero.sqlite"
    shutil.copy(str(sqlite_template), path)
    database = open_database(f"sqlite:///{path}")
    yield lived_in_world(database)
    database.close()


@pytest.fixture
def browser(lived_in: World) -> Iterator[Browser]:
    with TestClient(make_site(services_for(lived_in)), base_url=SITE) as client:
        yield Browser(client)


@pytest.fixture
def empty(new_database_url: NewUrl) -> Iterator[World]:
    database = open_database(new_database_url("sqlite"))
    yield empty_world(database)
    database.close()


def dashboard(browser: Browser, sid: str) -> str:
    browser.sign_in(sid)
    return words(browser.get("/dashboard").text)


def test_home_says_what_this_is_and_leads_on(browser: Browser) -> None:
    before = browser.get("/").text
    browser.sign_in(PEOPLE.normal)
    after = browser.get("/").text

    assert "paid by what you use" in words(before)
    assert 'href="/sign-in"' in before
    assert "Go to your dashboard" in words(after)
    assert 'href="/sign-in"' not in after


def test_a_dashboard_says_how_long_the_money_lasts_and_where_it_goes(browser: Browser) -> None:
    shown = dashboard(browser, PEOPLE.normal)

    assert shown.startswith("Your balance USD 15.56 Lasts 3 days 7 h")
    assert "At the rate of the last 24 hours: USD 4.67 used." in shown
    assert "Today 4 Mar, UTC USD 2.85 CPU USD 1.47 memory USD 0.75" in shown
    assert "other (gpu)" in shown


def test_a_short_balance_warns_and_says_what_is_held(browser: Browser) -> None:
    shown = dashboard(browser, PEOPLE.short)

    assert "USD 0.50 Lasts only 8 h 41 min" in shown
    assert "USD 0.10 of it is held; USD 0.40 is free to spend." in shown
    assert "Top up to go on. Top up" in shown


def test_an_overdrawn_balance_says_by_how_much_and_what_comes_first(browser: Browser) -> None:
    shown = dashboard(browser, PEOPLE.overdrawn)

    assert "USD 0.00 Overdrawn by USD 2.00" in shown
    assert "Money that comes in pays this first." in shown


def test_quiet_and_new_people_are_told_so(browser: Browser) -> None:
    quiet, new = dashboard(browser, PEOPLE.quiet), dashboard(browser, PEOPLE.new)

    assert "Nothing is being used" in quiet
    assert "Nothing was used in the last 24 hours." in quiet
    assert "USD 0.00 No money yet" in new
    assert "Nothing has moved yet." in new


def test_debt_is_named_beside_what_is_left(browser: Browser, lived_in: World) -> None:
    with lived_in.database.transaction() as tx:
        tx.execute(update(wallets).where(wallets.c.user_sid == PEOPLE.quiet).values(debt=7 * 10**6))
    try:
        shown = dashboard(browser, PEOPLE.quiet)
        statement = words(browser.get("/movements").text)
        lines = browser.get("/movements.csv").text.splitlines()
    finally:
        with lived_in.database.transaction() as tx:
            tx.execute(update(wallets).where(wallets.c.user_sid == PEOPLE.quiet).values(debt=0))

    assert "USD 0.00 Money was taken back" in shown
    assert "USD 2.00 was paid in and taken back; you still owe it." in shown
    assert "Balance USD 0.00" in statement
    assert "USD 7.00 was paid in and taken back. It is taken off the balance above" in statement
    assert "You still owe USD 2.00." in statement
    assert lines[-1].endswith(",debt,paid in and taken back,-7000000,-7.000000,-2000000,-2.000000,")


def test_a_statement_pages_to_its_end_and_back_to_the_newest(browser: Browser) -> None:
    browser.sign_in(PEOPLE.normal)

    page, lines, pages = browser.get("/movements").text, 0, 0
    while True:
        pages += 1
        lines += len(LINES.findall(page))
        older = re.search(r'href="(/movements\?cursor=[^"]+)">Older', page)
        assert ('">Newest<' in page) == (pages > 1)
        if older is None:
            break
        page = browser.get(unescape(older[1])).text

    assert lines == HOURS + 1
    assert pages == -(-lines // 25)
    assert "First money, by hand" in words(page)


def test_whoever_is_signed_in_can_keep_the_whole_statement_as_a_file(browser: Browser) -> None:
    asked = browser.client.get("/movements.csv", follow_redirects=False)
    browser.sign_in(PEOPLE.normal)
    page, answer = browser.get("/movements").text, browser.get("/movements.csv")

    assert asked.status_code != 200
    assert 'href="/movements.csv" download' in page
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"statement-{PEOPLE.normal}.csv" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.text.splitlines()) == 1 + HOURS + 1


def test_every_line_of_a_statement_follows_from_the_one_before(browser: Browser) -> None:
    browser.sign_in(PEOPLE.short)
    shown = words(browser.get("/movements").text)

    found = re.findall(rf"USD {MINUS}([0-9]+)\.([0-9]+) then USD ([0-9]+)\.([0-9]+)", shown)
    cents = [(int(one[0] + one[1]), int(one[2] + one[3])) for one in found]

    assert len(cents) == 25
    for (amount, after), (_, before) in pairwise(cents):
        assert before - amount == after


def test_credit_stands_on_the_dashboard_and_on_the_statement(empty: World) -> None:
    now, later = empty.clock.now(), empty.clock.now() + timedelta(hours=9)
    empty.users("zoe", amount=10**6)
    with empty.database.transaction() as tx:
        grant_credit(tx, GrantRequest("zoe", 10**6, "a <welcome>", "k", later), now)
    at = OTime(int(now.timestamp()))
    empty.record([a_record("k1", user_sid="zoe", amount_cents=30, occurred_at=at)])
    empty.push()
    empty.aggregate()
    with TestClient(make_site(services_for(empty)), base_url=SITE) as client:
        browser = Browser(client)
        shown, statement = dashboard(browser, "zoe"), words(browser.get("/movements").text)

    sentence = "USD 0.70 of promotional credit pays for your use until 1 Mar 2026, 20:00 UTC"
    assert "Your balance USD 1.00 Lasts 5 days" in shown
    for text in (shown, statement):
        assert f"{sentence} (a <welcome>)." in text
        assert "Promotional credit a <welcome> USD +0.30 then USD 1.00" in text


def test_a_cursor_from_nowhere_is_answered_with_a_page_in_plain_words(browser: Browser) -> None:
    browser.sign_in(PEOPLE.normal)

    answer = browser.get("/movements?cursor=x")

    assert answer.status_code == 422
    assert "There is no such page of this list" in words(answer.text)
    assert 'aria-label="Site"' in answer.text


def test_a_missing_page_keeps_the_navigation_of_whoever_is_signed_in(browser: Browser) -> None:
    before = browser.get("/no-such-page")
    browser.sign_in(PEOPLE.normal)
    after = browser.get("/no-such-page")

    assert (before.status_code, after.status_code) == (404, 404)
    assert "Sign in" in before.text
    assert f'<span class="who">{PEOPLE.normal}</span>' in after.text
    assert "There is nothing at this address" in words(after.text)


def test_the_name_of_whoever_is_signed_in_is_shown_at_every_width(browser: Browser) -> None:
    browser.sign_in(PEOPLE.normal)
    sheet = next(
        link for link in re.findall(r'href="([^"]+)"', browser.get("/").text) if ".css" in link
    )

    styles = browser.get(sheet).text

    assert f'<span class="who">{PEOPLE.normal}</span>' in browser.get("/dashboard").text
    assert re.search(r"\.who \{[^}]*display: none", styles) is None
    for shape in (".swatch", ".week svg", ".scale svg"):
        assert re.search(rf"^{re.escape(shape)} \{{[^}}]*flex: none", styles, re.MULTILINE), shape


def test_htmx_gets_the_figures_alone(browser: Browser) -> None:
    browser.sign_in(PEOPLE.normal)

    answer = browser.get("/dashboard", hx_request="true")

    assert answer.text.lstrip().startswith('<div class="panel dashboard"')
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_an_empty_sandbox_says_how_to_begin(empty: World) -> None:
    with TestClient(make_site(services_for(empty)), base_url=SITE) as client:
        shown = words(Browser(client).get("/sandbox/sign-in").text)

    assert "There are no users yet." in shown
    assert "make demo" in shown


def test_production_neither_lists_users_nor_lets_anyone_in_by_name(lived_in: World) -> None:
    services = services_for(lived_in, mode=Mode.PRODUCTION, public_origin="https://hero.example")
    with TestClient(make_site(services), base_url="https://hero.example") as client:
        browser = Browser(client)
        shown = browser.get("/sandbox/sign-in")
        sent = browser.submit("/sandbox/sign-in", user_sid=PEOPLE.normal)
        asked = browser.get("/dashboard")

    assert (shown.status_code, sent.status_code) == (404, 404)
    for answer in (shown, sent):
        assert PEOPLE.normal not in words(answer.text).split()
        assert "Set-Cookie" not in answer.headers
    assert asked.headers["Location"] == "/sign-in"
