"""The start: what this is, what it costs, how it works, and the way in."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response
from litestar.params import QueryParameter

from hero_onboarding.database import Transaction
from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.reading_pages import show
from hero_onboarding.http.sessions import find_user_at
from hero_onboarding.identity import find_user
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.languages import Locale
from hero_onboarding.pricing import (
    MEMORY_GB_MAX,
    STORAGE_GB_MAX,
    VCPU_MAX,
    PriceTable,
    Wanted,
    WrongWishError,
    estimate,
    find_prices,
)
from hero_onboarding.sign_in import list_addresses
from hero_onboarding.web.notices import Notice, drop_notice, find_notice
from hero_onboarding.web.pending import find_waiting_service

HOME: Final = Page("home.html", "prices")
_FIRST: Final = Wanted(2, 4, 50)
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_DIGITS: Final = 9

Vcpu = Annotated[str | None, QueryParameter(name="vcpu", required=False)]
Memory = Annotated[str | None, QueryParameter(name="memory", required=False)]
Storage = Annotated[str | None, QueryParameter(name="storage", required=False)]


@dataclass(frozen=True, slots=True)
class CostView:
    """What a machine costs, in the person's own writing; shillings where a rate is set."""

    hour: str
    month: str
    hour_tzs: str | None
    month_tzs: str | None


@dataclass(frozen=True, slots=True)
class PricesView:
    """The calculator: what was asked, its bounds, and the answer; None when it can't be asked."""

    vcpu: str
    memory: str
    storage: str
    vcpu_max: int
    memory_max: int
    storage_max: int
    cost: CostView | None


@dataclass(frozen=True, slots=True)
class HomeView:
    """The home page; without prices there is no calculator.

    ``service`` is called what waits for a sign-in, None when nothing does. ``who`` is signed in:
    a name, else an address. ``notice`` tells, once, what a sign-in did.
    """

    prices: PricesView | None
    service: str | None
    who: str | None
    notice: Notice | None


@show("/", name="home")
def show_home(
    request: Request[Any, Any, Any],
    vcpu: Vcpu = None,
    memory: Memory = None,
    storage: Storage = None,
) -> Response[str]:
    """Say what this is and what it costs; who is signed in finds the way to their dashboard."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        visitor = find_user_at(tx, request)
        service = None if visitor is None else find_waiting_service(tx, request)
        who = None if visitor is None else _who(tx, visitor)
        table = find_prices(tx)
    asked = (
        vcpu or str(_FIRST.vcpu),
        memory or str(_FIRST.memory_gb),
        storage or str(_FIRST.storage_gb),
    )
    prices = None if table is None else _prices(table, asked, locale_of(request))
    status = 422 if prices is not None and prices.cost is None else 200
    notice = find_notice(request, visitor)
    cookies = [] if notice is None else [drop_notice(services)]
    view = HomeView(prices, service, who, notice)
    return render(request, HOME, view, Answer(status, visitor=visitor, cookies=cookies))


def _who(tx: Transaction, sid: str) -> str:
    """Return how a user is greeted: by name, else by the address that was proved first."""
    user = find_user(tx, sid)
    if user is not None and user.name:
        return user.name
    addresses = list_addresses(tx, sid)
    return str(addresses[0].address) if addresses else sid


def _prices(table: PriceTable, asked: tuple[str, str, str], locale: Locale) -> PricesView:
    return PricesView(
        *asked,
        vcpu_max=VCPU_MAX,
        memory_max=MEMORY_GB_MAX,
        storage_max=STORAGE_GB_MAX,
        cost=_cost(table, asked, locale),
    )


def _cost(table: PriceTable, asked: tuple[str, str, str], locale: Locale) -> CostView | None:
    if not all(text.isascii() and text.isdigit() and len(text) < _DIGITS for text in asked):
        return None
    try:
        found = estimate(table, Wanted(*map(int, asked)))
    except WrongWishError:
        return None
    rate = table.tzs_per_usd
    return CostView(
        hour=_small(found.hour_micros, locale),
        month=locale.money(found.month_micros),
        hour_tzs=None if rate is None else _shillings(found.hour_micros, rate, locale),
        month_tzs=None if rate is None else _shillings(found.month_micros, rate, locale),
    )


def _small(micros: int, locale: Locale) -> str:
    """Write an amount; what is less than a cent and not nothing says so."""
    if 0 < micros < MICROS_PER_CENT:
        return locale.gettext("less than %(amount)s", amount=locale.money(MICROS_PER_CENT))
    return locale.money(micros)


def _shillings(micros: int, rate: int, locale: Locale) -> str:
    """Write an amount in whole shillings, cut: it is shown beside and never charged."""
    return f"TZS{_NO_BREAK}{locale.number(micros * rate // 1_000_000)}"
