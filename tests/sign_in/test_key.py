"""Signing in by proof of a key: once, in time, where it was asked for, and by nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select

from hero_onboarding.helper.curve import BASE_POINT, x25519
from hero_onboarding.incidents import list_incidents
from hero_onboarding.sign_in.tables import challenges, known_addresses
from tests.api.served import ORIGIN, Api, problem
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder, secret_of

REFUSED = (401, "sign_in.not_proved")
CHANGES: dict[str, Any] = {
    "purpose": "link",
    "origin": "https://evil.example",
    "challenge_id": "another",
    "address": bytes(16),
    "public_key": bytes(32),
    "server_public_key": bytes(32),
    "nonce": bytes(32),
    "issued_at": 1,
    "expires_at": 2**40,
    "binding": bytes(32),
}


def count(api: Api, table: Any) -> int:  # noqa: ANN401 - a table
    with api.services.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def test_the_first_proof_registers_and_signs_in(ada: Holder) -> None:
    answer = ada.sign_in()

    assert answer.status_code == 200
    me = ada.client.get("/v1/me").json()
    assert answer.json() == {"status": "signed_in", "user_sid": me["user_sid"]}
    assert me["address"] == "5ff:b821:c76e:9444:f439:18bf:59a0:1594"
    assert me["is_limited"] is False


def test_a_challenge_says_what_the_contract_says(ada: Holder) -> None:
    answer = ada.ask(purpose="login")

    found = answer.json()
    assert set(found) == {
        "challenge_id",
        "purpose",
        "origin",
        "address",
        "public_key",
        "server_public_key",
        "nonce",
        "issued_at",
        "expires_at",
        "binding",
    }
    assert (found["purpose"], found["origin"]) == ("login", ORIGIN)
    assert found["expires_at"] == found["issued_at"] + 120
    assert "hero_prelogin=" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]


def test_the_same_key_is_the_same_user_and_another_is_another(new_holder: NewHolder) -> None:
    ada, again, bob = new_holder("ada"), new_holder("ada"), new_holder("bob")

    sids = [one.sign_in().json()["user_sid"] for one in (ada, again, bob)]

    assert sids[0] == sids[1] != sids[2]


def test_every_challenge_is_made_anew(ada: Holder) -> None:
    first, second = ada.ask().json(), ada.ask().json()

    for name in ("challenge_id", "server_public_key", "nonce", "binding"):
        assert first[name] != second[name]


@pytest.mark.parametrize("name", CHANGES)
def test_a_proof_of_anything_else_is_refused_and_used_up(ada: Holder, name: str) -> None:
    challenge = ada.ask().json()

    wrong = ada.verify(challenge, ada.prove(challenge, **{name: CHANGES[name]}))
    right = ada.verify(challenge, ada.prove(challenge))

    assert problem(wrong) == problem(right) == REFUSED
    assert wrong.content == right.content
    assert ada.client.get("/v1/me").status_code == 401


def test_a_proof_is_taken_once(ada: Holder) -> None:
    challenge = ada.ask().json()
    proof = ada.prove(challenge)

    assert ada.verify(challenge, proof).status_code == 200
    assert problem(ada.verify(challenge, proof)) == REFUSED


def test_a_proof_of_another_browsers_challenge_is_refused(new_holder: NewHolder) -> None:
    ada, elsewhere = new_holder("ada"), new_holder("ada")
    challenge = ada.ask().json()
    elsewhere.ask()

    assert problem(elsewhere.verify(challenge, ada.prove(challenge))) == REFUSED


def test_without_the_pre_login_cookie_nothing_is_proved(ada: Holder) -> None:
    challenge = ada.ask().json()
    ada.client.cookies.clear()

    assert problem(ada.verify(challenge, ada.prove(challenge))) == REFUSED


@pytest.mark.parametrize(("seconds", "status"), [(119, 200), (120, 401), (121, 401)])
def test_a_challenge_is_valid_while_now_is_before_its_end(
    api: Api, ada: Holder, seconds: int, status: int
) -> None:
    challenge = ada.ask().json()
    at = challenge["issued_at"] + seconds
    moved = api.post("/sandbox/clock", {"now": f"{_iso(at)}"})
    assert moved.status_code == 200, moved.text

    assert ada.verify(challenge, ada.prove(challenge)).status_code == status


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat()


def test_of_fifty_answers_at_once_one_is_taken(api: Api, ada: Holder) -> None:
    challenge = ada.ask().json()
    proof = ada.prove(challenge)
    cookie = "; ".join(f"{name}={value}" for name, value in ada.client.cookies.items())
    body = {"challenge_id": challenge["challenge_id"], "proof": proof}

    def send(_: int) -> int:
        return api.client.post("/auth/verify", json=body, headers={"Cookie": cookie}).status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(send, range(50)))

    assert sorted(statuses) == [200] + [401] * 49
    assert count(api, known_addresses) == 1


def test_of_many_first_proofs_at_once_one_registers(api: Api, new_holder: NewHolder) -> None:
    holders = [new_holder("ada") for _ in range(8)]
    ready = [(one, one.ask().json()) for one in holders]
    proofs = [(one, challenge, one.prove(challenge)) for one, challenge in ready]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda row: row[0].verify(row[1], row[2]), proofs))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["user_sid"] for answer in answers}) == 1
    assert count(api, known_addresses) == 1


def test_known_and_unknown_addresses_are_asked_for_alike(api: Api, new_holder: NewHolder) -> None:
    known, unknown = new_holder("ada"), new_holder("nobody yet")
    known.sign_in()
    said: list[str] = []
    engine = api.services.database.writer

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    found = []
    for one in (known, unknown):
        said.clear()
        answer = one.ask()
        shape = {name: len(str(value)) for name, value in answer.json().items()}
        shape.pop("address")
        found.append((answer.status_code, shape, list(said)))
    event.remove(engine, "before_cursor_execute", note)

    assert found[0] == found[1]
    assert len(found[0][2]) > 2


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"address": "5ff:b821:c76e:9444:f439:18bf:59a0:1595"}, "sign_in.wrong_claim"),
        ({"address": "2001:db8::1"}, "identity.wrong_address"),
        ({"address": "5ff:b821:c76e:9444:f439:18bf:59a0:1594%eth0"}, "identity.wrong_address"),
        ({"address": "::ffff:1.2.3.4"}, "identity.wrong_address"),
        ({"public_key": "00" * 31}, "identity.wrong_key"),
        ({"public_key": "00" * 33}, "identity.wrong_key"),
        ({"public_key": "ff" * 32}, "identity.wrong_key"),
        ({"purpose": "link"}, "sign_in.wrong_purpose"),
        ({"purpose": "pay"}, "request.malformed"),
        ({"extra": "x"}, "request.malformed"),
        ({"attempt": 5}, "request.malformed"),
    ],
)
def test_a_claim_that_can_not_be_is_refused_and_opens_nothing(
    api: Api, ada: Holder, claim: dict[str, Any], code: str
) -> None:
    answer = ada.client.post("/auth/challenge", json={**ada.claim, **claim})

    assert problem(answer) == (422, code)
    assert count(api, challenges) == 0


def test_an_alias_of_a_key_is_no_key(ada: Holder) -> None:
    alias = ada.public_key[:31] + bytes([ada.public_key[31] | 0x80])
    claim = {"address": "59f:dd87:4034:71bb:122:6855:17f1:7602", "public_key": alias.hex()}

    assert problem(ada.client.post("/auth/challenge", json=claim)) == (422, "identity.wrong_key")


def test_an_address_may_be_spelt_in_any_way(ada: Holder) -> None:
    claim = {**ada.claim, "address": "05FF:B821:C76E:9444:F439:18BF:59A0:1594"}
    challenge = ada.client.post("/auth/challenge", json=claim).json()

    assert challenge["address"] == ada.address
    assert ada.verify(challenge, ada.prove(challenge)).status_code == 200


@pytest.mark.parametrize(
    "proof", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "+", "A" * 43 + "\n", 5, None]
)
def test_a_proof_of_another_form_is_malformed_and_costs_nothing(ada: Holder, proof: Any) -> None:  # noqa: ANN401 - JSON
    challenge = ada.ask().json()
    body = {"challenge_id": challenge["challenge_id"], "proof": proof}

    assert problem(ada.client.post("/auth/verify", json=body)) == (422, "request.malformed")
    assert ada.verify(challenge, ada.prove(challenge)).status_code == 200


def test_signing_in_again_gives_another_session_and_ends_the_first(ada: Holder) -> None:
    ada.sign_in()
    first = ada.client.cookies["hero_session"]
    ada.sign_in()
    second = ada.client.cookies["hero_session"]

    assert first != second
    ada.client.cookies.clear()
    ada.client.cookies["hero_session"] = first
    assert ada.client.get("/v1/me").status_code == 401


def test_a_session_that_somebody_set_before_is_never_taken_over(ada: Holder) -> None:
    challenge = ada.ask().json()
    body = {"challenge_id": challenge["challenge_id"], "proof": ada.prove(challenge)}
    known = f"hero_prelogin={ada.client.cookies['hero_prelogin']}"
    cookies = f"{known}; hero_session=chosen-by-somebody-else"

    answer = ada.client.post("/auth/verify", json=body, headers={"Cookie": cookies})

    assert answer.status_code == 200
    assert "chosen-by-somebody-else" not in answer.headers["Set-Cookie"]
    chosen = ada.client.get("/v1/me", headers={"Cookie": "hero_session=chosen-by-somebody-else"})
    assert chosen.status_code == 401


def test_signing_out_ends_it_and_may_be_repeated(ada: Holder) -> None:
    ada.sign_in()

    assert ada.client.post("/auth/sign-out").status_code == 204
    assert ada.client.get("/v1/me").status_code == 401
    assert ada.client.post("/auth/sign-out").status_code == 204


def test_another_key_of_a_known_address_is_refused_and_reported(api: Api, ada: Holder) -> None:
    ada.sign_in()
    with api.services.database.transaction() as tx:
        tx.execute(known_addresses.update().values(public_key=secret_of("another key")))

    assert problem(ada.sign_in()) == REFUSED
    with api.services.database.reading() as tx:
        (incident,) = list_incidents(tx, None).items
    assert incident.kind == "address_collision"
    assert incident.evidence["address"] == ada.address


def test_the_database_holds_no_secret_of_a_challenge(api: Api, ada: Holder) -> None:
    challenge = ada.ask().json()
    with api.services.database.reading() as tx:
        (row,) = tx.execute(select(challenges)).all()

    sealed = bytes(row.sealed_secret)
    opened = api.services.box.open(sealed)
    assert opened is not None
    assert x_public(opened) == challenge["server_public_key"]
    assert opened not in sealed


def x_public(secret: bytes) -> str:
    return x25519(secret, BASE_POINT).hex()


def test_challenges_that_are_over_are_swept_by_the_next(api: Api, ada: Holder) -> None:
    ada.ask()
    api.post("/sandbox/clock", {"advance_seconds": 200})
    ada.ask()

    assert count(api, challenges) == 1


def test_a_users_own_api_key_says_who_they_are(api: Api, ada: Holder) -> None:
    sid = ada.sign_in().json()["user_sid"]
    body = {"label": "a script", "scopes": ["account:read"], "user_sid": sid}
    made = api.post("/admin/api-keys", body)
    assert made.status_code == 201, made.text
    text = made.json()["key"]
    ada.client.cookies.clear()

    me = ada.client.get("/v1/me", headers={"Authorization": f"Bearer {text}"})

    assert me.json()["address"] == ada.address
    assert me.json()["is_limited"] is True
    for wrong in (f"Bearer {text}x", "Bearer ", "Basic eDp5", f"Bearer {text[:-1]}"):
        refused = ada.client.get("/v1/me", headers={"Authorization": wrong})
        assert problem(refused) == (401, "request.unauthenticated")


def test_nothing_of_signing_in_is_kept_by_anything_between(ada: Holder) -> None:
    answers = [ada.ask(), ada.sign_in(deliver="link"), ada.client.get("/v1/me")]

    assert {one.headers["Cache-Control"] for one in answers[:2]} == {"no-store"}
    assert answers[1].headers["X-Content-Type-Options"] == "nosniff"
