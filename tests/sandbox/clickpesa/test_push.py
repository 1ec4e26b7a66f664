"""Mobile-money push, the phone that is asked, and what queries say."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.sandbox.clickpesa.bench import INITIATE, PHONE, PREVIEW, REFERENCE, Shop, push_body

TIGO, AIRTEL, HALO = "255652345678", "255682345678", "255622345678"


def test_a_push_waits_for_its_phone_and_is_approved_there(shop: Shop) -> None:
    begun = shop.push()
    asked = shop.http.get(f"{shop.sandbox.url}/sandbox/clickpesa/prompts").json()["prompts"]
    waiting = shop.statuses()
    shop.do("prompts", payment=REFERENCE)
    done = shop.payments()[0]

    assert begun["id"].startswith(f"{REFERENCE}LCP")
    assert (begun["status"], begun["channel"]) == ("PROCESSING", "M-PESA")
    assert (begun["collectedAmount"], begun["collectedCurrency"]) == ("5000", "TZS")
    assert [one["phone"] for one in asked] == [PHONE]
    assert waiting == ["PROCESSING"]
    assert (done["status"], done["collectedAmount"]) == ("SUCCESS", 5000)
    assert (done["paymentPhoneNumber"], done["exchanged"]) == (PHONE, False)
    assert done["paymentReference"].startswith("MP")


def test_the_page_of_the_phone_lists_what_waits_and_takes_an_answer(shop: Shop) -> None:
    url = f"{shop.sandbox.url}/phone"
    payments = [shop.push(orderReference=f"REF{index}") for index in range(3)]
    asking = shop.http.get(url)
    for payment, answer in zip(payments, ("approve", "refuse", "lapse"), strict=True):
        done = shop.http.post(url, data={"payment": payment["id"], "answer": answer})
        assert done.status_code == 303
    again = shop.http.post(url, data={"payment": payments[0]["id"], "answer": "refuse"})

    assert all(f"REF{index}" in asking.text for index in range(3))
    assert asking.text.count("Let it lapse") == 3
    assert [shop.statuses(f"REF{index}") for index in range(3)] == [
        ["SUCCESS"],
        ["FAILED"],
        ["FAILED"],
    ]
    assert again.status_code == 422
    assert 'role="alert"' in again.text
    assert shop.http.get(f"{shop.sandbox.url}/elsewhere").status_code == 404


def test_a_prompt_lapses_by_the_clock_unless_it_waits_for_ever(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    shop.push(orderReference="A1")
    sandbox.advance(300)
    assert shop.statuses("A1") == ["FAILED"]

    sandbox.switches.change({"prompt_seconds": 0})
    shop.push(orderReference="A2")
    sandbox.advance(3000)
    assert shop.statuses("A2") == ["PROCESSING"]


def test_a_preview_says_the_fee_and_reserves_nothing(shop: Shop) -> None:
    body = push_body(fetchSenderDetails=True)
    shop.do("subscribers", phone=PHONE, operator="AIRTEL-MONEY", name="JUMA ALI")

    shown = [shop.post(PREVIEW, body).json() for _ in range(2)]
    bare = push_body()
    del bare["phoneNumber"]
    every = shop.post(PREVIEW, bare).json()

    assert shown[0] == shown[1]
    assert shown[0]["activeMethods"] == [
        {"name": "AIRTEL-MONEY", "status": "AVAILABLE", "fee": 580}
    ]
    assert shown[0]["sender"] == {
        "accountName": "JUMA ALI",
        "accountNumber": PHONE,
        "accountProvider": "AIRTEL-MONEY",
    }
    assert [one["name"] for one in every["activeMethods"]] == [
        "M-PESA",
        "TIGO-PESA",
        "AIRTEL-MONEY",
    ]
    assert shop.push()["channel"] == "AIRTEL-MONEY"
    assert shop.post(PREVIEW, body).status_code == 409


@pytest.mark.parametrize(
    ("amount", "fee"),
    [("500", 54), ("899", 54), ("1000.00", 92), ("4399", 380), ("3000000", 7960)],
)
def test_fees_follow_the_slabs(shop: Shop, amount: str, fee: int) -> None:
    methods = shop.post(PREVIEW, push_body(amount=amount)).json()["activeMethods"]

    assert [one["fee"] for one in methods] == [fee]


@pytest.mark.parametrize(("phone", "channel"), [(TIGO, "TIGO-PESA"), (AIRTEL, "AIRTEL-MONEY")])
def test_a_number_belongs_to_an_operator(shop: Shop, phone: str, channel: str) -> None:
    assert shop.push(phoneNumber=phone)["channel"] == channel


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"orderReference": "TU-1"}, "alphanumeric"),
        ({"orderReference": "TÜ1"}, "alphanumeric"),
        ({"orderReference": " "}, "blank"),
        ({"orderReference": "A" * 21}, "20 characters"),
        ({"phoneNumber": "0712345678"}, "phone number"),
        ({"phoneNumber": "+255712345678"}, "phone number"),
        ({"phoneNumber": HALO}, "Unsupported phone number"),
        ({"amount": 5000}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "5,000"}, "amount"),
        ({"amount": "499"}, "500 to 3000000"),
        ({"amount": "3000001"}, "500 to 3000000"),
        ({"currency": "USD"}, "currency"),
        ({"callbackUrl": "http://x"}, "callbackUrl"),
    ],
)
def test_a_push_that_makes_no_sense_is_refused_and_asks_nobody(
    shop: Shop, changes: dict[str, object], words: str
) -> None:
    answers = [shop.post(path, push_body(**changes)) for path in (PREVIEW, INITIATE)]

    assert [one.status_code for one in answers] == [400, 400]
    assert all(words in one.json()["message"] for one in answers)
    assert shop.get("/payments/all").json() == {"data": [], "totalCount": 0}


def test_a_used_reference_is_refused_for_ever(sandbox: SandboxClickPesa, shop: Shop) -> None:
    shop.push()
    shop.do("prompts", payment=REFERENCE, answer="refuse")
    sandbox.advance(3000)
    again = shop.post(INITIATE, push_body(amount="9000"))

    assert again.status_code == 409
    assert again.json()["message"] == (
        f"Order reference {REFERENCE} already used: Create a different reference"
    )
    assert [one["collectedAmount"] for one in shop.payments()] == [5000]


def test_of_many_pushes_at_once_with_one_reference_one_is_made(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shop.post(INITIATE, push_body()), range(8)))

    assert sorted(one.status_code for one in answers) == [200] + [409] * 7
    assert len(shop.payments()) == 1


def test_operators_can_be_down_or_not_there(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"m_pesa": "unavailable", "tigo_pesa": "absent"})
    bare = push_body()
    del bare["phoneNumber"]
    shown = shop.post(PREVIEW, bare).json()["activeMethods"]

    assert [(one["name"], one["status"]) for one in shown] == [
        ("M-PESA", "UNAVAILABLE"),
        ("AIRTEL-MONEY", "AVAILABLE"),
    ]
    assert "message" in shown[0]
    assert "fee" not in shown[0]
    assert shop.post(INITIATE, push_body()).status_code == 404
    assert shop.post(PREVIEW, push_body(phoneNumber=TIGO)).status_code == 404

    sandbox.switches.change({"m_pesa": "absent", "airtel_money": "absent"})
    answers = [shop.post(path, push_body()) for path in (PREVIEW, INITIATE)]
    assert [one.status_code for one in answers] == [404, 404]
    assert "no payment collection methods" in answers[0].json()["message"]


def test_an_application_without_the_feature_collects_nothing(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.switches.change({"has_collection": False})

    answers = [shop.post(path, push_body()) for path in (PREVIEW, INITIATE)]

    assert [one.status_code for one in answers] == [400, 400]
    assert "COLLECTION API" in answers[0].json()["message"]


@pytest.mark.parametrize(
    ("steps", "seen"),
    [
        ([{"status": "SUCCESS"}], ["SUCCESS"] * 3),
        ([{"status": "SUCCESS", "after_queries": 2}], ["PROCESSING", "PROCESSING", "SUCCESS"]),
        (
            [{"status": "FAILED"}, {"status": "SUCCESS", "after_queries": 1}],
            ["FAILED", "SUCCESS", "SUCCESS"],
        ),
        (
            [
                {"status": "SUCCESS"},
                {"status": "SETTLED", "after_queries": 1},
                {"status": "REVERSED", "after_queries": 1},
            ],
            ["SUCCESS", "SETTLED", "REVERSED"],
        ),
        ([{"status": "ON-HOLD"}], ["ON-HOLD"] * 3),
        ([{"status": "SPLENDID"}], ["SPLENDID"] * 3),
    ],
)
def test_a_script_says_what_becomes_of_a_reference(
    shop: Shop, steps: list[dict[str, object]], seen: list[str]
) -> None:
    shop.do("scripts", reference=REFERENCE, steps=steps)
    shop.push()

    assert [shop.statuses()[0] for _ in seen] == seen


def test_a_script_can_go_by_the_clock_and_hold_for_any_reference(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    shop.do("scripts", reference="*", steps=[{"status": "SUCCESS", "after_seconds": 1800}])
    shop.push()
    sandbox.advance(1750)
    before = shop.statuses()
    sandbox.advance(60)

    assert (before, shop.statuses()) == (["PROCESSING"], ["SUCCESS"])


def test_a_success_settles_after_a_day(sandbox: SandboxClickPesa, shop: Shop) -> None:
    shop.push()
    shop.do("prompts", payment=REFERENCE)
    sandbox.advance(24 * 3600)
    shop.sign_in()

    assert shop.statuses() == ["SETTLED"]


def test_a_reference_can_have_two_payments(shop: Shop) -> None:
    first = shop.push()
    shop.do("prompts", payment=first["id"])
    shop.do("twins", payment=first["id"], amount="7000")

    assert [one["collectedAmount"] for one in shop.payments()] == [5000, 7000]
    assert len({one["id"] for one in shop.payments()}) == 2


def test_amounts_of_queries_can_be_text_and_new_payments_hidden(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.switches.change({"query_amounts": "string", "hidden_seconds": 60})
    shop.push()

    assert shop.get(f"/payments/{REFERENCE}").status_code == 404
    assert shop.get("/payments/all").json()["totalCount"] == 0
    sandbox.advance(60)
    assert shop.payments()[0]["collectedAmount"] == "5000"
    assert shop.get("/payments/NOTHING").status_code == 404


def test_all_payments_come_in_pages_the_newest_first(shop: Shop) -> None:
    for index in range(25):
        shop.push(orderReference=f"REF{index:02}")

    first = shop.get("/payments/all").json()
    second = shop.get("/payments/all", skip=20, limit=20).json()
    oldest = shop.get("/payments/all", orderBy="ASC", limit=1).json()

    assert (len(first["data"]), first["totalCount"]) == (20, 25)
    assert [one["orderReference"] for one in second["data"]][-1] == "REF00"
    assert len(second["data"]) == 5
    assert oldest["data"][0]["orderReference"] == "REF00"


@pytest.mark.parametrize("amounts", ["number", "string"])
def test_all_payments_are_sorted_by_what_was_asked(
    sandbox: SandboxClickPesa, shop: Shop, amounts: str
) -> None:
    for index, amount in enumerate(("9000", "500", "10000")):
        shop.push(orderReference=f"REF{index}", amount=amount)
    sandbox.switches.change({"query_amounts": amounts})

    page = shop.get("/payments/all", sortBy="collectedAmount", orderBy="ASC").json()["data"]

    in_order = ["500", "9000", "10000"] if amounts == "number" else ["10000", "500", "9000"]
    assert [str(one["collectedAmount"]) for one in page] == in_order


def test_a_page_is_no_longer_than_the_server_wants(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"query_limit_max": 2})
    for index in range(3):
        shop.push(orderReference=f"REF{index}")

    page = shop.get("/payments/all", limit=100).json()

    assert (len(page["data"]), page["totalCount"]) == (2, 3)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "SUCCESS"}, 1),
        ({"status": "FAILED"}, 0),
        ({"channel": "TIGO-PESA"}, 1),
        ({"orderReference": "REF0"}, 1),
        ({"collectedCurrency": "USD"}, 0),
        ({"search": "orderReference=ref,channel=m-pesa"}, 1),
        ({"search": "status=x"}, 0),
    ],
)
def test_all_payments_are_filtered(shop: Shop, query: dict[str, str], count: int) -> None:
    shop.push(orderReference="REF0")
    shop.push(orderReference="REF1", phoneNumber=TIGO)
    shop.do("prompts", payment="REF0")

    assert shop.get("/payments/all", **query).json()["totalCount"] == count


def test_days_of_queries_are_those_of_east_africa_unless_switched(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    into_day = (22 * 3600 - sandbox.now().timestamp()) % 86400
    sandbox.advance(into_day)
    shop.sign_in()
    shop.push()
    today = sandbox.now().date().isoformat()
    turned = "-".join(reversed(today.split("-")))

    assert shop.get("/payments/all", endDate=today).json()["totalCount"] == 0
    sandbox.switches.change({"query_zone": "utc"})
    for query in ({"startDate": today, "endDate": turned}, {"startDate": turned}):
        assert shop.get("/payments/all", **query).json()["totalCount"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"startDate": "2026/01/01"},
        {"endDate": "2026-02-30"},
        {"orderBy": "UP"},
        {"limit": "0"},
        {"skip": "-1"},
        {"search": "word"},
        {"page": "1"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(shop: Shop, query: dict[str, str]) -> None:
    assert shop.get("/payments/all", **query).status_code == 400
