"""The one-time link: who it signs in is said first, a button does it, once, within a minute."""

import re

import httpx
import pytest

from tests.api.served import ORIGIN, Api
from tests.sign_in.holder import Holder


def a_link(ada: Holder) -> str:
    answer = ada.sign_in(deliver="link")
    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "sign_in_url"}
    assert answer.json()["status"] == "approved"
    url: str = answer.json()["sign_in_url"]
    assert url.startswith(f"{ORIGIN}/login/link/")
    return url.removeprefix(ORIGIN)


def open_link(browser: Holder, path: str) -> httpx.Response:
    return browser.client.get(path, headers={"Accept": "text/html", "Host": "localhost:9920"})


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def press(browser: Holder, path: str, csrf_token: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"csrf_token": csrf_token}
    return browser.client.post(path, data=form, headers=named, follow_redirects=False)


def test_a_link_signs_in_the_browser_that_opens_it(ada: Holder, browser: Holder) -> None:
    path = a_link(ada)
    page = open_link(browser, path)

    answer = press(browser, path, csrf_of(page), sec_fetch_site="same-origin")

    assert ada.address in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert browser.client.get("/v1/me").json()["address"] == ada.address
    assert ada.client.get("/v1/me").status_code == 401, "the helper itself is not signed in"


def test_looking_at_a_link_uses_nothing_up(ada: Holder, browser: Holder) -> None:
    path = a_link(ada)
    pages = [open_link(browser, path) for _ in range(3)]

    assert press(browser, path, csrf_of(pages[-1])).status_code == 303


def test_a_link_works_once(ada: Holder, browser: Holder) -> None:
    path = a_link(ada)
    page = open_link(browser, path)
    assert press(browser, path, csrf_of(page)).status_code == 303

    over = open_link(browser, path)
    again = press(browser, path, csrf_of(page))

    assert over.status_code == 401
    assert "not valid any more" in over.text
    assert again.status_code == 401


def test_a_link_is_over_after_a_minute(api: Api, ada: Holder, browser: Holder) -> None:
    path = a_link(ada)
    page = open_link(browser, path)
    api.post("/sandbox/clock", {"advance_seconds": 61})

    assert press(browser, path, csrf_of(page)).status_code == 401
    assert browser.client.get("/v1/me").status_code == 401


def test_a_form_needs_the_token_of_the_page_that_this_browser_got(
    ada: Holder, browser: Holder
) -> None:
    path = a_link(ada)
    page = open_link(browser, path)
    stolen = csrf_of(open_link(ada, path))

    assert press(browser, path, "").status_code == 401
    assert press(browser, path, "x" * 100).status_code == 401
    assert press(browser, path, stolen).status_code == 401
    assert press(browser, path, csrf_of(page), sec_fetch_site="cross-site").status_code == 403
    assert press(browser, path, csrf_of(page), origin="https://evil.example").status_code == 403
    assert press(browser, path, csrf_of(page)).status_code == 303


def test_no_page_of_a_sign_in_can_be_framed(ada: Holder, browser: Holder) -> None:
    page = open_link(browser, a_link(ada))

    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("value", ["%ff", "\u20ac", "x y", "x" * 200])
def test_a_strange_cookie_is_replaced_and_no_token_is_logged(
    ada: Holder, browser: Holder, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = a_link(ada)
    cookie = f"hero_prelogin={value}".encode()
    headers = {b"Accept": b"text/html", b"Host": b"localhost:9920", b"Cookie": cookie}

    page = browser.client.get(path, headers=headers)

    assert page.status_code == 200
    assert value not in page.headers["Set-Cookie"]
    ours = [one.getMessage() for one in caplog.records if one.name != "httpx"]
    assert not [said for said in ours if path.rsplit("/", 1)[1] in said]
