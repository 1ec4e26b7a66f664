"""The phone that is asked."""

from typing import Final

import msgspec

from hero_onboarding.sandbox.clickpesa import dashboard, linking, operators, payments
from hero_onboarding.sandbox.clickpesa.amounts import as_text
from hero_onboarding.sandbox.clickpesa.failures import ClickPesaAnswerError
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Link, Payment
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
                return _submit(merchant, request, dashboard.reply)
            case "POST", ("phone", "bill"):
                return _submit(merchant, request, dashboard.pay_bill)
            case "GET" | "POST", ("pay", link_id):
                return _answer_link(merchant, request, link_id)
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
        channels=operators.BILL_CHANNELS,
        prompts=dashboard.list_prompts(merchant),
        done=done[: -_SHOWN - 1 : -1],
    )


def _submit(merchant: Merchant, request: Request, act: dashboard.Act) -> Answer:
    try:
        act(merchant, msgspec.json.encode(read_page_form(request)))
    except (BadOrderError, NothingThereError) as wrong:
        return _show_phone(merchant, str(wrong))
    except ClickPesaAnswerError as wrong:
        return _show_phone(merchant, wrong.message)
    return redirect("/phone")


def _answer_link(merchant: Merchant, request: Request, link_id: str) -> Answer:
    """Show the page of a link, or take what somebody does there."""
    try:
        link = linking.get_link(merchant, link_id)
        if link.id != link_id or linking.is_over(merchant, link):
            return problem("Nothing is paid on this page, or nothing more.", linking.GONE)
        if request.method == "GET":
            return _show_link(merchant, link)
        order = {**read_page_form(request), "link": link_id}
        dashboard.answer_link(merchant, msgspec.json.encode(order))
    except BadOrderError as wrong:
        return problem(str(wrong), _REFUSED)
    except ClickPesaAnswerError as wrong:
        return problem(wrong.message, wrong.status)
    return redirect(f"/pay/{link_id}")


def _show_link(merchant: Merchant, link: Link) -> Answer:
    return PAGES.render(
        "pay.html",
        200,
        link=link,
        amount=f"{as_text(link.amount)} {link.currency}",
        channels=(*operators.OPERATORS, linking.CARD) if link.kind == "checkout" else (),
        done=merchant.store.find_payments(link.reference),
        spell=spell_money,
    )
