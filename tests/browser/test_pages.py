"""Every page on a phone and a desktop, light and dark, with and without script.

Screenshots go to the folder ``screenshots``, which git ignores, for a person to look at; CI makes
none.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page, Response

from hero_onboarding.languages import LANGUAGES
from tests.browser.conftest import Look, Visitor, keep_picture
from tests.browser.pages import VISITS, Visit

OTHER_LANGUAGES = [one.code for one in LANGUAGES if one.code != "en"]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
LOOKS = [Look("phone"), Look("desktop")]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WEIGHT_MAX = 60 * 1024
TARGET_PIXELS = 44
AT_ONCE = 14

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VIOLATIONS = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']});
  return violations.map(({id, help, nodes}) => ({
    id, help, nodes: nodes.map(({target}) => ({target})),
  }));
}"""
TOO_WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
SMALL_TARGETS = """(least) => [...document.querySelectorAll('a, button, input, summary, select')]
  .filter((e) => e.checkVisibility() && !e.closest('p, td, li.inline') && !e.matches('.skip'))
  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(([html, box]) => `${html} is ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
WITHOUT_EXTRAS = """() => document
  .querySelectorAll('noscript, [data-copy], [data-passkey], section[aria-labelledby=sessions]')
  .forEach((e) => { e.hidden = true; })"""
CUT_OFF = """() => [...document.querySelectorAll('h1, h2, h3, p, dt, dd, td, th, li, a, button')]
  .filter((e) => e.checkVisibility() && !e.closest('.scroll, .hidden, .skip'))
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden')
  .map((e) => e.outerHTML.slice(0, 90))"""

LABELS_IN_THE_WAY = """() => [...document.querySelectorAll('.rows td[data-label]')]
  .map((e) => [e, getComputedStyle(e, '::before')])
  .filter(([, label]) => !['none', 'normal'].includes(label.content))
  .filter(([e, label]) => parseFloat(label.width) > parseFloat(getComputedStyle(e).paddingLeft))
  .map(([e]) => e.dataset.label)"""


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


@pytest.fixture(params=VISITS, ids=lambda visit: visit.name)
def visit(request: pytest.FixtureRequest) -> Visit:
    found: Visit = request.param
    return found


def violations(page: Page) -> list[str]:
    """Ask axe, which a page is given once, for everything it holds against the page."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(VIOLATIONS)
    return [
        f"{one['id']}: {one['help']}: {json.dumps([n['target'] for n in one['nodes']][:3])}"
        for one in found
    ]


def test_a_page_is_sound(visitor: Visitor, look: Look, visit: Visit) -> None:
    with visitor.tab(look) as page, heard(page) as complaints:
        visitor.enter(page, look, visit)
        visitor.go(page, visit)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            keep_picture(page, f"{visit.name}-{replace(look, scheme=scheme).name}")
            assert violations(page) == []

        assert page.evaluate(TOO_WIDE) <= 0, "the page scrolls sideways"
        assert page.evaluate(CUT_OFF) == []
        if look.size == "phone":
            assert page.evaluate(SMALL_TARGETS, TARGET_PIXELS) == []
        assert page.title().endswith(" · Hero") or " · Hero" in page.title()
    expected = 0 if visit.status == 200 else 1  # the browser notes each answer that is no success
    assert len(complaints) == expected, complaints


@contextmanager
def heard(page: Page) -> Iterator[list[str]]:
    """List what a page's script and the browser complain of."""
    complaints: list[str] = []

    def hear_error(error: Error) -> None:
        complaints.append(str(error))

    def hear(said: ConsoleMessage) -> None:
        if is_bad(said.type):
            complaints.append(said.text)

    page.on("pageerror", hear_error)
    page.on("console", hear)
    try:
        yield complaints
    finally:
        page.remove_listener("pageerror", hear_error)
        page.remove_listener("console", hear)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_page_holds_its_words_on_a_phone_in_each_language(
    visitor: Visitor, language: str
) -> None:
    """One window for all visits, in which whoever is needed signs in; nobody comes first."""
    look = Look("phone", "light", language=language)
    found = []
    with visitor.window(look) as window:
        page, signed_in = window.new_page(), None
        for visit in sorted(VISITS, key=lambda one: (one.user or "", one.world, one.is_admin)):
            if visit.user is not None and signed_in != (visit.user, visit.world):
                visitor.sign_in(page, visit)
                signed_in = (visit.user, visit.world)
            page.goto(f"{visitor.origin(visit)}{visit.path}")
            keep_picture(page, f"{visit.name}-{look.name}")
            found += [f"{visit.name}: {complaint}" for complaint in complaints_of(page, language)]
    assert found == []


def complaints_of(page: Page, language: str) -> list[str]:
    """Say what does not fit, and what axe holds against the page."""
    complaints = [*page.evaluate(CUT_OFF), *page.evaluate(SMALL_TARGETS, TARGET_PIXELS)]
    complaints += page.evaluate(LABELS_IN_THE_WAY)
    if page.evaluate(TOO_WIDE) > 0:
        complaints.append("the page scrolls sideways")
    if page.locator("html").get_attribute("lang") != language:
        complaints.append("the page is in another language")
    return [*complaints, *violations(page)]


def is_bad(kind: str) -> bool:
    return kind in {"error", "warning"}


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_page_says_the_same_without_script(visitor: Visitor, size: str, visit: Visit) -> None:
    texts = []
    for with_script in (True, False):
        look = Look(size, "light", with_script)
        with visitor.tab(look) as page:
            visitor.enter(page, look, visit)
            visitor.go(page, visit)
            texts.append(words_of(page))
            if not with_script:
                keep_picture(page, f"{visit.name}-{look.name}")
    assert texts[0] == texts[1]
    assert len(texts[0]) > 5


def words_of(page: Page) -> list[str]:
    """Read a page but for what needs script, what stands in for it, and who else is signed in."""
    page.evaluate(WITHOUT_EXTRAS)
    return page.locator("main").inner_text().split()


@pytest.fixture(scope="module")
def weights(visitor: Visitor) -> Mapping[Visit, dict[str, int]]:
    """All that each page asks for until it is silent, in bytes; many are waited for at once."""
    found = {}
    for first in range(0, len(VISITS), AT_ONCE):
        some = VISITS[first : first + AT_ONCE]
        with ExitStack() as stack:
            asked = [stack.enter_context(asking(visitor, visit)) for visit in some]
            for visit, (page, responses) in zip(some, asked, strict=True):
                page.wait_for_load_state("networkidle")
                sizes = {one.url: one.request.sizes() for one in responses}
                found[visit] = {
                    url: size["responseBodySize"] + size["responseHeadersSize"]
                    for url, size in sizes.items()
                }
    return found


@contextmanager
def asking(visitor: Visitor, visit: Visit) -> Iterator[tuple[Page, list[Response]]]:
    """Begin to load a page with an empty cache, and list the answers that it gets."""
    look = Look("phone")
    with visitor.window(look) as window:
        page = window.new_page()
        visitor.enter(page, look, visit)
        client = window.new_cdp_session(page)
        client.send("Network.enable")
        client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        responses: list[Response] = []

        def remember(response: Response) -> None:
            responses.append(response)

        page.on("response", remember)
        page.goto(f"{visitor.origin(visit)}{visit.path}", wait_until="commit")
        yield page, responses


def test_a_page_with_everything_is_light_and_asks_nobody_else(
    visitor: Visitor, visit: Visit, weights: Mapping[Visit, dict[str, int]]
) -> None:
    here, weight = visitor.origin(visit), weights[visit]
    assert all(url.startswith(here) for url in weight), weight
    assert 1 < len(weight) < 8, weight
    assert sum(weight.values()) <= WEIGHT_MAX, weight


def test_the_keyboard_reaches_the_content_first(visitor: Visitor) -> None:
    with visitor.window(Look("desktop")) as window:
        page = visitor.open(window, VISITS[0])
        page.keyboard.press("Tab")
        assert "Skip to the content" in page.evaluate("() => document.activeElement.innerText")
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "main"


def test_signing_out_ends_the_session_and_back_shows_nothing_private(visitor: Visitor) -> None:
    visit = next(one for one in VISITS if one.name == "dashboard")
    for with_script in (True, False):
        with visitor.window(Look("phone", "light", with_script)) as window:
            page = visitor.open(window, visit)
            page.get_by_role("button", name="Sign out").first.click()
            page.wait_for_url(lambda url: "dashboard" not in url)
            page.goto(f"{visitor.origin(visit)}/dashboard")
            assert page.url.endswith("/sign-in")


def test_a_wrong_secret_is_said_beside_the_field(visitor: Visitor) -> None:
    visit = next(one for one in VISITS if one.name == "operator-sign-in")
    for with_script in (True, False):
        with visitor.window(Look("phone", "light", with_script)) as window:
            page = visitor.open(window, visit)
            page.fill("input[type=password]", "wrong")
            page.click("form button[type=submit]")
            alert = page.get_by_role("alert")
            assert "not the admin secret" in alert.inner_text()
            assert page.locator("#secret").get_attribute("aria-invalid") == "true"
