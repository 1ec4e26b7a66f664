"""Payment methods: saved cards, automatic top-ups, and when to be told of a low balance."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import URLEncodedBody

from hero_onboarding.contacts import list_emails
from hero_onboarding.database import Transaction
from hero_onboarding.http import Answer, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.sessions import full_session_at, me_at
from hero_onboarding.kernel.money import micros_from_cents
from hero_onboarding.payments import (
    AutomaticWish,
    CardKeepingProvider,
    CardNotFoundError,
    WrongAlertError,
    WrongAutomaticTopUpError,
    agree,
    find_automatic,
    get_alert,
    let_go_of_card,
    list_cards,
    set_alert,
    turn_off,
    watch_later,
)
from hero_onboarding.wallet import get_wallet
from hero_onboarding.web.pages.amounts import cents_of
from hero_onboarding.web.pages.payment_methods_view import (
    NOTHING_SENT,
    AlertForm,
    AutomaticForm,
    Known,
    Sent,
    payment_methods_view,
)

PAGE: Final = Page("payment_methods.html")
_HERE: Final = "payment_methods"
_WRONG: Final = 422


@dataclass(frozen=True, slots=True)
class CardForm:
    """Which card is to be removed."""

    card_id: str


@get("/payment-methods", name=_HERE, sync_to_thread=True)
def show_payment_methods(request: Request[Any, Any, Any]) -> Response[str]:
    """Show what there is, and the forms."""
    return _show(request)


@post("/payment-methods/automatic", name="submit_automatic", sync_to_thread=True)
def submit_automatic(
    request: Request[Any, Any, Any], data: URLEncodedBody[AutomaticForm]
) -> Response[str]:
    """Turn automatic top-ups on with what the user agrees to; repeating is safe."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        sid = full_session_at(tx, request).sid
    limit(request, "top-ups")
    now = services.clock.now()
    try:
        with services.database.transaction() as tx:
            agree(tx, _wish(sid, data), now)
            watch_later(tx, now)
    except WrongAutomaticTopUpError as error:
        return _show(request, Sent(automatic=data, wrong=error.field))
    except CardNotFoundError:
        return _show(request, Sent(automatic=data, wrong="card"))
    return go_to(request, _HERE, [])


@post("/payment-methods/automatic/off", name="turn_off_automatic", sync_to_thread=True)
def submit_turn_off(request: Request[Any, Any, Any]) -> Response[str]:
    """Turn automatic top-ups off; repeating is safe."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        turn_off(tx, full_session_at(tx, request).sid, services.clock.now())
    return go_to(request, _HERE, [])


@post("/payment-methods/cards/remove", name="remove_card", sync_to_thread=True)
def submit_remove_card(
    request: Request[Any, Any, Any], data: URLEncodedBody[CardForm]
) -> Response[str]:
    """Let go of one of the user's own cards; repeating is safe."""
    services = services_of(request.app.state)
    card_id = _uuid(data.card_id)
    with services.database.transaction() as tx:
        sid = full_session_at(tx, request).sid
        if card_id is None:
            raise CardNotFoundError(data.card_id[:40])
        let_go_of_card(tx, sid, card_id, services.clock.now())
    return go_to(request, _HERE, [])


@post("/payment-methods/alert", name="submit_alert", sync_to_thread=True)
def submit_alert(request: Request[Any, Any, Any], data: URLEncodedBody[AlertForm]) -> Response[str]:
    """Set below which balance the user is told, or that they are not; repeating is safe."""
    services = services_of(request.app.state)
    now = services.clock.now()
    try:
        with services.database.transaction() as tx:
            sid = full_session_at(tx, request).sid
            micros = micros_from_cents(cents_of(data.threshold) or 0)
            set_alert(tx, sid, micros, now, is_on=bool(data.told))
            watch_later(tx, now)
    except WrongAlertError:
        return _show(request, Sent(alert=data, wrong="alert"))
    return go_to(request, _HERE, [])


def _wish(sid: str, form: AutomaticForm) -> AutomaticWish:
    """Read the form; what can't be read is as wrong as what can't be.

    Raises:
        WrongAutomaticTopUpError: Naming the field.
    """
    if not form.agreed:
        raise WrongAutomaticTopUpError("agreed", "the user has to agree")
    card_id = _uuid(form.card)
    if card_id is None:
        raise WrongAutomaticTopUpError("card", "the card is none")
    return AutomaticWish(
        user_sid=sid,
        card_id=card_id,
        threshold=micros_from_cents(cents_of(form.threshold) or 0),
        amount=cents_of(form.amount) or 0,
        daily_cap=cents_of(form.daily) or 0,
        monthly_cap=cents_of(form.monthly) or 0,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _known(tx: Transaction, request: Request[Any, Any, Any]) -> tuple[str, Known]:
    services = services_of(request.app.state)
    session, now = me_at(tx, request), services.clock.now()
    sid = session.sid
    providers = services.cashier.providers.values()
    known = Known(
        now=now,
        is_full=session.is_full(now),
        can_save=any(isinstance(one, CardKeepingProvider) for one in providers),
        has_address=any(email.verified_at is not None for email in list_emails(tx, sid)),
        cards=list_cards(tx, sid),
        automatic=find_automatic(tx, sid),
        alert=get_alert(tx, sid),
        owes=get_wallet(tx, sid).owed > 0,
    )
    return sid, known


def _show(request: Request[Any, Any, Any], sent: Sent = NOTHING_SENT) -> Response[str]:
    with services_of(request.app.state).database.reading() as tx:
        sid, known = _known(tx, request)
    locale = locale_of(request)
    view = payment_methods_view(locale, known, sent)
    status = _WRONG if sent.wrong else 200
    answer = Answer(status, visitor=sid, locale=locale, back="/payment-methods")
    return render(request, PAGE, view, answer)
