"""The balance, what it is made of, and payouts."""

from typing import Literal

from hero_onboarding.sandbox.stripe import books
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.listing import fits_all, list_page
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.parameters import ListParameters, Parameters
from hero_onboarding.sandbox.stripe.routing import Call, Route


class EntryList(ListParameters, frozen=True):
    """Which balance transactions are wanted."""

    type: str | None = None
    source: str | None = None
    payout: str | None = None
    currency: str | None = None


class PayoutList(ListParameters, frozen=True):
    """Which payouts are wanted."""

    status: Literal["paid", "pending", "in_transit", "canceled", "failed"] | None = None


def get_balance(visit: Visit, call: Call) -> Object:
    """Sum what is available and what is pending."""
    call.read(Parameters)
    entries = visit.shelf.list_newest("balance_transaction")
    sums = {status: books.total(entries, status) for status in ("available", "pending")}
    return {
        "object": "balance",
        "livemode": visit.settings.is_livemode,
        **{
            status: [{"amount": cents, "currency": "usd", "source_types": {"card": cents}}]
            for status, cents in sums.items()
        },
    }


def get_entry(visit: Visit, call: Call) -> Object:
    """Give a balance transaction."""
    call.read(Parameters)
    return visit.shelf.get("balance_transaction", call.id)


def list_entries(visit: Visit, call: Call) -> Object:
    """List balance transactions."""
    wanted = call.read(EntryList)
    visit.find_in("payout", wanted.payout, "payout")
    fits = fits_all(type=wanted.type, source=wanted.source, currency=wanted.currency)
    payouts = visit.backstage.payouts
    return list_page(
        visit,
        call.path,
        "balance_transaction",
        wanted,
        lambda thing: fits(thing) and wanted.payout in {None, payouts.get(thing["id"])},
    )


def get_payout(visit: Visit, call: Call) -> Object:
    """Give a payout."""
    call.read(Parameters)
    return visit.shelf.get("payout", call.id)


def list_payouts(visit: Visit, call: Call) -> Object:
    """List payouts."""
    wanted = call.read(PayoutList)
    return list_page(visit, call.path, "payout", wanted, fits_all(status=wanted.status))


ROUTES = (
    Route("GET", "/v1/balance", get_balance),
    Route("GET", "/v1/balance_transactions", list_entries),
    Route("GET", "/v1/balance_transactions/{id}", get_entry),
    Route("GET", "/v1/payouts", list_payouts),
    Route("GET", "/v1/payouts/{id}", get_payout),
)
