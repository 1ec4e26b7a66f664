"""What people do from end to end, at a real server: sign in each way, leave, come back.

Each way in is tried on a phone and a desktop, in every language, with and without script; what
follows from it in a few of these. Nothing here looks for words, but for those of one's own.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page

from hero_onboarding.cli import main
from hero_onboarding.helper.address import address_of
from hero_onboarding.helper.curve import BASE_POINT, x25519
from hero_onboarding.languages import LANGUAGES
from hero_onboarding.sandbox.mycelium import SandboxMycelium
from tests.browser.conftest import Look, Visitor, keep_picture
from tests.browser.test_pages import SMALL_TARGETS, TARGET_PIXELS, TOO_WIDE, violations
from tests.support.programs import SERVER, environment_of, serving

LOOKS = [
    Look(size, with_script=with_script, language=one.code)
    for size in ("phone", "desktop")
    for with_script in (True, False)
    for one in LANGUAGES
]
SCRIPTED = [one for one in LOOKS if one.with_script]
FEW = [
    Look("phone"),
    Look("phone", with_script=False, language="sw"),
    Look("desktop", language="fr"),
]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PATIENCE_MS = 20_000

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass(frozen=True)
class Site:
    """A server in a process of its own, and the network that its messages go through."""

    origin: str
    network: SandboxMycelium


@dataclass(frozen=True)
class Person:
    """Somebody who has a key in a file, and a node in the network."""

    key: Path
    public_key: bytes
    address: str

    def login(self, url: str, typed: str = "y\n") -> str:
        """Run the helper as a person does, and return what it prints."""
        quiet = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
        words = ["login", url, "-k", str(self.key)]
        result = CliRunner().invoke(main, words, input=typed, env=quiet)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def sign_in(self, page: Page, site: Site) -> None:
        page.goto(self.login(site.origin))
        page.click("main button[type=submit]")
        page.wait_for_url(f"{site.origin}/")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with SandboxMycelium() as network:
        network.overlay.route_seconds = 0
        changes = {"MYCELIUM_API": network.url, "RATE_LIMITS": "off"}
        folder = tmp_path_factory.mktemp("journeys") / "data"
        with serving(environment_of(folder, **changes)) as program:
            yield Site(program.origins[SERVER].replace("127.0.0.1", "localhost"), network)


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


@pytest.fixture
def window(chromium: Browser, look: Look) -> Iterator[BrowserContext]:
    with Visitor(chromium, {}).window(look) as opened:
        yield opened


@pytest.fixture
def person(tmp_path: Path, request: pytest.FixtureRequest) -> Person:
    """Somebody else in each test."""
    return person_of(request.node.nodeid, tmp_path / "key.bin")


def person_of(name: str, path: Path) -> Person:
    """Make somebody whose key lies in a file."""
    secret = hashlib.sha256(name.encode()).digest()
    path.write_bytes(secret)
    path.chmod(0o600)
    public_key = x25519(secret, BASE_POINT)
    return Person(path, public_key, str(IPv6Address(address_of(public_key))))


def inspect(page: Page, look: Look, name: str) -> None:
    """Hold a state to what every page is held to, in both schemes, and keep a picture of it."""
    keep_picture(page, f"journey-{name}-{look.name}")
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.evaluate(TOO_WIDE) <= 0
    if look.size == "phone":
        assert page.evaluate(SMALL_TARGETS, TARGET_PIXELS) == []
    if not look.with_script:
        return
    assert violations(page) == []
    if look.language == "en":  # colours are the same in all of them
        page.emulate_media(color_scheme="dark")
        assert violations(page) == []
        page.emulate_media(color_scheme="light")


def is_signed_in(page: Page, site: Site) -> bool:
    page.goto(f"{site.origin}/account")
    return page.url == f"{site.origin}/account"


def sign_out(page: Page, site: Site) -> None:
    page.click("form[action='/sign-out'] button")
    page.wait_for_url(f"{site.origin}/")


def test_the_helpers_link_signs_in_and_the_button_signs_out(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    page = window.new_page()
    page.goto(person.login(site.origin))
    assert person.address in page.inner_text("main")
    inspect(page, look, "link")

    page.click("main button[type=submit]")
    page.wait_for_url(f"{site.origin}/")
    assert is_signed_in(page, site)
    assert person.address in page.inner_text("main")
    sign_out(page, site)

    assert not is_signed_in(page, site)


def test_a_waiting_browser_goes_on_when_its_code_was_typed(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    page = window.new_page()
    page.goto(f"{site.origin}/sign-in")
    page.click("form[action='/sign-in'] button")
    page.wait_for_url("**/login/*")
    inspect(page, look, "waiting")
    code = page.inner_text(".code-shown")

    person.login(page.url, f"{code}\n")
    if not look.with_script:
        page.click("main form.waiting button")
    page.wait_for_url(f"{site.origin}/")
    assert person.address in page.inner_text("main .note")
    inspect(page, look, "told")

    assert is_signed_in(page, site)
    assert page.locator(".note.warn").count() == 1
    inspect(page, look, "limited")


def test_a_code_by_message_signs_in(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    site.network.overlay.add_node(person.public_key)
    page = window.new_page()
    page.goto(f"{site.origin}/sign-in")
    page.fill("#address", person.address)
    page.click("form[action='/sign-in/message'] button")
    page.wait_for_url("**/login/*")
    inspect(page, look, "message")
    letter = letter_that_names(page, site, page.inner_text(".code-shown"))
    page.fill("#code", "AAAA-AAAA")
    page.click("main form button")
    page.wait_for_selector("#code-wrong")
    inspect(page, look, "message-wrong")
    code = re.search(r"Sign-in code: (\S+) ", letter)
    assert code is not None
    page.fill("#code", code[1])
    page.click("main form button")
    if not look.with_script:
        page.click("main form.waiting button")
    page.wait_for_url(f"{site.origin}/")

    assert is_signed_in(page, site)
    assert person.address in page.inner_text("main")
    assert page.locator(".note.warn").count() == 1


def letter_that_names(page: Page, site: Site, shown: str) -> str:
    """Wait until a message arrives that names the code which a page shows."""
    for _ in range(PATIENCE_MS // 100):
        for one in site.network.overlay.delivered():
            if shown.strip() in (letter := one.payload.decode()):
                return letter
        page.wait_for_timeout(100)
    raise AssertionError("no message came")


def test_another_session_is_revoked(
    window: BrowserContext, look: Look, site: Site, person: Person, chromium: Browser
) -> None:
    page = window.new_page()
    person.sign_in(page, site)
    with Visitor(chromium, {}).window(look) as other:
        elsewhere = other.new_page()
        person.sign_in(elsewhere, site)
        assert is_signed_in(page, site)
        page.click("form[action='/account/sessions/revoke'] button")
        page.wait_for_selector("form[action='/account/sessions/revoke']", state="detached")
        inspect(page, look, "revoked")

        assert not is_signed_in(elsewhere, site)
    assert is_signed_in(page, site)


@pytest.mark.parametrize("look", SCRIPTED, indirect=True, ids=lambda look: look.name)
def test_a_passkey_is_enrolled_and_signs_in(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    page = window.new_page()
    person.sign_in(page, site)
    devtools = window.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{site.origin}/account")

    page.fill("#label", f"phone of {look.name}")
    page.click("form[data-passkey=enrol] button")
    page.wait_for_selector(f"strong:has-text('phone of {look.name}')")
    inspect(page, look, "passkey")
    sign_out(page, site)
    page.goto(f"{site.origin}/sign-in")
    page.click("form[data-passkey=sign_in] button")
    page.wait_for_url(f"{site.origin}/")

    assert is_signed_in(page, site)
    page.click("form[action='/account/passkeys/remove'] button")
    page.wait_for_selector(f"strong:has-text('phone of {look.name}')", state="detached")


@pytest.mark.parametrize("look", SCRIPTED[:2], indirect=True, ids=lambda look: look.name)
def test_a_passkey_that_is_refused_says_so(window: BrowserContext, look: Look, site: Site) -> None:
    page = window.new_page()
    devtools = window.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{site.origin}/sign-in")

    page.click("form[data-passkey=sign_in] button")
    page.wait_for_selector("[data-failed]:visible")

    inspect(page, look, "passkey-refused")


def test_without_script_passkeys_say_what_they_need(chromium: Browser, site: Site) -> None:
    with Visitor(chromium, {}).window(Look("phone", with_script=False)) as window:
        page = window.new_page()
        page.goto(f"{site.origin}/sign-in")

        assert "Passkeys need script" in page.inner_text("main")


@pytest.mark.parametrize("look", FEW, indirect=True, ids=lambda look: look.name)
def test_whoever_lost_a_key_comes_back_by_mail(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    email = f"{look.name}@example.org".lower()
    page = window.new_page()
    person.sign_in(page, site)
    assert is_signed_in(page, site)
    page.fill("#new-email", email)
    page.click("form[action='/account/emails'] button")
    page.wait_for_selector("#email-code")
    inspect(page, look, "email-claimed")
    page.fill("#email-code", mailed_code(window, page, site, email))
    page.click("form[action='/account/emails/verify'] button")
    page.wait_for_selector("form[action='/account/emails/remove']")
    inspect(page, look, "email")
    sign_out(page, site)

    page.goto(f"{site.origin}/sign-in")
    page.fill("#email", email)
    page.click("form[action='/sign-in/email'] button")
    page.wait_for_selector("#code")
    inspect(page, look, "email-code")
    page.fill("#code", mailed_code(window, page, site, email))
    page.click("main form button")
    if not look.with_script:
        page.click("main form.waiting button")
    page.wait_for_url(f"{site.origin}/")

    assert is_signed_in(page, site)
    assert page.locator(".note.warn").count() == 1


def mailed_code(window: BrowserContext, page: Page, site: Site, email: str) -> str:
    """Wait for the newest mail to an address whose code was not read before, and read it."""
    read = {cookie.get("value") for cookie in window.cookies() if cookie.get("name") == "code-read"}
    for _ in range(PATIENCE_MS // 100):
        shown = window.new_page()
        shown.goto(f"{site.origin}/sandbox/mail")
        text = shown.inner_text("main")
        shown.close()
        _, found, mine = text.partition(email)
        code = re.search(r"^ {4}([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})$", mine, re.MULTILINE)
        if found and code is not None and code[1] not in read:
            window.add_cookies([{"name": "code-read", "value": code[1], "url": site.origin}])
            return code[1]
        page.wait_for_timeout(100)
    raise AssertionError("no mail came")


@pytest.mark.parametrize("look", FEW, indirect=True, ids=lambda look: look.name)
def test_a_profile_changes_how_pages_speak(
    window: BrowserContext, look: Look, site: Site, person: Person
) -> None:
    page = window.new_page()
    person.sign_in(page, site)
    page.goto(f"{site.origin}/account/profile")
    inspect(page, look, "profile")
    page.select_option("#time_zone", "Africa/Dar_es_Salaam")
    page.select_option("#country", "TZ")
    page.click("form[action='/account/profile'] button")
    page.wait_for_url(f"{site.origin}/account")
    page.goto(f"{site.origin}/dashboard")

    assert "EAT" in page.inner_text("main")
    inspect(page, look, "dashboard-in-zone")


@pytest.mark.parametrize("look", FEW, indirect=True, ids=lambda look: look.name)
def test_what_is_wrong_is_said_beside_the_field(
    window: BrowserContext, look: Look, site: Site
) -> None:
    page = window.new_page()
    for form, field, typed in (
        ("/sign-in/message", "#address", "x" * 60),
        ("/sign-in/email", "#email", "nobody@nowhere"),
    ):
        page.goto(f"{site.origin}/sign-in")
        page.fill(field, typed)
        page.click(f"form[action='{form}'] button")
        page.wait_for_selector(f"{field}-wrong")

        assert page.locator(field).get_attribute("aria-invalid") == "true"
        inspect(page, look, f"wrong-{field[1:]}")


@pytest.mark.parametrize("look", FEW, indirect=True, ids=lambda look: look.name)
def test_whoever_has_the_key_is_told_of_a_sign_in_by_a_code(
    window: BrowserContext, look: Look, site: Site, person: Person, chromium: Browser
) -> None:
    page = window.new_page()
    person.sign_in(page, site)
    with Visitor(chromium, {}).window(look) as other:
        elsewhere = other.new_page()
        elsewhere.goto(f"{site.origin}/sign-in")
        elsewhere.click("form[action='/sign-in'] button")
        elsewhere.wait_for_url("**/login/*")
        person.login(elsewhere.url, f"{elsewhere.inner_text('.code-shown')}\n")
        if not look.with_script:
            elsewhere.click("main form.waiting button")
        elsewhere.wait_for_url(f"{site.origin}/")
    page.goto(f"{site.origin}/dashboard")
    assert page.locator(".note.warn").count() == 1
    inspect(page, look, "dashboard-warned")
    page.click(".note.warn a")
    page.wait_for_url(f"{site.origin}/account")
    inspect(page, look, "account-warned")
    page.click("form[action='/account/sessions/acknowledge'] button")
    page.wait_for_selector("form[action='/account/sessions/acknowledge']", state="detached")

    page.goto(f"{site.origin}/dashboard")
    assert page.locator(".note.warn").count() == 0
