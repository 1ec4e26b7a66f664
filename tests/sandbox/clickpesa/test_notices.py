"""What endpoints are told: each shape, each fault."""

import hmac

import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.sandbox.clickpesa.bench import REFERENCE, Receiver, Shop, checksum_of
from tests.sandbox.clickpesa.conftest import Listen

DATA = {
    "id",
    "status",
    "paymentReference",
    "orderReference",
    "collectedAmount",
    "collectedCurrency",
    "message",
    "channel",
    "createdAt",
    "updatedAt",
    "customer",
}
OLDER = {
    "paymentId",
    "orderReference",
    "amount",
    "currency",
    "status",
    "customer",
    "createdAt",
    "updatedAt",
}


def pay(shop: Shop, answer: str = "approve") -> None:
    shop.push()
    shop.do("prompts", payment=REFERENCE, answer=answer)


def test_a_success_is_told_with_a_right_checksum(shop: Shop, receiver: Receiver) -> None:
    pay(shop)
    letter = receiver.heard()[0]

    assert letter.json["event"] == "PAYMENT RECEIVED"
    assert letter.json["checksumMethod"] == "canonical"
    assert set(letter.json["data"]) == DATA
    assert letter.json["data"]["collectedAmount"] == "5000"
    assert set(letter.json["data"]["customer"]) == {"customerName", "customerPhoneNumber"}
    assert receiver.is_right(letter)
    assert len(receiver.letters) == 1


def test_a_failure_is_told_and_what_comes_later_is_not(shop: Shop, receiver: Receiver) -> None:
    pay(shop, "refuse")
    failed = receiver.heard()[0].json["data"]
    for status in ("SUCCESS", "SETTLED", "REVERSED", "ON-HOLD"):
        shop.do("payments", payment=REFERENCE, status=status)

    assert (failed["status"], failed["message"]) == ("FAILED", "The payer refused")
    assert "clientId" in failed
    assert receiver.events() == ["PAYMENT FAILED", "PAYMENT RECEIVED"]


def test_a_change_can_go_untold(shop: Shop, receiver: Receiver) -> None:
    shop.push()
    shop.do("payments", payment=REFERENCE, status="SUCCESS", is_told=False)

    assert receiver.heard() == []
    assert shop.statuses() == ["SUCCESS"]


def test_an_older_shape_names_its_members_otherwise(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_shape": "older", "webhook_event_member": "eventType"})
    pay(shop)
    letter = receiver.heard()[0]

    assert "event" not in letter.json
    assert letter.json["eventType"] == "PAYMENT RECEIVED"
    assert set(letter.json["data"]) == OLDER
    assert receiver.is_right(letter)


@pytest.mark.parametrize(
    ("place", "header"),
    [
        ("signature-header", "X-ClickPesa-Signature"),
        ("checksum-header", "x-clickpesa-checksum"),
    ],
)
def test_a_checksum_can_come_in_a_header(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver, place: str, header: str
) -> None:
    sandbox.switches.change({"webhook_checksum": place})
    pay(shop)
    letter = receiver.heard()[0]
    headers = {name.lower(): value for name, value in letter.headers.items()}

    assert set(letter.json) == {"event", "data"}
    assert headers[header.lower()] == checksum_of(letter.json, sandbox.credentials.checksum_key)


def test_a_checksum_can_be_of_the_data_only_bad_or_missing(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    key = sandbox.credentials.checksum_key
    shop.push()
    for place in ("data-only", "bad", "missing"):
        sandbox.switches.change({"webhook_checksum": place})
        shop.do("payments", payment=REFERENCE, status="SUCCESS")
        shop.do("payments", payment=REFERENCE, status="PENDING")
    data_only, bad, missing = receiver.heard()

    assert data_only.json["checksum"] == checksum_of(data_only.json["data"], key)
    assert len(bad.json["checksum"]) == 64
    assert not receiver.is_right(bad)
    assert set(missing.json) == {"event", "data"}


def test_without_checksums_there_is_none(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"is_checksum_on": False})
    shop.sign_in()
    pay(shop)

    assert set(receiver.heard()[0].json) == {"event", "data"}


@pytest.mark.parametrize("label", ["HMAC-SHA256", "none"])
def test_the_method_can_be_called_otherwise(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver, label: str
) -> None:
    sandbox.switches.change({"webhook_checksum_method": label})
    pay(shop)
    letter = receiver.heard()[0]

    assert letter.json.get("checksumMethod", "none") == label
    assert receiver.is_right(letter)


def test_a_legacy_label_comes_with_a_legacy_sum(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_checksum_method": "legacy"})
    pay(shop)
    letter = receiver.heard()[0]
    data = letter.body.partition(b'"data":')[2].partition(b',"checksum"')[0]

    assert letter.json["checksumMethod"] == "legacy"
    assert not receiver.is_right(letter)
    assert data.startswith(b"{")
    assert len(letter.json["checksum"]) == hmac.new(b"", b"", "sha256").digest_size * 2


@pytest.mark.parametrize(
    ("body", "amount", "is_right"),
    [("wrong-amount", "5100", True), ("net", "5000", True), ("tampered", "50000", False)],
)
def test_an_amount_can_be_wrong(
    sandbox: SandboxClickPesa,
    shop: Shop,
    receiver: Receiver,
    body: str,
    amount: str,
    is_right: bool,
) -> None:
    sandbox.switches.change({"webhook_body": body})
    pay(shop)
    letter = receiver.heard()[0]

    assert letter.json["data"]["collectedAmount"] == amount
    assert receiver.is_right(letter) == is_right
    assert shop.payments()[0]["collectedAmount"] == 5000


def test_an_event_can_be_told_more_than_once(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_copies": 3})
    pay(shop)

    assert len({one.body for one in receiver.heard()}) == 1
    assert len(receiver.letters) == 3


def test_held_events_can_be_let_go_in_the_other_order(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhooks": "held"})
    pay(shop, "refuse")
    shop.do("payments", payment=REFERENCE, status="SUCCESS")

    assert receiver.heard() == []
    assert shop.do("deliveries", release="reversed") == {"count": 2}
    assert receiver.events() == ["PAYMENT RECEIVED", "PAYMENT FAILED"]


def test_a_dropped_event_can_be_told_by_hand(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhooks": "off"})
    pay(shop)
    lost = sandbox.postman.list_deliveries()[0]

    assert receiver.heard() == []
    assert lost.state == "dropped"
    assert shop.do("deliveries", event=lost.event) == {"count": 1}
    assert receiver.events() == ["PAYMENT RECEIVED"]
    assert shop.control("deliveries", event="evt_x").status_code == 404


def test_an_event_can_be_late(sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver) -> None:
    sandbox.switches.change({"webhook_delay_seconds": 600})
    pay(shop)
    early = list(receiver.heard())
    sandbox.advance(600)

    assert early == []
    assert len(receiver.heard()) == 1


def test_only_a_2xx_counts_and_tries_are_a_switch(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_tries": 2})
    receiver.statuses = [500, 204]
    pay(shop)
    first = len(receiver.heard())
    shop.do("deliveries", hurry=True)

    assert first == 1
    assert len(receiver.heard()) == 2
    assert [one.state for one in sandbox.postman.list_deliveries()] == ["failed", "delivered"]


def test_a_forged_event_tells_of_what_nobody_paid(shop: Shop, receiver: Receiver) -> None:
    shop.push()
    shop.do("forgeries", reference=REFERENCE, amount="900000")
    letter = receiver.heard()[0]

    assert letter.json["data"]["status"] == "SUCCESS"
    assert letter.json["data"]["collectedAmount"] == "900000"
    assert not receiver.is_right(letter)
    assert shop.statuses() == ["PROCESSING"]


def test_an_endpoint_of_the_application_takes_the_merchants_place(
    sandbox: SandboxClickPesa, shop: Shop, receiver: Receiver, listen: Listen
) -> None:
    other = listen()
    sandbox.act("endpoints", url=other.url, level="merchant")
    pay(shop)

    assert len(receiver.heard()) == 1
    assert other.letters == []


def test_an_endpoint_can_want_some_events_only(
    sandbox: SandboxClickPesa, shop: Shop, listen: Listen
) -> None:
    other = listen()
    sandbox.act("endpoints", url=other.url, level="merchant", events=["PAYMENT FAILED"])
    pay(shop)
    assert other.heard() == []
    shop.do("payments", payment=REFERENCE, status="FAILED")

    assert other.events() == ["PAYMENT FAILED"]
    for wrong in ({"url": "http://example.org/x"}, {"url": other.url, "events": ["SONG"]}):
        assert shop.control("endpoints", **wrong).status_code == 400
