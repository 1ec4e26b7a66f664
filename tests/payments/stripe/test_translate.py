"""Stripe's words into ours: every state, and nothing guessed."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.payments import MalformedNoticeError, ProviderAnswerError
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Notice,
    PaymentState,
    ProviderRefund,
    RefundState,
)
from hero_onboarding.payments.providers.stripe.translate import (
    KINDS,
    read_event,
    read_refund,
    read_session,
    session_parameters,
)
from tests.payments.stripe.vectors import BODY

TOP_UP = "6a4b8e9e-21f8-4c8e-9a0c-0d1f4f0d8d11"


def a_session(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    charge = {"id": "ch_1", "refunded": False, "disputed": False}
    intent = {
        "id": "pi_1",
        "status": "succeeded",
        "amount_received": 2_500,
        "metadata": {"topup_id": TOP_UP},
        "latest_charge": charge,
    }
    return {
        "id": "cs_1",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 2_500,
        "currency": "usd",
        "livemode": False,
        "client_reference_id": TOP_UP,
        "metadata": {"topup_id": TOP_UP},
        "payment_intent": intent,
        "url": None,
        **changes,
    }


def with_intent(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"payment_intent": {**a_session()["payment_intent"], **changes}}


def test_a_paid_session_is_read_whole() -> None:
    payment = read_session(a_session())

    assert payment.state is PaymentState.PAID
    assert (payment.amount, payment.currency) == (2_500, "USD")
    assert (payment.top_up_id, payment.payment_id) == (TOP_UP, "pi_1")
    assert (payment.reference, payment.references) == ("cs_1", ("pi_1", "ch_1"))
    assert payment.is_live is False


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": "open", "payment_status": "unpaid", "payment_intent": None}, PaymentState.OPEN),
        ({"status": "expired", "payment_status": "unpaid"}, PaymentState.EXPIRED),
        ({"payment_status": "unpaid", **with_intent(status="processing")}, PaymentState.PENDING),
        (
            {"payment_status": "unpaid", **with_intent(status="requires_payment_method")},
            PaymentState.FAILED,
        ),
        ({"payment_status": "unpaid", **with_intent(status="canceled")}, PaymentState.FAILED),
        (
            with_intent(latest_charge={"id": "ch_1", "refunded": True}),
            PaymentState.REFUNDED,
        ),
        (
            with_intent(latest_charge={"id": "ch_1", "disputed": True}),
            PaymentState.DISPUTED,
        ),
        (with_intent(latest_charge={"id": "ch_1", "amount_refunded": 5}), PaymentState.PAID),
        ({"payment_intent": "pi_1"}, PaymentState.PAID),
    ],
)
def test_each_state_has_its_word(changes: dict[str, Any], state: PaymentState) -> None:
    assert read_session(a_session(**changes)).state is state


def test_what_was_received_counts_and_not_what_was_asked() -> None:
    assert read_session(a_session(**with_intent(amount_received=2_000))).amount == 2_000


@pytest.mark.parametrize(
    "changes",
    [
        {"client_reference_id": None},
        {"client_reference_id": "another"},
        {"metadata": {}},
        {"metadata": {"topup_id": "another"}},
        with_intent(metadata={}),
        with_intent(metadata={"topup_id": "another"}),
    ],
)
def test_a_session_that_names_no_top_up_in_one_place_names_none(changes: dict[str, Any]) -> None:
    assert read_session(a_session(**changes)).top_up_id is None


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_status": "no_payment_required"},
        {"payment_status": "else"},
        {"payment_status": "unpaid", "status": "else"},
        {"payment_intent": None},
        {"amount_total": "2500", "payment_intent": "pi_1"},
        {"amount_total": -1, "payment_intent": "pi_1"},
        {"amount_total": None, "payment_intent": "pi_1"},
        {"payment_intent": []},
    ],
)
def test_what_is_not_known_is_an_error_and_no_guess(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderAnswerError):
        read_session(a_session(**changes))


@given(st.sampled_from(sorted(a_session())))
def test_a_session_without_a_needed_part_is_an_error_or_no_payment(name: str) -> None:
    session = a_session()
    del session[name]
    try:
        payment = read_session(session)
    except ProviderAnswerError:
        return
    assert payment.top_up_id is None or name in {"url", "amount_total", "status"}


@pytest.mark.parametrize("refunded", [-1, None, "5", True, 1.5])
def test_a_charge_that_tells_no_whole_number_given_back_is_an_error(refunded: object) -> None:
    charge = {"id": "ch_1", "refunded": False, "disputed": False, "amount_refunded": refunded}
    with pytest.raises(ProviderAnswerError):
        read_session(a_session(**with_intent(latest_charge=charge)))


A_REFUND = {
    "id": "re_1",
    "amount": 1_000,
    "currency": "usd",
    "status": "succeeded",
    "metadata": {"refund_id": TOP_UP},
    "failure_reason": None,
}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", RefundState.PENDING),
        ("requires_action", RefundState.PENDING),
        ("succeeded", RefundState.SUCCEEDED),
        ("failed", RefundState.FAILED),
        ("canceled", RefundState.FAILED),
    ],
)
def test_a_refund_is_read_whole(status: str, state: RefundState) -> None:
    read = read_refund({**A_REFUND, "status": status})
    assert read == ProviderRefund("re_1", state, 1_000, "USD", TOP_UP)


@pytest.mark.parametrize("metadata", [None, {}, {"refund_id": 1}, {"refund_id": ""}])
def test_a_refund_that_names_none_of_ours_names_none(metadata: object) -> None:
    assert read_refund({**A_REFUND, "metadata": metadata}).refund_id is None


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "else"},
        {"status": None},
        {"status": []},
        {"amount": "1000"},
        {"amount": -1},
        {"amount": True},
        {"currency": None},
        {"id": None},
        {"id": ""},
        {"metadata": [1]},
    ],
)
def test_a_refund_of_another_form_is_an_error_and_no_guess(changes: dict[str, object]) -> None:
    with pytest.raises(ProviderAnswerError):
        read_refund({**A_REFUND, **changes})


def test_the_event_of_the_vectors_is_read() -> None:
    assert read_event(BODY) == Notice(
        "evt_test_0001", "checkout.session.completed", ("cs_test_0001",)
    )


@pytest.mark.parametrize(
    ("kind", "found", "references", "hint"),
    [
        (
            "checkout.session.completed",
            {"id": "cs_1", "payment_intent": "pi_1", "client_reference_id": TOP_UP},
            ("cs_1", "pi_1"),
            TOP_UP,
        ),
        (
            "payment_intent.succeeded",
            {"id": "pi_1", "latest_charge": "ch_1", "metadata": {"topup_id": TOP_UP}},
            ("pi_1", "ch_1"),
            TOP_UP,
        ),
        (
            "refund.created",
            {"id": "re_1", "payment_intent": "pi_1", "charge": "ch_1", "metadata": {}},
            ("re_1", "pi_1", "ch_1"),
            None,
        ),
        (
            "charge.dispute.created",
            {"id": "dp_1", "payment_intent": {"id": "pi_1"}, "charge": "ch_1"},
            ("dp_1", "pi_1", "ch_1"),
            None,
        ),
    ],
)
def test_an_event_names_the_payment_it_is_about(
    kind: str, found: dict[str, Any], references: tuple[str, ...], hint: str | None
) -> None:
    assert kind in KINDS
    body = json.dumps({"id": "evt_1", "type": kind, "data": {"object": found}}).encode()

    assert read_event(body) == Notice("evt_1", kind, references, hint)


def test_events_of_no_concern_are_let_go() -> None:
    body = b'{"id":"evt_1","type":"customer.created","data":{"object":{"id":"cus_1"}}}'

    assert read_event(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"id":1,"type":"refund.created","data":{"object":{}}}',
        b'{"id":"","type":"refund.created","data":{"object":{}}}',
        b'{"id":"evt_1","type":"refund.created","data":{"object":[]}}',
        b'{"id":"evt_1","type":"refund.created","data":[]}',
        b'{"id":"evt_1","object":"v2.core.event","type":"refund.created"}',
        b'{"id":"' + b"x" * 256 + b'","type":"refund.created","data":{"object":{}}}',
    ],
)
def test_a_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedNoticeError):
        read_event(body)


INSIDE = st.sampled_from(["id", "metadata", "topup_id", "payment_intent"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(INSIDE, some, max_size=3),
)


@given(VALUES)
def test_whatever_stands_in_an_event_it_is_read_or_refused(found: object) -> None:
    body = json.dumps({"id": "e", "type": "refund.created", "data": {"object": found}}).encode()
    try:
        notice = read_event(body)
    except MalformedNoticeError:
        return
    assert notice is not None
    assert all(notice.references)


def test_an_order_names_its_top_up_in_every_place_and_never_changes() -> None:
    order = CheckoutOrder(
        top_up_id=UUID(TOP_UP),
        user_sid="ada",
        method="checkout",
        amount=2_500,
        currency="USD",
        key="k",
        expires_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
        return_url="https://site.invalid/top-ups/x",
    )

    found = session_parameters(order)

    assert found == session_parameters(order)
    names = {"topup_id": TOP_UP, "account_id": "ada"}
    assert found["metadata"] == found["payment_intent_data"]["metadata"] == names
    assert found["client_reference_id"] == TOP_UP
    assert found["success_url"].endswith("?session_id={CHECKOUT_SESSION_ID}")
    [item] = found["line_items"]
    assert (item["price_data"]["unit_amount"], item["price_data"]["currency"]) == (2_500, "usd")
    assert found["expires_at"] == 1_772_445_600
