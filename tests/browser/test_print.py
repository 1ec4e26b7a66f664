"""What is left of a page on paper: a receipt has its facts and nothing to press."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Browser as Chromium

import hero_onboarding
from hero_onboarding.database import open_database
from hero_onboarding.web import make_site
from tests.fakes.provider import FakeProvider
from tests.web.served import SITE, Browser, services_for
from tests.web.states import empty_world
from tests.web.test_top_up import fill_in, path_of_last, run, services_behind

CSS = Path(hero_onboarding.__file__).parent / "http" / "static" / "site.css"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def receipt(sqlite_template: Path, tmp_path: Path) -> str:
    """The page of a paid top-up with its style, as one text."""
    path = tmp_path / "hero.sqlite"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    world = empty_world(database)
    world.users("ada")
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        site, provider = Browser(client), FakeProvider()
        services = services_behind(site)
        cashier = replace(services.cashier, providers={"stripe": provider})
        site.client.app.state["services"] = replace(services, cashier=cashier)
        site.sign_in("ada")
        fill_in(site, chip="10")
        provider.pay("cs_1")
        where = path_of_last(site)
        site.get(f"{where}?session_id=cs_1")
        run(site)
        page = site.get(where).text
    database.close()
    page = re.sub(r"<script[^>]*></script>", "", page)
    return re.sub(r'<link rel="stylesheet"[^>]*>', f"<style>{CSS.read_text()}</style>", page)


def test_a_receipt_on_paper_has_its_facts_and_nothing_to_press(
    receipt: str, chromium: Chromium
) -> None:
    page = chromium.new_page()
    page.set_content(receipt)
    controls = "nav, form, button, input, a.button, .sandbox a"
    on_screen = [one for one in page.locator(controls).all() if one.is_visible()]

    page.emulate_media(media="print", color_scheme="dark")

    said = page.inner_text("body")
    on_paper = [one for one in page.locator(controls).all() if one.is_visible()]
    colours = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    page.close()
    assert on_screen
    assert on_paper == []
    assert "Have it back" not in said
    for fact in ("Hero", "Sandbox", "Paid", "USD 10.00", "For user\nada", "pi_1", "UTC"):
        assert fact in said.replace("\u00a0", " "), fact
    assert colours == "rgb(0, 0, 0)"
