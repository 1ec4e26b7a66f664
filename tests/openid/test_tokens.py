"""What services send themselves: every refusal at the token endpoint, and what ends a token."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from hero_onboarding.identity import Origin, list_users, open_session
from tests.api.served import Api
from tests.openid.party import FROM_HERE, ORIGIN, Party, Window, register
from tests.sign_in.holder import Holder

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert not {"access_token", "id_token"} & answer.json().keys()
    return answer.status_code, answer.json()["error"]


def test_a_wrong_secret_gets_nothing(party: Party, window: Window) -> None:
    code = window.code(party)
    basic = party.by_basic(code, "wrong")
    assert refused(basic) == (401, "invalid_client")
    assert basic.headers["WWW-Authenticate"].startswith("Basic")
    for secret in ("wrong", "", None, "\N{LATIN SMALL LETTER E WITH ACUTE}"):
        assert refused(party.exchange(code, client_secret=secret))[0] in {400, 401}, secret
    for changes in ({"client_id": "0" * 16}, {"client_id": None}, {"client_secret": "wrong"}):
        answer = party.exchange(code, **changes)
        assert refused(answer) == (401, "invalid_client"), changes
        assert "id or secret is wrong or missing" in answer.json()["error_description"]
    assert party.exchange(code).status_code == 200, "nothing of it touched the code"


def test_a_service_says_who_it_is_in_one_way(api: Api, party: Party, window: Window) -> None:
    other = register(api, "Another")
    code = window.code(party)
    auth = (party.id, party.secret or "")
    for form in (
        party.form(code),
        party.form(code, client_id=None),
        party.form(code, client_id=other.id, client_secret=None),
        party.form(code, client_id="", client_secret=None),
    ):
        answer = api.client.post(f"{ORIGIN}/oauth/token", data=form, auth=auth)
        assert refused(answer) == (400, "invalid_request"), form
    form = party.form(code, client_secret=None)
    answer = api.client.post(f"{ORIGIN}/oauth/token", data=form, auth=auth)
    assert answer.status_code == 200, "the same id twice says one thing"


@pytest.mark.parametrize(
    "shown", [b"Basic //79/A==", b"Basic \xe9", b"basic %", b"Basic", b"Basic /w==", b"Basic YQ=="]
)
def test_a_basic_header_that_names_nobody_is_no_client(
    api: Api, window: Window, shown: bytes
) -> None:
    app = register(api, "An app", "http://127.0.0.1/cb", is_public=True)
    form = app.form(window.code(app))
    headers = {b"Authorization": shown}
    answer = api.client.post(f"{ORIGIN}/oauth/token", data=form, headers=headers)
    status, error = refused(answer)
    assert (status, error) == (401, "invalid_client"), "also where the form alone would do"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_service_with_a_secret_has_to_show_it(api: Api, window: Window) -> None:
    app = register(api, "An app", "http://127.0.0.1/cb", is_public=True)
    assert refused(app.exchange(window.code(app), client_secret="x"))[1] == "invalid_client"


@pytest.mark.parametrize("verifier", ["x" * 43, "short", None, ""])
def test_a_code_goes_with_its_verifier_and_is_gone_after_a_wrong_one(
    party: Party, window: Window, verifier: str | None
) -> None:
    code = window.code(party)
    status, error = refused(party.exchange(code, code_verifier=verifier))
    assert (status, error in {"invalid_grant", "invalid_request"}) == (400, True)
    assert refused(party.exchange(code)) == (400, "invalid_grant")


def test_a_code_goes_with_its_redirect_uri(party: Party, window: Window) -> None:
    for uri in ("https://notes.example/other", None):
        answer = party.exchange(window.code(party), redirect_uri=uri)
        assert refused(answer) == (400, "invalid_grant")


def test_a_code_that_comes_twice_ends_what_it_gave(party: Party, window: Window) -> None:
    code = window.code(party)
    token = party.exchange(code).json()["access_token"]
    assert party.tell(token).status_code == 200
    assert refused(party.exchange(code)) == (400, "invalid_grant")
    assert party.tell(token).status_code == 401


def test_a_code_is_over_after_a_minute(api: Api, party: Party, window: Window) -> None:
    code = window.code(party)
    api.post("/sandbox/clock", {"advance_seconds": 60})
    assert refused(party.exchange(code)) == (400, "invalid_grant")


def test_a_code_of_another_service_is_none_and_stays(
    api: Api, party: Party, window: Window
) -> None:
    other = register(api, "Another")
    code = window.code(party)
    assert refused(other.exchange(code, code_verifier=party.verifier)) == (400, "invalid_grant")
    assert party.exchange(code).status_code == 200


def test_a_code_ends_with_the_session_that_gave_it(
    party: Party, window: Window, ada: Holder
) -> None:
    code = window.code(party)
    ada.client.post("/auth/sign-out")
    assert refused(party.exchange(code)) == (400, "invalid_grant")


def test_a_revoked_service_gets_and_learns_nothing(api: Api, party: Party, window: Window) -> None:
    token = party.exchange(window.code(party)).json()["access_token"]
    code = window.code(party)
    api.post(f"/admin/openid/clients/{party.id}/revoke")
    assert refused(party.exchange(code))[1] == "invalid_client"
    assert party.tell(token).status_code == 401


def test_a_withdrawn_consent_ends_tokens_and_is_asked_for_again(
    party: Party, window: Window
) -> None:
    token = party.exchange(window.code(party)).json()["access_token"]
    code = window.code(party)
    account = window.get("/account").text
    assert "Services you sign in to" in account
    assert "Hero Notes" in account
    assert window.submit("/account/services/revoke", {"client_id": party.id}).status_code == 303
    assert party.tell(token).status_code == 401
    assert refused(party.exchange(code)) == (400, "invalid_grant")
    assert "Hero Notes" not in window.get("/account").text
    assert window.ask(party).status_code == 200


def test_a_session_that_a_code_approved_sees_services_and_withdraws_none(
    api: Api, party: Party, window: Window
) -> None:
    token = party.exchange(window.code(party)).json()["access_token"]
    services = api.services
    with services.database.transaction() as tx:
        sid = list_users(tx, None).items[0].sid
        limited = open_session(tx, sid, services.clock.now(), Origin("code"), is_limited=True)
    window.client.cookies.clear()
    window.client.cookies.set("hero_session", limited)
    account = window.get("/account").text
    assert "Hero Notes" in account
    assert "/account/services/revoke" not in account
    assert window.submit("/account/services/revoke", {"client_id": party.id}).status_code == 403
    assert party.tell(token).status_code == 200


def test_nobody_withdraws_what_others_allowed(party: Party, window: Window, ada: Holder) -> None:
    token = party.exchange(window.code(party)).json()["access_token"]
    ada.client.post("/auth/sign-out")
    form = {"client_id": party.id}
    assert window.submit("/account/services/revoke", form).headers["Location"] == "/sign-in"
    assert party.tell(token).status_code == 200


def test_a_token_is_over_after_ten_minutes(api: Api, party: Party, window: Window) -> None:
    token = party.exchange(window.code(party)).json()["access_token"]
    api.post("/sandbox/clock", {"advance_seconds": 600})
    answer = party.tell(token)
    assert refused(answer) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_service_ends_its_own_tokens_and_no_others(
    api: Api, party: Party, window: Window
) -> None:
    other = register(api, "Another")
    token = party.exchange(window.code(party)).json()["access_token"]

    def end(one: Party, secret: str | None = None) -> httpx.Response:
        form = {"token": token, "token_type_hint": "access_token"}
        auth = (one.id, secret or one.secret or "")
        return api.client.post(f"{ORIGIN}/oauth/revoke", data=form, auth=auth)

    assert end(party, "wrong").status_code == 401
    assert end(other).status_code == 200, "nobody learns whose it is"
    assert party.tell(token).status_code == 200
    assert end(party).status_code == 200
    assert party.tell(token).status_code == 401
    assert end(party).status_code == 200, "repeating is safe"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"grant_type=authorization_code&grant_type=authorization_code",
        b"grant_type=password&username=a&password=b",
        b"grant_type=refresh_token&refresh_token=x",
        b"grant_type=%e2%98%83",
        b"{}",
        b"code=x",
        b"&".join(b"a%d=1" % number for number in range(60)),
    ],
)
def test_what_is_no_request_for_tokens_is_told_so(api: Api, body: bytes) -> None:
    answer = api.client.post(f"{ORIGIN}/oauth/token", content=body, headers=FORM)
    assert refused(answer)[0] == 400


@pytest.mark.parametrize("shown", ["Basic %", "Basic YQ==", "Basic", "Bearer x", "Basic /w=="])
def test_a_header_that_says_nothing_is_refused(
    api: Api, party: Party, window: Window, shown: str
) -> None:
    form = party.form(window.code(party), client_id=None, client_secret=None)
    headers = {"Authorization": shown}
    answer = api.client.post(f"{ORIGIN}/oauth/token", data=form, headers=headers)
    assert answer.status_code == 401
    assert "access_token" not in answer.text


@pytest.mark.parametrize("shown", [None, "Bearer", "Bearer x", "Basic eDp5", "Bearer x y"])
def test_without_a_token_nobody_is_told_anything(api: Api, shown: str | None) -> None:
    headers = {} if shown is None else {"Authorization": shown}
    for method in ("GET", "POST"):
        answer = api.client.request(method, f"{ORIGIN}/oauth/userinfo", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_page_of_another_site_can_exchange_nothing(
    api: Api, party: Party, window: Window
) -> None:
    headers = {**FROM_HERE, "Sec-Fetch-Site": "cross-site"}
    form = party.form(window.code(party))
    assert api.client.post(f"{ORIGIN}/oauth/token", data=form, headers=headers).status_code == 403


def test_fifty_exchanges_of_one_code_give_once(api: Api, party: Party, window: Window) -> None:
    code = window.code(party)

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(api.app)  # type: ignore[arg-type]  # typed otherwise
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60) as client:
            posts = [client.post("/oauth/token", data=party.form(code)) for _ in range(50)]
            return await asyncio.gather(*posts)

    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(asyncio.run, ask()).result()

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [400] * 49
    (given,) = [answer for answer in answers if answer.status_code == 200]
    assert party.tell(given.json()["access_token"]).status_code == 401, "somebody else had the code"


def test_the_database_has_no_code_token_or_secret(api: Api, party: Party, window: Window) -> None:
    code = window.code(party)
    waiting = repr(api.contents())
    token = party.exchange(code).json()["access_token"]
    kept = waiting + repr(api.contents())
    assert party.secret is not None
    for secret in (code, token, party.secret):
        assert secret not in kept
    assert len(api.contents()["openid_tokens"]) == 1
