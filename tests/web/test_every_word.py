"""No page says a word that no catalogue knows: in a language of dots alone, no letters are left."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from jinja2 import Environment, nodes
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

import hero_onboarding
from hero_onboarding.admin import make_dashboard
from hero_onboarding.database import open_database
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.overriding import override
from hero_onboarding.languages import ENGLISH, LANGUAGES
from hero_onboarding.payments import MISMATCH, Quote, Refund, RefundState, TopUp, TopUpState
from hero_onboarding.wallet import Grant, Wallet
from hero_onboarding.web import make_site
from hero_onboarding.web.pages.balance_view import balance_view, credit_of
from hero_onboarding.web.pages.failed_view import REASONS
from hero_onboarding.web.pages.refund_view import giving_view
from hero_onboarding.web.pages.top_up_view import top_up_view
from tests.conftest import NewUrl
from tests.support.world import World
from tests.web.served import ADMIN, SECRET, SITE, Browser, services_for
from tests.web.states import PEOPLE, empty_world, lived_in_world, trouble

SOURCE = Path(hero_onboarding.__file__).parent
KEPT = re.compile(r"(%\(\w+\)s|<[^>]*>)")
CODE_SHOWN = re.compile(r'(class="code-shown"><strong>)[^<]+')
OWN_PAGES = (
    *("/", "/dashboard", "/movements", "/movements?cursor=1", "/help"),
    *("/account", "/account/profile", "/top-up", "/top-up/shillings", "/payment-methods"),
)
LETTERS = re.compile(r"[A-Za-z]+")
SPOKEN = {
    *("aria-label", "data-label", "data-done", "data-scripted-text"),
    *("title", "alt", "placeholder"),
}
SILENT = {"code", "script", "style", "option"}
EMPTY = {"meta", "link", "input", "br", "img", "rect", "line", "path", "circle"}
DATA = """
    Hero UTC USD TZS TSh Stripe ClickPesa Mar M testclient
    kili node lhumina code hero onboarding billing gpu user wallet
    example org ada bob chi dan eve pam Pam Visa American Express
    Ada Mushi Bob Chiku Wanjiru van den Broecke Eve First money by hand
"""


class Dots(NullTranslations):
    """Says every message in dots; values and markup stay."""

    @override
    def gettext(self, message: str) -> str:
        parts = KEPT.split(message)
        return "".join(part if KEPT.fullmatch(part) else LETTERS.sub("…", part) for part in parts)

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Reader(HTMLParser):
    """Collects what a person reads or hears of a page, but for code and what is marked English."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self._silent: list[bool] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_english = dict(attrs).get("lang") == "en" and tag not in {"html", "button"}
        if tag not in EMPTY:
            self._silent.append(tag in SILENT or is_english)
        self.heard += [value or "" for name, value in attrs if name in SPOKEN]

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY and self._silent:
            self._silent.pop()

    @override
    def handle_data(self, data: str) -> None:
        if not any(self._silent):
            self.heard.append(data)


def left_over(html: str) -> set[str]:
    """Return the words of a page that are neither dots nor data."""
    reader = Reader()
    reader.feed(html)
    known = {*LETTERS.findall(DATA), *LETTERS.findall(" ".join(one.name for one in LANGUAGES))}
    found = set(LETTERS.findall(" ".join(reader.heard)))
    return {word for word in found - known if len(set(word)) > 1}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    path = tmp_path_factory.mktemp("dots") / "hero.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{path}")
    yield lived_in_world(database)
    database.close()


@pytest.fixture
def empty(new_database_url: NewUrl) -> Iterator[World]:
    database = open_database(new_database_url("sqlite"))
    yield empty_world(database)
    database.close()


def site_of(world: World) -> Litestar:
    return make_site(replace(services_for(world), locales=DOTS))


def dashboard_of(world: World) -> Litestar:
    return make_dashboard(replace(services_for(world), locales=DOTS))


DOTS = {"en": replace(ENGLISH, translations=Dots())}
FAILING = (
    *("/no-such-page", "/language", "/sandbox/sign-in?cursor=x", "/record_usage"),
    *("/login/of-another-browser", "/login/link/used-before"),
)
TEMPLATES = sorted(
    path for folder in ("http", "web", "admin") for path in (SOURCE / folder).rglob("*.html")
)


def raw_html(source: str) -> str:
    """Return what a template says by itself, with a dot for everything that is put in."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    parsed = environment.parse(source)
    return "…".join(part.data for part in parsed.find_all(nodes.TemplateData))


def test_a_template_that_speaks_for_itself_is_found() -> None:
    assert left_over(raw_html("<p>{{ _('A word') }} and {{ n }}</p>")) == {"and"}
    assert left_over(raw_html('<a title="{{ n }} seen">{% trans %}x y{% endtrans %}</a>')) == {
        "seen"
    }


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_says_a_word_by_itself(template: Path) -> None:
    a_class_of_the_body = {"operator"}

    assert left_over(raw_html(template.read_text(encoding="utf-8"))) <= a_class_of_the_body


def test_what_is_in_no_catalogue_is_found() -> None:
    assert left_over("<p>… a word <code>of code</code> <b lang='en'>or English</b></p>") == {"word"}
    assert left_over("<a title='spoken'>…</a>") == {"spoken"}


@pytest.mark.parametrize("sid", list(vars(PEOPLE).values()))
def test_every_word_of_a_users_pages_is_in_the_catalogues(lived_in: World, sid: str) -> None:
    with TestClient(site_of(lived_in), base_url=SITE) as client:
        browser = Browser(client)
        browser.sign_in(sid)
        for path in (*OWN_PAGES, "/none"):
            assert left_over(browser.get(path).text) == set(), path


def test_every_word_of_the_accounts_forms_is_in_the_catalogues(empty: World) -> None:
    empty.users("ada", amount=1)
    with TestClient(site_of(empty), base_url=SITE) as client:
        browser = Browser(client)
        browser.sign_in("ada")
        wrong = browser.submit("/account/emails", email="none")
        sent = browser.submit("/account/emails", email="ada@example.org")
        refused = browser.submit("/account/emails/verify", code="wrong")
        made = browser.submit("/account/keys", label="node")
        pages = (wrong, refused, made, browser.get("/account"))

    assert [one.status_code for one in (*pages, sent)] == [422, 422, 200, 200, 303]
    assert [left_over(one.text) for one in pages] == [set()] * len(pages)


def test_every_word_that_a_stranger_reads_is_in_the_catalogues(
    lived_in: World, empty: World
) -> None:
    for world in (lived_in, empty):
        with TestClient(site_of(world), base_url=SITE) as client:
            browser = Browser(client)
            for path in ("/", "/sign-in", "/help", "/sandbox/sign-in", *FAILING):
                assert left_over(browser.get(path).text) == set(), path
            waiting = browser.get(browser.submit("/sign-in").headers["Location"])
            shown = CODE_SHOWN.sub(r"\1", waiting.text)
            assert shown != waiting.text
            refused = browser.submit("/sandbox/sign-in", user_sid="node")
            no_mail = browser.submit("/sign-in/email", email="none")
            assert refused.status_code == no_mail.status_code == 422
            assert left_over(shown) == left_over(refused.text) == left_over(no_mail.text) == set()
            sent = browser.submit("/sign-in/email", email="ada@example.org")
            typed = browser.get(sent.headers["Location"]).text
            assert left_over(CODE_SHOWN.sub(r"\1", typed)) == set()
            assert left_over(browser.post("/sign-out").text) == set()


def a_top_up(**changes: object) -> TopUp:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    fields: dict[str, object] = {
        "number": 1,
        "id": UUID(int=1),
        "user_sid": "ada",
        "key": "",
        "provider": "stripe",
        "method": "checkout",
        "amount": 500,
        "currency": "USD",
        "credit": 5_000_000,
        "credited": 0,
        "is_live": False,
        "state": TopUpState.OPEN,
        "failure": "",
        "reference": None,
        "redirect_url": None,
        "payment_id": None,
        "wanted": 1,
        "answered": 0,
        "asked_at": at,
        "expires_at": at,
        "changed_at": at,
        "question_due_at": None,
    }
    return TopUp(**(fields | changes))  # type: ignore[arg-type]  # as named


def a_quote(source: str) -> Quote:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Quote(UUID(int=1), 1, source, 2_500_000_000, 200, 2_550_000_000, at, at)


def a_refund(**changes: object) -> Refund:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    fields: dict[str, object] = {
        "number": 1,
        "id": UUID(int=1),
        "top_up_id": UUID(int=1),
        "provider": "stripe",
        "amount": 500,
        "currency": "USD",
        "worth": 10_000_000,
        "failure": "",
        "reference": "1",
        "asked_at": at,
        "changed_at": at,
    }
    return Refund(**(fields | changes))  # type: ignore[arg-type]  # as named


def test_every_word_about_a_top_up_is_in_the_catalogues(lived_in: World) -> None:
    changed: list[dict[str, object]] = [
        {"state": TopUpState.OPEN},
        {"state": TopUpState.PENDING, "failure": MISMATCH},
        {"state": TopUpState.PAID, "payment_id": "1"},
        {"state": TopUpState.PAID, "held_amount": 6_275_000, "held_currency": "TZS"},
        {"state": TopUpState.PAID, "currency": "TZS", "credited": 1},
    ]
    quotes = [a_quote(source) for source in ("operator", "clickpesa")]
    changed += [{"state": state, "reference": "1"} for state in TopUpState]
    changed += [{"state": TopUpState.FAILED, "failure": word} for word in REASONS]
    for changes in changed:
        for is_back, quote in zip((False, True), quotes, strict=True):
            top_up = a_top_up(**changes)
            now = top_up.asked_at
            view = top_up_view(DOTS["en"], top_up, now, "/", quote=quote, is_back=is_back)
            said = (view.heading, view.sentence, *(name for name, _ in view.facts))
            assert left_over(" ".join(said)) == set(), changes
    for state in RefundState:
        for key in ("k", None):
            lines = giving_view(DOTS["en"], [a_refund(state=state, key=key)], 1, ("", "")).lines
            assert left_over(" ".join(line.sentence for line in lines)) == set()
    with TestClient(site_of(lived_in), base_url=SITE) as client:
        browser = Browser(client)
        browser.sign_in(PEOPLE.normal)
        wrong = browser.submit("/top-up", key="k", amount="1")
        onward = browser.submit("/top-up", key="k", chip="10")
        path, *_ = re.findall(r"/top-ups/[0-9a-f-]+", browser.get("/top-up").text)
        for page in (wrong, onward, browser.get("/top-up"), browser.get(path)):
            assert left_over(re.sub(r"[0-9a-f-]{36}", "1", page.text)) == set()


def a_wallet(**changes: int) -> Wallet:
    fields = {"net": 0, "debt": 0, "held": 0, "sequence": 0, "charges": 0}
    return Wallet("ada", **(fields | changes))


def test_every_word_about_a_balance_is_in_the_catalogues() -> None:
    begin, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    grant = Grant(UUID(int=1), "ada", "k", "hero", begin, end, 7, begin)
    credit = credit_of(DOTS["en"], [grant], begin)
    for changes in (
        {"net": 10**6},
        {"net": 10**6, "held": 10**5},
        {"net": 10**6, "held": 1},
        {"net": 10**6, "held": 10**7},
        {"net": -(10**6), "sequence": 1},
        {"net": 10**6, "debt": 10**7, "sequence": 1},
        {"sequence": 1},
        {},
    ):
        for used in (0, 1, 10**6):
            view = balance_view(DOTS["en"], a_wallet(**changes), used, credit=credit)
            assert left_over(" ".join((view.amount, view.headline, *view.sentences))) == set()


def test_every_word_of_the_operators_pages_is_in_the_catalogues(
    lived_in: World, empty: World
) -> None:
    with TestClient(dashboard_of(lived_in), base_url=ADMIN) as client:
        assert_no_word_left(Browser(client))
    with TestClient(dashboard_of(empty), base_url=ADMIN) as client:
        browser = Browser(client)
        assert left_over(browser.submit("/sign-in", secret="wrong").text) == set()
        assert_no_word_left(browser)
        empty.users("ada", amount=10_000_000)
        trouble(empty)
        with empty.database.transaction() as tx:
            for kind in IncidentKind:
                open_incident(tx, Incident(kind, "node", "node", {}), empty.clock.now())
            tx.execute(text("UPDATE wallets SET net = net + 1"))
        empty.clock.advance(minutes=2)
        assert_no_word_left(browser)


def assert_no_word_left(browser: Browser) -> None:
    browser.submit("/sign-in", secret=SECRET)
    for path in ("/", "/nodes", "/quarantine", "/quarantine?reason=in_future", "/incidents"):
        assert left_over(browser.get(path).text) == set(), path
    for path in (
        "/nodes?after=zz",
        "/incidents?cursor=0",
        "/quarantine?cursor=0",
        "/incidents?cursor=x",
    ):
        assert left_over(browser.get(path).text) == set(), path
