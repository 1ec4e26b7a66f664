"""The whole way: a service asks, its user agrees, and the service learns what it may."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from hero_onboarding.identity import Origin, PublicKey, create_user, open_session
from hero_onboarding.sign_in.addresses import link_address
from tests.api.served import Api
from tests.openid.conftest import NewHolder
from tests.openid.party import ORIGIN, Party, Window, answer_in, location_of, register
from tests.sign_in.holder import Holder


def claims_in(api: Api, id_token: str, algorithm: str = "ES256") -> dict[str, Any]:
    """Check an identity token as a service does, and return what it says."""
    found = KeySet.import_key_set(api.client.get("/oauth/jwks.json").json())
    token = jwt.decode(id_token, found, algorithms=[algorithm])
    return dict(token.claims)


def sid_of(holder: Holder) -> str:
    return str(holder.client.get("/v1/me").json()["user_sid"])


def test_a_user_signs_in_to_a_service(api: Api, party: Party, window: Window, ada: Holder) -> None:
    page = window.ask(party, scope="openid mycelium hero_sid")
    assert page.status_code == 200
    assert "Hero Notes" in page.text
    assert "notes.example" in page.text
    given = window.decide(page)
    assert given.status_code == 200, "a page hands over: no redirect follows a form"
    assert location_of(given).startswith("https://notes.example/callback?")
    assert answer_in(given)["state"] == "the state"
    assert answer_in(given)["iss"] == ORIGIN

    answer = party.exchange(answer_in(given)["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert {**tokens, "access_token": "", "id_token": ""} == {
        "token_type": "Bearer",
        "access_token": "",
        "id_token": "",
        "expires_in": 600,
        "scope": "openid mycelium hero_sid",
    }
    claims = claims_in(api, tokens["id_token"])
    told = party.tell(tokens["access_token"])
    assert told.status_code == 200
    assert told.headers["Cache-Control"] == "no-store"
    assert told.json() == {
        "sub": claims["sub"],
        "mycelium_address": ada.address,
        "hero_sid": sid_of(ada),
    }
    assert claims.items() >= told.json().items()
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ORIGIN, party.id, "the nonce")
    assert claims["exp"] - claims["iat"] == 600
    assert claims["auth_time"] <= claims["iat"]
    header = json.loads(base64.urlsafe_b64decode(tokens["id_token"].split(".")[0] + "=="))
    assert header["alg"] == "ES256"


def test_pages_say_which_address_a_service_is_told(
    api: Api, party: Party, window: Window, ada: Holder, new_holder: NewHolder
) -> None:
    second, sid = new_holder("ada's second key"), sid_of(ada)
    with api.services.database.transaction() as tx:
        later = api.services.clock.now() + timedelta(seconds=1)
        link_address(tx, PublicKey(second.public_key), sid, later)
    page = window.ask(party, scope="openid mycelium")
    assert ada.address in page.text
    assert second.address not in page.text
    assert "services on other hosts do not get" in page.text
    told = party.tell(party.exchange(answer_in(window.decide(page))["code"]).json()["access_token"])
    assert told.json()["mycelium_address"] == ada.address
    assert f"learns your mycelium address <code>{ada.address}" in window.get("/account").text


def test_pages_promise_no_address_of_somebody_who_has_none(
    api: Api, party: Party, new_holder: NewHolder
) -> None:
    with api.services.database.transaction() as tx:
        now = api.services.clock.now()
        create_user(tx, "eve", "Eve", now)
        session = open_session(tx, "eve", now, Origin("passkey"))
    window = Window(new_holder("eve").client)
    window.client.cookies.set("hero_session", session)
    page = window.ask(party, scope="openid mycelium")
    assert "your mycelium address, once you have one" in page.text
    tokens = party.exchange(answer_in(window.decide(page))["code"]).json()
    assert set(party.tell(tokens["access_token"]).json()) == {"sub"}
    assert "learns your mycelium address once you have one" in window.get("/account").text


def test_a_service_learns_no_more_than_it_asked_for(api: Api, party: Party, window: Window) -> None:
    tokens = party.exchange(window.code(party)).json()
    assert set(party.tell(tokens["access_token"]).json()) == {"sub"}
    assert not {"mycelium_address", "hero_sid"} & claims_in(api, tokens["id_token"]).keys()


@pytest.mark.parametrize("way", ["post", "basic"])
def test_a_service_shows_its_secret_in_either_way(party: Party, window: Window, way: str) -> None:
    code = window.code(party)
    answer = party.exchange(code) if way == "post" else party.by_basic(code)
    assert answer.status_code == 200, answer.text


def test_a_public_service_needs_no_secret(api: Api, window: Window) -> None:
    app = register(api, "An app", "http://127.0.0.1/cb", is_public=True)
    assert app.secret is None
    assert app.exchange(window.code(app)).status_code == 200


def test_who_agreed_once_is_not_asked_again(party: Party, window: Window) -> None:
    window.code(party)
    again = window.ask(party)
    assert again.status_code == 303
    assert party.exchange(answer_in(again)["code"]).status_code == 200
    more = window.ask(party, scope="openid hero_sid")
    assert more.status_code == 200, "what it did not have before is asked for"
    assert window.ask(party, prompt="consent").status_code == 200


def test_an_app_on_loopback_is_asked_for_each_time_and_may_use_any_port(
    api: Api, window: Window
) -> None:
    app = register(api, "An app", "http://127.0.0.1/cb", is_public=True)
    for port in (":41001", ":41002", ""):
        uri = f"http://127.0.0.1{port}/cb"
        page = window.ask(app, redirect_uri=uri)
        assert page.status_code == 200, "any program could listen there"
        code = answer_in(window.decide(page))["code"]
        assert app.exchange(code, redirect_uri=uri).status_code == 200


def test_whoever_is_not_signed_in_signs_in_and_goes_on(party: Party, new_holder: NewHolder) -> None:
    bob = new_holder("bob")
    window = Window(bob.client)
    asked = window.ask(party)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in")
    assert "Hero Notes" in window.get("/sign-in").text
    assert window.get("/oauth/continue").headers["Location"] == "/sign-in"
    bob.sign_in()
    assert "Continue to Hero Notes" in window.get("/").text
    page = window.get("/oauth/continue")
    assert page.status_code == 200
    given = window.decide(page)
    assert party.exchange(answer_in(given)["code"]).status_code == 200
    assert window.get("/oauth/continue").headers["Location"] == "/", "it is done"


def test_after_signing_in_even_a_settled_question_is_a_page(
    party: Party, window: Window, ada: Holder
) -> None:
    window.code(party)
    ada.client.post("/auth/sign-out")
    assert window.ask(party).headers["Location"] == "/sign-in"
    ada.sign_in()
    page = window.get("/oauth/continue")
    assert page.status_code == 200, "a redirect here would follow the form of the sign-in"
    assert "code" in answer_in(window.decide(page))


def test_cancelling_tells_the_service_and_gives_nothing(
    api: Api, party: Party, window: Window
) -> None:
    page = window.ask(party)
    before = api.contents()
    answer = answer_in(window.decide(page, "cancel"))
    assert (answer["error"], answer["state"], answer["iss"]) == (
        "access_denied",
        "the state",
        ORIGIN,
    )
    assert api.contents() == before
