"""The phone that is asked."""

from typing import Final

import msgspec

from hero_onboarding.sandbox.clickpesa import dashboard, payments
from hero_onboarding.sandbox.clickpesa.amounts import as_text
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Payment
from hero_onboarding.sandbox.errors import BadOrderError, NothingThereError
from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.pages import Pages, read_page_form, redirect

PAGES: Final = Pages("hero_onboarding.sandbox.clickpesa")
_REFUSED: Final = 422
_NOT_FOUND: Final = 404
_SHOWN: Final = 20


def answer_page(merchant: Merchant, request: Request) -> Answer:
    """Answer somebody's browser."""
    with merchant.lock:
        payments.sweep(merchant)
        match request.method, request.segments:
            case "GET", ("phone",):
                return _show_phone(merchant)
            case "POST", ("phone",):
                return _reply(merchant, request)
            case _:
                return problem("There is no such page.", _NOT_FOUND)


def problem(message: str, status: int) -> Answer:
    """Say what is wrong."""
    return PAGES.render("problem.html", status, heading="Sandbox ClickPesa", message=message)


def spell_money(payment: Payment) -> str:
    """Write a payment's amount for people."""
    return f"{as_text(payment.amount)} {payment.currency}"


def _show_phone(merchant: Merchant, wrong: str = "") -> Answer:
    done = [one for one in merchant.store.payments.values() if not one.is_prompt]
    return PAGES.render(
        "phone.html",
        _REFUSED if wrong else 200,
        problem=wrong,
        spell=spell_money,
        prompts=dashboard.list_prompts(merchant),
        done=done[: -_SHOWN - 1 : -1],
    )


def _reply(merchant: Merchant, request: Request) -> Answer:
    try:
        dashboard.reply(merchant, msgspec.json.encode(read_page_form(request)))
    except (BadOrderError, NothingThereError) as wrong:
        return _show_phone(merchant, str(wrong))
    return redirect("/phone")
