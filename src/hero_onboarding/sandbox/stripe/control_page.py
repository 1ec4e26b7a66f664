"""The control room as a page for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args, get_type_hints

import msgspec

from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.stripe import dashboard
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.page import read_page_form, render, spell_amount
from hero_onboarding.sandbox.stripe.switches import Fault, FaultKind, Settings

_SHOWN: Final = 50
_REFUSED: Final = 422
_METHODS: Final = ("*", "POST", "GET", "DELETE")
_KINDS: Final = ("checkout.session", "payment_intent", "charge", "refund", "dispute", "payout")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form; without choices it is typed in."""

    name: str
    value: str
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ").capitalize()


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
    account = visit.account
    return render(
        "control.html",
        _REFUSED if problem else 200,
        (),
        root_url=account.root_url,
        problem=problem,
        now=account.clock.now().isoformat(timespec="seconds"),
        fields=_fields(account.switches.settings),
        kinds=get_args(FaultKind),
        methods=_METHODS,
        faults=account.switches.faults,
        deeds=DEEDS,
        things=[row for kind in _KINDS for row in _rows(visit, kind)],
        deliveries=account.postman.list_deliveries()[: -_SHOWN - 1 : -1],
        total=account.log.total,
        requests=account.log.list_entries()[: -_SHOWN - 1 : -1],
    )


def submit_settings(visit: Visit, request: Request) -> Answer:
    """Change every setting at once."""
    try:
        visit.account.switches.change(dict(read_page_form(request)), is_text=True)
    except msgspec.ValidationError as wrong:
        return show_page(visit, request, str(wrong))
    return _back()


def submit_fault(visit: Visit, request: Request) -> Answer:
    """Let one more thing go wrong."""
    form = {name: value for name, value in read_page_form(request).items() if value != ""}
    try:
        visit.account.switches.add(msgspec.convert(form, Fault, strict=False))
    except msgspec.ValidationError as wrong:
        return show_page(visit, request, str(wrong))
    return _back()


def submit_reset(visit: Visit, _request: Request) -> Answer:
    """Put everything right."""
    visit.account.switches.reset()
    return _back()


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
            return _back()
    return show_page(visit, request, "There is no such deed.")


def _fields(settings: Settings) -> list[Field]:
    hints = get_type_hints(Settings)
    return [
        Field(name, _spell(value), _choices(hints[name]))
        for name, value in msgspec.structs.asdict(settings).items()
    ]


def _choices(hint: object) -> tuple[str, ...]:
    if hint is bool:
        return ("true", "false")
    return tuple(choice for choice in get_args(hint) if isinstance(choice, str))


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows(visit: Visit, kind: str) -> list[tuple[str, str, str, str]]:
    def amount(thing: Object) -> str:
        hundredths = thing.get("amount", thing.get("amount_total"))
        return spell_amount(hundredths, thing.get("currency"))

    newest = visit.shelf.list_newest(kind)[:_SHOWN]
    return [(kind, thing["id"], amount(thing), thing["status"]) for thing in newest]


def _back() -> Answer:
    return Answer(303, headers=(("Location", "/sandbox"),))
