"""The account page: only one's own, and nothing from a session that a code opened."""

import re

import httpx

from tests.api.served import Api
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_attempt import begin, complete

FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/account/attempts", {"purpose": "link"}),
    ("/account/sessions/revoke", {"session_id": "x"}),
    ("/account/sessions/revoke-others", {}),
    ("/account/sessions/acknowledge", {}),
    ("/account/profile", {"language": "fr"}),
    ("/account/passkeys/remove", {"passkey_id": "x"}),
    ("/account/emails", {"email": "ada@example.org"}),
    ("/account/emails/verify", {"code": "AAAA-AAAA"}),
    ("/account/emails/remove", {"email": "ada@example.org"}),
    ("/account/keys", {"label": "mine"}),
    ("/account/keys/revoke", {"key_id": "x"}),
)


def page_of(holder: Holder) -> httpx.Response:
    headers = {"Accept": "text/html", "Host": "localhost:9920"}
    return holder.client.get("/account", headers=headers, follow_redirects=False)


def submit(
    holder: Holder, path: str, form: dict[str, str], site: str = "same-origin"
) -> httpx.Response:
    headers = {"Accept": "text/html", "Sec-Fetch-Site": site}
    return holder.client.post(path, data=form, headers=headers, follow_redirects=False)


def session_ids(page: httpx.Response) -> list[str]:
    return re.findall(r'name="session_id" value="([^"]+)"', page.text)


def test_it_shows_addresses_and_sessions(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    new_holder("hero test vector 1").sign_in()

    page = page_of(ada)

    assert ada.address in page.text
    assert len(session_ids(page)) == 1
    assert "(this one)" in page.text


def test_nobody_is_sent_to_the_sign_in(browser: Holder) -> None:
    assert page_of(browser).headers["Location"] == "/sign-in"
    for path, form in FORMS:
        assert submit(browser, path, form).headers["Location"] == "/sign-in"


def test_another_sites_form_changes_nothing(api: Api, ada: Holder) -> None:
    ada.sign_in()
    before = api.contents()

    for path, form in FORMS:
        assert submit(ada, path, form, "cross-site").status_code == 403, path
    assert api.contents() == before


def test_a_session_is_ended_by_its_owner(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    other = new_holder("hero test vector 1")
    other.sign_in()
    (session_id,) = session_ids(page_of(ada))

    assert submit(ada, "/account/sessions/revoke", {"session_id": session_id}).status_code == 303

    assert other.client.get("/v1/me").status_code == 401
    assert ada.client.get("/v1/me").status_code == 200


def test_nobody_ends_somebody_elses_session(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    second = new_holder("hero test vector 1")
    second.sign_in()
    bob = new_holder("bob")
    bob.sign_in()
    (session_id,) = session_ids(page_of(ada))

    submit(bob, "/account/sessions/revoke", {"session_id": session_id})
    submit(bob, "/account/sessions/revoke-others", {})

    assert second.client.get("/v1/me").status_code == 200
    assert ada.client.get("/v1/me").status_code == 200


def test_all_others_end_at_once(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    others = [new_holder("hero test vector 1") for _ in range(2)]
    for one in others:
        one.sign_in()

    submit(ada, "/account/sessions/revoke-others", {})

    assert [one.client.get("/v1/me").status_code for one in others] == [401, 401]
    assert session_ids(page_of(ada)) == []


def test_a_code_opened_session_is_shown_for_what_it_is(ada: Holder, browser: Holder) -> None:
    ada.sign_in()
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])
    complete(browser, found["attempt"])

    theirs, mine = page_of(browser).text, page_of(ada).text

    assert "This sign-in was approved with a code." in theirs
    assert "Add an address" not in theirs
    assert "A code signed another browser in lately." in mine
    for path, form in FORMS:
        assert submit(browser, path, form).status_code == 403
    assert ada.client.get("/v1/me").status_code == 200, "it can end no other session"


def test_a_session_that_a_code_opened_is_told_of_until_its_user_knows_it(
    api: Api, ada: Holder, browser: Holder
) -> None:
    """Also when its first day is over, and it may do everything."""
    ada.sign_in()
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])
    complete(browser, found["attempt"])
    headers = {"Accept": "text/html", "Host": "localhost:9920"}
    for _ in range(3):
        api.post("/sandbox/clock", {"advance_seconds": 8 * 3600 + 1})
        for one in (ada, browser):
            one.client.get("/v1/me")
    dashboard = browser.client.get("/dashboard", headers=headers).text
    later = page_of(ada).text
    told = ada.client.get("/dashboard", headers=headers).text
    submit(ada, "/account/sessions/acknowledge", {})

    assert "A code signed another browser in lately." in later
    assert "A code signed another browser in lately." in told
    assert "A code signed another browser in lately." not in dashboard, "its own page"
    assert "A code signed another browser in lately." not in page_of(ada).text
    assert "A code signed" not in ada.client.get("/dashboard", headers=headers).text
    assert browser.client.get("/v1/me").json()["is_limited"] is False


def test_a_limited_session_is_not_told_what_it_can_not_do(ada: Holder, browser: Holder) -> None:
    ada.sign_in()
    other = begin(browser)
    ada.approve(other["attempt"], other["user_code"])
    complete(browser, other["attempt"])
    again = begin(browser)
    ada.approve(again["attempt"], again["user_code"])

    headers = {"Accept": "text/html", "Host": "localhost:9920"}

    assert "Look at your sessions" not in browser.client.get("/dashboard", headers=headers).text


def test_adding_an_address_waits_for_its_key(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    second = new_holder("second")

    waiting = submit(ada, "/account/attempts", {"purpose": "link"}).headers["Location"]
    headers = {"Accept": "text/html", "Host": "localhost:9920"}
    page = ada.client.get(waiting, headers=headers)
    code = re.search(r'class="code-shown"><strong>([^<]+)', page.text)
    assert code is not None
    attempt = waiting.removeprefix("/login/")
    second.approve(attempt, code[1])
    approved = ada.client.get(waiting, headers=headers)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    done = ada.client.post(
        f"/auth/attempts/{attempt}/complete", headers=form, follow_redirects=False
    )

    assert "To add an address to your account" in page.text
    assert second.address in approved.text
    assert done.headers["Location"] == "/"
    assert second.address in page_of(ada).text
