"""Control numbers, the balance, the statement and rates."""

import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.sandbox.clickpesa.bench import REFERENCE, Receiver, Shop

ORDER = "/billpay/create-order-control-number"
CUSTOMER = "/billpay/create-customer-control-number"
PAYER = {"customerName": "Asha Juma", "customerPhone": "255712345678"}


def make(shop: Shop, path: str = CUSTOMER, **members: object) -> str:
    payer = PAYER if path == CUSTOMER else {}
    answer = shop.post(path, {**payer, **members})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["billPayNumber"])


def test_an_order_number_closes_after_its_first_payment(shop: Shop, receiver: Receiver) -> None:
    number = make(shop, ORDER, billAmount=10000, billReference="BILL1", billDescription="Top up")
    shop.do("control-numbers", number=number, amount="4000", phone="255652345678", name="Juma")
    again = shop.control("control-numbers", number=number, amount="6000")
    data = receiver.heard()[0].json["data"]

    assert len(number) == 14
    assert shop.payments("BILL1")[0]["paymentPhoneNumber"] == "255652345678"
    assert (data["collectedAmount"], data["orderReference"]) == ("4000", "BILL1")
    assert again.status_code == 400
    assert len(shop.payments("BILL1")) == 1
    assert shop.get(f"/billpay/{number}").json()["billStatus"] == "INACTIVE"


def test_a_customers_number_is_paid_to_again_and_again(shop: Shop) -> None:
    number = make(shop)
    for amount, channel in (("5000", "M-PESA"), ("7000", "CRDB COLLECTION"), ("500", "HALOPESA")):
        shop.do("control-numbers", number=number, amount=amount, channel=channel)
    payments = shop.payments(number)

    assert [one["collectedAmount"] for one in payments] == [5000, 7000, 500]
    assert len({one["id"] for one in payments}) == 3
    assert payments[0]["customer"]["customerName"] == "Asha Juma"


def test_a_maximum_closes_a_number_and_is_not_passed(shop: Shop) -> None:
    number = make(shop, billMaxCollectionAmount=10000)
    shop.do("control-numbers", number=number, amount="6000")
    above = shop.control("control-numbers", number=number, amount="4001")
    left = shop.get(f"/billpay/{number}").json()
    shop.do("payments", payment=number, status="REVERSED")
    shop.do("control-numbers", number=number, amount="4000")

    assert above.status_code == 400
    assert (left["billMaxCollectionAmount"], left["billRemainingCollectionAmount"]) == (10000, 4000)
    assert shop.get(f"/billpay/{number}").json()["billStatus"] == "INACTIVE"
    assert shop.statuses(number) == ["REVERSED", "SUCCESS"]


def test_an_exact_amount_is_taken_exactly_and_any_other_way_over_and_under(shop: Shop) -> None:
    exact = make(shop, billAmount=5000, billPaymentMode="EXACT")
    free = make(shop, billAmount=5000)
    refused = [shop.control("control-numbers", number=exact, amount=x) for x in ("4999", "5001")]
    shop.do("control-numbers", number=exact, amount="5000")
    for amount in ("4999", "5001"):
        shop.do("control-numbers", number=free, amount=amount)

    assert [one.status_code for one in refused] == [400, 400]
    assert len(shop.payments(exact)) == 1
    assert len(shop.payments(free)) == 2


def test_a_number_is_changed_in_part(shop: Shop) -> None:
    number = make(shop, billAmount=5000)
    changes = {"billStatus": "INACTIVE", "billDescription": "Closed"}
    changed = shop.send("PATCH", f"/billpay/{number}", changes).json()
    refused = [
        shop.send("PATCH", f"/billpay/{number}", body)
        for body in ({}, {"billStatus": "ASLEEP"}, {"billAmount": "5"}, {"billReference": "x"})
    ]

    assert (changed["billStatus"], changed["billDescription"]) == ("INACTIVE", "Closed")
    assert changed["billAmount"] == 5000
    assert [one.status_code for one in refused] == [400] * 4
    assert shop.control("control-numbers", number=number, amount="5000").status_code == 400
    shop.send("PATCH", f"/billpay/{number}", {"billStatus": "ACTIVE", "billAmount": 700})
    shop.do("control-numbers", number=number, amount="5000")
    assert shop.get(f"/billpay/{number}").json()["billAmount"] == 700


def test_a_bill_reference_is_used_once_and_a_number_must_be_there(shop: Shop) -> None:
    make(shop, ORDER, billReference="BILL1")

    assert shop.post(CUSTOMER, {**PAYER, "billReference": "BILL1"}).status_code == 409
    assert shop.get("/billpay/55000000000000").status_code == 404
    assert shop.send("PATCH", "/billpay/55000000000000", {}).status_code == 404
    assert shop.control("control-numbers", number="5", amount="5000").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"customerName": "Asha"},
        {**PAYER, "billAmount": "5000"},
        {**PAYER, "billAmount": 0},
        {**PAYER, "billPaymentMode": "SOME"},
        {**PAYER, "customerName": ""},
    ],
)
def test_a_number_that_makes_no_sense_is_not_made(shop: Shop, body: dict[str, object]) -> None:
    assert shop.post(CUSTOMER, body).status_code == 400


def test_numbers_need_their_feature(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"has_billpay": False})

    assert shop.post(ORDER, {}).status_code == 400


@pytest.mark.parametrize("amount", ["499", "5000001", "x"])
def test_an_amount_out_of_bounds_is_not_taken(shop: Shop, amount: str) -> None:
    number = make(shop)

    assert shop.control("control-numbers", number=number, amount=amount).status_code == 400
    assert shop.get(f"/payments/{number}").status_code == 404


def test_a_number_is_paid_to_on_the_page_of_the_phone(shop: Shop) -> None:
    number = make(shop)
    url = f"{shop.sandbox.url}/phone/bill"
    form = {"number": number, "amount": "5000", "channel": "TIGO-PESA"}

    assert shop.http.post(url, data=form).status_code == 303
    assert shop.http.post(url, data={**form, "amount": "1"}).status_code == 422
    assert shop.http.post(url, data={**form, "number": "1"}).status_code == 422
    assert [one["channel"] for one in shop.payments(number)] == ["TIGO-PESA"]


def test_a_notice_can_be_net_of_the_merchants_fee(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_body": "net"})
    number = make(shop)
    shop.do("control-numbers", number=number, amount="5000")

    assert receiver.heard()[0].json["data"]["collectedAmount"] == "4950"
    assert shop.payments(number)[0]["collectedAmount"] == 5000


def test_there_is_no_balance_before_the_first_success(shop: Shop) -> None:
    shop.push()
    before = shop.get("/account/balance")
    shop.do("prompts", payment=REFERENCE)
    after = shop.get("/account/balance").json()
    shop.do("payments", payment=REFERENCE, status="SETTLED")

    assert before.status_code == 404
    assert after == [{"currency": "TZS", "balance": 0}]
    assert shop.get("/account/balance").json() == [{"currency": "TZS", "balance": 5000}]


def test_the_statement_holds_payments_fees_and_reversals(shop: Shop) -> None:
    number = make(shop)
    for channel in ("M-PESA", "TIGO-PESA"):
        shop.do("control-numbers", number=number, amount="5000", channel=channel)
        shop.do("payments", payment=number, status="SETTLED")
    shop.do("payments", payment=number, status="REVERSED")
    statement = shop.get("/account/statement", currency="TZS").json()
    lines = [(one["entry"], one["type"], one["amount"]) for one in statement["transactions"]]

    assert lines == [
        ("Credit", "Payment", 5000),
        ("Debit", "Fee - Payment", 50),
        ("Credit", "Payment", 5000),
        ("Debit", "Fee - Payment", 125),
        ("Debit", "Reversed Payment", 5000),
    ]
    assert {one["orderReference"] for one in statement["transactions"]} == {number}
    assert statement["accountDetails"] == {
        "currency": "TZS",
        "openingBalance": 0,
        "closingBalance": 4825,
        "totalCredits": 10000,
        "totalDebits": 5175,
    }
    assert statement["transactions"][-1]["balance"] == 4825


def test_what_is_given_back_before_it_settled_was_never_in_the_balance(shop: Shop) -> None:
    shop.push()
    for status in ("SUCCESS", "REFUNDED"):
        shop.do("payments", payment=REFERENCE, status=status)

    assert shop.get("/account/statement", currency="TZS").json()["transactions"] == []
    assert shop.get("/account/balance").json() == [{"currency": "TZS", "balance": 0}]


def test_a_statement_is_of_some_days_and_begins_where_the_last_one_ended(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.switches.change({"query_zone": "utc"})
    shop.do("deposits", amount="1000")
    sandbox.advance(24 * 3600)
    shop.sign_in()
    today = sandbox.now().date().isoformat()
    shop.do("deposits", amount="500")
    shop.do("deposits", amount="20.50", currency="USD")
    later = shop.get("/account/statement", currency="TZS", startDate=today).json()

    assert [one["amount"] for one in later["transactions"]] == [500]
    assert later["accountDetails"]["openingBalance"] == 1000
    assert later["accountDetails"]["closingBalance"] == 1500
    until = {"currency": "TZS", "endDate": "2020-01-01"}
    assert shop.get("/account/statement", **until).json()["transactions"] == []
    assert shop.get("/account/balance").json() == [
        {"currency": "TZS", "balance": 1500},
        {"currency": "USD", "balance": 20.5},
    ]
    assert shop.get("/account/statement", currency="EUR").status_code == 400
    assert shop.get("/account/statement").status_code == 400


def test_a_deposit_is_told_to_the_merchants_endpoints(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    shop.do("deposits", amount="1000")
    assert receiver.heard() == []
    sandbox.act("endpoints", url=receiver.url, level="merchant")
    shop.do("deposits", amount="1000")

    assert receiver.events() == ["DEPOSIT RECEIVED"]
    assert receiver.letters[0].json["data"]["depositAmount"] == "1000"
    assert receiver.is_right(receiver.letters[0])


def test_rates_of_two_directions_are_not_reciprocal(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"usd_to_tzs": 2600.5})
    both = shop.get("/exchange-rates/all").json()
    one = shop.get("/exchange-rates/all", source="USD", target="TZS").json()

    assert [rate["rate"] for rate in both] == [2600.5, 0.00037736]
    assert [rate["rate"] for rate in one] == [2600.5]
    assert shop.get("/exchange-rates/all", source="EUR").json() == []
