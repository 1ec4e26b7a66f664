"""Passkeys: enrolled by a full session, used once for each question, by whom they are for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.served import Api, problem
from tests.passkeys.authenticator import PRESENT, Authenticator, b64
from tests.passkeys.person import ORIGIN, Person
from tests.sign_in.test_attempt import begin, complete

REFUSED = (401, "sign_in.not_proved")


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator(ORIGIN)


def test_an_enrolled_passkey_signs_in_another_browser(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    kept = ada.enrol(phone)

    answer = stranger.sign_in(phone)

    assert (kept.status_code, kept.json()) == (201, {"label": "phone"})
    me = stranger.me()
    assert answer.json() == {"status": "signed_in", "user_sid": ada.me()["user_sid"]}
    assert (me["user_sid"], me["is_limited"]) == (ada.me()["user_sid"], False)


def test_the_options_say_nothing_of_who_has_passkeys(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    before = stranger.ask("sign_in").json()
    ada.enrol(phone)
    after = stranger.ask("sign_in").json()

    assert before.keys() == after.keys()
    assert after["allowCredentials"] == []
    assert (after["rpId"], after["userVerification"]) == ("hero.localhost", "required")
    assert before["challenge"] != after["challenge"]


def test_a_question_is_answered_once(ada: Person, stranger: Person, phone: Authenticator) -> None:
    ada.enrol(phone)
    credential = phone.sign(stranger.ask("sign_in").json())

    assert stranger.use("sign_in", credential).status_code == 200
    assert problem(stranger.use("sign_in", credential)) == REFUSED


def test_of_many_answers_at_once_one_is_taken(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    ada.enrol(phone)
    credential = phone.sign(stranger.ask("sign_in").json())
    client = stranger.holder.client
    headers = {"Cookie": f"hero_prelogin={client.cookies['hero_prelogin']}"}
    body = {"purpose": "sign_in", "credential": credential}

    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(client.post, "/auth/passkeys/use", json=body, headers=headers)
            for _ in range(8)
        ]
        statuses = sorted(one.result().status_code for one in sent)

    assert statuses == [200] + [401] * 7


def test_a_question_is_over_after_five_minutes(
    api: Api, ada: Person, stranger: Person, phone: Authenticator
) -> None:
    ada.enrol(phone)
    credential = phone.sign(stranger.ask("sign_in").json())
    api.post("/sandbox/clock", {"advance_seconds": 300})

    assert problem(stranger.use("sign_in", credential)) == REFUSED


def test_another_browsers_answer_is_refused(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    ada.enrol(phone)
    credential = phone.sign(stranger.ask("sign_in").json())
    ada.ask("sign_in")

    assert problem(ada.use("sign_in", credential)) == REFUSED


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "http://localhost:9999"},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"counter": -1},
        {"handle": b"somebody else"},
        {"credential_id": b"another"},
    ],
)
def test_what_is_wrong_with_an_answer_is_refused_alike(
    ada: Person, stranger: Person, phone: Authenticator, changes: dict[str, Any]
) -> None:
    phone.counter = 5
    ada.enrol(phone)
    for name, value in changes.items():
        setattr(phone, name, value)

    assert problem(stranger.sign_in(phone)) == REFUSED
    assert stranger.holder.client.get("/v1/me").status_code == 401


def test_another_devices_signature_is_refused(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    ada.enrol(phone)
    thief = Authenticator(ORIGIN, handle=phone.handle)

    assert problem(stranger.sign_in(thief)) == REFUSED


@pytest.mark.parametrize("purpose", ["enrol", "confirm"])
def test_without_a_session_there_is_nothing_to_enrol_or_confirm(
    stranger: Person, purpose: str
) -> None:
    assert problem(stranger.ask(purpose)) == (401, "request.unauthenticated")


def limited(person: Person, approver: Person) -> None:
    """Sign a browser in with a code that somebody else's key approves."""
    found = begin(person.holder)
    assert approver.holder.approve(found["attempt"], found["user_code"]).status_code == 200
    assert complete(person.holder, found["attempt"]).status_code == 200


def test_a_limited_session_can_enrol_nothing(ada: Person, stranger: Person) -> None:
    limited(stranger, ada)

    assert problem(stranger.ask("enrol")) == (403, "sign_in.session_limited")


def test_a_passkey_confirms_a_limited_session(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    ada.enrol(phone)
    limited(stranger, ada)
    assert stranger.me()["is_limited"] is True
    before = stranger.holder.client.cookies["hero_session"]

    answer = stranger.sign_in(phone, "confirm")

    assert answer.json()["status"] == "confirmed"
    assert stranger.me()["is_limited"] is False
    assert stranger.holder.client.cookies["hero_session"] != before


def test_somebody_elses_passkey_confirms_nothing(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    ada.enrol(phone)
    limited(stranger, Person(stranger.holder))

    asked = stranger.ask("confirm").json()

    assert problem(stranger.use("confirm", phone.sign(asked))) == REFUSED
    assert stranger.me()["is_limited"] is True


def test_a_made_passkey_belongs_to_the_session_that_was_asked(
    ada: Person, stranger: Person, phone: Authenticator
) -> None:
    stranger.holder.sign_in()
    credential = phone.make(ada.ask("enrol").json())

    assert problem(stranger.keep(credential)) == REFUSED
    assert problem(ada.keep(credential)) == REFUSED, "it was used up"


def test_a_passkey_is_kept_once(ada: Person, stranger: Person, phone: Authenticator) -> None:
    ada.enrol(phone)
    stranger.holder.sign_in()

    assert problem(stranger.enrol(phone)) == REFUSED
    asked = ada.ask("enrol").json()
    assert [one["id"] for one in asked["excludeCredentials"]] == [b64(phone.credential_id)]


@pytest.mark.parametrize("label", ["", "  ", "x" * 61, "a\nb", "\u202e"])
def test_a_label_is_short_and_can_be_printed(ada: Person, phone: Authenticator, label: str) -> None:
    credential = phone.make(ada.ask("enrol").json())

    assert problem(ada.keep(credential, label)) == (422, "passkeys.wrong_label")
    assert ada.keep(credential, "phone").status_code == 201


def test_an_account_has_at_most_twenty(ada: Person) -> None:
    for place in range(20):
        device = Authenticator(ORIGIN, credential_id=f"device {place}".encode())
        assert ada.enrol(device).status_code == 201

    assert problem(ada.ask("enrol")) == (409, "passkeys.too_many")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
PARTS = ("id", "rawId", "type", "response")
INNER = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_no_answer_is_a_fault_of_ours(ada: Person, stranger: Person, phone: Authenticator) -> None:
    ada.enrol(phone)

    @given(st.sampled_from(PARTS + INNER), JUNK | st.binary(max_size=60).map(b64))
    def spoil(name: str, value: object) -> None:
        credential = phone.sign(stranger.ask("sign_in").json())
        made = Authenticator(ORIGIN).make(ada.ask("enrol").json())
        for one in (credential, made):
            (one if name in PARTS else one["response"])[name] = value
        used = stranger.use("sign_in", credential)
        kept = ada.keep(made)
        assert used.status_code in {200, 401, 422}, used.text
        assert kept.status_code in {201, 401, 422}, kept.text

    spoil()
