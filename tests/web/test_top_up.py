"""Topping up in a browser without script: from the amount to what became of it."""

import re
from dataclasses import replace

import httpx
import pytest

from hero_onboarding.http import Services
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.payments import DisputeState, payment_handlers
from hero_onboarding.payments.ports import PaymentState, RefundState
from hero_onboarding.scheduling import JobRunner
from hero_onboarding.wallet import get_wallet
from tests.fakes.cards import FakeCardProvider
from tests.fakes.provider import FakeProvider, a_delivery
from tests.support.world import World
from tests.web.served import Browser, words

KEY = re.compile(r'name="key" value="([^"]+)"')


def services_behind(site: Browser) -> Services:
    found = site.client.app.state["services"]
    assert isinstance(found, Services)
    return found


@pytest.fixture
def provider(site: Browser) -> FakeProvider:
    """The provider behind the site, on which nothing was asked for yet; ada is signed in."""
    services, fake = services_behind(site), FakeProvider()
    cashier = replace(services.cashier, providers={"stripe": fake})
    site.client.app.state["services"] = replace(services, cashier=cashier)
    site.sign_in("ada")
    return fake


def fill_in(site: Browser, **form: str) -> httpx.Response:
    found = KEY.search(site.get("/top-up").text)
    assert found is not None
    return site.submit("/top-up", key=found[1], **form)


def run(site: Browser) -> None:
    services = services_behind(site)
    JobRunner(services.database, services.clock, payment_handlers(services.cashier)).run_due()


def path_of_last(site: Browser) -> str:
    found = re.search(r'href="(/top-ups/[0-9a-f-]+)"', site.get("/top-up").text)
    assert found is not None
    return found[1]


def net_of(world: World) -> int:
    with world.database.reading() as tx:
        return get_wallet(tx, "ada").net


def rows_of(world: World) -> int:
    with world.database.reading() as tx:
        return int(tx.connection.exec_driver_sql("SELECT count(*) FROM top_ups").scalar_one())


@pytest.mark.parametrize(
    ("form", "cents"),
    [
        ({"chip": "25"}, 2_500),
        ({"chip": "25", "amount": "12.50"}, 1_250),
        ({"amount": " 12,5 "}, 1_250),
        ({"amount": "1000"}, 100_000),
        ({"amount": "5"}, 500),
    ],
)
def test_an_amount_that_is_chosen_or_typed_is_taken_to_the_provider(
    site: Browser, provider: FakeProvider, form: dict[str, str], cents: int
) -> None:
    page = fill_in(site, **form)

    [order] = provider.orders.values()
    assert (order.amount, order.currency, order.user_sid) == (cents, "USD", "ada")
    assert page.status_code == 200
    assert 'content="0;url=https://pay.invalid/cs_1"' in page.text
    assert 'href="https://pay.invalid/cs_1"' in page.text


@pytest.mark.parametrize("amount", ["", "4.99", "1000.01", "-5", "1e3", "12.505", "١٢", "x" * 99])
def test_another_amount_is_told_beside_its_field_and_nothing_is_opened(
    site: Browser, provider: FakeProvider, amount: str
) -> None:
    page = fill_in(site, amount=amount)

    assert page.status_code == 422
    assert "from USD 5.00 to USD 1,000.00" in words(page.text)
    assert 'aria-invalid="true"' in page.text
    assert provider.calls == []


def test_a_ticked_box_has_the_card_saved_and_nothing_else_does(site: Browser) -> None:
    services, fake = services_behind(site), FakeCardProvider()
    cashier = replace(services.cashier, providers={"stripe": fake})
    site.client.app.state["services"] = replace(services, cashier=cashier)
    site.sign_in("ada")

    fill_in(site, chip="10", save="yes")
    fill_in(site, chip="10")
    wrong = fill_in(site, amount="1", save="yes")

    assert [order.saves_card for order in fake.orders.values()] == [True, False]
    newest, older = re.findall(r'href="(/top-ups/[0-9a-f-]+)"', site.get("/top-up").text)[:2]
    assert "Way Card or bank, through Stripe" in words(site.get(newest).text)
    assert "Way Card, through Stripe" in words(site.get(older).text)
    assert 'name="save" value="yes" checked' in wrong.text
    assert 'name="save" value="yes">' in site.get("/top-up").text


def test_where_no_card_can_be_saved_there_is_no_box(site: Browser, provider: FakeProvider) -> None:
    assert 'name="save"' not in site.get("/top-up").text

    assert fill_in(site, chip="10", save="yes").status_code == 422
    assert provider.orders == {}


def test_a_sign_in_that_a_code_approved_saves_no_card(site: Browser, world: World) -> None:
    with world.database.transaction() as tx:
        token = open_session(tx, "ada", world.clock.now(), Origin("code"), is_limited=True)
    site.client.cookies.set("hero_session", token)
    before = rows_of(world)

    assert 'name="save"' not in site.get("/top-up").text
    assert fill_in(site, chip="10", save="yes").status_code == 403
    assert rows_of(world) == before


def test_a_form_that_is_sent_twice_opens_one_top_up(
    site: Browser, provider: FakeProvider, world: World
) -> None:
    for _ in range(2):
        site.submit("/top-up", key="the-same", chip="10")

    assert len(provider.orders) == 1
    assert rows_of(world) == 1


def test_what_became_of_it_is_told_with_one_next_step(
    site: Browser, provider: FakeProvider, world: World
) -> None:
    fill_in(site, chip="10")
    path = path_of_last(site)
    before = net_of(world)

    open_page = site.get(path).text
    assert "Not paid yet" in words(open_page)
    assert 'href="https://pay.invalid/cs_1"' in open_page
    back = site.get(f"{path}?session_id=cs_1").text
    assert "Waiting for the confirmation" in words(back)
    assert f'<noscript><meta http-equiv="refresh" content="5;url={path}?session_id=cs_1"' in back

    provider.pay("cs_1")
    site.get(f"{path}?session_id=cs_1")
    run(site)

    paid = site.get(path).text
    assert words(paid).startswith("Paid USD 10.00 It was added to your balance.")
    assert "pi_1" in paid
    assert "noscript" not in paid
    assert net_of(world) == before + 10_000_000
    assert "paid" in words(site.get("/top-up").text)
    assert "Top-up" in words(site.get("/movements").text)


@pytest.mark.parametrize(
    ("state", "said", "step"),
    [
        (PaymentState.PENDING, "The payment is on its way", "/dashboard"),
        (PaymentState.FAILED, "The payment did not go through", "/top-up"),
        (PaymentState.EXPIRED, "This top-up is over", "/top-up"),
    ],
)
def test_every_other_state_has_its_own_sentence(
    site: Browser, provider: FakeProvider, state: PaymentState, said: str, step: str
) -> None:
    fill_in(site, chip="10")
    path = path_of_last(site)
    provider.become("cs_1", state)
    site.get(f"{path}?session_id=cs_1")
    run(site)

    page = site.get(path).text

    assert words(page).startswith(said)
    assert f'class="button" href="{step}"' in page
    assert "pay.invalid" not in page


def test_a_provider_that_does_not_answer_costs_nothing_and_keeps_the_form(
    site: Browser, provider: FakeProvider
) -> None:
    provider.loses_answers = True
    page = site.submit("/top-up", key="the-same", chip="50")
    assert page.status_code == 503
    assert "did not answer. Nothing was taken." in words(page.text)
    assert 'value="the-same"' in page.text
    provider.loses_answers = False

    assert "pay.invalid/cs_1" in site.submit("/top-up", key="the-same", chip="50").text
    assert len(provider.orders) == 1


def test_a_refused_checkout_is_told_as_failed(site: Browser, provider: FakeProvider) -> None:
    provider.refuses = "amount_too_small"

    answer = fill_in(site, chip="10")

    assert answer.status_code == 303
    assert "did not go through" in words(site.get(answer.headers["Location"]).text)


def test_nobody_sees_anothers_top_up_nor_whether_there_is_one(
    site: Browser, provider: FakeProvider
) -> None:
    fill_in(site, chip="10")
    path = path_of_last(site)
    calls = list(provider.calls)
    site.sign_in("bob")

    theirs = site.get(f"{path}?session_id=cs_1")
    none = site.get("/top-ups/00000000-0000-0000-0000-000000000000")

    assert theirs.status_code == none.status_code == 404
    assert words(theirs.text) == words(none.text)
    run(site)
    assert provider.calls == calls


def test_strangers_are_asked_to_sign_in(site: Browser) -> None:
    for path in ("/top-up", "/top-ups/00000000-0000-0000-0000-000000000000"):
        answer = site.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_without_a_provider_the_page_says_whom_to_ask(site: Browser) -> None:
    services = services_behind(site)
    off = replace(services.cashier, providers={})
    site.client.app.state["services"] = replace(services, cashier=off)
    site.sign_in("ada")

    assert "ask its operator" in words(site.get("/top-up").text)
    assert "/top-up" not in site.get("/dashboard").text
    assert site.submit("/top-up", key="k", chip="10").status_code == 404


@pytest.fixture
def paid(site: Browser, provider: FakeProvider) -> str:
    """The path of a top-up of ten dollars that was paid."""
    fill_in(site, chip="10")
    path = path_of_last(site)
    provider.pay("cs_1")
    site.get(f"{path}?session_id=cs_1")
    run(site)
    return path


def give_back(site: Browser, path: str, amount: str, key: str = "the-same") -> httpx.Response:
    return site.submit(f"{path}/refund", key=key, amount=amount)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RefundState.SUCCEEDED, "USD 4.50 Given back to where you paid from."),
        (RefundState.PENDING, "USD 4.50 On its way back to where you paid from."),
        (RefundState.FAILED, "USD 4.50 It did not go through: the money is in your balance"),
    ],
)
def test_a_part_is_given_back_once_and_each_state_has_its_sentence(
    site: Browser, provider: FakeProvider, world: World, paid: str, state: RefundState, said: str
) -> None:
    provider.refunds_are = state
    before = net_of(world)
    page = words(site.get(paid).text)
    assert "up to USD 10.00 back, to where you paid from" in page
    assert "Way Card or bank, through Stripe" in page
    assert "Card or bank" in words(site.get("/movements").text)

    for _ in range(2):
        assert give_back(site, paid, "4,50").headers["Location"] == paid

    assert len(provider.refunds) == 1
    failed = state is RefundState.FAILED
    assert net_of(world) == before - (0 if failed else 4_500_000)
    page = words(site.get(paid).text)
    assert said in page
    assert f"up to USD {'10.00' if failed else '5.50'} back" in page
    assert "Given back" in words(site.get("/movements").text)


def test_a_dispute_that_is_lost_is_told_as_over(
    site: Browser, provider: FakeProvider, world: World, paid: str
) -> None:
    def settled(event: str) -> str:
        delivery = a_delivery(event, ["cs_1"], world.clock.now())
        services_behind(site).cashier.receive("stripe", delivery)
        run(site)
        return words(site.get(paid).text)

    dispute = provider.dispute("pi_1", -1_000)
    assert "asks for this money back. It can't be spent now." in settled("evt_1")
    provider.move_dispute(dispute, DisputeState.LOST)
    said = settled("evt_2")
    assert said.startswith("Kept by the bank USD 10.00 The bank that paid kept this money.")
    assert "asks for this money back" not in said

    other = provider.dispute("pi_1", amount=100)
    assert "asks for this money back" in settled("evt_3")
    provider.move_dispute(other, DisputeState.LOST)
    assert "It can't be spent now." in settled("evt_4")
    provider.move_dispute(other, DisputeState.CLOSED)
    assert "kept this money" in settled("evt_5")
    provider.move_dispute(dispute, DisputeState.WON, 1_000)
    assert settled("evt_6").startswith("Paid USD 10.00")


@pytest.mark.parametrize("amount", ["", "0", "10.01", "-1", "1e1", "x"])
def test_what_can_not_be_given_back_is_told_beside_its_field_and_moves_nothing(
    site: Browser, provider: FakeProvider, world: World, paid: str, amount: str
) -> None:
    before = net_of(world)

    page = give_back(site, paid, amount)

    assert page.status_code == 422
    assert "from USD 0.01 to USD 10.00" in words(page.text)
    assert 'value="the-same"' in page.text
    assert (net_of(world), provider.refunds) == (before, {})


def test_without_an_answer_the_page_says_that_it_is_taken_and_waits(
    site: Browser, provider: FakeProvider, paid: str
) -> None:
    provider.loses_answers = True

    assert give_back(site, paid, "10").status_code == 303

    page = words(site.get(paid).text)
    assert "Taken from your balance. The payment provider has not answered yet." in page
    assert "Have it back" not in page


def test_a_session_that_may_only_look_and_pay_gives_nothing_back(
    site: Browser, provider: FakeProvider, world: World, paid: str
) -> None:
    with world.database.transaction() as tx:
        token = open_session(tx, "ada", world.clock.now(), Origin("code"), is_limited=True)
    site.client.cookies.clear()
    site.client.cookies.set("hero_session", token)
    before = net_of(world)

    assert "Have it back" not in words(site.get(paid).text)
    refused = give_back(site, paid, "4.50")

    assert refused.status_code == 403
    assert "only look and pay" in words(refused.text)
    assert (net_of(world), provider.refunds) == (before, {})


def test_nobody_gives_back_anothers_top_up(
    site: Browser, provider: FakeProvider, paid: str
) -> None:
    site.sign_in("bob")

    assert give_back(site, paid, "4.50").status_code == 404
    assert provider.refunds == {}
