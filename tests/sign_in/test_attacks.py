"""The attacks on a site that signs people in, each tried, at a server in production mode."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.api.served import Api, problem, served
from tests.conftest import NewUrl
from tests.sign_in.holder import Holder, secret_of

HERE = "https://hero.example"
SESSION = "__Host-hero_session"
PRELOGIN = "__Host-hero_prelogin"


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    url, settings = new_database_url(engine), {"MODE": "production", "PUBLIC_URL": HERE}
    with served(url, tmp_path / "data", **settings) as found:
        yield found


def holder(api: Api, name: str = "ada", **cookies: str) -> Holder:
    client = TestClient(api.app, base_url=HERE)
    for cookie, value in cookies.items():
        client.cookies.set(cookie, value, domain="hero.example")
    return Holder(client, secret_of(name))


def test_cross_site_forms_change_nothing(api: Api) -> None:
    ada = holder(api)
    ada.sign_in()
    before = api.contents()
    for path, form in (
        ("/sign-out", {}),
        ("/account/attempts", {"purpose": "link"}),
        ("/account/keys", {"label": "mine"}),
        ("/account/profile", {"language": "fr"}),
        ("/language", {"language": "fr"}),
        ("/sign-in", {}),
    ):
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "http://hero.example"},
            {"Origin": "https://hero.example:8443"},
            {"Origin": "http://127.0.0.1:9921"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
            {"Sec-Fetch-Site": "same-site"},
            {},
        ):
            refused = ada.client.post(path, data=form, headers=headers)
            assert (refused.status_code, problem(refused)[1]) == (403, "request.cross_site"), path

    assert api.contents() == before


def test_cross_site_scripts_neither_sign_in_nor_out(api: Api) -> None:
    """A page elsewhere that has a proof of its own can't sign somebody else in with it."""
    ada = holder(api)
    challenge = ada.ask().json()
    body = {"challenge_id": challenge["challenge_id"], "proof": ada.prove(challenge)}

    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "http://hero.example"},
        {"Origin": "http://127.0.0.1:9921"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        refused = ada.client.post("/auth/verify", json=body, headers=headers)
        assert refused.status_code == 403
        assert "Set-Cookie" not in refused.headers
    assert ada.client.post("/auth/verify", json=body).status_code == 200


def test_a_session_that_was_planted_is_not_the_one_that_is_opened(api: Api) -> None:
    victim = holder(api, **{SESSION: "planted-by-somebody", PRELOGIN: "planted-too"})
    challenge = victim.ask().json()
    prelogin = victim.client.cookies.get(PRELOGIN)
    victim.verify(challenge, victim.prove(challenge))
    opened = victim.client.cookies.get(SESSION)

    thief = holder(api, "thief", **{SESSION: "planted-by-somebody"})
    assert thief.client.get("/v1/me").status_code == 401
    assert opened != "planted-by-somebody"
    assert prelogin != "planted-too"


def test_signing_in_again_opens_a_new_session_and_ends_the_old(api: Api) -> None:
    ada = holder(api)
    ada.sign_in()
    first = ada.client.cookies[SESSION]
    ada.sign_in()

    assert ada.client.cookies[SESSION] != first
    stale = holder(api, "thief", **{SESSION: first})
    assert stale.client.get("/v1/me").status_code == 401


def test_no_page_can_be_framed_nor_loads_anything_from_elsewhere(api: Api) -> None:
    ada = holder(api)
    ada.sign_in()
    for path in ("/", "/sign-in", "/dashboard", "/account", "/account/profile", "/help", "/none"):
        headers = ada.client.get(path, headers={"Accept": "text/html"}).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, path
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "@evil"],
)
def test_no_form_leads_to_another_site(api: Api, target: str) -> None:
    ada = holder(api)
    same = {"Sec-Fetch-Site": "same-origin"}
    form = {"language": "fr", "back": target, "next": target, "return_to": target}
    for path in ("/language", f"/sign-in?next={target}", "/sign-out"):
        answer = ada.client.post(path, data=form, headers=same, follow_redirects=False)
        assert answer.status_code == 303, path
        location = answer.headers["Location"]
        assert location.startswith("/"), path
        assert not location.startswith(("//", "/\\")), path


def test_a_forged_host_is_in_nothing_that_the_site_says(api: Api) -> None:
    ada = holder(api)
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
    }
    challenge = ada.client.post("/auth/challenge", json=ada.claim, headers=forged)
    page = ada.client.get("/sign-in", headers={**forged, "Accept": "text/html"})
    link = ada.verify(challenge.json(), ada.prove(challenge.json()), deliver="link")

    assert challenge.json()["origin"] == HERE
    assert f"hero_onboarding login {HERE}" in page.text
    assert link.json()["sign_in_url"].startswith(f"{HERE}/login/link/")
    for answer in (challenge, page, link):
        assert "evil" not in answer.text
        assert "evil" not in str(answer.headers)


def test_a_proof_for_another_origin_is_refused(api: Api) -> None:
    """What a phishing page relays is bound to the origin that its victim's helper saw."""
    ada = holder(api)
    challenge = ada.ask().json()

    relayed = ada.prove(challenge, origin="https://evil.example")

    assert ada.verify(challenge, relayed).status_code == 401
    assert ada.client.get("/v1/me").status_code == 401


def test_cookies_are_the_hosts_alone_and_scripts_see_none(api: Api) -> None:
    ada = holder(api)
    asked = ada.ask()
    challenge = asked.json()
    opened = ada.verify(challenge, ada.prove(challenge))

    for answer, name in ((asked, PRELOGIN), (opened, SESSION)):
        cookie = next(
            one for one in answer.headers.get_list("Set-Cookie") if one.startswith(f"{name}=")
        )
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
