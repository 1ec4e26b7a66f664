"""Top up in shillings: choose an amount and a way, see what it is worth, then pay."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import URLEncodedBody

from hero_onboarding.exchange import NoRateError, Rate, find_rate, micros_of
from hero_onboarding.http import Answer, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.sessions import user_at
from hero_onboarding.payments import (
    AskingProvider,
    CheckoutRefusedError,
    PhoneWay,
    ProviderAnswerError,
    ProviderUnavailableError,
    TopUpRequest,
    WrongTopUpError,
    order_reference_of_key,
    read_phone,
)
from hero_onboarding.web.pages.shillings_view import (
    CHIPS,
    WAYS,
    Chosen,
    ShillingsView,
    confirm_view,
    shillings_view,
)
from hero_onboarding.web.pages.top_up import ONWARD, OnwardView

FORM: Final = Page("top_up_shillings.html")
CONFIRM: Final = Page("top_up_confirm.html")
PROVIDER: Final = "clickpesa"
_CURRENCY: Final = "TZS"
_TYPED: Final = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2}|[0-9]{1,3}([.][0-9]{3}){1,2}")
"""Whole shillings, all digits or in groups of three: whatever could be cents is none."""

_SPACES: Final = str.maketrans("", "", " \u00a0\u202f'")
_GROUPS: Final = str.maketrans("", "", ",.")
_KEY_BYTES: Final = 16
_KEY_CHARACTERS_MAX: Final = 60
_STATUS: Final = {"": 200, "provider": 503}


@dataclass(frozen=True, slots=True)
class ShillingsForm:
    """An amount that was chosen, or typed, which wins; a way, a phone, and the key of repeats."""

    key: str
    chip: str = ""
    amount: str = ""
    way: str = ""
    phone: str = ""
    applied: str = ""


class _WrongFieldError(Exception):
    """A field of the form can't be; the argument is its name. Never leaves this module."""


@get("/top-up/shillings", name="shillings", sync_to_thread=True)
def show_shillings(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the amounts and ways in shillings, and the rate."""
    chosen = Chosen(secrets.token_urlsafe(_KEY_BYTES), chip=str(CHIPS[1]))
    return _show_form(request, chosen, "")


@post("/top-up/shillings", name="confirm_shillings", status_code=200, sync_to_thread=True)
def confirm_shillings(
    request: Request[Any, Any, Any], data: URLEncodedBody[ShillingsForm]
) -> Response[str]:
    """Say what a payment will be worth before anybody is asked for it; nothing changes."""
    limit(request, "top-ups")
    try:
        asked = _request_of(request, data)
        ways = _phone_ways(request, asked)
    except _WrongFieldError as wrong:
        return _show_form(request, _chosen(data), str(wrong))
    return _show_worth(request, data, asked, ways)


@post("/top-up/shillings/pay", name="pay_shillings", sync_to_thread=True)
def pay_shillings(
    request: Request[Any, Any, Any], data: URLEncodedBody[ShillingsForm]
) -> Response[str]:
    """Open the top-up; a form that is sent again opens one. Then the page of what becomes of it."""
    limit(request, "top-ups")
    try:
        asked = _request_of(request, data)
        rate = _rate_at(request)
        if rate is not None and data.applied != str(rate.applied):
            return _show_worth(request, data, asked, (), is_changed=True)
        top_up, _ = services_of(request.app.state).cashier.open_top_up(asked)
    except _WrongFieldError as wrong:
        return _show_form(request, _chosen(data), str(wrong))
    except (ProviderUnavailableError, ProviderAnswerError, NoRateError):
        return _show_form(request, _chosen(data), "provider")
    now = services_of(request.app.state).clock.now()
    if not top_up.may_go_on(now) or top_up.redirect_url is None:
        return go_to(request, "top_up_state", [], top_up_id=str(top_up.id))
    view = OnwardView(top_up.redirect_url, locale_of(request).shillings(top_up.amount), "ClickPesa")
    answer = Answer(visitor=top_up.user_sid, back="/top-up/shillings")
    return render(request, ONWARD, view, answer)


def _show_worth(
    request: Request[Any, Any, Any],
    data: ShillingsForm,
    asked: TopUpRequest,
    ways: Sequence[PhoneWay],
    *,
    is_changed: bool = False,
) -> Response[str]:
    """Show what is paid and what for; with the rate that it is by, so that none takes its place."""
    rate = _rate_at(request)
    if rate is None:
        return _show_form(request, _chosen(data), "")
    worth = micros_of(asked.amount, rate.applied)
    view = confirm_view(locale_of(request), rate, asked, worth, ways)
    view = replace(view, key=data.key, applied=str(rate.applied), is_changed=is_changed)
    return render(request, CONFIRM, view, Answer(visitor=asked.user_sid, back="/top-up/shillings"))


def _request_of(request: Request[Any, Any, Any], data: ShillingsForm) -> TopUpRequest:
    """Read the form.

    Raises:
        SignInNeededError: If nobody is signed in.
        _WrongFieldError: Naming the field that can't be.
    """
    with services_of(request.app.state).database.reading() as tx:
        sid = user_at(tx, request)
    if data.way not in WAYS:
        raise _WrongFieldError("way")
    typed = (data.amount.strip() or data.chip).translate(_SPACES)
    if not typed.isascii() or _TYPED.fullmatch(typed) is None:
        raise _WrongFieldError("amount")
    shillings = int(typed.translate(_GROUPS))
    try:
        phone = read_phone(data.phone) if data.way == "push" else None
    except WrongTopUpError:
        raise _WrongFieldError("phone") from None
    key = f"page-{data.key[:_KEY_CHARACTERS_MAX]}"
    asked = TopUpRequest(sid, PROVIDER, data.way, shillings * 100, _CURRENCY, key, phone)
    try:
        asked.require_sound()
    except WrongTopUpError:
        raise _WrongFieldError("amount") from None
    return asked


def _phone_ways(request: Request[Any, Any, Any], asked: TopUpRequest) -> Sequence[PhoneWay]:
    """Ask what the phone's operator takes on top; none where nobody tells now.

    Raises:
        _WrongFieldError: If the phone can't be asked.
    """
    provider = services_of(request.app.state).cashier.providers.get(PROVIDER)
    if asked.phone is None or not isinstance(provider, AskingProvider):
        return ()
    reference = order_reference_of_key(asked.user_sid, asked.key)
    try:
        return provider.preview_phone(asked.amount, reference, asked.phone)
    except CheckoutRefusedError:
        raise _WrongFieldError("phone") from None
    except (ProviderUnavailableError, ProviderAnswerError):
        return ()


def _rate_at(request: Request[Any, Any, Any]) -> Rate | None:
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        try:
            return find_rate(tx, _CURRENCY, services.clock.now())
        except NoRateError:
            return None


def _chosen(data: ShillingsForm) -> Chosen:
    return Chosen(data.key, data.chip, data.amount, data.way, data.phone)


def _show_form(request: Request[Any, Any, Any], chosen: Chosen, wrong: str) -> Response[str]:
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        sid = user_at(tx, request)
    locale, rate = locale_of(request), _rate_at(request)
    view = ShillingsView(is_off=True)
    if rate is not None and PROVIDER in services.cashier.providers:
        view = shillings_view(locale, rate, chosen, wrong)
    answer = Answer(_STATUS.get(wrong, 422), visitor=sid, locale=locale, back="/top-up/shillings")
    return render(request, FORM, view, answer)
