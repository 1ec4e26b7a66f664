"""The control room, by JSON and by its page, and the command."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa, Settings
from hero_onboarding.sandbox.clickpesa.api import ROUTES
from hero_onboarding.sandbox.clickpesa.control import STATUSES, rooms
from hero_onboarding.sandbox.errors import NotLoopbackError
from tests.sandbox.clickpesa.bench import INITIATE, PHONE, REFERENCE, Shop, push_body

PAGE = (
    (Path(__file__).parents[3] / "docs/sandbox.md").read_text().partition("# The sandbox Click")[2]
)
FORMS = {"settings", "fault", "reset", "act"}


def test_settings_and_faults_are_changed_all_or_nothing(shop: Shop) -> None:
    url = f"{shop.sandbox.url}/sandbox/clickpesa/faults"
    order = {"settings": {"query_zone": "utc"}, "add": [{"kind": "drop", "count": 3}]}

    changed = shop.http.post(url, json=order).json()
    refused = [
        shop.http.post(url, json={"settings": {"query_zone": "mars"}, "clear": True}),
        shop.http.post(url, json={"add": [{"kind": "rain"}], "clear": True}),
    ]
    held = shop.http.get(url).json()
    cleared = shop.http.delete(url).json()

    assert changed == held
    assert (held["settings"]["query_zone"], held["faults"][0]["count"]) == ("utc", 3)
    assert [one.status_code for one in refused] == [400, 400]
    assert (cleared["settings"]["query_zone"], cleared["faults"]) == ("eat", [])


def test_calls_are_listed_with_their_references(shop: Shop) -> None:
    url = f"{shop.sandbox.url}/sandbox/clickpesa/requests"
    shop.push()
    shop.statuses()

    shown = shop.http.get(url, params={"method": "POST"}).json()
    shop.http.delete(url)

    assert (shown["total"], shown["count"], shown["requests"][0]["key"]) == (2, 1, REFERENCE)
    assert shop.http.get(url).json()["total"] == 0


def test_the_clock_goes_forward_only(shop: Shop) -> None:
    url = f"{shop.sandbox.url}/sandbox/clock"
    shop.push()
    before = shop.http.get(url).json()["now"]

    after = shop.http.post(url, json={"advance_seconds": 600}).json()["now"]
    back = shop.http.post(url, json={"now": before})

    assert after > before
    assert back.status_code == 400
    assert shop.statuses() == ["FAILED"]


def test_everything_is_forgotten_on_demand(shop: Shop) -> None:
    shop.push()
    shop.sandbox.switches.change({"query_zone": "utc"})

    assert shop.control("forget").status_code == 204
    shop.sign_in()
    assert shop.get("/payments/all").json()["totalCount"] == 0
    assert shop.sandbox.switches.settings == Settings()


@pytest.mark.parametrize("room", ["prompts", "payments", "twins", "scripts", "endpoints"])
def test_an_order_that_makes_no_sense_changes_nothing(shop: Shop, room: str) -> None:
    shop.push()
    url = f"{shop.sandbox.url}/sandbox/clickpesa/{room}"

    answers = [shop.http.post(url, content=body) for body in (b"{", b'{"x": 1}', b"\xff", b"")]

    assert [one.status_code for one in answers] == [400] * 4
    assert shop.statuses() == ["PROCESSING"]


def test_what_is_not_there_is_404(shop: Shop) -> None:
    answers = [
        shop.control("prompts", payment="NOTHING"),
        shop.control("payments", payment="NOTHING", status="SUCCESS"),
        shop.control("twins", payment="NOTHING"),
        shop.control("songs"),
    ]

    assert [one.status_code for one in answers] == [404] * 4


def test_a_prompt_is_answered_once(shop: Shop) -> None:
    shop.push()
    shop.do("prompts", payment=REFERENCE)

    assert shop.control("prompts", payment=REFERENCE, answer="refuse").status_code == 400
    assert shop.statuses() == ["SUCCESS"]


def test_the_page_shows_and_changes_everything(shop: Shop) -> None:
    base = f"{shop.sandbox.url}/sandbox"
    payment = shop.push()
    act = {"payment": REFERENCE, "status": "ON-HOLD"}

    done = shop.http.post(f"{base}/clickpesa/act", data=act)
    changes = {"has_billpay": "false"}
    settings = shop.http.post(f"{base}/clickpesa/settings", data=changes)
    fault = shop.http.post(f"{base}/clickpesa/fault", data={"kind": "drop", "path_prefix": "/x"})
    page = shop.http.get(base)

    assert [one.status_code for one in (done, settings, fault)] == [303] * 3
    assert all(text in page.text for text in (payment["id"], "ON-HOLD", "drop", *STATUSES))
    assert not shop.sandbox.switches.settings.has_billpay
    shop.http.post(f"{base}/clickpesa/reset")
    assert shop.sandbox.switches.settings == Settings()
    assert shop.statuses() == ["ON-HOLD"]


def test_the_page_says_what_was_wrong_with_a_form(shop: Shop) -> None:
    base = f"{shop.sandbox.url}/sandbox/clickpesa"

    answers = [
        shop.http.post(f"{base}/act", data={"payment": "x", "status": "SUCCESS"}),
        shop.http.post(f"{base}/act", data={"payment": "x"}),
        shop.http.post(f"{base}/settings", data={"query_zone": "mars"}),
        shop.http.post(f"{base}/fault", data={"kind": "rain"}),
    ]

    assert [one.status_code for one in answers] == [422] * 4
    assert all('role="alert"' in one.text for one in answers)


def test_it_listens_on_loopback_only_and_answers_this_machine_only(shop: Shop) -> None:
    with pytest.raises(NotLoopbackError):
        SandboxClickPesa(listen="192.168.0.1:0")
    assert shop.http.get(shop.sandbox.url, headers={"Host": "example.org"}).status_code == 403
    large = shop.http.post(f"{shop.sandbox.api_url}{INITIATE}", content=b"x" * 1_100_000)
    assert large.status_code == 413


def test_two_stand_ins_share_nothing(shop: Shop) -> None:
    shop.push()
    with SandboxClickPesa() as other:
        there = Shop(other, shop.http, authorization=shop.authorization)
        assert there.get("/payments/all").status_code == 401
        there.sign_in()
        assert there.get("/payments/all").json()["totalCount"] == 0


def test_the_command_prints_its_addresses_and_stops_on_sigterm() -> None:
    words = ["-m", "hero_onboarding.sandbox.clickpesa", "--webhook", "http://127.0.0.1:9/x"]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        headers = {"client-id": ready["client_id"], "api-key": ready["api_key"]}
        answer = httpx.post(f"{ready['api_url']}/generate-token", headers=headers)
        phone = httpx.get(ready["phone_url"])
        os.kill(process.pid, signal.SIGTERM)
        status = process.wait(20)

    assert answer.json()["success"]
    assert "Sandbox phone" in phone.text
    assert ready["checksum_key"]
    assert status == 0


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_setting_is_in_the_document(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_every_room_and_family_of_calls_is_in_the_document() -> None:
    paths = {path for _, path in rooms() if path.rpartition("/")[2] not in FORMS}
    families = {route.pattern.split("/")[1] for route in ROUTES}

    assert [path for path in paths if path not in PAGE] == []
    assert [name for name in families if f"`{name}`" not in PAGE] == []


def test_a_number_goes_to_another_operator(shop: Shop) -> None:
    shop.do("subscribers", phone=PHONE, operator="HALOPESA")

    assert shop.post(INITIATE, push_body()).status_code == 400
    assert shop.control("subscribers", phone="0712").status_code == 400
