"""The sandbox's own sign-in, sessions, and forms from elsewhere."""

import pytest
from litestar.testing import TestClient

from hero_onboarding.http import Mode
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.web import make_site
from tests.support.world import World
from tests.web.served import Browser, services_for


def test_the_page_lists_users_and_says_that_anyone_can_be_anyone(site: Browser) -> None:
    page = site.get("/sandbox/sign-in")

    assert page.status_code == 200
    assert "Anyone can be anyone here" in page.text
    assert page.text.count('name="user_sid"') == 2


def test_choosing_a_user_opens_their_dashboard(site: Browser) -> None:
    answer = site.submit("/sandbox/sign-in", user_sid="ada")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/dashboard"
    assert "USD\N{NO-BREAK SPACE}12.40" in site.get("/dashboard").text


def test_the_cookie_is_closed_to_scripts_and_other_sites(site: Browser) -> None:
    cookie = site.submit("/sandbox/sign-in", user_sid="ada").headers["Set-Cookie"]

    assert cookie.startswith("hero_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_belongs_to_the_host_alone(world: World) -> None:
    services = services_for(world, public_origin="https://hero.localhost")
    with TestClient(make_site(services), base_url="https://hero.localhost") as client:
        cookie = Browser(client).submit("/sandbox/sign-in", user_sid="ada").headers["Set-Cookie"]

    assert cookie.startswith("__Host-hero_session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_an_unknown_user_is_refused_beside_the_list(site: Browser) -> None:
    answer = site.submit("/sandbox/sign-in", user_sid="no<b>body")

    assert answer.status_code == 422
    assert "There is no user no&lt;b&gt;body." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_form_without_a_user_is_refused_with_a_page(site: Browser) -> None:
    answer = site.submit("/sandbox/sign-in")

    assert answer.status_code == 422
    assert "could not be read" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "cross-site", "origin": "http://hero.localhost:9920"},
        {"origin": "http://evil.example"},
        {"origin": "http://hero.localhost:9999"},
        {"origin": "null"},
        {"origin": ""},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/sandbox/sign-in", "/sign-out"])
def test_a_form_that_no_page_of_ours_sent_changes_nothing(
    site: Browser, path: str, headers: dict[str, str]
) -> None:
    site.sign_in("ada")

    answer = site.post(path, {"user_sid": "bob"}, **headers)

    assert answer.status_code == 403
    assert "This was not sent from here" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "ada</span>" in site.get("/dashboard").text


def test_an_older_browser_may_say_where_a_form_is_from_by_origin(site: Browser) -> None:
    form = {"user_sid": "ada"}

    assert (
        site.post("/sandbox/sign-in", form, origin="http://hero.localhost:9920").status_code == 303
    )


def test_a_double_click_signs_in_once(site: Browser) -> None:
    site.sign_in("ada")
    first = dict(site.client.cookies)
    site.sign_in("ada")

    assert site.get("/dashboard").status_code == 200
    site.client.cookies.clear()
    old = site.get("/dashboard", cookie=f"hero_session={first['hero_session']}")
    assert old.headers["Location"] == "/sign-in"


def test_signing_out_ends_the_session_at_the_server(site: Browser) -> None:
    site.sign_in("ada")
    token = site.client.cookies["hero_session"]

    answer = site.submit("/sign-out")

    assert answer.headers["Location"] == "/"
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert site.get("/dashboard", cookie=f"hero_session={token}").status_code == 303
    assert site.submit("/sign-out").status_code == 303


def test_no_request_can_say_where_to_go_next(site: Browser) -> None:
    answer = site.post(
        "/sandbox/sign-in?next=//evil.example",
        {"user_sid": "ada", "next": "//evil.example"},
        sec_fetch_site="same-origin",
        referer="http://evil.example/",
    )

    assert answer.headers["Location"] == "/dashboard"
    assert site.get("//evil.example/dashboard").headers.get("Location", "/").startswith("/")


def test_a_session_ends_after_twelve_hours(site: Browser, world: World) -> None:
    site.sign_in("ada")
    world.clock.advance(hours=12)

    assert site.get("/dashboard").headers["Location"] == "/sign-in"


def test_an_operators_session_is_no_users(site: Browser, world: World) -> None:
    with world.database.transaction() as tx:
        token = open_session(tx, None, world.clock.now(), Origin("key"))

    answer = site.get("/dashboard", cookie=f"hero_session={token}")

    assert answer.headers["Location"] == "/sign-in"


def test_htmx_is_sent_to_the_sign_in_as_a_whole_page(site: Browser) -> None:
    answer = site.get("/dashboard", hx_request="true")

    assert answer.headers["HX-Redirect"] == "/sign-in"
    assert answer.text == ""


@pytest.mark.parametrize("path", ["/dashboard", "/movements"])
def test_pages_of_a_user_need_a_user(site: Browser, path: str) -> None:
    assert site.get(path).headers["Location"] == "/sign-in"


def test_in_production_nobody_can_be_chosen(world: World) -> None:
    services = services_for(world, mode=Mode.PRODUCTION, public_origin="https://hero.example")
    with TestClient(make_site(services), base_url="https://hero.example") as client:
        browser = Browser(client)
        shown = browser.get("/sandbox/sign-in")
        sent = browser.submit("/sandbox/sign-in", user_sid="ada")
        page = browser.get("/sign-in")

    for answer in (shown, sent):
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers
    assert "hero_onboarding login https://hero.example" in page.text
    assert "/sandbox/" not in page.text


def test_another_loopback_name_leads_to_the_public_one(site: Browser) -> None:
    answer = site.get("/movements?cursor=3", host="127.0.0.1:9920")

    assert answer.status_code == 307
    assert answer.headers["Location"] == "http://hero.localhost:9920/movements?cursor=3"
    assert site.get("/health", host="127.0.0.1:9920").status_code == 200


def test_users_are_listed_in_pages(site: Browser, world: World) -> None:
    world.users(*(f"u{number}" for number in range(60)))

    first = site.get("/sandbox/sign-in").text
    cursor = first.split("/sandbox/sign-in?cursor=")[1].split('"')[0]
    second = site.get(f"/sandbox/sign-in?cursor={cursor}").text

    assert first.count('name="user_sid"') == 50
    assert second.count('name="user_sid"') == 12
    assert "Newest users" in second
