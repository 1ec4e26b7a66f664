"""No card, phone, key, token, signature or address of a payer is ever in a log, at any level."""

import hashlib
import hmac
import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from hero_onboarding.bootstrap.logs import set_up_logs
from hero_onboarding.bootstrap.payment_access import Access, ask_providers
from hero_onboarding.bootstrap.providers import make_cashier
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import (
    AutomaticWish,
    TopUp,
    TopUpRequest,
    agree,
    get_top_up,
    list_cards,
)
from hero_onboarding.payments.providers.clickpesa.checksum import signed_body
from hero_onboarding.sandbox.clickpesa import Fault as MobileFault
from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from hero_onboarding.sandbox.clickpesa.merchant import Credentials
from hero_onboarding.sandbox.stripe import Fault, SandboxStripe
from hero_onboarding.scheduling import JobRunner, job_handlers
from tests.api.routes import REFUND
from tests.api.served import Api, served
from tests.bootstrap.reading import read
from tests.conftest import NewUrl
from tests.sandbox.stripe.bench import Receiver, receive
from tests.support.answering import answering
from tests.support.smtp_server import free_port

KEY, WEBHOOK_SECRET = "sk_test_hiddenSecretKey1", "whsec_hiddenWebhookSecret1"
MERCHANT = Credentials("hiddenClientId", "hiddenApiKey", "CHKhiddenChecksumKey")
GOOD, DECLINED, NEEDS_HOLDER = "4242424242424242", "4000000000000341", "4000002760003184"
EMAIL, NAME = "payer.hidden@example.org", "Hidden Mushi"
PHONE, OTHER_PHONE = "0712 345 678", "+255 754 987 654"
WORDS = (KEY, WEBHOOK_SECRET, *(MERCHANT.client_id, MERCHANT.api_key, MERCHANT.checksum_key), EMAIL)
PATTERNS = (
    r"\b4\d{3}(?:[ -]?\d{4}){3}\b",  # cards, not instants
    r"(?:255|\b0)[ -]?7(?:12[ -]?345[ -]?678|54[ -]?987[ -]?654)",  # phones, in every form
    r"(?i)\bbearer\s+\w",
    r"eyJ\w",
    r"_secret_\w",
    r"v1=[0-9a-f]{8}",
)
NOISE = logging.DEBUG
BREAK = {
    "sqlite": (
        "CREATE TRIGGER broken_{0} BEFORE INSERT ON {0} BEGIN SELECT RAISE(ABORT, 'broken'); END"
    ),
    "postgresql": "ALTER TABLE {0} ADD CONSTRAINT broken CHECK (false) NOT VALID",
}
MEND = {
    "sqlite": "DROP TRIGGER broken_{0}",
    "postgresql": "ALTER TABLE {0} DROP CONSTRAINT broken",
}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the product's own logs say when everything is listened to."""
    names = [None, "httpx", "httpcore", "uvicorn.access", "alembic", "stripe", "urllib3"]
    loggers = [logging.getLogger(name) for name in names]
    before = [(one, one.level, list(one.handlers)) for one in loggers]
    set_up_logs()
    root, said = loggers[0], io.StringIO()
    root.setLevel(NOISE)
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(said)
    yield said
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@dataclass
class Shop:
    """A server that takes both ways of paying, and what must not be in its logs."""

    api: Api
    engine: str
    cards: SandboxStripe
    mobile: SandboxClickPesa
    receiver: Receiver
    seals: list[str] = field(default_factory=list)

    def ask(self, provider: str, method: str, amount: int, **more: str) -> dict[str, Any]:
        """Ask for a top-up, and give what the server answers, whatever it is."""
        body = {
            "provider": provider,
            "method": method,
            "amount": amount,
            "currency": "USD" if provider == "stripe" else "TZS",
            "idempotency_key": f"{provider}-{method}-{amount}",
            **more,
        }
        answer = self.api.post("/v1/users/ada/top-ups", body)
        return {**answer.json(), "answered": answer.status_code}

    def order_of(self, asked: Mapping[str, Any]) -> str:
        assert asked["answered"] == 201, asked
        return self.read(asked["top_up_id"]).order_reference

    def read(self, top_up_id: str) -> TopUp:
        with self.api.services.database.reading() as tx:
            return get_top_up(tx, UUID(top_up_id))

    def run(self) -> None:
        self.api.post("/admin/run-jobs-now")

    def pass_time(self, minutes: int) -> None:
        self.api.post("/sandbox/clock", {"advance_seconds": minutes * 60})

    def tell(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        self.seals += [
            seal for text in headers.values() for seal in re.findall(r"[0-9a-f]{64}", text)
        ]
        return self.api.client.post(path, content=body, headers=dict(headers))

    def tell_all(self) -> None:
        """Bring all notices that there are, and each of them forged."""
        assert self.cards.postman.wait_until_idle(5)
        for one in self.receiver.notices:
            for body in (one.body, one.body + b" "):
                self.tell("/webhooks/stripe", body, {"Stripe-Signature": one.header})
        for made in self.mobile.postman.list_deliveries():
            self.seals += re.findall(r"[0-9a-f]{64}", made.body.decode())
            for body in (made.body, made.body.replace(b"PAYMENT", b"Payment")):
                self.tell("/webhooks/clickpesa", body, dict(made.headers))
        self.run()

    def break_table(self, name: str) -> None:
        self._change(BREAK[self.engine].format(name))

    def mend_table(self, name: str) -> None:
        self._change(MEND[self.engine].format(name))

    def _change(self, statement: str) -> None:
        with self.api.services.database.transaction() as tx:
            tx.execute(text(statement))


@pytest.fixture
def shop(
    logged: io.StringIO, engine: str, new_database_url: NewUrl, tmp_path: Path
) -> Iterator[Shop]:
    assert logged is not None
    with (
        receive() as receiver,
        SandboxStripe() as cards,
        SandboxClickPesa(credentials=MERCHANT) as mobile,
    ):
        cards.add_endpoint(receiver.url, secret=WEBHOOK_SECRET)
        mobile.switches.change({"webhooks": "held"})
        mobile.act("endpoints", url="http://127.0.0.1:9/webhooks/clickpesa")
        with served(
            new_database_url(engine),
            tmp_path / "data",
            **keys_at(cards.url, mobile.api_url),
        ) as api:
            api.post("/v1/users", {"sid": "ada"})
            api.post("/v1/exchange-rates", {"currency": "TZS", "rate": "2500"})
            yield Shop(api, engine, cards, mobile, receiver)


def keys_at(cards: str, mobile: str) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_BASE": cards,
        "CLICKPESA_CLIENT_ID": MERCHANT.client_id,
        "CLICKPESA_API_KEY": MERCHANT.api_key,
        "CLICKPESA_CHECKSUM_KEY": MERCHANT.checksum_key,
        "CLICKPESA_BASE_URL": mobile,
    }


def pay_by_card(shop: Shop) -> None:
    """A card is kept and charged by itself, others are declined, money goes back both ways."""
    request = TopUpRequest("ada", "stripe", "checkout", 2_500, "USD", "save", saves_card=True)
    top_up, _ = shop.api.services.cashier.open_top_up(request)
    shop.cards.act("sessions", session=top_up.reference, number=GOOD, email=EMAIL)
    shop.tell_all()
    services = shop.api.services
    with services.database.transaction() as tx:
        [card] = list_cards(tx, "ada")
        agree(
            tx, AutomaticWish("ada", card.id, 30_000_000, 2_500, 5_000, 5_000), services.clock.now()
        )
    for number in (DECLINED, NEEDS_HOLDER):
        shop.cards.act("cards", payment_method=card.reference, number=number)
        services.cashier.watch()
        shop.run()
        shop.pass_time(25 * 60)
    answer = shop.api.post(f"/v1/top-ups/{top_up.id}/refunds", REFUND)
    assert answer.status_code == 201
    paid = shop.read(str(top_up.id)).payment_id
    shop.cards.act("disputes", payment_intent=paid, status="needs_response")
    shop.tell_all()


def pay_by_phone(shop: Shop) -> None:
    push = shop.order_of(shop.ask("clickpesa", "push", 500_000, phone=PHONE))
    shop.mobile.act("prompts", payment=push, answer="approve")
    bill = shop.ask("clickpesa", "control_number", 700_000)
    number = shop.read(bill["top_up_id"]).control_number
    payer = {"name": NAME, "phone": OTHER_PHONE.replace(" ", "").removeprefix("+")}
    shop.mobile.act("control-numbers", number=number, amount="7000", **payer)
    page = shop.order_of(shop.ask("clickpesa", "checkout", 900_000))
    shop.mobile.act("links", link=page, answer="pay", email=EMAIL, **payer)
    shop.tell_all()


def fail_at_the_providers(shop: Shop) -> None:
    for status in (401, 403, 429, 500):
        shop.cards.switches.add(Fault(kind="answer", status=status, should_retry=False, count=1))
        shop.ask("stripe", "checkout", 1_000 + status)
        shop.mobile.switches.add(MobileFault(kind="answer", status=status, count=2))
        shop.ask("clickpesa", "push", 100 * (1_000 + status), phone=PHONE)
    shop.mobile.switches.change({"credentials": "invalid", "is_checksum_on": False})
    shop.ask("clickpesa", "push", 200_000, phone=PHONE)
    shop.mobile.switches.change({"credentials": "right", "outage": "closed"})
    shop.ask("clickpesa", "push", 300_000, phone=PHONE)
    shop.mobile.switches.reset()
    shop.mobile.switches.change({"webhooks": "held"})
    nobody = f"http://127.0.0.1:{free_port()}"
    answers = ask_providers(read(**keys_at(nobody, nobody)))
    assert [one.access for one in answers] == [Access.UNKNOWN, Access.UNKNOWN]
    assert found_in(repr(answers), []) == []


def hear_nonsense(shop: Shop) -> None:
    """Providers repeat in their answers all that they were sent, and what they know besides."""
    said = " ".join((*WORDS, GOOD, PHONE, "255712345678", "pi_1_secret_abc", "Bearer eyJhbGciOi"))
    error = {"error": {"message": said, "code": "hidden", "type": "card_error"}, "message": said}
    kinds = ((200, said), (200, error), *((status, error) for status in (400, 401, 402, 403, 429)))
    for number, (status, body) in enumerate(kinds):
        with answering(Everywhere(body), status) as host:
            point_at(shop, f"http://{host}", number)
    with answering(Everywhere({**error, "token": "eyJhbGciOiJIUzI1NiJ9.e30.x"})) as host:
        point_at(shop, f"http://{host}", len(kinds))


class Everywhere(Mapping[str, object]):
    """The same answer at every path."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    @override
    def __getitem__(self, path: str) -> object:
        return self.answer

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(())

    @override
    def __len__(self) -> int:
        return 0


def point_at(shop: Shop, base: str, number: int) -> None:
    """Have the same server, and its jobs, ask there instead of at the stand-ins."""
    settings, services = read(**keys_at(base, base)), shop.api.services
    elsewhere = make_cashier(settings, services.database, services.clock)
    there = replace(services, cashier=elsewhere)
    runner = JobRunner(there.database, there.clock, job_handlers(there))
    shop.api.app.state["services"] = replace(there, run_due=runner.run_due)
    assert shop.ask("stripe", "checkout", 2_000 + number)["status"] != "open"
    push = shop.ask("clickpesa", "push", 100 * (2_000 + number), phone=PHONE)
    assert push["status"] != "open"
    shop.pass_time(1)
    shop.run()
    shop.api.app.state["services"] = services


def hear_notices_that_cannot_be_read(shop: Shop) -> None:
    """They are authentic, and hold what nobody may see."""
    said = f'{{"id": "evt_1", "object": "event", "data": "{GOOD} {EMAIL}"'.encode()
    at = unix_seconds(shop.api.services.clock.now())
    mac = hmac.new(WEBHOOK_SECRET.encode(), f"{at}.".encode() + said, hashlib.sha256)
    header = {"Stripe-Signature": f"t={at},v1={mac.hexdigest()}"}
    assert shop.tell("/webhooks/stripe", said, header).status_code == 400
    wrong = signed_body(
        {"event": "PAYMENT RECEIVED", "data": {"phone": PHONE}}, MERCHANT.checksum_key
    )
    assert shop.tell("/webhooks/clickpesa", wrong, {}).status_code in {200, 400}


def fail_in_the_database(shop: Shop) -> None:
    """What nobody expected is logged with its trace, while rows with phones are written."""
    shop.break_table("top_ups")
    assert shop.ask("clickpesa", "push", 600_000, phone=PHONE)["answered"] == 500
    shop.mend_table("top_ups")
    push = shop.order_of(shop.ask("clickpesa", "push", 800_000, phone=PHONE))
    shop.mobile.act("prompts", payment=push, answer="approve")
    for table in ("payment_events", "notices"):
        shop.break_table(table)
    for made in shop.mobile.postman.list_deliveries():
        copy = made.body.replace(b"}", b" }")
        assert shop.tell("/webhooks/clickpesa", made.body, dict(made.headers)) is not None
        assert shop.tell("/webhooks/clickpesa", copy, dict(made.headers)) is not None
    shop.pass_time(48 * 60)
    shop.run()
    for table in ("payment_events", "notices"):
        shop.mend_table(table)


def found_in(said: str, seals: Sequence[str]) -> list[str]:
    words = [word for word in (*WORDS, NAME, *seals) if word in said]
    return words + [found for pattern in PATTERNS for found in re.findall(pattern, said)]


@pytest.mark.slow
def test_whole_lives_of_top_ups_leave_no_secret_in_a_log(
    shop: Shop, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    pay_by_card(shop)
    pay_by_phone(shop)
    fail_at_the_providers(shop)
    hear_nonsense(shop)
    hear_notices_that_cannot_be_read(shop)
    fail_in_the_database(shop)

    printed = capfd.readouterr()
    said = logged.getvalue() + printed.out + printed.err
    for sign in (
        "fault at POST",
        "Traceback",
        "ClickPesa does not let us",
        "Stripe does not let us",
    ):
        assert sign in said, "everything was listened to"
    assert len(set(shop.seals)) > 10
    assert found_in(said, shop.seals) == []
    assert found_in(" ".join(shop.api.contents()["jobs"]), shop.seals) == [], "why jobs failed"


@pytest.mark.parametrize(
    "leak",
    [
        *WORDS,
        *(GOOD, "4242 4242 4242 4242", "+255712345678", "255754987654", "0712345678"),
        *("0712 345 678", "Bearer eyJ0eXAi", "pi_3_secret_x", f"t=1,v1={'ab' * 32}"),
    ],
)
def test_what_is_looked_for_would_be_found(leak: str) -> None:
    assert found_in(f'{{"event": "asked about {leak} now"}}', []) != []
    assert found_in('{"event": "asked about +255\u2026678 and 4242"}', []) == []
