"""Neither application names another origin in anything that a browser loads."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hero_onboarding.admin import make_dashboard
from hero_onboarding.database import open_database
from hero_onboarding.web import make_site
from tests.conftest import NewUrl
from tests.support.world import World
from tests.web.served import ADMIN, SECRET, SITE, Browser, services_for
from tests.web.states import empty_world, trouble

ELSEWHERE = re.compile(r"https?://[^\s\"'<>)]*|[\"'(=]//[^\s\"'<>)]*", re.IGNORECASE)
LINKS = re.compile(r'(?:src|href|action)="([^"]*)"')
VOCABULARY = {"http://www.w3.org/2000/svg"}  # a name; nothing is loaded from it
PROBES = ("/no-such-page", "/api/", "/api/none", "/api/redoc", "/api/swagger", "/static/none.css")


@pytest.fixture
def world(new_database_url: NewUrl) -> Iterator[World]:
    database = open_database(new_database_url("sqlite"))
    made = empty_world(database)
    made.users("ada", amount=1_000_000)
    trouble(made)
    yield made
    database.close()


def paths_of(application: Litestar) -> set[str]:
    """List every path of an application that needs no parameter, and some that are not there."""
    return {route.path for route in application.routes if "{" not in route.path} | set(PROBES)


def loaded_by(browser: Browser) -> Iterator[tuple[str, str]]:
    """Ask for every path as a browser does, and for whatever the pages link to."""
    waiting, seen = paths_of(browser.client.app), set[str]()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        text = browser.get(path).text
        waiting |= {link for link in LINKS.findall(text) if link.startswith("/")} - seen
        yield path, text


def assert_names_nobody_else(browser: Browser) -> None:
    loaded = dict(loaded_by(browser))

    assert any(path.endswith(".css") for path in loaded)
    for path, text in loaded.items():
        if not path.endswith(".js"):  # the script has examples of addresses in its messages
            named = {one for one in ELSEWHERE.findall(text) if not one.startswith(f"{SITE}/")}
            assert named <= VOCABULARY | {SITE}, path
        for link in LINKS.findall(text):
            assert re.match(r"[/#?](?!/)", link), (path, link)


def test_the_site_and_its_api_name_no_other_origin(world: World) -> None:
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        browser = Browser(client)
        assert_names_nobody_else(browser)
        browser.sign_in("ada")
        assert_names_nobody_else(browser)


def test_the_operators_pages_name_no_other_origin(world: World) -> None:
    with TestClient(make_dashboard(services_for(world)), base_url=ADMIN) as client:
        browser = Browser(client)
        assert_names_nobody_else(browser)
        assert browser.submit("/sign-in", secret=SECRET).status_code == 303
        assert_names_nobody_else(browser)


def test_the_description_of_the_api_is_data_and_no_page(world: World) -> None:
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        browser = Browser(client)
        for path in ("/api", "/api/openapi.json"):
            answer = browser.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
            assert "<" not in answer.text
        for path in ("/api/redoc", "/api/swagger", "/api/elements", "/api/rapidoc"):
            assert browser.get(path).status_code == 404
