"""Top up: choose an amount, go to the provider's page, and see what became of it."""

import logging
import secrets
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody

from hero_onboarding.http import Answer, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.sessions import full_session_at, me_at, user_at
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.payments import (
    CardKeepingProvider,
    NotRefundableError,
    ProviderAnswerError,
    ProviderUnavailableError,
    RefundingProvider,
    RefundRequest,
    RefundTooLargeError,
    TopUp,
    TopUpNotFoundError,
    TopUpRequest,
    WrongRefundError,
    find_counting,
    find_own_top_up,
    left_of,
    list_disputes,
    list_refunds,
    list_top_ups,
    way_of,
)
from hero_onboarding.wallet import BalanceTooLowError, get_wallet
from hero_onboarding.web.pages.amounts import cents_of
from hero_onboarding.web.pages.refund_view import GivingView, giving_view
from hero_onboarding.web.pages.top_up_view import (
    CHIPS,
    SHOWN,
    FormView,
    Problem,
    TopUpView,
    form_view,
    top_up_view,
    with_disputes,
)

FORM: Final = Page("top_up.html")
STATE: Final = Page("top_up_state.html", "state")
ONWARD: Final = Page("top_up_onward.html")
_KEY_BYTES: Final = 16
_log = logging.getLogger(__name__)

Typed = Annotated[str, QueryParameter(name="amount", required=False)]
SessionId = Annotated[str | None, QueryParameter(name="session_id", required=False)]


@dataclass(frozen=True, slots=True)
class TopUpForm:
    """An amount that was chosen, or typed, which wins; and the key that makes repeating safe.

    ``save`` is not empty where the payer wants the card kept.
    """

    key: str
    chip: str = ""
    amount: str = ""
    save: str = ""


@dataclass(frozen=True, slots=True)
class RefundForm:
    """An amount to give back, as it was typed, and the key that makes repeating safe."""

    key: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class OnwardView:
    """Where the browser goes on, and with how much."""

    location: str
    amount: str
    company: str = "Stripe"


@get("/top-up", name="top_up", sync_to_thread=True)
def show_top_up(request: Request[Any, Any, Any], typed: Typed = "") -> Response[str]:
    """Show the amounts to choose from, and the user's last top-ups; a link may bring an amount."""
    key, chip = secrets.token_urlsafe(_KEY_BYTES), str(CHIPS[1])
    is_amount = cents_of(typed) is not None
    form = TopUpForm(key, amount=typed) if is_amount else TopUpForm(key, chip=chip)
    return _show_form(request, form)


@post("/top-up", name="submit_top_up", sync_to_thread=True)
def submit_top_up(
    request: Request[Any, Any, Any], data: URLEncodedBody[TopUpForm]
) -> Response[str]:
    """Open a top-up and send the browser to the provider; a form that is sent again opens one."""
    services = services_of(request.app.state)
    limit(request, "top-ups")
    with services.database.reading() as tx:
        sid = full_session_at(tx, request).sid if data.save else user_at(tx, request)
    cents = cents_of(data.amount.strip() or data.chip)
    way = way_of("stripe", "checkout", "USD")
    if cents is None or not way.least <= cents <= way.most:
        return _show_form(request, data, Problem.AMOUNT)
    key = f"page-{data.key}"
    asked = TopUpRequest(sid, "stripe", "checkout", cents, "USD", key, saves_card=bool(data.save))
    try:
        top_up, _ = services.cashier.open_top_up(asked)
    except (ProviderUnavailableError, ProviderAnswerError):
        return _show_form(request, data, Problem.PROVIDER)
    if not top_up.may_go_on(services.clock.now()) or top_up.redirect_url is None:
        return go_to(request, "top_up_state", [], top_up_id=str(top_up.id))
    view = OnwardView(top_up.redirect_url, locale_of(request).money(top_up.credit))
    return render(request, ONWARD, view, Answer(visitor=sid, back="/top-up"))


@get("/top-ups/{top_up_id:uuid}", name="top_up_state", sync_to_thread=True)
def show_top_up_state(
    request: Request[Any, Any, Any], top_up_id: FromPath[UUID], session_id: SessionId = None
) -> Response[str]:
    """Show what became of a user's own top-up; whoever comes back has the provider asked."""
    services = services_of(request.app.state)
    sid, top_up = own_top_up(request, top_up_id)
    is_back = session_id is not None and session_id == top_up.reference
    if is_back and session_id is not None and top_up.state.is_waiting:
        limit(request, "top-ups")
        services.cashier.ask_soon(top_up_id, session_id)
    locale = locale_of(request)
    path = f"/top-ups/{top_up_id}" + (f"?session_id={top_up.reference}" if is_back else "")
    view = _view_of(request, top_up, path, is_back=is_back)
    view = replace(view, giving=giving_at(request, top_up))
    return render(request, STATE, view, Answer(visitor=sid, locale=locale))


@post("/top-ups/{top_up_id:uuid}/refund", name="submit_refund", sync_to_thread=True)
def submit_refund(
    request: Request[Any, Any, Any], top_up_id: FromPath[UUID], data: URLEncodedBody[RefundForm]
) -> Response[str]:
    """Have a part of a user's own top-up given back; a form that is sent again does so once."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        sid = full_session_at(tx, request).sid
    limit(request, "top-ups")
    cents = cents_of(data.amount)
    asked = RefundRequest(top_up_id, cents or 0, f"page-{data.key}")
    try:
        services.cashier.refund(asked, owner=sid)
    except (WrongRefundError, RefundTooLargeError, NotRefundableError, BalanceTooLowError):
        return _show_refund_again(request, top_up_id, data)
    except (ProviderUnavailableError, ProviderAnswerError):
        _log.info("a refund of top-up %s waits for its provider", top_up_id)
    return go_to(request, "top_up_state", [], top_up_id=str(top_up_id))


def own_top_up(request: Request[Any, Any, Any], top_up_id: UUID) -> tuple[str, TopUp]:
    """Return the user who is signed in, and a top-up of theirs.

    Raises:
        SignInNeededError: If nobody is signed in.
        TopUpNotFoundError: If it is another's or nobody's.
    """
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        sid = user_at(tx, request)
    top_up = find_own_top_up(services.database, top_up_id, sid)
    if top_up is None:
        raise TopUpNotFoundError(str(top_up_id))
    return sid, top_up


def giving_at(
    request: Request[Any, Any, Any], top_up: TopUp, wrong: RefundForm | None = None
) -> GivingView:
    """Write what was given back of a top-up, and the form for more where the session is full."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        refunds = list_refunds(tx, top_up.id)
        wallet = get_wallet(tx, top_up.user_sid)
        is_full = me_at(tx, request).is_full(services.clock.now())
    provider = services.cashier.providers.get(top_up.provider)
    can = is_full and top_up.currency == "USD" and isinstance(provider, RefundingProvider)
    most = min(left_of(top_up, refunds), wallet.available // MICROS_PER_CENT) if can else 0
    form = wrong or RefundForm(secrets.token_urlsafe(_KEY_BYTES))
    typed = (form.key, form.amount)
    return giving_view(locale_of(request), refunds, most, typed, is_wrong=wrong is not None)


def _view_of(
    request: Request[Any, Any, Any], top_up: TopUp, path: str, *, is_back: bool = False
) -> TopUpView:
    """Write what became of a top-up, by its rate and its disputes."""
    services, locale = services_of(request.app.state), locale_of(request)
    with services.database.reading() as tx:
        quote, disputes = find_counting(tx, top_up), list_disputes(tx, top_up.id)
    view = top_up_view(locale, top_up, services.clock.now(), path, quote=quote, is_back=is_back)
    return with_disputes(locale, view, top_up, disputes)


def _show_refund_again(
    request: Request[Any, Any, Any], top_up_id: UUID, form: RefundForm
) -> Response[str]:
    """Show a top-up with the form as it was sent, and what can be given back."""
    sid, top_up = own_top_up(request, top_up_id)
    locale, path = locale_of(request), f"/top-ups/{top_up_id}"
    view = _view_of(request, top_up, path)
    view = replace(view, giving=giving_at(request, top_up, form))
    answer = Answer(Problem.AMOUNT.value, visitor=sid, locale=locale, back=path)
    return render(request, STATE, view, answer)


def _show_form(
    request: Request[Any, Any, Any], form: TopUpForm, problem: Problem | None = None
) -> Response[str]:
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        sid = user_at(tx, request)
        is_full = me_at(tx, request).is_full(services.clock.now())
        page = list_top_ups(tx, sid, None, size=SHOWN)
    locale = locale_of(request)
    view: FormView = form_view(locale, page.items, (form.key, form.chip, form.amount), problem)
    can_save = is_full and isinstance(services.cashier.providers.get("stripe"), CardKeepingProvider)
    has_shillings = "clickpesa" in services.cashier.providers
    view = replace(view, can_save=can_save, saves=bool(form.save), has_shillings=has_shillings)
    if not services.cashier.providers:
        view = FormView(is_off=True)
    status = 200 if problem is None else problem.value
    return render(request, FORM, view, Answer(status, visitor=sid, locale=locale, back="/top-up"))
