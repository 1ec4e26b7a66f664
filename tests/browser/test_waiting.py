"""A browser that waits: it says how far things came, and bad answers don't stop it."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.browser.conftest import Look
from tests.browser.test_journeys import (
    FEW,
    Person,
    Site,
    inspect,
    is_signed_in,
    look,
    person,
    person_of,
    site,
    window,
)

__all__ = ["look", "person", "site", "window"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("look", FEW, indirect=True, ids=lambda look: look.name)
def test_a_key_is_replaced_step_by_step(
    window: BrowserContext, look: Look, site: Site, person: Person, tmp_path: Path
) -> None:
    fresh = person_of(f"fresh {look.name}", tmp_path / "fresh.bin")
    page = window.new_page()
    person.sign_in(page, site)
    page.goto(f"{site.origin}/account")
    page.click("form[action='/account/attempts'] button[value=rotate]")
    page.wait_for_url("**/login/*")
    code = page.inner_text(".code-shown")

    person.login(page.url, f"{code}\n")
    if not look.with_script:
        page.click("main form.waiting button")
    page.wait_for_selector("main .note time")
    assert person.address in page.inner_text("main .note")
    inspect(page, look, "half")
    fresh.login(page.url, f"{code}\n")
    if not look.with_script:
        page.click("main form.waiting button")
    page.wait_for_url(f"{site.origin}/")

    inspect(page, look, "replaced")
    assert is_signed_in(page, site)
    assert fresh.address in page.inner_text("main")


@pytest.mark.parametrize("look", [Look("phone")], indirect=True, ids=lambda look: look.name)
def test_a_waiting_browser_goes_on_after_a_bad_answer(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    """As from a proxy whose server is being restarted: the button is there until events come."""
    refused: list[str] = []

    def answer(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=502, body="Bad Gateway")

    page = window.new_page()
    page.route("**/events", answer)
    page.goto(f"{site.origin}/sign-in")
    page.click("form[action='/sign-in'] button")
    page.wait_for_selector("form.waiting button:visible")
    inspect(page, look, "no-events")
    page.wait_for_selector("form.waiting button", state="hidden")
    code = page.inner_text(".code-shown")
    person.login(page.url, f"{code}\n")
    page.wait_for_url(f"{site.origin}/")

    assert len(refused) == 1
    assert person.address in page.inner_text("main .note")
