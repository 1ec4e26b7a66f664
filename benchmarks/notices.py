"""Notices at 500 a second for a minute: a real server, the stand-ins, and one load generator.

Each notice names one of some top-ups that were paid; the server stores it, answers, and asks the
provider. Told are how long answers took, from when a request was due, and how long after the last
answer every question was answered; of ClickPesa how many calls any minute saw, and its budget.
"""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.pages import send_loop
from benchmarks.places import Engine
from hero_onboarding.database import open_database
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.payments.domain import order_reference_of
from hero_onboarding.payments.providers.clickpesa.client import QUESTIONS_PER_MINUTE
from hero_onboarding.payments.tables import notices

RATE = 500
SECONDS = 60
CLICKPESA_SECONDS = 60
WARM_SECONDS = 2
TOP_UPS = 200
AIM_MILLISECONDS = 50
AIM_SECONDS = 5
WAIT_SECONDS = 120
SECRET = "bench-secret-of-the-notices"
WEBHOOK_SECRET = "whsec_forTheBenchmark1"
VISA = "4242424242424242"
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Told:
    """How one provider's notices were taken."""

    title: str
    waits: Sequence[float]
    stored: int
    then: str

    @property
    def sent(self) -> int:
        """How many there were, with those that warmed the server up."""
        return len(self.waits) + RATE * WARM_SECONDS

    def line(self) -> str:
        """Say the 50th and 99th hundredth of the waits, what was stored, and what came after."""
        waits = sorted(self.waits)
        middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
        shown = f"p50 {middle:.1f} ms, p99 {late:.1f} ms (aim < {AIM_MILLISECONDS})"
        return f"{self.title:<58} {shown}; {self.stored} of {self.sent} stored; {self.then}"


def measure(name: str, engine: Engine) -> Iterator[Told]:
    """Measure both providers on one engine, one after the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(engine.database_url())
        bank = stack.enter_context(_started("sandbox", "stripe"))
        mobile = stack.enter_context(_started("sandbox", "clickpesa"))
        settings = {
            "HERO_ONBOARDING_STRIPE_SECRET_KEY": bank["secret_key"],
            "HERO_ONBOARDING_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "HERO_ONBOARDING_STRIPE_API_BASE": bank["url"],
            "HERO_ONBOARDING_CLICKPESA_CLIENT_ID": mobile["client_id"],
            "HERO_ONBOARDING_CLICKPESA_API_KEY": mobile["api_key"],
            "HERO_ONBOARDING_CLICKPESA_CHECKSUM_KEY": mobile["checksum_key"],
            "HERO_ONBOARDING_CLICKPESA_BASE_URL": mobile["api_url"],
            "HERO_ONBOARDING_DATABASE_URL": url,
            "HERO_ONBOARDING_DATA_DIR": str(folder / "data"),
            "HERO_ONBOARDING_SOCKET_DIR": str(folder / "s"),
            "HERO_ONBOARDING_ADMIN_SECRET": SECRET,
            "HERO_ONBOARDING_LISTEN": "127.0.0.1:0",
            "HERO_ONBOARDING_ADMIN_LISTEN": "127.0.0.1:0",
        }
        origin = stack.enter_context(_serving(settings))
        yield _stripe(name, origin, bank, url)
        yield _clickpesa(name, origin, mobile, url)


def _stripe(name: str, origin: str, bank: Mapping[str, str], url: str) -> Told:
    """Pay top-ups by card, then tell of them without end."""
    opened = _open(origin, {"provider": "stripe", "method": "checkout", "currency": "USD"})
    for one in opened:
        session = one["redirect_url"].rpartition("/")[2]
        _ask(f"{bank['url']}/sandbox/stripe/sessions", {"session": session, "number": VISA})

    def notice(place: int) -> bytes:
        top_up = opened[place % TOP_UPS]["top_up_id"]
        found = {"id": f"pi_{place % TOP_UPS}", "metadata": {"topup_id": top_up}}
        event = {"id": f"evt_{place}", "type": "payment_intent.succeeded"}
        body = json.dumps({**event, "data": {"object": found}}).encode()
        seconds = int(time.time())
        signed = hmac.new(WEBHOOK_SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
        header = f"Stripe-Signature: t={seconds},v1={signed.hexdigest()}"
        return _request("/webhooks/stripe", body, header)

    before = _count(url, notices.c.number)
    waits = asyncio.run(_load(origin, notice, SECONDS))
    after = _seconds_until_quiet(url)
    paid = [_ask(f"{origin}/v1/top-ups/{one['top_up_id']}")["status"] for one in opened]
    then = f"{paid.count('paid')} of {TOP_UPS} top-ups paid {after:.1f} s after the last"
    stored = _count(url, notices.c.number) - before
    title = f"{name}: Stripe's notices, {RATE}/s for {SECONDS} s"
    return Told(title, waits, stored, f"{then} (aim < {AIM_SECONDS})")


def _clickpesa(name: str, origin: str, mobile: Mapping[str, str], url: str) -> Told:
    """Tell of orders that are open, and look how often the provider is asked about them."""
    _ask(f"{mobile['url']}/sandbox/clickpesa/faults", {"settings": {"requests_per_minute": 0}})
    _ask(f"{origin}/v1/exchange-rates", {"currency": "TZS", "rate": "2500"})
    asked = {"provider": "clickpesa", "method": "control_number", "currency": "TZS"}
    opened = _open(origin, {**asked, "amount": 500_000})
    references = _references([one["top_up_id"] for one in opened])

    def notice(place: int) -> bytes:
        data = {"id": f"p{place}", "orderReference": references[place % TOP_UPS]}
        body = {"data": {**data, "status": "SUCCESS"}, "event": "PAYMENT RECEIVED"}
        text = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
        key = mobile["checksum_key"].encode()
        checksum = hmac.new(key, text, hashlib.sha256).hexdigest()
        sent = json.dumps({**body, "checksum": checksum}).encode()
        return _request("/webhooks/clickpesa", sent, "X-Nothing: 1")

    _ask(f"{mobile['url']}/sandbox/clickpesa/requests", method="DELETE")
    before, begun = _count(url, notices.c.number), time.monotonic()
    waits = asyncio.run(_load(origin, notice, CLICKPESA_SECONDS))
    time.sleep(max(60 - (time.monotonic() - begun), 0))
    calls = _ask(f"{mobile['url']}/sandbox/clickpesa/requests?path_prefix=/third-parties")["count"]
    then = f"{calls} calls within the minute (budget {QUESTIONS_PER_MINUTE})"
    stored = _count(url, notices.c.number) - before
    title = f"{name}: ClickPesa's notices, {RATE}/s for {CLICKPESA_SECONDS} s"
    return Told(title, waits, stored, then)


async def _load(origin: str, notice: Callable[[int], bytes], seconds: int) -> list[float]:
    """Send notices; those of the first seconds are stored and answered too, and not timed."""
    port = int(origin.rpartition(":")[2])
    total = RATE * (WARM_SECONDS + seconds)
    return (await send_loop(port, notice, RATE, total))[RATE * WARM_SECONDS :]


def _open(origin: str, asked: Mapping[str, object]) -> list[dict[str, Any]]:
    """Open some top-ups of users of their own."""
    opened = []
    for number in range(TOP_UPS):
        sid = f"{asked['provider']}{number}"
        _ask(f"{origin}/v1/users", {"sid": sid})
        body = {"amount": 2_500, **asked, "idempotency_key": "bench"}
        opened.append(_ask(f"{origin}/v1/users/{sid}/top-ups", body))
    return opened


def _references(top_up_ids: Sequence[str]) -> list[str]:
    return [order_reference_of(UUID(one)) for one in top_up_ids]


def _seconds_until_quiet(url: str) -> float:
    """Wait until no question of Stripe's is due any more."""
    begun = time.monotonic()
    database = open_database(url)
    try:
        while time.monotonic() < begun + WAIT_SECONDS:
            with database.reading() as tx:
                c = jobs.c
                is_due = c.due_at <= datetime.now(tz=UTC)
                is_open = c.state.in_(("waiting", "running"))
                query = select(func.count()).where(c.kind == "ask_provider", is_open, is_due)
                due = tx.execute(query).scalar_one()
            if not due:
                break
            time.sleep(0.05)
    finally:
        database.close()
    return time.monotonic() - begun


def _count(url: str, column: Any) -> int:  # noqa: ANN401 - any column
    database = open_database(url)
    try:
        with database.reading() as tx:
            return int(tx.execute(select(func.count(column))).scalar_one())
    finally:
        database.close()


def _request(path: str, body: bytes, header: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        header,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _ask(url: str, body: object = None, method: str | None = None) -> Any:  # noqa: ANN401 - JSON
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    request.add_header("Content-Type", "application/json")
    request.add_header("X-Hero-Onboarding-Admin-Secret", SECRET)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read() or b"null")


@contextmanager
def _started(*words: str) -> Iterator[dict[str, str]]:
    """Run a stand-in and give what it says of itself."""
    command = [str(PROGRAMS / "hero_onboarding"), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@contextmanager
def _serving(settings: Mapping[str, str]) -> Iterator[str]:
    """Run the server and give its site's origin."""
    command = [str(PROGRAMS / "hero_onboarding_server")]
    environment = {**os.environ, **settings}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
