"""The control room, by JSON and as a page for people."""

from collections.abc import Callable
from typing import Final

import msgspec

from hero_onboarding.sandbox.clickpesa import dashboard, payments
from hero_onboarding.sandbox.clickpesa.amounts import as_text
from hero_onboarding.sandbox.clickpesa.api import PREFIX
from hero_onboarding.sandbox.clickpesa.failures import (
    NOT_FOUND,
    ClickPesaAnswerError,
    failure_answer,
    invalid,
    missing,
)
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.page import PAGES, spell_money
from hero_onboarding.sandbox.desk import SHOWN, Desk
from hero_onboarding.sandbox.errors import BadOrderError, NothingThereError
from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
from hero_onboarding.sandbox.pages import read_page_form, redirect

Room = Callable[[Merchant, Request], Answer]
Ask = Callable[[Desk, Request], Answer]

STATUSES: Final = (
    "PENDING",
    "PROCESSING",
    "SUCCESS",
    "SETTLED",
    "FAILED",
    "ON-HOLD",
    "REFUNDED",
    "REVERSED",
)


def answer_control(merchant: Merchant, request: Request) -> Answer:
    """Answer a request to the control room."""
    try:
        room = rooms().get((request.method, request.path.rstrip("/")))
        if room is None:
            raise missing(f"There is no room {request.path[:100]}")
        with merchant.lock:
            payments.sweep(merchant)
            return room(merchant, request)
    except ClickPesaAnswerError as failure:
        return failure_answer(failure)
    except BadOrderError as problem:
        return failure_answer(invalid(str(problem)))
    except NothingThereError as problem:
        return failure_answer(ClickPesaAnswerError(NOT_FOUND, str(problem)))


def rooms() -> dict[tuple[str, str], Room]:
    """List the control room's routes, those of the page's forms included."""
    acts = {
        ("POST", f"/sandbox/clickpesa/{name}"): _acting(act) for name, act in dashboard.ACTS.items()
    }
    return {
        ("GET", "/sandbox"): show_page,
        ("POST", "/sandbox/clickpesa/settings"): _submitting(Desk.submit_settings),
        ("POST", "/sandbox/clickpesa/fault"): _submitting(Desk.submit_fault),
        ("POST", "/sandbox/clickpesa/reset"): _submitting(Desk.submit_reset),
        ("POST", "/sandbox/clickpesa/act"): submit_act,
        ("GET", "/sandbox/clickpesa/prompts"): show_prompts,
        ("GET", "/sandbox/clickpesa/faults"): _at_desk(Desk.show_faults),
        ("POST", "/sandbox/clickpesa/faults"): _at_desk(Desk.change_faults),
        ("DELETE", "/sandbox/clickpesa/faults"): _at_desk(Desk.clear_faults),
        ("GET", "/sandbox/clickpesa/requests"): _at_desk(Desk.show_requests),
        ("DELETE", "/sandbox/clickpesa/requests"): _at_desk(Desk.reset_requests),
        ("GET", "/sandbox/clickpesa/deliveries"): _at_desk(Desk.show_deliveries),
        ("POST", "/sandbox/clickpesa/deliveries"): _at_desk(Desk.change_deliveries),
        ("POST", "/sandbox/clickpesa/forget"): forget,
        ("GET", "/sandbox/clock"): _at_desk(Desk.show_clock),
        ("POST", "/sandbox/clock"): set_clock,
        **acts,
    }


def show_page(merchant: Merchant, _request: Request, problem: str = "") -> Answer:
    """Show the page, and what was wrong with the last form."""
    return merchant.desk.render(
        PAGES,
        problem,
        room="/sandbox/clickpesa",
        first_path=f"/{PREFIX}/",
        api_url=f"{merchant.root_url}/{PREFIX}",
        statuses=STATUSES,
        spell=spell_money,
        things=list(merchant.store.payments.values())[: -SHOWN - 1 : -1],
    )


def submit_act(merchant: Merchant, request: Request) -> Answer:
    """Bring a payment into a status, from the page."""
    try:
        dashboard.move(merchant, msgspec.json.encode(read_page_form(request)))
    except (BadOrderError, NothingThereError) as wrong:
        return show_page(merchant, request, str(wrong))
    return redirect("/sandbox")


def show_prompts(merchant: Merchant, _request: Request) -> Answer:
    """List what phones ask."""
    shown = [
        {
            "payment": one.id,
            "reference": one.reference,
            "phone": one.phone,
            "channel": one.channel,
            "amount": as_text(one.amount),
            "currency": one.currency,
        }
        for one in dashboard.list_prompts(merchant)
    ]
    return json_answer({"prompts": shown})


def forget(merchant: Merchant, _request: Request) -> Answer:
    """Be a new account: no payments, no endpoints, nothing wrong; the clock stays."""
    merchant.clear()
    return Answer(204)


def set_clock(merchant: Merchant, request: Request) -> Answer:
    """Move the test clock forward, and let happen what that brings about."""
    answer = merchant.desk.set_clock(request)
    payments.sweep(merchant)
    return answer


def _at_desk(ask: Ask) -> Room:
    return lambda merchant, request: ask(merchant.desk, request)


def _submitting(submit: Ask) -> Room:
    def answer(merchant: Merchant, request: Request) -> Answer:
        try:
            return submit(merchant.desk, request)
        except BadOrderError as wrong:
            return show_page(merchant, request, str(wrong))

    return answer


def _acting(act: dashboard.Act) -> Room:
    return lambda merchant, request: json_answer(act(merchant, request.body))
