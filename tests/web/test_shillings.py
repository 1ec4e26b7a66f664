"""Topping up in shillings without script: amount and way, what it is worth, and the phone."""

import re
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from hero_onboarding.exchange import read_rate
from hero_onboarding.payments import TopUpRequest, payment_handlers
from hero_onboarding.payments.ports import Hundredths, PaymentState
from hero_onboarding.scheduling import JobRunner
from tests.fakes.mobile import FakeMobile
from tests.fakes.provider import FakeProvider
from tests.support.world import World
from tests.web.served import Browser, words
from tests.web.test_top_up import KEY, net_of, path_of_last, rows_of, services_behind

FORM = "/top-up/shillings"
PHONE = {"chip": "25000", "way": "push", "phone": "0712 345 678"}


@pytest.fixture
def mobile(site: Browser) -> FakeMobile:
    """Mobile money behind the site, and a rate; ada is signed in."""
    services, fake = services_behind(site), FakeMobile()
    cashier = replace(services.cashier, providers={"clickpesa": fake})
    site.client.app.state["services"] = replace(services, cashier=cashier)
    services.rates.publish("TZS", read_rate("2500"))
    site.sign_in("ada")
    return fake


def fill_in(site: Browser, **form: str) -> httpx.Response:
    found = KEY.search(site.get(FORM).text)
    assert found is not None
    return site.submit(FORM, key=found[1], **form)


def go_on(site: Browser, confirmed: httpx.Response) -> httpx.Response:
    """Send the confirmation as the browser would."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', confirmed.text))
    hidden.pop("csrf", None)
    return site.submit(f"{FORM}/pay", **hidden)


def run(site: Browser) -> None:
    services = services_behind(site)
    services.clock.advance(seconds=6)  # type: ignore[attr-defined]  # a test's clock
    JobRunner(services.database, services.clock, payment_handlers(services.cashier)).run_due()


def test_the_worth_the_rate_and_the_fee_are_shown_before_anybody_is_asked(
    site: Browser, mobile: FakeMobile, world: World
) -> None:
    page = words(fill_in(site, **PHONE).text)

    assert "TSh 25,000" in page
    assert "USD 9.80" in page
    assert "TSh 2,550.00" in page
    assert "M-Pesa" in page
    assert "TSh 1,150" in page
    [(amount, _, phone)] = mobile.previewed
    assert (amount, phone) == (2_500_000, "255712345678")
    assert mobile.behind.orders == {}
    assert rows_of(world) == 0


def test_a_phone_is_asked_and_the_page_says_so_until_it_is_paid(
    site: Browser, mobile: FakeMobile, world: World
) -> None:
    confirmed = fill_in(site, **PHONE)
    go_on(site, confirmed)
    go_on(site, confirmed)

    [order] = mobile.behind.orders.values()
    assert (order.method, order.phone, order.amount) == ("push", "255712345678", 2_500_000)
    path = path_of_last(site)
    page = site.get(path).text
    assert "Look at your phone" in page
    assert "TSh\u00a025,000" in page
    assert "255712***678" in page
    assert "255712345678" not in page
    assert f'data-hx-get="{path}"' in page

    [reference] = mobile.behind.orders
    mobile.behind.pay(reference)
    before = net_of(world)
    run(site)

    paid = words(site.get(path).text)
    assert "Paid" in paid
    assert "USD 9.80" in paid
    assert "One dollar is TSh 2,550.00 Rate of this site, " in paid
    assert net_of(world) - before == 9_803_921


def test_a_receipt_shows_the_rate_by_which_it_was_credited_and_shillings_for_dollars(
    site: Browser, mobile: FakeMobile
) -> None:
    go_on(site, fill_in(site, **PHONE))
    services = services_behind(site)
    services.clock.advance(hours=1)  # type: ignore[attr-defined]  # a test's clock
    services.rates.publish("TZS", read_rate("3000"), "clickpesa")
    [reference] = mobile.behind.orders
    mobile.behind.pay(reference, paid_at=services.clock.now())
    run(site)

    page = words(site.get(path_of_last(site)).text)
    assert "USD 8.16 One dollar is TSh 3,060.00 Rate of ClickPesa, " in page

    asked = TopUpRequest("ada", "clickpesa", "checkout", 2_500, "USD", "in dollars")
    services.cashier.open_top_up(asked)
    mobile.behind.pay("cs_2", held=Hundredths(6_275_000, "TZS"))
    services.clock.advance(minutes=1)  # type: ignore[attr-defined]  # a test's clock
    run(site)
    page = words(site.get(path_of_last(site)).text)
    assert "Amount USD 25.00 Paid in shillings TSh 62,750 For user" in page


def test_who_refuses_on_the_phone_is_told_that_nothing_was_added(
    site: Browser, mobile: FakeMobile
) -> None:
    go_on(site, fill_in(site, **PHONE))
    [reference] = mobile.behind.orders
    mobile.behind.become(reference, PaymentState.FAILED, "insufficient_funds")
    run(site)

    page = words(site.get(path_of_last(site)).text)
    assert "The payment did not go through" in page
    assert "There was not enough money in the account that pays. Nothing was added" in page


def test_a_control_number_is_shown_large_with_what_to_do(site: Browser, mobile: FakeMobile) -> None:
    go_on(site, fill_in(site, amount="12 000", way="control_number"))

    page = words(site.get(path_of_last(site)).text)
    assert "12345678901234" in page
    assert "Pay with this number" in page
    assert "TSh 12,000" in page
    assert mobile.previewed == []


def test_the_providers_page_is_gone_on_to(site: Browser, mobile: FakeMobile) -> None:
    onward = go_on(site, fill_in(site, chip="50000", way="checkout")).text

    assert 'content="0;url=https://pay.invalid/cs_1"' in onward
    assert "Your browser goes to ClickPesa by itself" in words(onward)
    assert len(mobile.behind.orders) == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"amount": "499"}, "from TSh 500 to TSh 3,000,000"),
        ({"amount": "3000001"}, "from TSh 500 to TSh 3,000,000"),
        ({"amount": "10000.00"}, "from TSh 500 to TSh 3,000,000"),
        ({"amount": "5000,5"}, "from TSh 500 to TSh 3,000,000"),
        ({"amount": "1,000.000"}, "from TSh 500 to TSh 3,000,000"),
        ({"amount": "-5000"}, "from TSh 500 to TSh 3,000,000"),
        ({"amount": "\u0665000"}, "from TSh 500 to TSh 3,000,000"),
        ({"phone": ""}, "Type a mobile number of Tanzania"),
        ({"phone": "+44 20 7946 0958"}, "Type a mobile number of Tanzania"),
        ({"phone": "x" * 10_000}, "Type a mobile number of Tanzania"),
        ({"way": "cash"}, "Choose a way to pay"),
    ],
)
def test_what_can_not_be_is_told_beside_its_field_and_nobody_is_asked(
    site: Browser, mobile: FakeMobile, world: World, form: dict[str, str], sentence: str
) -> None:
    page = fill_in(site, **(PHONE | form))

    assert page.status_code == 422
    assert sentence in words(page.text)
    assert mobile.previewed == []
    assert rows_of(world) == 0


@pytest.mark.parametrize("typed", ["10000", "10,000", "10.000", "10 000", "10\u202f000"])
def test_shillings_may_be_typed_in_groups_of_three(
    site: Browser, mobile: FakeMobile, typed: str
) -> None:
    page = fill_in(site, **(PHONE | {"amount": typed}))

    assert "TSh 10,000" in words(page.text)
    assert [amount for amount, _, _ in mobile.previewed] == [1_000_000]


def test_what_came_back_of_shillings_is_told_in_shillings(
    site: Browser, mobile: FakeMobile
) -> None:
    go_on(site, fill_in(site, **PHONE))
    [reference] = mobile.behind.orders
    mobile.behind.pay(reference)
    run(site)
    mobile.send_back(reference)
    [top_up_id] = re.findall(r"/top-ups/([0-9a-f-]+)", path_of_last(site))
    services_behind(site).cashier.ask_now(UUID(top_up_id))

    page = words(site.get(path_of_last(site)).text)
    assert "TSh 25,000 Given back by the payment provider. It comes off your balance" in page
    assert "USD 25,000" not in page


def test_a_payment_that_is_held_up_asks_nobody_to_look_at_the_phone(
    site: Browser, mobile: FakeMobile
) -> None:
    go_on(site, fill_in(site, **PHONE))
    [reference] = mobile.behind.orders
    mobile.behind.become(reference, PaymentState.PENDING, "on-hold")
    run(site)

    page = words(site.get(path_of_last(site)).text)
    assert "The payment is on its way" in page
    assert "Look at your phone" not in page


def test_a_phone_that_the_provider_refuses_is_told_beside_its_field(
    site: Browser, mobile: FakeMobile
) -> None:
    mobile.refuses_phone = True

    page = fill_in(site, **PHONE)

    assert page.status_code == 422
    assert "that can be asked" in words(page.text)


def test_without_an_answer_about_fees_one_can_go_on(site: Browser, mobile: FakeMobile) -> None:
    mobile.behind.is_down = True
    page = fill_in(site, **PHONE)
    assert page.status_code == 200
    assert "M-Pesa" not in words(page.text)

    assert go_on(site, page).status_code == 503


def test_without_a_rate_or_a_provider_nothing_is_taken_in_shillings(site: Browser) -> None:
    services = services_behind(site)
    cashier = replace(services.cashier, providers={"stripe": FakeProvider()})
    site.client.app.state["services"] = replace(services, cashier=cashier)
    site.sign_in("ada")

    assert "takes no payments in shillings now" in words(site.get(FORM).text)
    assert FORM not in site.get("/top-up").text


def test_a_rate_that_changed_meanwhile_is_shown_before_anybody_is_asked(
    site: Browser, mobile: FakeMobile
) -> None:
    confirmed = fill_in(site, **PHONE)
    services = services_behind(site)
    services.clock.advance(seconds=1)  # type: ignore[attr-defined]  # a test's clock
    services.rates.publish("TZS", read_rate("3000"))

    again = go_on(site, confirmed)

    assert "The rate changed meanwhile" in words(again.text)
    assert "USD 8.16" in words(again.text)
    assert mobile.behind.orders == {}
    go_on(site, again)
    assert len(mobile.behind.orders) == 1
