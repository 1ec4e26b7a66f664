"""The page that people pay on, and the one that asks them to confirm."""

from typing import Final
from urllib.parse import urlsplit

from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.pages import Pages, read_page_form, redirect
from hero_onboarding.sandbox.stripe import sessions
from hero_onboarding.sandbox.stripe.account import Account, Visit
from hero_onboarding.sandbox.stripe.api import sweep
from hero_onboarding.sandbox.stripe.cards import WRONG_NUMBER, Card, find_card
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, missing
from hero_onboarding.sandbox.stripe.objects import Object

PAGES: Final = Pages("hero_onboarding.sandbox.stripe")
_BANK: Final = "bank"
_REFUSED: Final = 422
_KINDS: Final = ("payment_intent", "setup_intent")


def answer_page(account: Account, request: Request) -> Answer:
    """Answer somebody's browser."""
    form = read_page_form(request)
    done: Object | None = None
    with account.visit() as visit:
        sweep(visit)
        try:
            match request.method, request.segments[1:]:
                case "GET", ("pay", session_id):
                    return _show(visit, visit.shelf.get("checkout.session", session_id), form)
                case "POST", ("pay", session_id):
                    session = visit.shelf.get("checkout.session", session_id)
                    answer, done = _submit(visit, session, form)
                case "GET", ("authenticate", intent_id):
                    return _ask(visit, _intent(visit, intent_id))
                case "POST", ("authenticate", intent_id):
                    answer, done = _confirm(visit, _intent(visit, intent_id), form)
                case _:
                    raise missing("page", request.path[:100])
        except StripeAnswerError as refusal:
            return _problem(str(refusal.body["message"]), refusal.status)
    _wait_for_notice(account, done)
    return answer


def spell_amount(hundredths: int | None, currency: str | None) -> str:
    """Write an amount for people, as ``25.00 USD``."""
    if hundredths is None:
        return ""
    return f"{hundredths // 100:,}.{hundredths % 100:02d} {(currency or '').upper()}"


def _show(
    visit: Visit, session: Object, form: dict[str, str], problem: str = "", status: int = 200
) -> Answer:
    if session["status"] != "open":
        return _problem(f"This page is {session['status']}: nothing more is paid here.", 410)
    intent = visit.shelf.find("payment_intent", session["payment_intent"]) or {}
    setup = visit.shelf.find("setup_intent", session["setup_intent"]) or {}
    error = intent.get("last_payment_error") or setup.get("last_setup_error") or {}
    customer = visit.shelf.find("customer", session["customer"]) or {}
    email = session["customer_email"] or customer.get("email")
    plan = visit.backstage.plans[session["id"]]
    return PAGES.render(
        "pay.html",
        status,
        _origins(session),
        session=session,
        amount=spell_amount(session["amount_total"], session["currency"]),
        lines=[
            (line["description"], spell_amount(line["amount_total"], line["currency"]))
            for line in visit.backstage.items[session["id"]]
        ],
        problem=problem or error.get("message", ""),
        typed=form,
        email=email or "",
        is_saved=session["mode"] == "setup" or bool(plan["setup_future_usage"]),
        has_bank="us_bank_account" in session["payment_method_types"],
    )


def _submit(visit: Visit, session: Object, form: dict[str, str]) -> tuple[Answer, Object | None]:
    card = _card(form)
    if form.get("method") != _BANK and card is None:
        return _show(visit, session, form, WRONG_NUMBER.message, _REFUSED), None
    try:
        done = sessions.pay_session(visit, session, card, form)
    except StripeAnswerError as refusal:
        return _show(visit, session, form, str(refusal.body["message"]), _REFUSED), None
    if done is not None:
        return redirect(sessions.back_url(session)), done
    intent_id = session["setup_intent"] or session["payment_intent"]
    return redirect(f"{visit.account.root_url}/c/authenticate/{intent_id}"), None


def _card(form: dict[str, str]) -> Card | None:
    return None if form.get("method") == _BANK else find_card(form.get("number", ""))


def _ask(visit: Visit, intent: Object) -> Answer:
    if intent["status"] != "requires_action":
        return _problem("Nobody is asked to confirm this payment.", 410)
    session = _session_of(visit, intent)
    back = intent["next_action"]["redirect_to_url"]
    origins = _origins(session or back)
    amount = spell_amount(intent.get("amount"), intent.get("currency"))
    return PAGES.render("authenticate.html", 200, origins, intent=intent, amount=amount)


def _confirm(visit: Visit, intent: Object, form: dict[str, str]) -> tuple[Answer, Object | None]:
    is_confirmed = form.get("answer") == "confirm"
    session = _session_of(visit, intent)
    back = ((intent["next_action"] or {}).get("redirect_to_url") or {}).get("return_url")
    if session is None:
        try:
            sessions.answer_payer(visit, intent, is_confirmed=is_confirmed)
        except StripeAnswerError as refusal:
            if not back:
                return _problem(str(refusal.body["message"]), _REFUSED), None
        return (redirect(back) if back else _problem("Thank you.", 200)), None
    try:
        done = sessions.go_on(visit, session, is_confirmed=is_confirmed)
    except StripeAnswerError as refusal:
        return _show(visit, session, {}, str(refusal.body["message"]), _REFUSED), None
    return redirect(sessions.back_url(session) if done else str(back)), done


def _intent(visit: Visit, intent_id: str) -> Object:
    for kind in _KINDS:
        found = visit.shelf.find(kind, intent_id)
        if found is not None:
            return found
    raise missing("payment_intent", intent_id)


def _session_of(visit: Visit, intent: Object) -> Object | None:
    for session in visit.shelf.list_newest("checkout.session"):
        if intent["id"] in {session["payment_intent"], session["setup_intent"]}:
            return session
    return None


def _wait_for_notice(account: Account, event: Object | None) -> None:
    """Wait, as Checkout does, until the receiver was told that the session is complete."""
    settings = account.switches.settings
    if event is not None and settings.webhooks == "on" and not settings.webhook_delay_seconds:
        account.postman.wait_until_tried(event["id"], settings.checkout_wait_seconds)


def _origins(thing: Object) -> tuple[str, ...]:
    """List where the forms of a page lead in the end, for its policy."""
    found = []
    for name in ("success_url", "cancel_url", "return_url"):
        parts = urlsplit(str(thing.get(name) or ""))
        if parts.scheme in {"http", "https"}:
            found.append(f"{parts.scheme}://{parts.netloc}")
    return tuple(dict.fromkeys(found))


def _problem(message: str, status: int) -> Answer:
    return PAGES.render("problem.html", status, heading="Sandbox checkout", message=message)
