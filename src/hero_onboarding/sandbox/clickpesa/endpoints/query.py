"""Queries: the payments of one reference, and all of them by filters."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final, Literal

from msgspec import Meta

from hero_onboarding.sandbox.clickpesa import payments
from hero_onboarding.sandbox.clickpesa.amounts import as_number, as_text
from hero_onboarding.sandbox.clickpesa.failures import invalid, missing
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Json, Payment
from hero_onboarding.sandbox.clickpesa.routing import Body, Call, Route
from hero_onboarding.sandbox.clickpesa.times import day_of, read_day, spell_time

_FILTERS: Final = {
    "status": "status",
    "collected_currency": "collectedCurrency",
    "channel": "channel",
    "id": "id",
    "order_reference": "orderReference",
    "client_id": "clientId",
}
Test = Callable[[Payment], bool]


class Filters(Body, frozen=True, kw_only=True):
    """Which payments are wanted."""

    start_date: str = ""
    end_date: str = ""
    status: str = ""
    collected_currency: str = ""
    channel: str = ""
    id: str = ""
    order_reference: str = ""
    client_id: str = ""
    sort_by: str = "createdAt"
    order_by: Literal["ASC", "DESC"] = "DESC"
    skip: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1)] = 20
    search: str = ""


def get_payments(merchant: Merchant, call: Call) -> list[Json]:
    """Give the payments of a reference, and count that they were asked for."""
    found = [
        one
        for one in merchant.store.find_payments(call.names["reference"])
        if not _is_hidden(merchant, one)
    ]
    if not found:
        raise missing("The payment is invalid or missing")
    shown = [show(merchant, one) for one in found]
    for one in found:
        payments.ask_again(merchant, one)
    return shown


def list_payments(merchant: Merchant, call: Call) -> Json:
    """Give one page of all payments, and how many fit."""
    wanted = call.read_query(Filters)
    tests = _tests(merchant, wanted)
    fitting = [
        one
        for one in merchant.store.payments.values()
        if not _is_hidden(merchant, one) and all(test(one) for test in tests)
    ]
    rows = [show(merchant, one) for one in fitting]
    # Rows of equal rank keep the order in which they were made, or the reverse of it.
    rows.sort(key=lambda row: _rank(row.get(wanted.sort_by, "")))
    if wanted.order_by == "DESC":
        rows.reverse()
    limit = min(wanted.limit, merchant.settings.query_limit_max)
    return {"data": rows[wanted.skip : wanted.skip + limit], "totalCount": len(rows)}


def show(merchant: Merchant, payment: Payment) -> Json:
    """Spell a payment as queries do."""
    spell = as_number if merchant.settings.query_amounts == "number" else as_text
    answer: Json = {
        "id": payment.id,
        "status": payment.status,
        "paymentReference": payment.receipt,
        "orderReference": payment.reference,
        "collectedAmount": spell(payment.amount),
        "collectedCurrency": payment.currency,
        "message": payment.message,
        "channel": payment.channel,
        "createdAt": spell_time(payment.created_at),
        "updatedAt": spell_time(payment.updated_at),
        "customer": payment.customer.show(),
        "clientId": merchant.credentials.client_id,
        "exchanged": payment.exchange is not None,
    }
    if payment.phone:
        answer["paymentPhoneNumber"] = payment.phone
    if payment.exchange is not None:
        answer["exchange"] = payment.exchange
    return answer


def _rank(value: object) -> tuple[float, str]:
    return (value, "") if isinstance(value, int | float) else (0, str(value))


def _is_hidden(merchant: Merchant, payment: Payment) -> bool:
    hidden = timedelta(seconds=merchant.settings.hidden_seconds)
    return merchant.now() - payment.created_at < hidden


def _tests(merchant: Merchant, wanted: Filters) -> list[Test]:
    pairs = [(wire, getattr(wanted, name)) for name, wire in _FILTERS.items()]
    tests: list[Test] = [_equals(merchant, wire, text) for wire, text in pairs if text]
    for pair in filter(None, wanted.search.split(",")):
        name, equals, word = pair.partition("=")
        if not equals:
            raise invalid("search must be field=word,field2=word2")
        tests.append(_holds(merchant, name.strip(), word.strip()))
    zone = merchant.settings.query_zone
    if wanted.start_date:
        first = read_day(wanted.start_date, "startDate")
        tests.append(lambda payment: day_of(payment.created_at, zone) >= first)
    if wanted.end_date:
        last = read_day(wanted.end_date, "endDate")
        tests.append(lambda payment: day_of(payment.created_at, zone) <= last)
    return tests


def _equals(merchant: Merchant, name: str, text: str) -> Test:
    return lambda payment: str(show(merchant, payment)[name]) == text


def _holds(merchant: Merchant, name: str, word: str) -> Test:
    return lambda payment: word.lower() in str(show(merchant, payment).get(name, "")).lower()


ROUTES: Final = (
    Route("GET", "/payments/all", list_payments),
    Route("GET", "/payments/{reference}", get_payments),
)
