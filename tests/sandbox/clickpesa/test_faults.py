"""What goes wrong on the way, each fault once."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from hero_onboarding.sandbox.clickpesa import Fault, SandboxClickPesa
from tests.sandbox.clickpesa.bench import INITIATE, REFERENCE, Shop, push_body

SECONDS = 5


def is_made(shop: Shop) -> bool:
    return shop.get(f"/payments/{REFERENCE}").status_code == 200


@pytest.mark.parametrize(("kind", "is_there"), [("drop", False), ("drop-after", True)])
def test_a_cut_connection_hides_whether_the_push_was_made(
    sandbox: SandboxClickPesa, shop: Shop, kind: str, is_there: bool
) -> None:
    shop.do("faults", add=[{"kind": kind, "method": "POST", "count": 1}])

    with pytest.raises(httpx.RemoteProtocolError):
        shop.post(INITIATE, push_body())

    assert is_made(shop) == is_there
    assert sandbox.log.list_entries("POST")[0].status == 0
    assert shop.post(INITIATE, push_body()).status_code == (409 if is_there else 200)


@pytest.mark.parametrize(("kind", "is_there"), [("answer", False), ("answer-after", True)])
def test_a_500_can_come_before_or_after_the_effect(
    sandbox: SandboxClickPesa, shop: Shop, kind: str, is_there: bool
) -> None:
    message = "Fee validation failed, try again later"
    shop.do("faults", add=[{"kind": kind, "method": "POST", "count": 1, "message": message}])

    failed = shop.post(INITIATE, push_body())

    assert (failed.status_code, failed.json()) == (500, {"message": message})
    assert is_made(shop) == is_there
    assert sandbox.switches.faults == []


def test_a_429_can_say_when_to_come_again(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.add(Fault(kind="answer", status=429, count=1, retry_after_seconds=7))

    refused = shop.post(INITIATE, push_body())

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert not is_made(shop)


@pytest.mark.parametrize(("kind", "is_there"), [("delay", False), ("delay-after", True)])
def test_a_time_out_hides_whether_the_push_was_made(
    sandbox: SandboxClickPesa, shop: Shop, kind: str, is_there: bool
) -> None:
    fault = {"kind": kind, "method": "POST", "seconds": 0.4, "count": 1}
    shop.do("faults", add=[fault])

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(shop.post, INITIATE, push_body())
        end = time.monotonic() + SECONDS
        while sandbox.switches.faults and time.monotonic() < end:
            time.sleep(0.01)
        seen_while_waiting = is_made(shop)
        answer = asking.result(SECONDS)

    assert seen_while_waiting == is_there
    assert answer.status_code == 200
    assert is_made(shop)


def test_an_answer_can_show_a_wrong_amount(shop: Shop) -> None:
    shop.push()
    shop.do("faults", add=[{"kind": "wrong-amount", "method": "GET", "count": 1}])

    wrong, right = shop.payments()[0], shop.payments()[0]

    assert (wrong["collectedAmount"], right["collectedAmount"]) == (5100, 5000)
    assert {**wrong, "collectedAmount": 5000} == right


def test_amounts_in_text_can_be_wrong_too(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.add(Fault(kind="wrong-amount", path_prefix="/third-parties/payments/init"))

    assert shop.push()["collectedAmount"] == "5100"


@pytest.mark.parametrize("outage", ["closed", "unavailable"])
def test_an_outage_ends_when_somebody_ends_it(
    sandbox: SandboxClickPesa, shop: Shop, outage: str
) -> None:
    sandbox.switches.change({"outage": outage})
    if outage == "closed":
        with pytest.raises(httpx.RemoteProtocolError):
            shop.push()
    else:
        assert shop.post(INITIATE, push_body()).status_code == 503
    sandbox.switches.reset()

    assert not is_made(shop)


def test_every_answer_can_be_slow(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"delay_seconds": 0.2})
    begun = time.monotonic()
    is_made(shop)

    assert time.monotonic() - begun >= 0.2


def test_a_fault_is_for_its_path(sandbox: SandboxClickPesa, shop: Shop) -> None:
    fault = Fault(kind="answer", status=404, path_prefix="/third-parties/account", count=1)
    sandbox.switches.add(fault)

    shop.push()

    assert sandbox.switches.faults == [fault]
    assert shop.get("/account/statement", currency="TZS").status_code == 404
    assert shop.get("/account/statement", currency="TZS").status_code == 200
