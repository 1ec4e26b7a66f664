"""What becomes of payments: opened, approved, failed, settled, given back."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

import msgspec

from hero_onboarding.sandbox.clickpesa import books, notices
from hero_onboarding.sandbox.clickpesa.books import SETTLED
from hero_onboarding.sandbox.clickpesa.failures import CONFLICT, ClickPesaAnswerError, invalid
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Customer, Json, Payment, Step
from hero_onboarding.sandbox.ids import new_id

SUCCESS: Final = "SUCCESS"
FAILED: Final = "FAILED"
REFERENCE_MAX: Final = 20
UNVERIFIED_MAX: Final = 100_000
PAID: Final = frozenset({SUCCESS, SETTLED})
_WORDS: Final = {SUCCESS: "Payment received", FAILED: "Payment failed"}
_STEPS_MAX: Final = 20

Kind = Literal["push", "card", "checkout", "bill"]


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment begins with."""

    kind: Kind
    reference: str
    amount: Decimal
    currency: str
    channel: str
    customer: Customer = Customer()
    phone: str = ""
    fee: Decimal = Decimal(0)
    exchange: Json | None = None


def check_reference(merchant: Merchant, reference: str) -> None:
    """Check that a reference is one, and new.

    Raises:
        ClickPesaAnswerError: 400 or 409.
    """
    if not reference.strip():
        raise invalid("Order reference should not be blank")
    if not (reference.isascii() and reference.isalnum()):
        raise invalid("Order reference should be alphanumeric")
    if len(reference) > REFERENCE_MAX:
        raise invalid(f"Order reference should not be longer than {REFERENCE_MAX} characters")
    if reference in merchant.store.references:
        message = f"Order reference {reference} already used: Create a different reference"
        raise ClickPesaAnswerError(CONFLICT, message)


def check_total(merchant: Merchant, amount: Decimal, currency: str) -> None:
    """Check that a payment stays within what is allowed before the merchant is known.

    Raises:
        ClickPesaAnswerError: If it does not.
    """
    if merchant.settings.is_kyc_approved or currency != "TZS":
        return
    taken = [
        one.amount
        for one in merchant.store.payments.values()
        if one.currency == "TZS" and one.status != FAILED
    ]
    if sum(taken) + amount > UNVERIFIED_MAX:
        raise invalid(f"The limit of {UNVERIFIED_MAX} TZS holds until your KYC is approved")


def open_payment(merchant: Merchant, opening: Opening) -> Payment:
    """Keep a new payment, with what its script says."""
    scripts = merchant.store.scripts
    steps = scripts.get(opening.reference, scripts.get("*", ()))
    payment = msgspec.structs.replace(make_payment(merchant, opening), steps=steps)
    merchant.store.references.add(opening.reference)
    merchant.store.payments[payment.id] = payment
    return payment


def make_payment(merchant: Merchant, opening: Opening) -> Payment:
    """Make a payment that nobody keeps yet."""
    now = merchant.now()
    return Payment(
        id=new_payment_id(opening.reference),
        status="PROCESSING",
        created_at=now,
        updated_at=now,
        **msgspec.structs.asdict(opening),
    )


def new_payment_id(reference: str) -> str:
    """Make an id as ClickPesa does."""
    return f"{reference}LCP{new_id('').upper()[:14]}"


def move(
    merchant: Merchant, payment: Payment, status: str, message: str = "", *, is_told: bool = True
) -> Payment:
    """Bring a payment into a status, and tell of it where ClickPesa does."""
    now = merchant.now()
    is_paid = status in PAID
    moved = msgspec.structs.replace(
        payment,
        status=status,
        message=message or _WORDS.get(status, payment.message),
        receipt=payment.receipt or (f"MP{new_id('').upper()[:12]}" if is_paid else ""),
        updated_at=now,
        queries=0,
        settled_at=now if status == SETTLED else payment.settled_at,
    )
    merchant.store.payments[payment.id] = moved
    books.post_change(merchant, payment, moved)
    if is_told:
        _tell(merchant, payment, moved)
    return moved


def ask_again(merchant: Merchant, payment: Payment) -> None:
    """Count a query, which may bring on the next step."""
    counted = msgspec.structs.replace(payment, queries=payment.queries + 1)
    merchant.store.payments[payment.id] = counted
    run_steps(merchant, counted)


def run_steps(merchant: Merchant, payment: Payment) -> Payment:
    """Do what a payment's script says is due."""
    for _ in range(_STEPS_MAX):
        step = payment.steps[0] if payment.steps else None
        if step is None or not _is_due(payment, step, merchant.now()):
            break
        rest = msgspec.structs.replace(payment, steps=payment.steps[1:])
        payment = move(merchant, rest, step.status, step.message, is_told=step.is_told)
    return payment


def sweep(merchant: Merchant) -> None:
    """Let happen what the clock has brought about: steps, prompts that lapse, settlement."""
    now, settings = merchant.now(), merchant.settings
    for payment in list(merchant.store.payments.values()):
        current = run_steps(merchant, payment)
        if current.steps:
            continue
        if current.is_prompt and _has_passed(current.created_at, settings.prompt_seconds, now):
            move(merchant, current, FAILED, "The payer did not answer in time")
        elif current.status == SUCCESS and _has_passed(
            current.updated_at, settings.settle_seconds, now
        ):
            move(merchant, current, SETTLED)


def _is_due(payment: Payment, step: Step, now: datetime) -> bool:
    seconds = timedelta(seconds=step.after_seconds)
    return payment.queries >= step.after_queries and now - payment.updated_at >= seconds


def _has_passed(begun_at: datetime, seconds: int, now: datetime) -> bool:
    return seconds > 0 and now - begun_at >= timedelta(seconds=seconds)


def _tell(merchant: Merchant, before: Payment, after: Payment) -> None:
    if after.status == SUCCESS and before.status not in PAID:
        data = notices.received_data(after, merchant.settings)
        merchant.emit(notices.RECEIVED, data)
    elif after.status == FAILED and before.status != FAILED:
        data = notices.failed_data(after, merchant.credentials.client_id)
        merchant.emit(notices.FAILED, data)
