"""The control room as a page for people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from hero_onboarding.sandbox.desk import SHOWN, Desk
from hero_onboarding.sandbox.errors import BadOrderError
from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.pages import read_page_form, redirect
from hero_onboarding.sandbox.stripe import dashboard
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.page import PAGES, spell_amount

Submit = Callable[[Desk, Request], Answer]

_KINDS: Final = ("checkout.session", "payment_intent", "charge", "refund", "dispute", "payout")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to be done to a payment: which act, and what it is told."""

    label: str
    act: str
    orders: Mapping[str, str | int]
    names: str


DEEDS: Final = (
    Deed("Refund it all", "refunds", {}, "payment_intent"),
    Deed("Open a dispute", "disputes", {}, "payment_intent"),
    Deed("Open an inquiry", "disputes", {"status": "warning_needs_response"}, "payment_intent"),
    Deed("Delayed payment arrives", "payments", {"status": "succeeded"}, "payment_intent"),
    Deed("Delayed payment fails", "payments", {"status": "failed"}, "payment_intent"),
    Deed("Dispute won", "disputes", {"status": "won"}, "dispute"),
    Deed("Dispute lost", "disputes", {"status": "lost"}, "dispute"),
    Deed("Refund succeeds", "refunds", {"status": "succeeded"}, "refund"),
    Deed("Refund fails", "refunds", {"status": "failed"}, "refund"),
    Deed("Pay out what is available", "payouts", {}, ""),
    Deed("Fill in balance transactions", "balance-transactions", {}, ""),
    Deed("Take a monthly fee of 2.00 USD", "fees", {"amount": 200}, ""),
)


def show_page(visit: Visit, _request: Request, problem: str = "") -> Answer:
    """Show the page, and what was wrong with the last form."""
    return visit.account.desk.render(
        PAGES,
        problem,
        room="/sandbox/stripe",
        first_path="/v1/",
        root_url=visit.account.root_url,
        deeds=DEEDS,
        things=[row for kind in _KINDS for row in _rows(visit, kind)],
    )


def submitting(submit: Submit) -> Callable[[Visit, Request], Answer]:
    """Let the desk take a form, and show the page again if something is wrong with it."""

    def answer(visit: Visit, request: Request) -> Answer:
        try:
            return submit(visit.account.desk, request)
        except BadOrderError as wrong:
            return show_page(visit, request, str(wrong))

    return answer


def submit_act(visit: Visit, request: Request) -> Answer:
    """Do one thing to a payment."""
    form = read_page_form(request)
    for deed in DEEDS:
        if deed.label == form.get("deed"):
            order = {**deed.orders, **({deed.names: form.get("id", "")} if deed.names else {})}
            try:
                dashboard.ACTS[deed.act](visit, msgspec.json.encode(order))
            except StripeAnswerError as refusal:
                return show_page(visit, request, str(refusal.body["message"]))
            return redirect("/sandbox")
    return show_page(visit, request, "There is no such deed.")


def _rows(visit: Visit, kind: str) -> list[tuple[str, str, str, str]]:
    def amount(thing: Object) -> str:
        hundredths = thing.get("amount", thing.get("amount_total"))
        return spell_amount(hundredths, thing.get("currency"))

    newest = visit.shelf.list_newest(kind)[:SHOWN]
    return [(kind, thing["id"], amount(thing), thing["status"]) for thing in newest]
