"""ClickPesa's client against the stand-in: the contract, and what goes wrong on the way."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from hero_onboarding.outbound import Limits
from hero_onboarding.payments import PaymentsOffError
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ForgedNoticeError,
    ProviderAnswerError,
    ProviderUnavailableError,
)
from hero_onboarding.payments.ports import (
    Hundredths,
    OpenedCheckout,
    PaymentState,
    ProviderPayment,
)
from hero_onboarding.sandbox.clickpesa import Fault
from tests.contracts.payment_provider import PROMISES, Peer, a_question
from tests.payments.clickpesa.peer import PHONE, QUICK, ClickPesaPeer
from tests.support.programs import wait_for

PREVIEW, INITIATE = "POST preview-ussd-push-request", "POST initiate-ussd-push-request"
TOKEN = "POST generate-token"
PUSHES = "/third-parties/payments/initiate"


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_a_prompt_on_a_phone_keeps_it(promise: Callable[[Peer], None], peer: ClickPesaPeer) -> None:
    promise(peer)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_a_page_to_pay_on_keeps_it(promise: Callable[[Peer], None], pages: ClickPesaPeer) -> None:
    promise(pages)


def fetched(peer: ClickPesaPeer, order: object = None, **changes: object) -> ProviderPayment:
    """Open an order of the peer's, and ask for it."""
    made = peer.an_order(**changes) if order is None else order
    peer.provider.open_checkout(made)  # type: ignore[arg-type]  # an order
    return ask(peer, made)


def ask(peer: ClickPesaPeer, order: object) -> ProviderPayment:
    found = peer.provider.fetch_payment(a_question(order, order.order_reference))  # type: ignore[arg-type, attr-defined]  # an order
    assert found is not None
    return found


def test_a_prompt_is_previewed_and_asked_for_with_one_token(peer: ClickPesaPeer) -> None:
    orders = [peer.an_order(), peer.an_order()]
    for order in orders:
        peer.provider.open_checkout(order)

    assert peer.asked() == [TOKEN, *[PREVIEW, INITIATE] * 2]


def test_a_card_link_is_in_dollars_and_names_the_account(pages: ClickPesaPeer) -> None:
    pages.method = "link"
    order = pages.an_order(user_sid="ada_b-c<&>é")
    opened = pages.provider.open_checkout(order)
    pages.pay(opened.reference)

    assert opened.redirect_url is not None
    paid = ask(pages, order)
    assert (paid.state, paid.amount, paid.currency) == (PaymentState.PAID, 2_550, "USD")


def test_a_control_number_is_paid_from_any_phone(pages: ClickPesaPeer) -> None:
    pages.method = "control_number"
    order = pages.an_order()
    opened = pages.provider.open_checkout(order)
    assert opened.control_number is not None
    assert ask(pages, order).state is PaymentState.OPEN
    pages.sandbox.act("control-numbers", number=opened.control_number, amount="5000")

    paid = ask(pages, order)
    assert (paid.state, paid.amount, paid.currency) == (PaymentState.PAID, 500_000, "TZS")
    assert pages.provider.open_checkout(order) == OpenedCheckout(order.order_reference)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="drop-after", method="POST", path_prefix=PUSHES, count=1),
        Fault(kind="answer-after", method="POST", path_prefix=PUSHES, count=1),
        Fault(kind="answer-after", method="POST", path_prefix=PUSHES, count=1, status=503),
        Fault(kind="delay-after", method="POST", path_prefix=PUSHES, count=1, seconds=0.8),
    ],
    ids=["cut", "500", "503", "late"],
)
def test_a_prompt_whose_answer_was_lost_is_one_prompt(peer: ClickPesaPeer, fault: Fault) -> None:
    order = peer.an_order()
    provider = peer.connect(Limits(overall_seconds=0.8) if fault.seconds else QUICK)
    peer.sandbox.switches.add(fault)

    with pytest.raises(ProviderUnavailableError):
        provider.open_checkout(order)
    opened = peer.provider.open_checkout(order)
    peer.pay(opened.reference)

    assert ask(peer, order).state is PaymentState.PAID
    assert ask(peer, order).others == ()
    assert wait_for(lambda: peer.asked().count(INITIATE) == 1), "nothing was sent twice by itself"


def test_orders_sent_at_once_are_one_order(peer: ClickPesaPeer) -> None:
    order = peer.an_order()
    with ThreadPoolExecutor(8) as pool:
        opened = set(pool.map(peer.provider.open_checkout, [order] * 8))

    assert opened == {OpenedCheckout(order.order_reference)}
    assert peer.asked().count(TOKEN) == 1
    assert ask(peer, order).others == ()


@pytest.mark.parametrize("changes", [{}, {"throttle_status": 400}])
def test_too_many_calls_are_for_later(peer: ClickPesaPeer, changes: dict[str, object]) -> None:
    more = {"requests_per_minute": 1, "throttle_retry_after_seconds": 77}
    peer.sandbox.switches.change({**more, **changes})

    with pytest.raises(ProviderUnavailableError) as caught:
        peer.provider.open_checkout(peer.an_order())

    assert caught.value.wait_seconds == 77
    peer.sandbox.switches.change({"requests_per_minute": 0})
    peer.sandbox.switches.add(Fault(kind="answer", status=429, count=1))
    with pytest.raises(ProviderUnavailableError) as caught:
        peer.provider.open_checkout(peer.an_order())
    assert caught.value.wait_seconds == 10, "at least"


def test_a_refused_token_is_fetched_anew_once(peer: ClickPesaPeer) -> None:
    peer.provider.open_checkout(peer.an_order())
    peer.sandbox.switches.change({"is_checksum_on": False})
    peer.sandbox.log.reset()
    peer.provider.open_checkout(peer.an_order())

    assert peer.asked() == [PREVIEW, TOKEN, PREVIEW, INITIATE]
    peer.sandbox.log.reset()
    peer.sandbox.switches.add(Fault(kind="answer", path_prefix="/third-parties/pay", status=401))
    with pytest.raises(ProviderUnavailableError, match="CLICKPESA_API_KEY"):
        peer.provider.open_checkout(peer.an_order())
    assert peer.asked() == [PREVIEW, TOKEN, PREVIEW]


@pytest.mark.parametrize("change", [{"has_token_prefix": False}, {"has_token_claims": False}])
def test_a_token_of_any_spelling_is_sent_with_one_prefix(
    peer: ClickPesaPeer, change: dict[str, object]
) -> None:
    peer.sandbox.switches.change(change)

    assert peer.provider.open_checkout(peer.an_order()).reference.startswith("TU")
    assert peer.asked() == [TOKEN, PREVIEW, INITIATE]


def test_credentials_that_are_not_taken_are_told_to_staff_without_showing_them(
    peer: ClickPesaPeer, caplog: pytest.LogCaptureFixture
) -> None:
    peer.sandbox.switches.change({"credentials": "expired"})

    with caplog.at_level(logging.ERROR), pytest.raises(ProviderUnavailableError) as caught:
        peer.provider.open_checkout(peer.an_order())

    assert "403" in str(caught.value)
    assert "HERO_ONBOARDING_CLICKPESA_API_KEY" in caplog.text
    assert peer.sandbox.credentials.api_key not in caplog.text + str(caught.value)


REFUSED: tuple[tuple[str, dict[str, object], dict[str, object]], ...] = (
    ("phone_refused", {}, {"phone": None}),
    ("phone_refused", {}, {"phone": "0712345678"}),
    ("phone_refused", {}, {"phone": "255112345678"}),
    ("phone_refused", {}, {"phone": "255621234567"}),
    ("operator_unavailable", {"m_pesa": "unavailable"}, {}),
    ("amount_refused", {}, {"amount": 100}),
    ("amount_refused", {}, {"amount": 500_050}),
    ("not_available", {}, {"currency": "USD"}),
    ("not_available", {}, {"method": "other"}),
    ("not_available", {"has_collection": False}, {}),
    ("not_available", {"m_pesa": "absent"}, {}),
    ("not_available", {"is_kyc_approved": False}, {"amount": 20_000_000}),
    ("not_available", {"has_checkout": False}, {"method": "checkout"}),
    ("not_available", {"has_billpay": False}, {"method": "control_number"}),
    ("not_available", {}, {"method": "link"}),
)


@pytest.mark.parametrize(("reason", "settings", "changes"), REFUSED)
def test_what_will_not_be_taken_is_refused_with_a_word_of_ours(
    peer: ClickPesaPeer,
    caplog: pytest.LogCaptureFixture,
    reason: str,
    settings: dict[str, object],
    changes: dict[str, object],
) -> None:
    peer.sandbox.switches.change(settings)

    with caplog.at_level(logging.ERROR), pytest.raises(CheckoutRefusedError) as caught:
        peer.provider.open_checkout(peer.an_order(**changes))

    assert caught.value.reason == reason
    assert ("dashboard" in caplog.text) == (reason == "not_available" and bool(settings))
    assert PHONE not in caplog.text
    assert INITIATE not in peer.asked() or settings.get("is_kyc_approved") is False


@pytest.mark.parametrize("key", [None, "CHKanother"])
def test_a_body_without_the_right_checksum_is_our_mistake(
    peer: ClickPesaPeer, caplog: pytest.LogCaptureFixture, key: str | None
) -> None:
    with pytest.raises(CheckoutRefusedError, match="not_available"):
        peer.connect(checksum_key=key).open_checkout(peer.an_order())

    assert "about checksum" in caplog.text


@pytest.mark.parametrize("spelled", ["number", "string"])
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PENDING", PaymentState.OPEN),
        ("PROCESSING", PaymentState.PENDING),
        ("SUCCESS", PaymentState.PAID),
        ("SETTLED", PaymentState.PAID),
        ("FAILED", PaymentState.FAILED),
        ("ON-HOLD", PaymentState.PENDING),
        ("REFUNDED", PaymentState.REFUNDED),
        ("REVERSED", PaymentState.REFUNDED),
        ("Some Thing_new", PaymentState.PENDING),
    ],
)
def test_each_status_means_one_state(
    peer: ClickPesaPeer, status: str, state: PaymentState, spelled: str
) -> None:
    peer.sandbox.switches.change({"query_amounts": spelled})
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.sandbox.act("payments", payment=order.order_reference, status=status)

    found = ask(peer, order)

    assert found.state is state
    assert (found.amount, found.currency) == (500_000, "TZS")
    assert found.refunded == (500_000 if state is PaymentState.REFUNDED else 0)
    assert (found.payment_id is not None) == state.has_come_in
    words = {"ON-HOLD": "on-hold", "Some Thing_new": "some-thing-new", "FAILED": "failed"}
    assert found.failure == words.get(status, "")


def test_a_wrong_amount_is_told_as_it_is(peer: ClickPesaPeer) -> None:
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.pay(order.order_reference)
    peer.sandbox.switches.add(Fault(kind="wrong-amount", method="GET", count=1))

    assert ask(peer, order).amount == 510_000


def test_the_first_of_several_payments_is_the_payment(pages: ClickPesaPeer) -> None:
    order = pages.an_order()
    pages.provider.open_checkout(order)
    pages.sandbox.act("links", link=order.order_reference, answer="fail")
    assert ask(pages, order).state is PaymentState.OPEN, "the page takes another attempt"
    pages.pay(order.order_reference)
    pages.sandbox.advance(1)
    first = ask(pages, order)
    pages.sandbox.act("twins", payment=order.order_reference, amount="7000")

    both = ask(pages, order)

    assert both.payment_id == first.payment_id
    assert both.paid_at == first.paid_at
    assert [(one.amount, one.state) for one in both.others] == [(700_000, PaymentState.PAID)]
    assert both.references == (both.payment_id,)


def test_dollars_that_came_as_shillings_are_told_as_both(pages: ClickPesaPeer) -> None:
    order = pages.an_order(currency="USD", amount=2_500)
    pages.provider.open_checkout(order)
    pages.pay(order.order_reference)

    paid = ask(pages, order)
    assert (paid.amount, paid.currency) == (2_500, "USD")
    assert paid.held == Hundredths(6_275_000, "TZS")


def test_an_order_that_is_not_found_yet_stays_open(peer: ClickPesaPeer) -> None:
    peer.sandbox.switches.change({"hidden_seconds": 60})

    assert fetched(peer).state is PaymentState.OPEN


@pytest.mark.parametrize(
    "settings",
    [
        {"webhook_checksum": "body"},
        {"webhook_checksum": "signature-header"},
        {"webhook_checksum": "checksum-header"},
        {"webhook_checksum_method": "HMAC-SHA256"},
        {"webhook_checksum_method": "none"},
        {"webhook_event_member": "eventType"},
        {"webhook_shape": "older"},
        {"webhook_body": "wrong-amount"},
    ],
)
def test_an_authentic_notice_of_any_shape_names_its_payment(
    peer: ClickPesaPeer, settings: dict[str, object]
) -> None:
    peer.sandbox.switches.change(settings)
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.pay(order.order_reference)

    notice = peer.provider.read_notice(peer.notice_of(order.order_reference))

    assert notice is not None
    assert notice.kind == "PAYMENT RECEIVED"
    assert notice.references == (order.order_reference, ask(peer, order).payment_id)
    assert notice.top_up_id is None


@pytest.mark.parametrize(
    "settings",
    [
        {"webhook_checksum": "data-only"},
        {"webhook_checksum": "bad"},
        {"webhook_checksum": "missing"},
        {"webhook_checksum_method": "legacy"},
        {"webhook_body": "tampered"},
        {"is_checksum_on": False},
    ],
)
def test_a_notice_that_is_summed_wrong_is_forged(
    peer: ClickPesaPeer, settings: dict[str, object]
) -> None:
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.sandbox.switches.change(settings)
    peer.pay(order.order_reference)

    with pytest.raises(ForgedNoticeError, match="HERO_ONBOARDING_CLICKPESA_CHECKSUM_KEY"):
        peer.provider.read_notice(peer.notice_of(order.order_reference))


def test_a_failed_payment_is_told_of_and_a_deposit_is_no_concern(peer: ClickPesaPeer) -> None:
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.sandbox.act("prompts", payment=order.order_reference, answer="refuse")
    failed = peer.provider.read_notice(peer.notice_of(order.order_reference))
    peer.sandbox.act("endpoints", url="http://127.0.0.1:9/", level="merchant")
    peer.sandbox.act("deposits", amount="1000")

    assert failed is not None
    assert failed.kind == "PAYMENT FAILED"
    assert ask(peer, order).failure == "declined"
    assert peer.provider.read_notice(peer.notices()[-1]) is None


def test_one_notice_in_another_spelling_is_the_same_notice(peer: ClickPesaPeer) -> None:
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.pay(order.order_reference)
    delivery = peer.notice_of(order.order_reference)
    respelled = json.dumps(json.loads(delivery.body), indent=1, sort_keys=True).encode()

    one = peer.provider.read_notice(delivery)
    other = peer.provider.read_notice(replace(delivery, body=respelled))

    assert one == other
    assert one is not None
    assert len(one.event_id) == 64


def test_without_a_checksum_key_no_notice_is_taken(peer: ClickPesaPeer) -> None:
    order = peer.an_order()
    peer.provider.open_checkout(order)
    peer.pay(order.order_reference)

    with pytest.raises(PaymentsOffError, match="HERO_ONBOARDING_CLICKPESA_CHECKSUM_KEY"):
        peer.connect(checksum_key=None).read_notice(peer.notice_of(order.order_reference))


def test_a_page_that_is_not_https_is_no_answer_where_money_is_real(pages: ClickPesaPeer) -> None:
    with pytest.raises(ProviderAnswerError, match="https"):
        pages.connect(is_live=True).open_checkout(pages.an_order())


def test_a_page_nobody_paid_on_is_over_when_its_time_is(pages: ClickPesaPeer) -> None:
    order = pages.an_order(expires_at=pages.clock.now() + timedelta(seconds=1))
    assert fetched(pages, order).state is PaymentState.OPEN
    pages.sandbox.act("links", link=order.order_reference, answer="fail")
    pages.clock.advance(seconds=1)

    late = ask(pages, order)

    assert (late.state, late.failure) == (PaymentState.FAILED, "declined")
