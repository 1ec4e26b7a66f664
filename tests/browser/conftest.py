"""Headless Chromium over both applications, in worlds made once."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hero_onboarding.database import open_database
from tests.browser.pages import Visit
from tests.support.world import World
from tests.web.served import SECRET, Served, served
from tests.web.states import empty_world, lived_in_world, trouble

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first is the same browser without what a screen needs, and takes half the time."""

CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": (360, 740), "desktop": (1280, 800)}
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
TIMEOUT_MS = 10_000


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of a whole page for a person to look at; in CI nobody does."""
    if not os.environ.get("CI"):
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    size: str
    scheme: str = "light"
    with_script: bool = True
    language: str = "en"

    @property
    def shown_in(self) -> Literal["light", "dark"]:
        return "dark" if self.scheme == "dark" else "light"

    @property
    def name(self) -> str:
        language = "" if self.language == "en" else f"-{self.language}"
        return f"{self.size}-{self.scheme}{'' if self.with_script else '-noscript'}{language}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one module: while it is there its thread can run no other event loop."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium")
        pytest.skip("no Chromium on this machine: install Debian's chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def worlds(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Served]]:
    """Serve an empty world, a lived-in one, and one in trouble."""
    folder = tmp_path_factory.mktemp("worlds")
    with ExitStack() as stack:

        def make(name: str) -> World:
            path = folder / f"{name}.sqlite"
            shutil.copy(sqlite_template, path)
            database = open_database(f"sqlite:///{path}")
            stack.callback(database.close)
            return empty_world(database) if name == "empty" else lived_in_world(database)

        made = {name: make(name) for name in ("empty", "lived_in", "trouble")}
        trouble(made["trouble"])
        yield {name: stack.enter_context(served(world)) for name, world in made.items()}


@dataclass(frozen=True)
class Visitor:
    """Opens pages of the worlds in windows of its own."""

    browser: Browser
    worlds: Mapping[str, Served]
    tabs: dict[Look, Page] = field(default_factory=dict)
    signed_in: dict[tuple[Look, str, str], dict[str, str]] = field(default_factory=dict)

    @contextmanager
    def tab(self, look: Look) -> Iterator[Page]:
        """Give a tab that is kept for this look, and take away its cookies after the block."""
        if look not in self.tabs:
            self.tabs[look] = self._new_window(look).new_page()
        page = self.tabs[look]
        page.emulate_media(color_scheme=look.shown_in)
        try:
            yield page
        finally:
            page.context.clear_cookies()

    def enter(self, page: Page, look: Look, visit: Visit) -> None:
        """Sign in where a visit needs it: by the page once for each look, then by its cookies."""
        if visit.user is None:
            return
        who = (look, visit.world, visit.user)
        if who not in self.signed_in:
            self.sign_in(page, visit)
            cookies = page.context.cookies(self.origin(visit))
            self.signed_in[who] = {str(one.get("name")): str(one.get("value")) for one in cookies}
            return
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.origin(visit)}
                for name, value in self.signed_in[who].items()
            ]
        )

    def go(self, page: Page, visit: Visit) -> None:
        """Go to where a visit leads."""
        response = page.goto(f"{self.origin(visit)}{visit.path}")
        assert response is not None
        assert response.status == visit.status, (visit, response.status)

    @contextmanager
    def window(self, look: Look) -> Iterator[BrowserContext]:
        """Open a window of its own for the time of the block."""
        context = self._new_window(look)
        try:
            yield context
        finally:
            context.close()

    def _new_window(self, look: Look) -> BrowserContext:
        width, height = SIZES[look.size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=look.shown_in,
            java_script_enabled=look.with_script,
            has_touch=look.size == "phone",
            reduced_motion="reduce",
            locale=look.language,
        )
        context.set_default_timeout(TIMEOUT_MS)
        return context

    def origin(self, visit: Visit) -> str:
        world = self.worlds[visit.world]
        return world.admin if visit.is_admin else world.site

    def open(self, context: BrowserContext, visit: Visit) -> Page:
        """Sign in by the page, as a person does, and go to where the visit leads."""
        page = context.new_page()
        if visit.user is not None:
            self.sign_in(page, visit)
        self.go(page, visit)
        return page

    def sign_in(self, page: Page, visit: Visit) -> None:
        page.goto(f"{self.origin(visit)}{'' if visit.is_admin else '/sandbox'}/sign-in")
        if visit.is_admin:
            page.fill("input[type=password]", SECRET)
            page.click("form button[type=submit]")
        else:
            page.click(f'button[value="{visit.user}"]')
        page.wait_for_url(lambda url: not url.endswith("/sign-in"))


@pytest.fixture(scope="module")
def visitor(chromium: Browser, worlds: Mapping[str, Served]) -> Visitor:
    return Visitor(chromium, worlds)
