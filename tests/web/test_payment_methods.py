"""Saved cards, automatic top-ups and alerts in a browser without script."""

import re
from dataclasses import replace

import pytest

from hero_onboarding.http import Services
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.payments import (
    find_automatic,
    get_alert,
    list_cards,
    payment_handlers,
)
from hero_onboarding.scheduling import JobRunner
from hero_onboarding.wallet import Adjustment, adjust
from tests.fakes.cards import FakeCardProvider
from tests.support.world import World
from tests.wallet.people import People
from tests.web.served import Browser, words

PAGE = "/payment-methods"
AGREED = {"threshold": "1000", "amount": "25", "daily": "50", "monthly": "50", "agreed": "yes"}


def services_behind(site: Browser) -> Services:
    found = site.client.app.state["services"]
    assert isinstance(found, Services)
    return found


@pytest.fixture
def provider(site: Browser) -> FakeCardProvider:
    """The provider behind the site; ada is signed in."""
    services, fake = services_behind(site), FakeCardProvider()
    cashier = replace(services.cashier, providers={"stripe": fake})
    site.client.app.state["services"] = replace(services, cashier=cashier)
    site.sign_in("ada")
    return fake


def run(site: Browser) -> None:
    services = services_behind(site)
    JobRunner(services.database, services.clock, payment_handlers(services.cashier)).run_due()


def save_card(site: Browser, provider: FakeCardProvider) -> str:
    """Top up by 25 dollars with the box ticked; return the card's id."""
    site.submit("/top-up", key="save", chip="25", save="yes")
    [reference] = provider.orders
    provider.pay(reference)
    [path] = re.findall(r'href="(/top-ups/[0-9a-f-]+)"', site.get("/top-up").text)
    site.get(f"{path}?session_id={reference}")
    run(site)
    found = re.search(r'name="card_id" value="([^"]+)"', site.get(PAGE).text)
    assert found is not None
    return found[1]


def contents(world: World) -> tuple[object, ...]:
    with world.database.reading() as tx:
        return find_automatic(tx, "ada"), get_alert(tx, "ada"), list_cards(tx, "ada")


def test_without_a_card_the_page_says_how_to_save_one(
    site: Browser, provider: FakeCardProvider
) -> None:
    said = words(site.get(PAGE).text)
    assert "No card is saved" in said
    assert "Automatic top-ups" not in said
    assert provider.calls == []
    for path in ("/account", "/top-up"):
        assert f'href="{PAGE}"' in site.get(path).text


def test_a_user_agrees_is_topped_up_and_turns_it_off(
    site: Browser, provider: FakeCardProvider, world: World
) -> None:
    card = save_card(site, provider)
    said = words(site.get(PAGE).text)
    assert "Visa •••• 4242 good until 12/2030" in said
    assert "Off. Your balance is topped up by you alone." in said

    assert site.submit(f"{PAGE}/automatic", card=card, **AGREED).status_code == 303
    said = words(site.get(PAGE).text)
    assert "On: when less than USD 1,000.00 is available, USD 25.00 is charged to Visa" in said
    run(site)
    assert len(provider.charges) == 1
    assert "Saved card, charged automatically" in words(site.get("/movements").text)
    with world.database.reading() as tx:
        setting = find_automatic(tx, "ada")
    assert setting is not None
    assert (setting.threshold, setting.amount, setting.monthly_cap) == (10**9, 2_500, 5_000)

    for _ in range(2):
        assert site.submit(f"{PAGE}/automatic/off").status_code == 303
    assert "Off." in words(site.get(PAGE).text)
    assert 'value="1000"' in site.get(PAGE).text


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"agreed": ""}, "agreed", "Without your agreement no card is charged."),
        ({"threshold": "0.99"}, "threshold", "from USD 1.00 to USD 1,000.00"),
        ({"threshold": "x"}, "threshold", "from USD 1.00 to USD 1,000.00"),
        ({"amount": "4.99"}, "automatic-amount", "from USD 5.00 to USD 1,000.00"),
        ({"daily": "24"}, "daily", "neither over USD 10,000.00"),
        ({"monthly": "49"}, "daily", "neither over USD 10,000.00"),
        ({"card": "x"}, "card", "This card can't be charged."),
        ({"card": "00000000-0000-0000-0000-000000000001"}, "card", "This card can't be charged."),
    ],
)
def test_what_can_not_be_is_told_beside_its_field_and_changes_nothing(
    site: Browser,
    provider: FakeCardProvider,
    world: World,
    change: dict[str, str],
    field: str,
    said: str,
) -> None:
    card = save_card(site, provider)
    before = contents(world)

    page = site.submit(f"{PAGE}/automatic", **({"card": card} | AGREED | change))

    assert page.status_code == 422
    assert said in words(page.text)
    assert f'aria-describedby="{field}-wrong"' in page.text
    assert contents(world) == before


def test_a_card_is_removed_by_its_owner_alone_and_pauses_what_it_pays(
    site: Browser, provider: FakeCardProvider, world: World
) -> None:
    card = save_card(site, provider)
    site.submit(f"{PAGE}/automatic", card=card, **AGREED)
    before = contents(world)
    site.sign_in("bob")
    assert site.submit(f"{PAGE}/cards/remove", card_id=card).status_code == 404
    assert site.submit(f"{PAGE}/cards/remove", card_id="x").status_code == 404
    assert contents(world) == before

    site.sign_in("ada")
    for _ in range(2):
        assert site.submit(f"{PAGE}/cards/remove", card_id=card).status_code == 303
    said = words(site.get(PAGE).text)
    assert "Paused: its card was removed." in said
    assert "automatic top-ups are paused" in words(site.get("/dashboard").text)
    run(site)
    assert provider.cards == {}


def test_who_owes_is_told_that_no_card_is_charged(
    site: Browser, provider: FakeCardProvider, world: World
) -> None:
    card = save_card(site, provider)
    site.submit(f"{PAGE}/automatic", card=card, **AGREED)
    people = People(world.database, world.clock)
    net = people.wallet("ada").net

    people.dispute("ada", net, "covered")
    assert "On: when less than" in words(site.get(PAGE).text)
    people.dispute("ada", 1, "owed")
    said = words(site.get(PAGE).text)

    assert "On, but no card is charged while you owe money" in said
    assert "On: when less than" not in said
    run(site)
    assert provider.charges == {}


def test_an_alert_is_set_and_shown_on_the_dashboard(
    site: Browser, provider: FakeCardProvider, world: World
) -> None:
    with world.database.transaction() as tx:
        adjust(tx, Adjustment("ada", 7_000_000, "gift", "gift"), world.clock.now())
    assert "You have less than" not in words(site.get("/dashboard").text)
    before = contents(world)
    page = site.submit(f"{PAGE}/alert", threshold="x", told="yes")
    assert page.status_code == 422
    assert 'aria-describedby="alert-wrong"' in page.text
    assert contents(world) == before

    assert site.submit(f"{PAGE}/alert", threshold="1000", told="yes").status_code == 303
    assert "You have less than USD 1,000.00 left." in words(site.get("/dashboard").text)
    assert site.submit(f"{PAGE}/alert", threshold="1000").status_code == 303
    assert "You have less than" not in words(site.get("/dashboard").text)
    assert provider.calls == []


def test_a_bank_that_wants_its_holder_leads_to_the_same_amount(
    site: Browser, provider: FakeCardProvider
) -> None:
    card = save_card(site, provider)
    provider.declines = "authentication_required"
    site.submit(f"{PAGE}/automatic", card=card, **AGREED)
    run(site)

    page = site.get("/dashboard").text
    assert "confirm a payment of USD 25.00" in words(page)
    assert 'href="/top-up?amount=25"' in page
    assert 'name="amount" inputmode="decimal" maxlength="9" autocomplete="off" value="25"' in (
        site.get("/top-up?amount=25").text
    )
    assert "<b>" not in site.get("/top-up?amount=<b>").text


def test_a_sign_in_that_a_code_approved_looks_and_changes_nothing(
    site: Browser, provider: FakeCardProvider, world: World
) -> None:
    card = save_card(site, provider)
    with world.database.transaction() as tx:
        token = open_session(tx, "ada", world.clock.now(), Origin("code"), is_limited=True)
    site.client.cookies.clear()
    site.client.cookies.set("hero_session", token)
    before = contents(world)

    assert "Visa •••• 4242" in words(site.get(PAGE).text)
    assert "<form" not in site.get(PAGE).text.partition("<main")[2].partition("</main>")[0]
    forms: tuple[tuple[str, dict[str, str]], ...] = (
        ("automatic", {"card": card, **AGREED}),
        ("automatic/off", {}),
        ("cards/remove", {"card_id": card}),
        ("alert", {"threshold": "9", "told": "yes"}),
    )
    for path, form in forms:
        assert site.submit(f"{PAGE}/{path}", **form).status_code == 403
    assert contents(world) == before
