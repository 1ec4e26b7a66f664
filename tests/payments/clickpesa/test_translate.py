"""What ClickPesa's answers mean, where the stand-in would never say so."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from hero_onboarding.payments.errors import MalformedNoticeError, ProviderAnswerError
from hero_onboarding.payments.ports import (
    Delivery,
    Hundredths,
    PaymentQuestion,
    PaymentState,
    ProviderPayment,
)
from hero_onboarding.payments.providers.clickpesa.checksum import signed_body
from hero_onboarding.payments.providers.clickpesa.notices import read_delivery
from hero_onboarding.payments.providers.clickpesa.translate import read_payments
from hero_onboarding.payments.providers.clickpesa.wire import read_json
from tests.payments.clickpesa.vectors import KEY, REFERENCE, WEBHOOK

NOW = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)
QUESTION = PaymentQuestion(
    top_up_id=UUID(int=7),
    reference=REFERENCE,
    asked_at=NOW - timedelta(hours=1),
    expires_at=NOW + timedelta(hours=22),
    order_reference=REFERENCE,
    method="push",
    amount=500_000,
    currency="TZS",
)


IN_DOLLARS = replace(QUESTION, method="checkout", amount=2_500, currency="USD")


def a_row(**changes: object) -> dict[str, object]:
    return {
        "id": f"{REFERENCE}LCP1",
        "status": "SUCCESS",
        "orderReference": REFERENCE,
        "collectedAmount": 5000,
        "collectedCurrency": "TZS",
        "createdAt": "2026-09-01T10:15:02.000Z",
        **changes,
    }


def read(*rows: object, question: PaymentQuestion = QUESTION) -> ProviderPayment | None:
    answer = read_json(json.dumps(rows).encode())
    return read_payments(answer, question, NOW, is_live=True)


def payment_of(*rows: object) -> ProviderPayment:
    found = read(*rows)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("spelled", "amount"),
    [
        (5000, 500_000),
        ("5000", 500_000),
        ("5000.00", 500_000),
        (5000.5, 500_050),
        (0.29, 29),
        ("0.29", 29),
        (1.005, 100),
        ("0", 0),
        (1e15 / 2, 50_000_000_000_000_000),
        ("900719925474099.31", 90_071_992_547_409_931),
    ],
)
def test_an_amount_is_exact_however_it_is_spelled(spelled: object, amount: int) -> None:
    assert payment_of(a_row(collectedAmount=spelled)).amount == amount


def exchanged(**changes: object) -> dict[str, object]:
    """25 dollars that came in as 62,750 shillings."""
    exchange = {"sourceCurrency": "USD", "targetCurrency": "TZS", "sourceAmount": 25, "rate": 2510}
    of_exchange = {name: changes.pop(name) for name in exchange.keys() & changes.keys()}
    row = {"collectedAmount": 62_750, "exchanged": True, "exchange": {**exchange, **of_exchange}}
    return a_row(**{**row, **changes})


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, 6_275_000),
        ({"sourceAmount": "25.00", "rate": "2510.00"}, 6_275_000),
        ({"sourceCurrency": "usd", "targetCurrency": "tzs", "collectedCurrency": "tzs"}, 6_275_000),
        ({"collectedAmount": "62122.50"}, 6_212_250),
        ({"collectedAmount": 63_377.5}, 6_337_750),
        ({"status": "REVERSED"}, 6_275_000),
    ],
)
def test_dollars_that_came_in_as_shillings_are_what_was_asked_for_and_held_in_shillings(
    changes: dict[str, object], held: int
) -> None:
    found = read(exchanged(**changes), question=IN_DOLLARS)

    assert found is not None
    assert (found.amount, found.currency) == (2_500, "USD")
    assert (found.held, found.received) == (Hundredths(held, "TZS"),) * 2
    assert found.refunded == (2_500 if "status" in changes else 0)


def test_other_dollars_than_were_asked_for_are_told_as_they_are() -> None:
    found = read(exchanged(sourceAmount=24.99), question=IN_DOLLARS)

    assert found is not None
    assert (found.amount, found.held) == (2_499, Hundredths(6_275_000, "TZS"))


@pytest.mark.parametrize(
    "changes",
    [
        {"exchanged": False},
        {"exchanged": "true"},
        {"exchanged": 1},
        {"exchanged": None},
        {"exchange": None},
        {"exchange": []},
        {"exchange": "USD"},
        {"sourceAmount": None},
        {"sourceAmount": 0},
        {"sourceAmount": -25},
        {"sourceAmount": "25.001"},
        {"sourceAmount": "25,00"},
        {"sourceAmount": {"amount": 25}},
        {"sourceAmount": "1e15", "rate": "0.00000000006275"},
        {"sourceCurrency": "TZS"},
        {"sourceCurrency": "KES"},
        {"sourceCurrency": None},
        {"targetCurrency": "USD"},
        {"targetCurrency": None},
        {"collectedCurrency": "KES", "targetCurrency": "KES"},
        {"collectedCurrency": "KES"},
        {"collectedAmount": 0, "rate": 0},
        {"rate": None},
        {"rate": 0},
        {"rate": "nonsense"},
        {"rate": 0.00037736},
        {"collectedAmount": "62122.49"},
        {"collectedAmount": "63377.51"},
        {"collectedAmount": 25},
    ],
)
def test_an_exchange_that_makes_no_sense_is_none(changes: dict[str, object]) -> None:
    """Shillings came in where dollars were asked for: that waits for a person."""
    row = exchanged(**changes)

    found = read(row, question=IN_DOLLARS)

    assert found is not None
    amount = int(Decimal(str(row["collectedAmount"])) * 100)
    assert (found.amount, found.currency, found.held) == (amount, row["collectedCurrency"], None)


def test_shillings_that_were_asked_for_are_never_dollars_that_somebody_exchanged() -> None:
    found = payment_of(exchanged())
    card = read(a_row(collectedAmount=25, collectedCurrency="USD"), question=IN_DOLLARS)

    assert (found.amount, found.currency, found.held) == (6_275_000, "TZS", None)
    assert card is not None
    assert (card.amount, card.held) == (2_500, None)


@pytest.mark.parametrize(
    "change",
    [
        {"collectedAmount": None},
        {"collectedAmount": -1},
        {"collectedAmount": "1,000"},
        {"collectedAmount": "\u0665"},
        {"collectedAmount": "1e99"},
        {"collectedAmount": True},
        {"collectedCurrency": None},
        {"id": ""},
        {"id": "x" * 256},
        {"id": {"a": 1}},
        {"status": None},
        {"orderReference": "TU0000000000000000XX"},
        {"orderReference": None},
    ],
)
def test_what_makes_no_sense_is_never_guessed(change: dict[str, object]) -> None:
    with pytest.raises(ProviderAnswerError):
        read(a_row(), a_row(**change))


@pytest.mark.parametrize("answer", [5, "x", None, [1], [[]], True])
def test_an_answer_that_is_no_list_of_payments_makes_no_sense(answer: object) -> None:
    with pytest.raises(ProviderAnswerError):
        read_payments(answer, QUESTION, NOW, is_live=True)


def test_one_payment_outside_of_a_list_is_a_list_of_one() -> None:
    answer = read_json(json.dumps(a_row()).encode())

    found = read_payments(answer, QUESTION, NOW, is_live=True)

    assert found is not None
    assert found.state is PaymentState.PAID
    assert found.paid_at == datetime(2026, 9, 1, 10, 15, 2, tzinfo=UTC)
    assert found.is_live is True


def test_an_attempt_under_way_needs_no_amount_and_stands_for_what_was_asked() -> None:
    bare = {"collectedAmount": None, "collectedCurrency": None, "createdAt": "once"}

    found = payment_of(a_row(status="PROCESSING", **bare))

    assert (found.state, found.amount, found.payment_id) == (PaymentState.PENDING, 500_000, None)
    assert found.paid_at is None


def test_money_that_came_in_counts_before_every_attempt() -> None:
    rows = (
        a_row(id="d", status="PROCESSING", createdAt="2026-09-01T10:00:00Z"),
        a_row(id="c", createdAt="2026-09-01T10:02:00.5Z"),
        a_row(id="b", createdAt="2026-09-01T13:02:00+03:00", status="REVERSED"),
        a_row(id="a", createdAt=None),
    )

    found = payment_of(*rows)

    assert (found.payment_id, found.state, found.refunded) == (
        "b",
        PaymentState.REFUNDED,
        500_000,
    )
    assert [(one.payment_id, one.references) for one in found.others] == [
        ("c", ("c",)),
        ("a", ("a",)),
    ]
    assert found.references == ("b",), "the others are no other's"


def test_a_payment_that_was_credited_stays_the_payment_whatever_comes_before_it() -> None:
    rows = (
        a_row(id="b", createdAt="2026-09-01T10:02:00Z"),
        a_row(id="a", createdAt="2026-09-01T10:01:00Z"),
        a_row(id="c", createdAt="2026-09-01T10:03:00Z", status="ON-HOLD"),
    )

    found = read(*rows, question=replace(QUESTION, payment_id="b"))
    held = read(*rows, question=replace(QUESTION, payment_id="c"))
    gone = read(*rows, question=replace(QUESTION, payment_id="d"))

    assert found is not None
    assert (found.payment_id, [one.payment_id for one in found.others]) == ("b", ["a"])
    for one, state, failure in (
        (held, PaymentState.PENDING, "on-hold"),
        (gone, PaymentState.OPEN, ""),
    ):
        assert one is not None
        assert (one.state, one.failure, one.payment_id) == (state, failure, None)
        assert [other.payment_id for other in one.others] == ["a", "b"]


def test_a_further_payment_is_asked_about_by_the_order_it_came_under() -> None:
    of_another = replace(QUESTION, order_reference="TU0000000000000000XX", payment_id="b")

    found = read(a_row(id="a"), a_row(id="b"), question=of_another)

    assert found is not None
    assert (found.payment_id, found.reference) == ("b", REFERENCE)
    assert found.top_up_id == str(QUESTION.top_up_id)


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("Insufficient funds of ASHA JUMA", "insufficient_funds"),
        ("Request cancelled by 255712345678", "declined"),
        ("The payer did not answer in time", "no_answer"),
        ("ASHA JUMA", "failed"),
        (5, "failed"),
    ],
)
def test_why_a_payment_failed_is_a_word_and_never_the_text(message: object, word: str) -> None:
    assert payment_of(a_row(status="FAILED", message=message)).failure == word


def test_an_order_that_was_never_answered_and_is_not_known_is_none() -> None:
    assert read(question=replace(QUESTION, reference=None)) is None
    open_still = payment_of()
    assert (open_still.state, open_still.amount) == (PaymentState.OPEN, 500_000)
    over = read(question=replace(QUESTION, expires_at=NOW))
    assert over is not None
    assert over.state is PaymentState.EXPIRED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"5",
        b"{} {}",
        WEBHOOK.replace('"event"', '"data":{},"event"').encode(),
        WEBHOOK.replace('"5000"', "NaN").encode(),
        b" " * 65_537,
        b'{"a":' * 400 + b"1" + b"}" * 400,
        b'{"a":' * 30_000,
        signed_body({"event": "PAYMENT RECEIVED"}, KEY),
        signed_body({"event": "PAYMENT RECEIVED", "data": {}}, KEY),
        signed_body({"event": {}, "data": {"id": "1"}}, KEY),
        signed_body({"event": "PAYMENT RECEIVED", "data": {"id": "x" * 256}}, KEY),
    ],
    ids=range(13),
)
def test_a_notice_that_can_be_read_in_no_way_or_two_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedNoticeError):
        read_delivery(Delivery({}, body, NOW), KEY)


def test_the_notice_of_the_specification_is_read() -> None:
    notice = read_delivery(Delivery({}, WEBHOOK.encode(), NOW), KEY)

    assert notice is not None
    assert notice.references == (REFERENCE, "TU7F3K9Q2M1X8ZB4CDHWLCP0A1B2C3D4")


def test_a_notice_of_a_payout_is_of_no_concern() -> None:
    body = signed_body({"event": "PAYOUT INITIATED", "data": {"id": "1"}}, KEY)

    assert read_delivery(Delivery({}, body, NOW), KEY) is None
