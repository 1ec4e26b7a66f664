"""The interface: how often and with what token, what goes wrong, the checksum, who answers."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import msgspec

from hero_onboarding.sandbox.clickpesa import checksum, payments
from hero_onboarding.sandbox.clickpesa.amounts import with_wrong_amounts
from hero_onboarding.sandbox.clickpesa.checksum import Members
from hero_onboarding.sandbox.clickpesa.endpoints import account, bills, links, push, query
from hero_onboarding.sandbox.clickpesa.failures import (
    FORBIDDEN,
    ClickPesaAnswerError,
    failure_answer,
    invalid,
    missing,
)
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.routing import Call, Route
from hero_onboarding.sandbox.clickpesa.switches import Settings
from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
from hero_onboarding.sandbox.faults import Fault, Trouble
from hero_onboarding.sandbox.paths import match_path
from hero_onboarding.sandbox.request_log import Entry

PREFIX: Final = "third-parties"
_AUTHORIZING: Final = ("generate-token",)
ROUTES: Final = (
    *push.ROUTES,
    *query.ROUTES,
    *links.ROUTES,
    *bills.ROUTES,
    *account.ROUTES,
)


def answer_api(merchant: Merchant, request: Request) -> Answer:
    """Answer one call, and note it.

    Raises:
        DroppedError: If a fault cuts its connection.
    """
    asking = _Asking(merchant, request)
    status = 0
    try:
        answer = asking.answer()
        status = answer.status
    finally:
        reference = asking.reference()
        entry = Entry(
            request.method, request.path, request.query_text, status, "merchant", reference
        )
        merchant.log.note(entry)
    return answer


@dataclass(frozen=True, slots=True)
class _Asking:
    """One call and where it goes."""

    merchant: Merchant
    request: Request

    @property
    def trouble(self) -> Trouble[Settings, Fault]:
        """What goes wrong with it."""
        return Trouble(self.merchant.switches, self.request, self.merchant.stopping)

    def reference(self) -> str:
        """Find the order reference in the body, for the log."""
        try:
            return str(_read_members(self.request.body).get("orderReference", ""))
        except ClickPesaAnswerError:
            return ""

    def answer(self) -> Answer:
        """Answer, or fail as it was asked for."""
        try:
            self._fail_early()
            self.trouble.delay("delay")
            return self._fail_late(self._act())
        except ClickPesaAnswerError as failure:
            return failure_answer(failure)

    def _act(self) -> Answer:
        merchant, settings, now = self.merchant, self.merchant.settings, self.merchant.now()
        merchant.gate.count_call(settings, now)
        path = self.request.segments[1:]
        if self.request.method == "POST" and path == _AUTHORIZING:
            return self._give_token()
        route, names = self._find_route(path)
        merchant.gate.check(self.request.headers.get("authorization", ""), now)
        call = Call(names, self.request.query, self._read_body())
        with merchant.lock:
            payments.sweep(merchant)
            return json_answer(route.endpoint(merchant, call))

    def _give_token(self) -> Answer:
        headers, credentials = self.request.headers, self.merchant.credentials
        shown = (headers.get("client-id"), headers.get("api-key"))
        if shown != (credentials.client_id, credentials.api_key):
            raise ClickPesaAnswerError(FORBIDDEN, "Invalid client details")
        token = self.merchant.gate.issue(self.merchant.settings, self.merchant.now())
        return json_answer({"success": True, "token": token})

    def _find_route(self, path: tuple[str, ...]) -> tuple[Route, dict[str, str]]:
        for route in ROUTES:
            names = match_path(route.pattern, path) if route.method == self.request.method else None
            if names is not None:
                return route, names
        raise missing(f"Cannot {self.request.method} {self.request.path[:200]}")

    def _read_body(self) -> Members:
        if self.request.method == "GET":
            return {}
        members = _read_members(self.request.body)
        settings = self.merchant.settings
        if settings.is_checksum_on and self.request.method == "POST":
            if "checksum" not in members:
                raise invalid("Checksum is required")
            key = self.merchant.credentials.checksum_key
            if not checksum.is_right(members, key, settings.checksum_reading):
                raise invalid("Invalid checksum")
        return members

    def _fail_early(self) -> None:
        self.trouble.begin()
        if self.merchant.settings.outage == "unavailable":
            raise ClickPesaAnswerError(
                HTTPStatus.SERVICE_UNAVAILABLE, "The sandbox acts as if it were down."
            )
        if fault := self.trouble.take("answer"):
            raise _failure(fault)

    def _fail_late(self, answer: Answer) -> Answer:
        self.trouble.delay("delay-after")
        self.trouble.drop("drop-after")
        if fault := self.trouble.take("answer-after"):
            raise _failure(fault)
        if self.trouble.take("wrong-amount"):
            return json_answer(with_wrong_amounts(msgspec.json.decode(answer.body)), answer.status)
        return answer


def _read_members(body: bytes) -> Members:
    try:
        members = json.loads(body or b"{}", parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        raise invalid("The body is no JSON") from problem
    if not isinstance(members, dict):
        raise invalid("The body must be an object")
    return members


def _refuse(name: str) -> object:
    raise ValueError(name)


def _failure(fault: Fault) -> ClickPesaAnswerError:
    seconds = fault.retry_after_seconds
    headers = () if seconds is None else (("Retry-After", str(seconds)),)
    message = fault.message or "Something goes wrong because a fault says so."
    return ClickPesaAnswerError(fault.status, message, headers)
