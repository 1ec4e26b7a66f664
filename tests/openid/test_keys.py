"""Keys that sign, and names that users have at services."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hero_onboarding.database import Database
from hero_onboarding.openid import (
    SaltLostError,
    public_keys,
    renew_seals,
    rotate_keys,
    signing_key,
    subject_salt,
)
from hero_onboarding.openid.domain import subject_of
from hero_onboarding.openid.keys import PUBLISHED_FIRST, RETIRED_SHOWN, find_signing_key
from hero_onboarding.sign_in import SecretBox
from tests.api.served import Api
from tests.fakes.clock import FakeClock
from tests.openid.conftest import NewHolder
from tests.openid.party import ORIGIN, Party, Window, register
from tests.openid.test_flow import claims_in, sid_of
from tests.sign_in.holder import Holder

OLD, NEW = SecretBox.of(["the old key"]), SecretBox.of(["the new key", "the old key"])
ONLY_NEW = SecretBox.of(["the new key"])


def kids(api: Api) -> list[str]:
    found = api.client.get(f"{ORIGIN}/oauth/jwks.json").json()["keys"]
    return [key["kid"] for key in found]


def kid_of(token: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))["kid"])


def wait(api: Api, time: timedelta) -> None:
    api.post("/sandbox/clock", {"advance_seconds": int(time.total_seconds())})


def subject(party: Party, window: Window) -> str:
    tokens = party.exchange(window.code(party)).json()
    return str(party.tell(tokens["access_token"]).json()["sub"])


def test_the_set_of_keys_is_there_before_the_first_token_and_has_no_secret(api: Api) -> None:
    answer = api.client.get(f"{ORIGIN}/oauth/jwks.json")
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert kids(api) == [key["kid"]], "one key, made once"


def test_a_key_that_was_replaced_is_shown_while_its_tokens_live(
    api: Api, party: Party, window: Window
) -> None:
    old = party.exchange(window.code(party)).json()["id_token"]
    (first,) = kids(api)

    second = api.post("/admin/openid/keys/rotate").json()["kids"][0]

    assert kids(api) == [second, first]
    assert claims_in(api, old)["aud"] == party.id
    early = party.exchange(window.code(party)).json()["id_token"]
    assert kid_of(early) == first, "a set without the new key may still be kept somewhere"
    wait(api, PUBLISHED_FIRST)
    new = party.exchange(window.code(party)).json()["id_token"]
    assert kid_of(new) == second
    assert claims_in(api, early)["aud"] == claims_in(api, new)["aud"] == party.id
    wait(api, RETIRED_SHOWN)
    assert kids(api) == [second]


def test_keys_that_are_made_in_a_row_sign_one_after_the_other(
    database: Database, clock: FakeClock
) -> None:
    def signs() -> str:
        with database.transaction() as tx:
            return signing_key(tx, OLD, clock.now()).kid

    made = [signs()]
    for _ in range(2):
        clock.advance(minutes=1)
        with database.transaction() as tx:
            made += rotate_keys(tx, OLD, clock.now())
        assert signs() == made[0]
    clock.advance(seconds=PUBLISHED_FIRST.total_seconds() - 60)
    assert signs() == made[1]
    clock.advance(minutes=1)
    assert signs() == made[2]
    clock.advance(seconds=RETIRED_SHOWN.total_seconds())
    with database.reading() as tx:
        assert [one["kid"] for one in public_keys(tx, clock.now())] == [made[2]]


def test_where_no_key_can_be_unsealed_a_new_one_signs_at_once(
    database: Database, clock: FakeClock
) -> None:
    with database.transaction() as tx:
        signing_key(tx, OLD, clock.now())
        rotate_keys(tx, OLD, clock.now())
        found = signing_key(tx, ONLY_NEW, clock.now())
        assert signing_key(tx, ONLY_NEW, clock.now()).kid == found.kid, "and is the only new one"


def test_a_user_has_one_subject_for_each_host(
    api: Api, party: Party, window: Window, new_holder: NewHolder
) -> None:
    same_host = register(api, "More notes", "https://notes.example/more")
    elsewhere = register(api, "Files", "https://files.example/callback")
    bob = new_holder("bob")
    bob.sign_in()

    first = subject(party, window)

    assert subject(party, window) == first, "it stays"
    assert subject(same_host, window) == first
    assert subject(elsewhere, window) != first
    assert subject(party, Window(bob.client)) != first


def test_a_subject_tells_neither_sid_nor_address(
    api: Api, party: Party, window: Window, ada: Holder
) -> None:
    tokens = party.exchange(window.code(party)).json()
    claims: dict[str, Any] = claims_in(api, tokens["id_token"])
    told = party.tell(tokens["access_token"]).json()
    for text in (json.dumps(claims), json.dumps(told), tokens["access_token"]):
        assert ada.address not in text
        assert sid_of(ada) not in [*claims.values(), *told.values()], text
    assert len(claims["sub"]) == 64


def test_subjects_do_not_run_into_each_other() -> None:
    salt = bytes(32)
    pairs = [("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc")]
    assert len({subject_of(salt, *pair) for pair in pairs}) == len(pairs)
    assert subject_of(bytes(31) + b"\1", "a", "b") != subject_of(salt, "a", "b")


def test_rotating_the_servers_secret_changes_no_subject_and_no_key(
    database: Database, clock: FakeClock
) -> None:
    with database.transaction() as tx:
        salt, key = subject_salt(tx, OLD), signing_key(tx, OLD, clock.now())
    with database.transaction() as tx:
        assert subject_salt(tx, NEW) == salt
        assert signing_key(tx, NEW, clock.now()).kid == key.kid
        renew_seals(tx, NEW)
    with database.transaction() as tx:
        assert subject_salt(tx, ONLY_NEW) == salt, "the old secret may go"
        assert signing_key(tx, ONLY_NEW, clock.now()).kid == key.kid


def test_a_salt_that_cant_be_unsealed_is_never_replaced(
    database: Database, clock: FakeClock
) -> None:
    with database.transaction() as tx:
        salt = subject_salt(tx, OLD)
        first = signing_key(tx, OLD, clock.now())
    with pytest.raises(SaltLostError), database.transaction() as tx:
        subject_salt(tx, ONLY_NEW)
    with database.transaction() as tx:
        renew_seals(tx, ONLY_NEW)
        second = signing_key(tx, ONLY_NEW, clock.now())
        assert second.kid != first.kid, "a key of tokens that live ten minutes is no loss"
        assert len(public_keys(tx, clock.now())) == 2
        assert subject_salt(tx, OLD) == salt


def test_keys_and_salt_are_sealed_where_they_lie(
    database: Database, clock: FakeClock, contents: Callable[[Database], str]
) -> None:
    with database.transaction() as tx:
        salt, key = subject_salt(tx, OLD), signing_key(tx, OLD, clock.now())
        rotate_keys(tx, OLD, clock.now())
        assert find_signing_key(tx, OLD, clock.now()) is not None
    kept = contents(database)
    assert key.kid in kept
    assert str(key.key.as_dict(private=True)["d"]) not in kept
    assert repr(salt) not in kept
    assert "key" not in repr(key).replace("kid", "").replace("SigningKey", "")


def test_a_service_that_knows_no_better_gets_its_tokens_signed_by_rsa(
    api: Api, window: Window
) -> None:
    old = register(api, "Old", "https://old.example/callback", algorithm="RS256")
    shown = api.client.get(f"{ORIGIN}/oauth/jwks.json").json()["keys"]
    assert sorted(key["alg"] for key in shown) == ["RS256"], "shown before it is used"
    token = old.exchange(window.code(old)).json()["id_token"]
    assert claims_in(api, token, "RS256")["aud"] == old.id
    assert len(api.post("/admin/openid/keys/rotate").json()["kids"]) == 2
    assert claims_in(api, token, "RS256")["aud"] == old.id
