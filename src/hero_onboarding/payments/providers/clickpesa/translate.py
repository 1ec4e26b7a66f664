"""ClickPesa's payments in our words; a word that is not known credits nobody. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from hero_onboarding.payments.errors import ProviderAnswerError
from hero_onboarding.payments.ports import (
    Hundredths,
    PaymentQuestion,
    PaymentState,
    ProviderPayment,
)
from hero_onboarding.payments.provider_books import OrderPayment
from hero_onboarding.payments.providers.clickpesa.wire import (
    Fields,
    decimal_of,
    hundredths_of,
    instant_of,
    is_text,
    read_objects,
    text_of,
)

_STATES: Final = {
    "PENDING": PaymentState.OPEN,
    "PROCESSING": PaymentState.PENDING,
    "SUCCESS": PaymentState.PAID,
    "SETTLED": PaymentState.PAID,
    "FAILED": PaymentState.FAILED,
    "REFUNDED": PaymentState.REFUNDED,
    "REVERSED": PaymentState.REFUNDED,
}
"""PENDING waits for the payer and PROCESSING for the operator."""

_REASONS: Final = (
    ("insufficient", "insufficient_funds"),
    ("in time", "no_answer"),
    ("timeout", "no_answer"),
    ("timed out", "no_answer"),
    ("refused", "declined"),
    ("declined", "declined"),
    ("rejected", "declined"),
    ("cancel", "declined"),
)
"""What the text of a failure holds, and the word that stands for it; the text is not kept."""

_DOLLARS, _SHILLINGS = "USD", "TZS"
_RATE_PERCENT: Final = 1
"""How far what came in may be from what its own rate says before nobody believes it."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)
_WORD: Final = re.compile(r"[A-Z0-9-]{1,40}")


def read_listed(fields: Fields) -> OrderPayment:
    """Read one payment.

    Raises:
        ProviderAnswerError: If it has no id, order or status, or came in without an amount.
    """
    status = read_status(text_of(fields, "status"))
    state = _STATES.get(status, PaymentState.PENDING)
    is_sure = state.has_come_in or is_text(fields.get("collectedAmount"))
    return OrderPayment(
        payment_id=text_of(fields, "id"),
        order_reference=text_of(fields, "orderReference"),
        amount=hundredths_of(fields, "collectedAmount") if is_sure else 0,
        currency=text_of(fields, "collectedCurrency").upper() if is_sure else "",
        status=status,
        state=state,
        created_at=instant_of(fields, "createdAt"),
        updated_at=instant_of(fields, "updatedAt"),
        exchanged_from=read_exchange(fields) if state.has_come_in else None,
    )


def read_exchange(fields: Fields) -> Hundredths | None:
    """Read which dollars the payer was asked for that came in as shillings; None for none.

    What is left out, can't be read or contradicts what came in is no exchange: then shillings
    came in where dollars were asked for. The rate decides over no money.
    """
    exchange = fields.get("exchange")
    if fields.get("exchanged") is not True or not isinstance(exchange, Mapping):
        return None
    try:
        source, target = (text_of(exchange, name) for name in ("sourceCurrency", "targetCurrency"))
        collected = text_of(fields, "collectedCurrency"), decimal_of(fields, "collectedAmount")
        asked, rate = decimal_of(exchange, "sourceAmount"), decimal_of(exchange, "rate")
        cents = hundredths_of(exchange, "sourceAmount")
    except ProviderAnswerError:
        return None
    is_whole = cents > 0 and asked * 100 == cents
    names = tuple(name.upper() for name in (source, target, collected[0]))
    is_dollars = names == (_DOLLARS, _SHILLINGS, _SHILLINGS)
    is_sound = is_whole and is_dollars and _is_about(collected[1], asked * rate)
    return Hundredths(cents, _DOLLARS) if is_sound else None


def read_status(text: str) -> str:
    """Spell a status in one way: upper case, with hyphens."""
    word = re.sub(r"[\s_-]+", "-", text.strip().upper())
    return word if _WORD.fullmatch(word) else "UNKNOWN"


def read_payments(
    answer: object, question: PaymentQuestion, now: datetime, *, is_live: bool
) -> ProviderPayment | None:
    """Say what the payments of an order mean.

    The one that was credited is the payment, and before any was, the first that came in; all
    others that came in stand beside it. What was credited and is listed as something else keeps
    its id among the references.

    Args:
        answer: What the query gave: a list of payments; ``()`` where it knows none.
        question: What was asked about.
        now: The present instant.
        is_live: Whether real money moves.

    Raises:
        ProviderAnswerError: If it makes no sense, or names another order.
    """
    rows = read_objects(answer)
    found = sorted(
        ((read_listed(row), row) for row in rows),
        key=lambda one: (one[0].created_at or _LAST, one[0].payment_id),
    )
    if any(one.order_reference != order_of(question) for one, _ in found):
        raise ProviderAnswerError("ClickPesa answered with the payment of another order")
    come_in = [one for one, _ in found if one.state.has_come_in]
    credited = question.payment_id
    first = next((one for one in come_in if credited in {None, one.payment_id}), None)
    others = tuple(_come_in(one, question, is_live=is_live) for one in come_in if one is not first)
    if first is not None:
        return replace(_come_in(first, question, is_live=is_live), others=others)
    rest = [one for one in found if credited in {None, one[0].payment_id}]
    asked = replace(_of_question(question, now, is_live=is_live), others=others)
    if not rest:
        return None if question.reference is None else asked
    if credited is not None:
        asked = replace(asked, references=(credited,))
    return _not_yet(asked, rest, question.method)


def order_of(question: PaymentQuestion) -> str:
    """Name the order that a question is about, which may have come before the top-up.

    A further payment of one order is a top-up of its own, with the first one's reference.
    """
    return question.reference or question.order_reference


def _come_in(payment: OrderPayment, question: PaymentQuestion, *, is_live: bool) -> ProviderPayment:
    """Write a payment that came in."""
    is_back = payment.state is PaymentState.REFUNDED
    asked = received = Hundredths(payment.amount, payment.currency)
    source = payment.exchanged_from
    if source is not None and source.currency == question.currency:
        asked = source
    return ProviderPayment(
        state=payment.state,
        amount=asked.amount,
        currency=asked.currency,
        top_up_id=str(question.top_up_id),
        is_live=is_live,
        reference=payment.order_reference,
        payment_id=payment.payment_id,
        references=(payment.payment_id,),
        refunded=asked.amount if is_back else 0,
        paid_at=payment.created_at,
        held=None if asked is received else received,
    )


def _of_question(question: PaymentQuestion, now: datetime, *, is_live: bool) -> ProviderPayment:
    """Say of an order that nobody paid what was asked for: ClickPesa knows nothing of it."""
    is_over = now >= question.expires_at
    return ProviderPayment(
        state=PaymentState.EXPIRED if is_over else PaymentState.OPEN,
        amount=question.amount,
        currency=question.currency,
        top_up_id=str(question.top_up_id),
        is_live=is_live,
        reference=order_of(question),
    )


def _not_yet(
    asked: ProviderPayment, found: Sequence[tuple[OrderPayment, Fields]], method: str
) -> ProviderPayment:
    """Say of an order whose attempts brought nothing in how the best of them stands.

    A page or a control number waits for another attempt after one failed; a phone asks once.
    """
    for state in (PaymentState.PENDING, PaymentState.OPEN):
        of_state = [one for one, _ in found if one.state is state]
        if of_state:
            failure = next(filter(None, map(_unusual, of_state)), "")
            return replace(asked, state=state, failure=failure)
    failure = _reason(found[-1][1])
    is_left = method != "push" and asked.state is PaymentState.OPEN
    return replace(asked, state=asked.state if is_left else PaymentState.FAILED, failure=failure)


def _is_about(amount: Decimal, expected: Decimal) -> bool:
    return amount > 0 and abs(amount - expected) * 100 <= expected * _RATE_PERCENT


def _unusual(payment: OrderPayment) -> str:
    """Name a status that somebody has to look at; empty for the ordinary ones."""
    return "" if payment.status in _STATES else payment.status.lower()


def _reason(fields: Fields) -> str:
    message = fields.get("message")
    text = message.lower() if isinstance(message, str) else ""
    return next((word for sign, word in _REASONS if sign in text), "failed")
