"""Tokens, checksums on requests, and how often one may call."""

import base64
import json

import httpx
import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.sandbox.clickpesa.bench import (
    INITIATE,
    PREVIEW,
    REFERENCE,
    Shop,
    checksum_of,
    push_body,
)


def message_of(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"message"}
    return answer.status_code, body["message"]


def test_a_token_opens_the_interface_for_an_hour_of_the_settable_clock(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.advance(3590)
    assert shop.get("/payments/all").status_code == 200

    sandbox.advance(10)

    assert message_of(shop.get("/payments/all")) == (401, "Unauthorized")


def test_a_token_says_itself_when_it_ends(sandbox: SandboxClickPesa, shop: Shop) -> None:
    token = shop.ask_token().json()["token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

    assert token.startswith("Bearer ")
    assert abs(claims["exp"] - claims["iat"] - 3600) <= 1
    assert abs(claims["iat"] - sandbox.now().timestamp()) < 5

    sandbox.switches.change({"has_token_claims": False})
    assert "." not in shop.ask_token().json()["token"]


def test_a_token_can_come_without_its_prefix_but_is_shown_with_it(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.switches.change({"has_token_prefix": False})
    bare = shop.ask_token().json()["token"]

    shop.authorization = bare
    assert shop.get("/payments/all").status_code == 401
    shop.authorization = f"Bearer {bare}"
    assert shop.get("/payments/all").status_code == 200


def test_calls_for_tokens_are_counted(sandbox: SandboxClickPesa, shop: Shop) -> None:
    shop.ask_token()
    shop.ask_token(**{"api-key": "x"})

    assert sandbox.log.count("POST", "/third-parties/generate-token") == 2


@pytest.mark.parametrize("header", ["client-id", "api-key"])
def test_wrong_details_give_no_token(shop: Shop, header: str) -> None:
    assert message_of(shop.ask_token(**{header: "x"})) == (403, "Invalid client details")


@pytest.mark.parametrize("state", ["expired", "invalid", "unauthorised"])
def test_a_key_that_is_no_longer_good_gives_no_token(
    sandbox: SandboxClickPesa, shop: Shop, state: str
) -> None:
    sandbox.switches.change({"credentials": state})

    assert message_of(shop.ask_token())[0] == 403
    assert shop.get("/payments/all").status_code == 200


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x.y.z", "bearer", "Basic x"])
def test_nothing_is_told_without_a_token(shop: Shop, shown: str) -> None:
    shop.authorization = shown

    assert message_of(shop.get("/payments/all")) == (401, "Unauthorized")


def test_switching_checksums_ends_every_token(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"is_checksum_on": False})
    sandbox.switches.change({"is_checksum_on": True})

    assert shop.get("/payments/all").status_code == 401
    shop.sign_in()
    sandbox.switches.change({"query_zone": "utc"})
    assert shop.get("/payments/all").status_code == 200


def test_a_body_without_a_right_checksum_is_refused(sandbox: SandboxClickPesa, shop: Shop) -> None:
    wrong = {**push_body(), "checksum": checksum_of(push_body(amount="5001"), "x")}

    assert message_of(shop.send("POST", INITIATE, push_body())) == (400, "Checksum is required")
    assert message_of(shop.send("POST", INITIATE, wrong)) == (400, "Invalid checksum")
    assert shop.get(f"/payments/{REFERENCE}").status_code == 404

    sandbox.switches.change({"is_checksum_on": False})
    shop.sign_in()
    assert shop.send("POST", INITIATE, wrong).status_code == 200


def test_a_body_may_name_its_method(shop: Shop) -> None:
    assert shop.post(PREVIEW, push_body(checksumMethod="canonical")).status_code == 200
    assert shop.post(PREVIEW, push_body(checksumMethod="legacy")).status_code == 400


def test_a_server_can_read_json_as_python_does(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"checksum_reading": "python"})
    name = push_body(orderReference="Zoë")

    assert shop.post(INITIATE, name).json()["message"] == "Invalid checksum"


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"[]", b'{"amount": NaN}', b"\xff"])
def test_a_body_that_is_no_object_is_refused(
    sandbox: SandboxClickPesa, shop: Shop, body: bytes
) -> None:
    headers = {"Authorization": shop.authorization}
    answer = shop.http.post(f"{sandbox.api_url}{INITIATE}", content=body, headers=headers)

    assert message_of(answer)[0] == 400


def test_a_path_that_is_not_there_says_so(shop: Shop) -> None:
    assert message_of(shop.get("/payouts/all"))[0] == 404
    assert message_of(shop.send("DELETE", "/payments/all", {}))[0] == 404


def test_more_than_120_calls_a_minute_are_refused(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"throttle_retry_after_seconds": 7})
    answers = [shop.get("/payments/all") for _ in range(120)]

    assert [one.status_code for one in answers[:119]] == [200] * 119
    assert message_of(answers[119])[0] == 429
    assert answers[119].headers["retry-after"] == "7"
    sandbox.advance(60)
    assert shop.get("/payments/all").status_code == 200


def test_a_limit_can_answer_otherwise_or_be_off(sandbox: SandboxClickPesa, shop: Shop) -> None:
    sandbox.switches.change({"requests_per_minute": 1, "throttle_status": 403})
    refused = shop.get("/payments/all")
    sandbox.switches.change({"requests_per_minute": 0})

    assert refused.status_code == 403
    assert "Too many requests" in refused.json()["message"]
    assert "retry-after" not in refused.headers
    assert shop.get("/payments/all").status_code == 200


def test_before_the_merchant_is_known_there_are_100_calls_a_day_with_those_for_tokens(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.switches.change({"is_kyc_approved": False})
    tokens = [shop.ask_token() for _ in range(9)]
    used = [*tokens, *(shop.get("/payments/all") for _ in range(90))]

    assert {one.status_code for one in used} == {200}
    assert shop.ask_token().status_code == shop.get("/payments/all").status_code == 429
    sandbox.advance(24 * 3600)
    shop.sign_in()
    assert shop.get("/payments/all").status_code == 200


def test_before_the_merchant_is_known_there_are_100_000_shillings_in_all(
    sandbox: SandboxClickPesa, shop: Shop
) -> None:
    sandbox.switches.change({"is_kyc_approved": False})
    shop.push(orderReference="A1", amount="60000")
    refused = shop.post(INITIATE, push_body(orderReference="A2", amount="60000"))

    assert refused.status_code == 400
    assert shop.get("/payments/A2").status_code == 404
    shop.push(orderReference="A2", amount="40000")
