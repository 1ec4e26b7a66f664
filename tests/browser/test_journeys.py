"""What people do from end to end in a browser: sign in, look around, leave, come back."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page

from hero_onboarding.cli import main
from hero_onboarding.database import open_database
from tests.browser.conftest import SCREENSHOTS, Look, Visitor
from tests.browser.test_pages import SMALL_TARGETS, TARGET_PIXELS, TOO_WIDE, violations
from tests.sign_in.vectors import USER_SECRET
from tests.web.served import served
from tests.web.states import empty_world

LOOKS = [Look("phone"), Look("desktop", "dark"), Look("phone", with_script=False)]
ADDRESS = "5ff:b821:c76e:9444:f439:18bf:59a0:1594"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site in which nobody is registered yet."""
    path = tmp_path_factory.mktemp("journeys") / "site.sqlite"
    shutil.copy(sqlite_template, path)
    with (
        closing(open_database(f"sqlite:///{path}")) as database,
        served(empty_world(database)) as where,
    ):
        yield where.site


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


@pytest.fixture
def window(chromium: Browser, look: Look) -> Iterator[BrowserContext]:
    with Visitor(chromium, {}).window(look) as opened:
        yield opened


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.bin"
    path.write_bytes(USER_SECRET)
    path.chmod(0o600)
    return path


def login(url: str, key: Path, typed: str = "y\n") -> str:
    """Run the helper as a person does, and return what it prints."""
    quiet = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
    result = CliRunner().invoke(main, ["login", url, "-k", str(key)], input=typed, env=quiet)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def sign_in(page: Page, site: str, key: Path) -> None:
    page.goto(login(site, key))
    page.click("main button[type=submit]")
    page.wait_for_url(f"{site}/")


def inspect(page: Page, look: Look, name: str) -> None:
    """Hold a state to what every page is held to, and keep a picture of it."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"journey-{name}-{look.name}.png", full_page=True)
    assert page.evaluate(TOO_WIDE) <= 0
    if look.size == "phone":
        assert page.evaluate(SMALL_TARGETS, TARGET_PIXELS) == []
    if look.with_script:
        assert violations(page) == []


def test_the_helpers_link_signs_in_and_the_button_signs_out(
    window: BrowserContext, look: Look, site: str, key: Path
) -> None:
    page = window.new_page()
    page.goto(login(site, key))
    assert ADDRESS in page.inner_text("main")
    inspect(page, look, "link")

    page.click("main button[type=submit]")
    page.wait_for_url(f"{site}/")
    page.click("text=Account")
    assert ADDRESS in page.inner_text("main")
    page.click("text=Sign out")
    page.wait_for_url(f"{site}/")

    page.goto(f"{site}/account")
    assert page.url == f"{site}/sign-in"


def test_a_waiting_browser_goes_on_when_its_code_was_typed(
    window: BrowserContext, look: Look, site: str, key: Path
) -> None:
    page = window.new_page()
    page.goto(f"{site}/sign-in")
    page.click("button:has-text('Wait with a code')")
    page.wait_for_url("**/login/*")
    inspect(page, look, "waiting")
    code = page.inner_text(".code-shown")

    login(page.url, key, f"{code}\n")
    if not look.with_script:
        page.click("main button[type=submit]")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/account")

    assert "approved with a code" in page.inner_text("main")
    inspect(page, look, "limited")


def test_another_session_is_revoked(
    window: BrowserContext, look: Look, site: str, key: Path, chromium: Browser
) -> None:
    page = window.new_page()
    sign_in(page, site, key)
    with Visitor(chromium, {}).window(look) as other:
        elsewhere = other.new_page()
        sign_in(elsewhere, site, key)
        page.goto(f"{site}/account")
        page.click("text=End all others")
        inspect(page, look, "revoked")

        elsewhere.goto(f"{site}/account")
        assert elsewhere.url == f"{site}/sign-in"
    assert "(this one)" in page.inner_text("main")
    assert page.locator("text=End it").count() == 0


def test_a_passkey_is_enrolled_and_signs_in(
    window: BrowserContext, look: Look, site: str, key: Path
) -> None:
    page = window.new_page()
    sign_in(page, site, key)
    page.goto(f"{site}/account")
    if not look.with_script:
        assert "Passkeys need script" in page.inner_text("main")
        return
    devtools = window.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    page.fill("#label", f"phone of {look.name}")
    page.click("text=Add a passkey")
    page.wait_for_selector(f"strong:has-text('phone of {look.name}')")
    inspect(page, look, "passkey")
    page.click("text=Sign out")
    page.goto(f"{site}/sign-in")
    page.click("text=Use a passkey")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/account")

    assert "last used" in page.inner_text("main")
    page.click(f"button[aria-label='Remove phone of {look.name}']")
    page.wait_for_selector(f"strong:has-text('phone of {look.name}')", state="detached")


@pytest.mark.parametrize("look", [one for one in LOOKS if one.with_script], indirect=True)
def test_a_passkey_that_is_refused_says_so(window: BrowserContext, look: Look, site: str) -> None:
    page = window.new_page()
    devtools = window.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{site}/sign-in")

    page.click("text=Use a passkey")
    page.wait_for_selector("[data-failed]:visible")

    assert "No passkey of this site was accepted" in page.inner_text("main")
    inspect(page, look, "passkey-refused")
