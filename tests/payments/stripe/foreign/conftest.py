"""localstripe on loopback: a second peer, which somebody else wrote."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest

from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments.providers.stripe import StripeProvider, StripeSettings
from hero_onboarding.payments.providers.stripe.client import GuardedClient
from tests.sandbox.stripe.bench import SECRET, Receiver, receive

UNKNOWN_THERE: Final = ("reason=requested_by_customer&",)
"""What the peer refuses although Stripe's own description has it."""

_SERVE: Final = """
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""
_PATIENCE_SECONDS: Final = 20


class Plainer(GuardedClient):
    """Leaves out what the peer does not know, and adds the one figure that it never tells.

    Every PaymentIntent of Stripe's says ``amount_received``; this peer's do not.
    """

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        for unknown in UNKNOWN_THERE:
            post_data = post_data.replace(unknown, "") if post_data else post_data
        body, status, told = super().request(method, url, headers, post_data)
        answer = json.loads(body)
        if answer.get("object") == "payment_intent" and answer["status"] == "succeeded":
            body = json.dumps({"amount_received": answer["amount"], **answer})
        return body, status, told


class Foreign:
    """The peer, our client, and a receiver of its notices."""

    def __init__(self, url: str, receiver: Receiver) -> None:
        self.url = url
        self.receiver = receiver
        settings = StripeSettings("sk_test_foreign", False, (SECRET,), url)
        self.provider = StripeProvider(settings, Plainer(timeout=10))

    def ask(self, path: str, **fields: str) -> dict[str, Any]:
        key = {"Authorization": "Bearer sk_test_foreign"}
        answer = httpx.post(f"{self.url}{path}", data=fields, headers=key)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def card_of(self, customer: str, number: str) -> str:
        """Have a card kept for a customer."""
        method = self.ask(
            "/v1/payment_methods",
            type="card",
            **{
                "card[number]": number,
                "card[exp_month]": "12",
                "card[exp_year]": "2039",
                "card[cvc]": "123",
            },
        )
        self.ask(f"/v1/payment_methods/{method['id']}/attach", customer=customer)
        return str(method["id"])


@pytest.fixture(scope="session")
def foreign_url() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", _SERVE, str(port)]) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url, server)
            yield url
        finally:
            server.terminate()


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until it answers, whatever it answers."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        assert server.poll() is None, "localstripe ended at its start"
        try:
            httpx.get(f"{url}/v1/events")
        except httpx.TransportError:
            assert time.monotonic() < until, "localstripe does not answer"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def foreign(foreign_url: str) -> Iterator[Foreign]:
    httpx.delete(f"{foreign_url}/_config/data").raise_for_status()
    with receive() as receiver:
        hook = {"url": receiver.url, "secret": SECRET}
        httpx.post(f"{foreign_url}/_config/webhooks/ours", json=hook).raise_for_status()
        yield Foreign(foreign_url, receiver)
