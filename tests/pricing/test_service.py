"""The newest table counts; the home page asks it, with and without script."""

from datetime import UTC, datetime

import pytest
from litestar.testing import TestClient

from hero_onboarding.database import Database
from hero_onboarding.pricing import PriceTable, WrongPriceError, find_prices, set_prices
from hero_onboarding.web import make_site
from tests.support.world import World
from tests.web.served import SITE, Browser, services_for, words
from tests.web.states import empty_world

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLE = PriceTable(30_560, 19_440, 2_550)


@pytest.fixture
def world(database: Database) -> World:
    return empty_world(database)


def test_the_newest_table_counts(database: Database) -> None:
    with database.transaction() as tx:
        assert find_prices(tx) is None
        set_prices(tx, PriceTable(1, 2), NOW)
        set_prices(tx, TABLE, NOW)

        assert find_prices(tx) == TABLE


def test_a_wrong_table_leaves_the_one_there_is(database: Database) -> None:
    with database.transaction() as tx:
        set_prices(tx, TABLE, NOW)
        with pytest.raises(WrongPriceError):
            set_prices(tx, PriceTable(-1, 2), NOW)

        assert find_prices(tx) == TABLE


def test_without_prices_the_page_says_so_and_there_is_no_calculator(world: World) -> None:
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        page = Browser(client).get("/")

    assert "No prices are published here yet." in page.text
    assert "<form class=" not in page.text.partition("What it costs")[2].partition("</section>")[0]


def test_what_costs_less_than_a_cent_is_not_said_to_cost_nothing(world: World) -> None:
    with world.database.transaction() as tx:
        set_prices(tx, PriceTable(12_300, 4_000), NOW)
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        page = words(Browser(client).get("/?vcpu=1&memory=1&storage=0").text)

    assert "An hour less than USD 0.01" in page


def test_the_calculator_answers_by_the_hour_and_month(world: World) -> None:
    with world.database.transaction() as tx:
        set_prices(tx, TABLE, NOW)
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        browser = Browser(client)
        first = words(browser.get("/").text)
        asked = words(browser.get("/?vcpu=4&memory=8&storage=100").text)
        part = browser.get("/?vcpu=4&memory=8&storage=100", hx_request="true").text
        french = words(browser.get("/", accept_language="fr").text)

    assert "An hour USD 0.03" in first
    assert "An hour USD 0.07 TZS 180" in asked
    assert "USD 51.00 TZS 130,062" in asked
    assert part.lstrip().startswith('<section class="prices"')
    assert "<html" not in part
    assert "USD" in french


@pytest.mark.parametrize(
    "query", ["vcpu=0", "vcpu=x", "memory=-1", "storage=1e9", "vcpu=\u0663", "vcpu=99999999999"]
)
def test_what_can_not_be_is_said_beside_the_form(world: World, query: str) -> None:
    with world.database.transaction() as tx:
        set_prices(tx, TABLE, NOW)
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        page = Browser(client).get(f"/?{query}")

    assert page.status_code == 422
    assert "There is no such machine." in page.text
