"""Signing in to a service, in a browser: its policy holds every redirect that follows a form."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from hero_onboarding.database import open_database
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.openid import Client, ClientRequest, create_client
from tests.browser.conftest import Look, Visitor, keep_picture
from tests.browser.test_journeys import AUTHENTICATOR
from tests.browser.test_pages import complaints_of, is_bad
from tests.support.world import World
from tests.web.served import Served, served
from tests.web.states import PEOPLE, lived_in_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Callback(http.server.BaseHTTPRequestHandler):
    """A service that sends its users on to another origin of its own, as many do."""

    def do_GET(self) -> None:
        port = self.headers["Host"].rpartition(":")[2]
        url = urlsplit(self.path)
        if url.path == "/callback":
            self.send_response(303)
            self.send_header("Location", f"http://localhost:{port}/home?{url.query}")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Notes</title><h1>Welcome to Notes</h1>")

    def log_message(self, *_: object) -> None:  # type: ignore[explicit-override]
        """Say nothing."""


@dataclass(frozen=True)
class Stage:
    """A site, a service that is registered there, and a browser."""

    visitor: Visitor
    world: World
    site: str
    client: Client
    callback: str

    @property
    def request(self) -> str:
        query = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.callback,
            "scope": "openid mycelium hero_sid",
            "state": "a state",
            "code_challenge": "c" * 43,
            "code_challenge_method": "S256",
        }
        return f"{self.site}/oauth/authorize?{urlencode(query)}"


@pytest.fixture(scope="module")
def stage(
    chromium: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    path = tmp_path_factory.mktemp("openid") / "hero.sqlite"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    world = lived_in_world(database)
    with calling() as callback, served(world) as where:
        request = ClientRequest("Hero Notes", (callback,))
        with database.transaction() as tx:
            client, _ = create_client(tx, request, "a test", world.clock.now())
        served_worlds: dict[str, Served] = {"lived_in": where}
        yield Stage(Visitor(chromium, served_worlds), world, where.site, client, callback)
    database.close()


@contextmanager
def calling() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Callback) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/callback"
        server.shutdown()
        thread.join(10)


def look_at(page: Page, name: str, look: Look) -> None:
    keep_picture(page, f"{name}-{look.name}")
    if look.with_script:  # axe waits for timers, which never run without
        found = complaints_of(page, look.language)
        assert [one for one in found if look.size == "phone" or " is " not in one] == []


def enter_limited(stage: Stage, window: BrowserContext) -> None:
    """Sign in as a code does that somebody else approved."""
    with stage.world.database.transaction() as tx:
        now = stage.world.clock.now()
        token = open_session(tx, PEOPLE.normal, now, Origin("code"), is_limited=True)
    window.add_cookies([{"name": "hero_session", "value": token, "url": stage.site}])


LOOKS = [
    Look("phone"),
    Look("desktop"),
    Look("phone", with_script=False),
    Look("phone", language="sw"),
    Look("phone", language="fr"),
]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_a_user_goes_to_a_service_and_comes_out_where_it_leads(stage: Stage, look: Look) -> None:
    complaints: list[str] = []
    with stage.visitor.window(look) as window:
        window.on(
            "console", lambda said: complaints.append(said.text) if is_bad(said.type) else None
        )
        page = window.new_page()
        page.goto(stage.request)
        assert page.url.endswith("/sign-in")
        assert "Hero Notes" in page.locator("main").inner_text()
        page.goto(f"{stage.site}/sandbox/sign-in")
        page.click(f'button[value="{PEOPLE.normal}"]')
        page.wait_for_url("**/oauth/continue")
        assert "Hero Notes" in page.locator("h1").inner_text()
        look_at(page, "consent", look)
        page.click('button[value="continue"]')
        page.wait_for_url("**/home?*")
        assert "code=" in page.url
        assert "Welcome to Notes" in page.inner_text("h1")
        page.goto(f"{stage.site}/account")
        assert "Hero Notes" in page.locator("section[aria-labelledby=services]").inner_text()
        look_at(page, "account-services", look)
        page.click("section[aria-labelledby=services] button")
        page.wait_for_url("**/account")
        assert page.locator("section[aria-labelledby=services]").count() == 0
    assert complaints == []


def test_cancelling_leads_back_too(stage: Stage) -> None:
    with stage.visitor.window(Look("phone")) as window:
        page = window.new_page()
        page.goto(f"{stage.site}/sandbox/sign-in")
        page.click(f'button[value="{PEOPLE.normal}"]')
        page.wait_for_url("**/dashboard")
        page.goto(stage.request)
        page.click('button[value="cancel"]')
        page.wait_for_url("**/home?*")
        assert "error=access_denied" in page.url


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_limited_session_is_told_why_and_what_to_do(stage: Stage, size: str) -> None:
    look = Look(size, "dark")
    with stage.visitor.window(look) as window:
        enter_limited(stage, window)
        page = window.new_page()
        page.goto(stage.request)
        assert page.locator('button[value="continue"]').count() == 0
        look_at(page, "consent-limited", look)
        page.goto(f"{stage.site}/oauth/authorize?client_id=x")
        look_at(page, "consent-wrong", look)


def test_the_start_leads_on_for_whoever_signed_in_elsewhere(stage: Stage) -> None:
    look = Look("phone")
    with stage.visitor.window(look) as window:
        page = window.new_page()
        page.goto(stage.request)
        look_at(page, "sign-in-for-service", look)
        with stage.world.database.transaction() as tx:
            now = stage.world.clock.now() - timedelta(seconds=1)
            token = open_session(tx, PEOPLE.normal, now, Origin("key"))
        window.add_cookies([{"name": "hero_session", "value": token, "url": stage.site}])
        page.goto(stage.site)
        look_at(page, "home-continue", look)
        page.get_by_role("link", name="Continue to Hero Notes").click()
        page.wait_for_url("**/oauth/continue")


def test_a_passkey_goes_on_to_the_service_that_waits(stage: Stage) -> None:
    with stage.visitor.window(Look("phone")) as window:
        page = window.new_page()
        page.goto(f"{stage.site}/sandbox/sign-in")
        page.click(f'button[value="{PEOPLE.normal}"]')
        page.wait_for_url("**/dashboard")
        devtools = window.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.goto(f"{stage.site}/account")
        page.fill("#label", "a phone")
        page.click("form[data-passkey=enrol] button")
        page.wait_for_selector("strong:has-text('a phone')")
        window.clear_cookies()
        page.goto(stage.request)
        assert page.url.endswith("/sign-in")
        page.click("form[data-passkey=sign_in] button")
        page.wait_for_url("**/oauth/continue")
        assert "Hero Notes" in page.inner_text("h1")
