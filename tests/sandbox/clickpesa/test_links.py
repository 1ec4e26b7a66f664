"""Links for a card and for the hosted checkout, and the page behind them."""

import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.sandbox.clickpesa.bench import REFERENCE, Receiver, Shop
from tests.sandbox.clickpesa.conftest import Listen

CARD = "/payments/initiate-card-payment"
CARD_PREVIEW = "/payments/preview-card-payment"
CHECKOUT = "/checkout-link/generate-checkout-url"
HOLDER = {"fullName": "Asha Juma", "email": "asha@example.org", "phoneNumber": "255712345678"}
PREVIEW = {"amount": "25.00", "currency": "USD", "orderReference": REFERENCE}
ORDER = {"totalPrice": "5000", "orderReference": REFERENCE, "orderCurrency": "TZS"}


def card_body(**changes: object) -> dict[str, object]:
    return {**PREVIEW, "customer": HOLDER, **changes}


def test_a_card_is_paid_with_once_on_its_page(shop: Shop, receiver: Receiver) -> None:
    methods = shop.post(CARD_PREVIEW, PREVIEW).json()["activeMethods"]
    made = shop.post(CARD, card_body()).json()
    url = made["cardPaymentLink"]
    before = shop.get(f"/payments/{REFERENCE}").status_code
    page = shop.http.get(url)
    failed = shop.http.post(url, data={"answer": "fail"})
    paid = shop.http.post(url, data={"answer": "pay"})

    assert methods == [{"name": "CARD", "status": "AVAILABLE", "fee": 1.21}]
    assert made["clientId"] == shop.sandbox.credentials.client_id
    assert before == 404
    assert "25 USD" in page.text
    assert "Asha Juma" in page.text
    assert [failed.status_code, paid.status_code] == [303, 303]
    assert shop.http.get(url).status_code == 410
    assert shop.http.post(url, data={"answer": "pay"}).status_code == 410
    assert shop.statuses() == ["FAILED", "SUCCESS"]
    assert receiver.events() == ["PAYMENT FAILED", "PAYMENT RECEIVED"]
    assert shop.payments()[1]["collectedAmount"] == 25
    assert shop.payments()[1]["channel"] == "CARD"
    assert shop.post(CARD, card_body()).status_code == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "TZS"},
        {"amount": 25},
        {"amount": "25.001"},
        {"customer": {}},
        {"customer": {"id": "c1", **HOLDER}},
        {"customer": {"fullName": "Asha Juma"}},
        {"orderReference": "A-1"},
    ],
)
def test_a_card_link_that_makes_no_sense_is_refused(shop: Shop, changes: dict[str, object]) -> None:
    assert shop.post(CARD, card_body(**changes)).status_code == 400
    assert shop.control("links", link=REFERENCE).status_code == 404


def test_cards_wait_until_the_merchant_is_known(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"is_kyc_approved": False})

    assert shop.post(CARD_PREVIEW, PREVIEW).status_code == 404
    assert shop.post(CARD, card_body(customer={"id": "c1"})).status_code == 404


def test_a_checkout_link_takes_several_payments(shop: Shop, receiver: Receiver) -> None:
    url = shop.post(CHECKOUT, ORDER).json()["checkoutLink"]
    for channel in ("TIGO-PESA", "CARD"):
        answer = shop.http.post(url, data={"answer": "pay", "channel": channel, "name": "Juma"})
        assert answer.status_code == 303
    page = shop.http.get(url)

    payments = shop.payments()
    assert [one["channel"] for one in payments] == ["TIGO-PESA", "CARD"]
    assert [one["collectedAmount"] for one in payments] == [5000, 5000]
    assert payments[0]["customer"] == {"customerName": "Juma"}
    assert page.text.count("SUCCESS") == 2
    assert receiver.events() == ["PAYMENT RECEIVED"] * 2


def test_dollars_paid_from_a_phone_come_as_shillings(shop: Shop) -> None:
    items = [{"name": "Credit", "price": "1.00", "quantity": 2}]
    body = {"orderItems": items, "orderReference": REFERENCE, "orderCurrency": "USD"}
    shop.post(CHECKOUT, body)
    shop.do("links", link=REFERENCE, channel="M-PESA")
    shop.do("links", link=REFERENCE, channel="CARD")
    exchanged, plain = shop.payments()

    assert (exchanged["collectedAmount"], exchanged["collectedCurrency"]) == (5020, "TZS")
    assert exchanged["exchange"] == {
        "sourceCurrency": "USD",
        "targetCurrency": "TZS",
        "sourceAmount": 2,
        "rate": 2510,
    }
    assert (plain["collectedAmount"], plain["collectedCurrency"]) == (2, "USD")
    assert (exchanged["exchanged"], plain["exchanged"]) == (True, False)


def test_a_success_calls_back_where_the_link_said(shop: Shop, listen: Listen) -> None:
    other = listen()
    shop.post(CHECKOUT, {**ORDER, "callbackUrl": other.url})
    shop.do("links", link=REFERENCE, answer="fail")
    shop.do("links", link=REFERENCE)
    letters = other.heard()

    assert [one.json["status"] for one in letters] == ["SUCCESS"]
    assert letters[0].json["orderReference"] == REFERENCE
    assert letters[0].json["collectedAmount"] == "5000"


@pytest.mark.parametrize(
    "changes",
    [
        {"totalPrice": None},
        {"orderItems": [{"name": "x", "price": "1", "quantity": 1}]},
        {"totalPrice": 5000},
        {"orderCurrency": "EUR"},
        {"orderReference": ""},
        {"callbackUrl": "https://example.org/x"},
        {"totalPrice": None, "orderItems": [{"name": "", "price": "1", "quantity": 1}]},
        {"totalPrice": None, "orderItems": [{"name": "x", "price": "1", "quantity": 0}]},
        {"totalPrice": None, "orderItems": [{"name": "x", "price": "y", "quantity": 1}]},
        {"totalPrice": None, "orderItems": []},
    ],
)
def test_a_checkout_link_that_makes_no_sense_is_refused(
    shop: Shop, changes: dict[str, object]
) -> None:
    assert shop.post(CHECKOUT, {**ORDER, **changes}).status_code == 400
    assert shop.control("links", link=REFERENCE).status_code == 404


def test_a_checkout_needs_its_feature_and_a_new_reference(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    shop.post(CHECKOUT, ORDER)

    assert shop.post(CHECKOUT, ORDER).status_code == 409
    sandbox.switches.change({"has_checkout": False})
    assert shop.post(CHECKOUT, {**ORDER, "orderReference": "A1"}).status_code == 400


def test_a_page_is_found_by_its_secret_only_and_says_what_was_wrong(shop: Shop) -> None:
    url = shop.post(CHECKOUT, ORDER).json()["checkoutLink"]

    assert shop.http.get(f"{shop.sandbox.url}/pay/nothing").status_code == 404
    assert shop.http.get(f"{shop.sandbox.url}/pay/{REFERENCE}").status_code == 410
    assert shop.http.post(url, data={"answer": "sing"}).status_code == 422
    assert shop.get(f"/payments/{REFERENCE}").status_code == 404
