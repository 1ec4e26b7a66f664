"""The REST interface: who may ask, what goes wrong, what is kept under a key, who answers."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

import msgspec

from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
from hero_onboarding.sandbox.faults import Trouble
from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.request_log import Entry
from hero_onboarding.sandbox.stripe import books, sessions
from hero_onboarding.sandbox.stripe.account import Account, Visit, with_wrong_amounts
from hero_onboarding.sandbox.stripe.endpoints import (
    checkout,
    customers,
    intents,
    money,
    notices,
    returns,
)
from hero_onboarding.sandbox.stripe.failures import (
    INVALID_REQUEST,
    StripeAnswerError,
    failure_answer,
    invalid,
)
from hero_onboarding.sandbox.stripe.forms import Form, read_form
from hero_onboarding.sandbox.stripe.listing import expand
from hero_onboarding.sandbox.stripe.routing import Call, Route, find_route
from hero_onboarding.sandbox.stripe.switches import Fault, Settings

ROUTES: Final = (
    *checkout.ROUTES,
    *customers.ROUTES,
    *intents.ROUTES,
    *money.ROUTES,
    *notices.ROUTES,
    *returns.ROUTES,
)
_KEY: Final = re.compile(r"(sk|rk)_test_[A-Za-z0-9_]{4,}")
_VERSION: Final = re.compile(r"\d{4}-\d\d-\d\d(\.[a-z]+)?")
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500


def answer_api(account: Account, request: Request) -> Answer:
    """Answer one call, and note it.

    Raises:
        DroppedError: If a fault cuts its connection.
    """
    asking = _Asking(account, request, new_id("req_"))
    status = 0
    try:
        answer = asking.answer()
        status = answer.status
    finally:
        entry = Entry(
            request.method, request.path, request.query_text, status, asking.who, asking.key
        )
        account.log.note(entry)
    return answer


def sweep(visit: Visit) -> None:
    """Let happen what the clock has brought about."""
    sessions.expire_due(visit)
    books.settle_due(visit)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One call and where it goes."""

    account: Account
    request: Request
    request_id: str

    @property
    def key(self) -> str:
        """The idempotency key; only a POST has one."""
        is_post = self.request.method == "POST"
        return self.request.headers.get("idempotency-key", "") if is_post else ""

    @property
    def trouble(self) -> Trouble[Settings, Fault]:
        """What goes wrong with it."""
        return Trouble(self.account.switches, self.request, self.account.stopping)

    @property
    def who(self) -> str:
        """The last letters of the secret key that was shown."""
        return _shown_key(self.request)[-4:]

    def answer(self) -> Answer:
        """Answer, with the headers that every answer has."""
        try:
            self._fail_early()
            self._check_access()
            route, names = find_route(ROUTES, self.request.method, self.request.segments)
            call = Call(self.request.path, names, self._read_form())
            answer = self._once(route, call) if self.key else self._perform(route, call)
        except StripeAnswerError as failure:
            answer = failure_answer(failure)
        return self._with_headers(answer)

    def _once(self, route: Route, call: Call) -> Answer:
        replays = self.account.replays
        spelled = msgspec.json.encode([call.path, call.form], order="deterministic")
        fingerprint = hashlib.sha256(spelled).hexdigest()
        now = int(self.account.clock.now().timestamp())
        earlier = replays.begin(self.key, fingerprint, self.request_id, now)
        if earlier is not None:
            return self._fail_late(earlier)
        try:
            self.trouble.delay("delay")
            kept = self._act(route, call)
        except BaseException:
            replays.give_up(self.key)
            raise
        fault = self.trouble.take("answer-after")
        shown = kept if fault is None else _spell(fault)
        replays.keep(self.key, shown if fault and fault.is_kept else kept)
        return self._fail_late(shown)

    def _perform(self, route: Route, call: Call) -> Answer:
        self.trouble.delay("delay")
        answer = self._act(route, call)
        fault = self.trouble.take("answer-after")
        return self._fail_late(answer if fault is None else _spell(fault))

    def _act(self, route: Route, call: Call) -> Answer:
        """Do it; a refusal that changed nothing is raised, one that did is an answer."""
        with self.account.visit(self.request_id, self.key or None) as visit:
            sweep(visit)
            visit.has_written = False
            try:
                thing = route.endpoint(visit, call)
                return json_answer(expand(visit.shelf, thing, call.form.get("expand", [])))
            except StripeAnswerError as failure:
                if not visit.has_written:
                    raise
                return failure_answer(failure)

    def _fail_early(self) -> None:
        self.trouble.begin()
        if self.account.switches.settings.outage == "unavailable":
            raise StripeAnswerError(503, "api_error", "The sandbox acts as if it were down.")
        if fault := self.trouble.take("answer"):
            raise _failure(fault)

    def _fail_late(self, answer: Answer) -> Answer:
        self.trouble.delay("delay-after")
        self.trouble.drop("drop-after")
        if self.trouble.take("wrong-amount"):
            wrong = with_wrong_amounts(msgspec.json.decode(answer.body, type=Form))
            return Answer(answer.status, msgspec.json.encode(wrong), answer.headers)
        return answer

    def _check_access(self) -> None:
        key = _shown_key(self.request)
        if not key:
            message = "You did not provide an API key, as Bearer or as the user of Basic."
            raise StripeAnswerError(_UNAUTHORIZED, INVALID_REQUEST, message)
        if not _KEY.fullmatch(key):
            message = f"Invalid API Key provided: {key[:8]}***{key[-4:]}"
            raise StripeAnswerError(_UNAUTHORIZED, INVALID_REQUEST, message)
        if key.startswith("rk_") and self.request.method != "GET":
            message = "The provided key does not have the required permissions for this endpoint."
            raise StripeAnswerError(_FORBIDDEN, INVALID_REQUEST, message)
        version = self.request.headers.get("stripe-version", "")
        if version and not _VERSION.fullmatch(version):
            raise invalid(f"Invalid Stripe API version: {version}")

    def _read_form(self) -> Form:
        if self.request.method != "POST":
            return read_form(self.request.query_text)
        kind = self.request.headers.get("content-type", _FORM_TYPE)
        if self.request.body and not kind.startswith(_FORM_TYPE):
            raise invalid(f"Invalid request (check that your POST content type is {_FORM_TYPE}).")
        try:
            return read_form(self.request.body.decode())
        except UnicodeDecodeError as problem:
            raise invalid("Invalid request: the form is not UTF-8.") from problem

    def _with_headers(self, answer: Answer) -> Answer:
        version = self.account.switches.settings.api_version
        headers = [
            *answer.headers,
            ("Request-Id", self.request_id),
            ("Stripe-Version", self.request.headers.get("stripe-version") or version),
        ]
        if self.key:
            headers.append(("Idempotency-Key", self.key))
        return Answer(answer.status, answer.body, tuple(headers))


def _shown_key(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _failure(fault: Fault) -> StripeAnswerError:
    kind = "api_error" if fault.status >= _SERVER_ERROR else INVALID_REQUEST
    code = "rate_limit" if fault.status == _TOO_MANY else None
    message = fault.message or "Something goes wrong because a fault says so."
    failure = StripeAnswerError(fault.status, kind, message, code=code)
    if fault.retry_after_seconds is not None:
        failure.headers += (("Retry-After", str(fault.retry_after_seconds)),)
    if fault.should_retry is not None:
        failure.headers += (("Stripe-Should-Retry", str(fault.should_retry).lower()),)
    return failure


def _spell(fault: Fault) -> Answer:
    return failure_answer(_failure(fault))
