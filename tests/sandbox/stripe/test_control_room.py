"""The control room, by JSON and by its page, and the command."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import httpx
import pytest
import stripe

from hero_onboarding.sandbox.errors import NotLoopbackError
from hero_onboarding.sandbox.faults import FaultKind
from hero_onboarding.sandbox.stripe import SandboxStripe, Settings
from hero_onboarding.sandbox.stripe.api import ROUTES
from hero_onboarding.sandbox.stripe.cards import CARDS
from hero_onboarding.sandbox.stripe.control import rooms
from hero_onboarding.sandbox.stripe.control_page import DEEDS
from hero_onboarding.sandbox.stripe.switches import Fault
from tests.sandbox.stripe.bench import pay_intent, sdk

PAGE = (Path(__file__).parents[3] / "docs/sandbox.md").read_text()
FORMS = {"settings", "fault", "reset", "act"}
SWITCHES = {*Settings.__struct_fields__, *get_args(FaultKind), *Fault.__struct_fields__}


def test_settings_and_faults_are_changed_all_or_nothing(
    browser: httpx.Client, sandbox: SandboxStripe
) -> None:
    url = f"{sandbox.url}/sandbox/stripe/faults"
    order = {"settings": {"refunds": "pending"}, "add": [{"kind": "drop", "count": 3}]}

    changed = browser.post(url, json=order).json()
    refused = browser.post(url, json={"settings": {"refunds": "no"}, "clear": True})
    held = browser.get(url).json()
    cleared = browser.delete(url).json()

    assert changed == held
    assert (held["settings"]["refunds"], held["faults"][0]["count"]) == ("pending", 3)
    assert refused.status_code == 400
    assert (cleared["settings"]["refunds"], cleared["faults"]) == ("succeeded", [])


def test_calls_are_counted_and_forgotten(
    browser: httpx.Client, sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    url = f"{sandbox.url}/sandbox/stripe/requests"
    client.v1.customers.create({}, {"idempotency_key": "k1"})
    client.v1.customers.list()

    shown = browser.get(url, params={"method": "POST", "path_prefix": "/v1/cust"}).json()
    browser.delete(url)

    assert (shown["total"], shown["count"], shown["requests"][0]["key"]) == (2, 1, "k1")
    assert browser.get(url).json()["total"] == 0


def test_the_clock_goes_forward_only(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    url = f"{sandbox.url}/sandbox/clock"
    before = browser.get(url).json()["now"]

    after = browser.post(url, json={"advance_seconds": 3600}).json()["now"]
    back = browser.post(url, json={"now": before})

    assert after > before
    assert back.status_code == 400
    assert browser.post(url, json={"later": 1}).status_code == 400


def test_everything_is_forgotten_on_demand(
    browser: httpx.Client, sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    pay_intent(client)
    sandbox.switches.change({"refunds": "pending"})

    answer = browser.post(f"{sandbox.url}/sandbox/stripe/forget")

    assert answer.status_code == 204
    assert client.v1.charges.list().data == client.v1.events.list().data == []
    assert sandbox.switches.settings == Settings()


@pytest.mark.parametrize(
    "order", [b"{", b'{"x": 1}', b'{"payment_intent": "pi_nothing"}', b'{"amount": 0}']
)
def test_an_order_that_makes_no_sense_changes_nothing(
    browser: httpx.Client, sandbox: SandboxStripe, client: stripe.StripeClient, order: bytes
) -> None:
    answer = browser.post(f"{sandbox.url}/sandbox/stripe/refunds", content=order)

    assert answer.status_code == 400
    assert client.v1.refunds.list().data == client.v1.events.list().data == []
    assert browser.post(f"{sandbox.url}/sandbox/stripe/nothing").status_code == 404


def test_the_page_shows_and_changes_everything(
    browser: httpx.Client, sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    intent = pay_intent(client)
    base = f"{sandbox.url}/sandbox"
    act = {"deed": "Refund it all", "id": intent.id}

    done = browser.post(f"{base}/stripe/act", data=act)
    settings = browser.post(f"{base}/stripe/settings", data={"is_livemode": "true"})
    fault = browser.post(f"{base}/stripe/fault", data={"kind": "drop", "count": "2"})
    page = browser.get(base)

    assert [done.status_code, settings.status_code, fault.status_code] == [303, 303, 303]
    assert shows(page, intent.id, "charge", "refund", "drop")
    assert sandbox.switches.settings.is_livemode
    assert [one.count for one in sandbox.switches.faults] == [2]
    browser.post(f"{base}/stripe/reset")
    assert sandbox.switches.settings == Settings()
    assert len(client.v1.refunds.list().data) == 1


def shows(page: httpx.Response, *texts: str) -> bool:
    return page.status_code == 200 and all(text in page.text for text in texts)


def test_the_page_says_what_was_wrong_with_a_form(
    browser: httpx.Client, sandbox: SandboxStripe
) -> None:
    base = f"{sandbox.url}/sandbox/stripe"

    answers = [
        browser.post(f"{base}/act", data={"deed": "Refund it all", "id": "pi_x"}),
        browser.post(f"{base}/act", data={"deed": "Sing"}),
        browser.post(f"{base}/settings", data={"refunds": "never"}),
        browser.post(f"{base}/fault", data={"kind": "rain"}),
    ]

    assert [one.status_code for one in answers] == [422] * 4
    assert all('role="alert"' in one.text for one in answers)


def test_an_endpoint_is_added_from_the_control_room(
    browser: httpx.Client, sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    url = f"{sandbox.url}/sandbox/stripe/endpoints"

    added = browser.post(url, json={"url": "http://127.0.0.1:9/x", "secret": "whsec_a"})
    outside = browser.post(url, json={"url": "http://example.org/x"})

    assert (added.status_code, added.json()["secret"]) == (201, "whsec_a")
    assert outside.status_code == 400
    assert len(client.v1.webhook_endpoints.list().data) == 1


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(NotLoopbackError):
        SandboxStripe(listen="192.168.0.1:0")


def test_the_command_prints_its_address_and_stops_on_sigterm() -> None:
    words = ["-m", "hero_onboarding.sandbox.stripe", "--webhook", "http://127.0.0.1:9/x"]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        answer = httpx.get(f"{ready['url']}/v1/balance", auth=(ready["secret_key"], ""))
        os.kill(process.pid, signal.SIGTERM)
        status = process.wait(20)

    assert answer.json()["object"] == "balance"
    assert ready["webhook_secret"].startswith("whsec_")
    assert status == 0


@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_every_switch_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_every_room_card_deed_and_kind_of_path_is_on_the_page() -> None:
    paths = {path for _, path in rooms() if path.rpartition("/")[2] not in FORMS}
    families = {route.pattern.split("/")[2] for route in ROUTES}

    assert [path for path in paths if path not in PAGE] == []
    assert [number for number in CARDS if number not in PAGE] == []
    assert [name for name in families if f"`{name}`" not in PAGE] == []
    assert len(DEEDS) == 12


def test_two_stand_ins_share_nothing(sandbox: SandboxStripe) -> None:
    with SandboxStripe() as other, sdk(other) as there, sdk(sandbox) as here:
        there.v1.customers.create({})

        assert here.v1.customers.list().data == []
