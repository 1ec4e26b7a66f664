"""Checkout Sessions: how they are paid, cancelled by time, and end."""

from typing import Any

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe import books, charging, intents, methods
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.cards import Card
from hero_onboarding.sandbox.stripe.charging import Attempt
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, invalid
from hero_onboarding.sandbox.stripe.intents import Plan
from hero_onboarding.sandbox.stripe.objects import Object

DONE_EVENT = "checkout.session.completed"


def expire_session(visit: Visit, session: Object) -> None:
    """End a session that nobody paid.

    Raises:
        StripeAnswerError: If it is not open.
    """
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session['status']}."
        )
        raise invalid(message)
    visit.change(session, status="expired", url=None)
    intent = visit.shelf.find("payment_intent", session["payment_intent"])
    if intent is not None and intent["status"] in intents.OPEN_STATES:
        intents.cancel_intent(visit, intent, "automatic")
    visit.emit("checkout.session.expired", session)


def expire_due(visit: Visit) -> None:
    """End every session whose time is over."""
    now = visit.now()
    for session in visit.shelf.list_newest("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= now:
            expire_session(visit, session)


def pay_session(visit: Visit, session: Object, card: Card | None, payer: Object) -> Object | None:
    """Pay, or save a card, as the page does; without a card a bank account is taken.

    Returns the event that says that the session is complete; None while the payer has to confirm.

    Raises:
        StripeAnswerError: 402 if the card was declined, 400 if the session is over.
    """
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.")
    if card is None and "us_bank_account" not in session["payment_method_types"]:
        raise invalid("This Checkout Session takes cards only.", param="method")
    _note_payer(visit, session, payer)
    billing = {"email": payer.get("email"), "name": payer.get("name")}
    method = (
        methods.open_bank_account(visit, billing)
        if card is None
        else methods.open_card(visit, card, billing)
    )
    back = f"{visit.account.root_url}/c/pay/{session['id']}"
    how = Attempt(return_url=back)
    if session["mode"] == "setup":
        setup = visit.shelf.get("setup_intent", session["setup_intent"])
        intents.confirm_setup(visit, setup, method, how)
        return _complete(visit, session)
    intent = _intent_of(visit, session)
    charging.attempt(visit, intent, method, how)
    return _complete(visit, session)


def go_on(visit: Visit, session: Object, *, is_confirmed: bool) -> Object | None:
    """Go on after the payer was asked to confirm, with what they said.

    Raises:
        StripeAnswerError: 402 if the card was declined all the same, 400 if nobody was asked.
    """
    kind = "setup_intent" if session["mode"] == "setup" else "payment_intent"
    answer_payer(visit, visit.shelf.get(kind, str(session[kind])), is_confirmed=is_confirmed)
    return _complete(visit, session)


def answer_payer(visit: Visit, intent: Object, *, is_confirmed: bool) -> None:
    """Take what a payer said on the page that asked them to confirm.

    Raises:
        StripeAnswerError: 402 if the card was declined all the same, 400 if nobody was asked.
    """
    if intent["status"] != "requires_action":
        raise invalid("Nobody is asked to confirm this payment.")
    method = visit.shelf.get("payment_method", intent["payment_method"])
    how = Attempt(is_authenticated=True)
    match intent["object"], is_confirmed:
        case "setup_intent", True:
            intents.confirm_setup(visit, intent, method, how)
        case "setup_intent", False:
            intents.refuse_setup(visit, intent)
        case _, True:
            charging.attempt(visit, intent, method, how)
        case _:
            charging.refuse_authentication(visit, intent)


def finish_delayed(visit: Visit, intent: Object) -> None:
    """Tell the session of an intent how its delayed payment ended."""
    session = visit.shelf.find("checkout.session", visit.backstage.sessions.get(intent["id"]))
    if session is None:
        return
    if intent["status"] == "succeeded":
        visit.change(session, payment_status="paid")
        visit.emit("checkout.session.async_payment_succeeded", session)
    else:
        visit.emit("checkout.session.async_payment_failed", session)


def back_url(session: Object) -> str:
    """Give the address that a payer is sent back to."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _complete(visit: Visit, session: Object) -> Object | None:
    kind = "setup_intent" if session["mode"] == "setup" else "payment_intent"
    intent = visit.shelf.get(kind, session[kind])
    if intent["status"] not in {"succeeded", "processing"}:
        return None
    if session["mode"] == "payment":
        is_paid = intent["status"] == "succeeded"
        visit.change(session, payment_status="paid" if is_paid else "unpaid")
    visit.change(session, status="complete", url=None)
    event = visit.emit(DONE_EVENT, session)
    if session["mode"] == "payment":
        charging.follow_up(visit, intent)
    return event


def _note_payer(visit: Visit, session: Object, payer: Object) -> None:
    customer = visit.shelf.find("customer", session["customer"])
    email = (customer or {}).get("email") or session["customer_email"] or payer.get("email") or None
    if not email:
        raise invalid("An e-mail address is needed.", param="email")
    details: Object = {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": payer.get("name"),
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    visit.change(session, customer_details=details)
    saves = bool(visit.backstage.plans[session["id"]].get("setup_future_usage"))
    if customer is None and (session["customer_creation"] == "always" or saves):
        made = open_customer(visit, {"email": email, "name": payer.get("name")})
        visit.change(session, customer=made["id"])
        setup = visit.shelf.find("setup_intent", session["setup_intent"])
        if setup is not None:
            visit.change(setup, customer=made["id"])


def open_customer(visit: Visit, fields: dict[str, Any]) -> Object:
    """Make a customer."""
    blank: Object = {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("")[:8].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "metadata": {},
        "name": None,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    customer = visit.open("customer", {**blank, **fields})
    visit.emit("customer.created", customer)
    return customer


def _intent_of(visit: Visit, session: Object) -> Object:
    """Return the session's intent; it is made when somebody first pays."""
    found = visit.shelf.find("payment_intent", session["payment_intent"])
    if found is not None:
        visit.change(found, customer=session["customer"])
        return found
    more = visit.backstage.plans[session["id"]]
    plan = Plan(
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        payment_method_types=session["payment_method_types"],
        **more,
    )
    intent = intents.open_intent(visit, plan)
    visit.backstage.sessions[intent["id"]] = session["id"]
    visit.change(session, payment_intent=intent["id"])
    return intent


def check_total(visit: Visit, total: int, currency: str) -> None:
    """Refuse a session whose total can't be paid.

    Raises:
        StripeAnswerError: 400 with the code of what is wrong.
    """
    try:
        books.check_amount(visit, total, currency, "line_items")
    except StripeAnswerError as refusal:
        if refusal.body.get("code") == "amount_too_small":
            message = "The Checkout Session's total amount must convert to at least 50 cents."
            raise invalid(message, code="amount_too_small") from refusal
        raise
