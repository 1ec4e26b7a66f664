"""The account: its balance, its statement, rates of exchange."""

from decimal import Decimal
from typing import Final

from hero_onboarding.sandbox.clickpesa import books
from hero_onboarding.sandbox.clickpesa.amounts import as_number
from hero_onboarding.sandbox.clickpesa.failures import invalid, missing
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Json, Line
from hero_onboarding.sandbox.clickpesa.routing import Body, Call, Route
from hero_onboarding.sandbox.clickpesa.times import day_of, read_day, spell_time


class Span(Body, frozen=True, kw_only=True):
    """Which lines are wanted."""

    currency: str
    start_date: str = ""
    end_date: str = ""


class Pair(Body, frozen=True, kw_only=True):
    """Which rates are wanted."""

    source: str = ""
    target: str = ""


def get_balance(merchant: Merchant, _call: Call) -> list[Json]:
    """Give the balances; there are none before the first payment or deposit."""
    store = merchant.store
    if not store.lines and not any(one.receipt for one in store.payments.values()):
        raise missing("The account has no balance yet")
    held = {"TZS", *(one.currency for one in store.lines)}
    return [
        {"currency": currency, "balance": as_number(books.balance_of(merchant, currency))}
        for currency in books.CURRENCIES
        if currency in held
    ]


def get_statement(merchant: Merchant, call: Call) -> Json:
    """Give the lines of some days, and what was there before and after."""
    wanted = call.read_query(Span)
    if wanted.currency not in books.CURRENCIES:
        raise invalid("currency must be TZS or USD")
    zone = merchant.settings.query_zone
    first = read_day(wanted.start_date, "startDate") if wanted.start_date else None
    last = read_day(wanted.end_date, "endDate") if wanted.end_date else None
    lines = [one for one in merchant.store.lines if one.currency == wanted.currency]
    earlier = [one for one in lines if first is not None and day_of(one.at, zone) < first]
    shown = [one for one in lines[len(earlier) :] if last is None or day_of(one.at, zone) <= last]
    opening = earlier[-1].balance if earlier else Decimal(0)
    return {
        "accountDetails": {
            "currency": wanted.currency,
            "openingBalance": as_number(opening),
            "closingBalance": as_number(shown[-1].balance if shown else opening),
            "totalCredits": as_number(_sum(shown, "Credit")),
            "totalDebits": as_number(_sum(shown, "Debit")),
        },
        "transactions": [_show(one) for one in shown],
    }


def list_rates(merchant: Merchant, call: Call) -> list[Json]:
    """Give the rates of both directions, or of one."""
    wanted = call.read_query(Pair)
    settings = merchant.settings
    rates = [("USD", "TZS", settings.usd_to_tzs), ("TZS", "USD", settings.tzs_to_usd)]
    return [
        {"source": source, "target": target, "rate": rate, "date": spell_time(merchant.now())}
        for source, target, rate in rates
        if wanted.source in {"", source} and wanted.target in {"", target}
    ]


def _sum(lines: list[Line], entry: str) -> Decimal:
    return sum((one.amount for one in lines if one.entry == entry), Decimal(0))


def _show(line: Line) -> Json:
    return {
        "id": line.id,
        "date": spell_time(line.at),
        "description": f"{line.type} {line.reference}".strip(),
        "entry": line.entry,
        "type": line.type,
        "amount": as_number(line.amount),
        "balance": as_number(line.balance),
        "currency": line.currency,
        "orderReference": line.reference,
    }


ROUTES: Final = (
    Route("GET", "/account/balance", get_balance),
    Route("GET", "/account/statement", get_statement),
    Route("GET", "/exchange-rates/all", list_rates),
)
