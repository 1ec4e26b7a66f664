"""What a browser brings: every refusal, and where it is told."""

import pytest

from tests.api.served import Api
from tests.openid.conftest import NewHolder
from tests.openid.party import (
    CALLBACK,
    FROM_HERE,
    ORIGIN,
    PAGE,
    Party,
    Window,
    answer_in,
    error_of,
    location_of,
    register,
    sealed_in,
)
from tests.sign_in.holder import Holder
from tests.sign_in.test_attempt import begin, complete
from tests.sign_in.test_link import csrf_of, open_link

NOWHERE: dict[str, dict[str, str | None]] = {
    "no client": {"client_id": None},
    "an unknown client": {"client_id": "0" * 16},
    "a client that is no id": {"client_id": "' OR 1=1"},
    "no redirect URI": {"redirect_uri": None},
    "a longer path": {"redirect_uri": f"{CALLBACK}/"},
    "a path beside it": {"redirect_uri": "https://notes.example/other"},
    "a query": {"redirect_uri": f"{CALLBACK}?a=b"},
    "a fragment": {"redirect_uri": f"{CALLBACK}#a"},
    "http": {"redirect_uri": CALLBACK.replace("https", "http")},
    "another host": {"redirect_uri": "https://evil.example/callback"},
    "a host behind": {"redirect_uri": "https://notes.example.evil.example/callback"},
    "a user before": {"redirect_uri": "https://notes.example@evil.example/callback"},
    "a port": {"redirect_uri": "https://notes.example:444/callback"},
    "loopback": {"redirect_uri": "http://127.0.0.1/callback"},
    "a script": {"redirect_uri": "javascript:alert(1)"},
    "a quote": {"redirect_uri": f'{CALLBACK}"'},
    "other writing": {"redirect_uri": f"{CALLBACK}\N{LATIN SMALL LETTER E WITH ACUTE}"},
    "a response type of other writing": {"response_type": "\N{SNOWMAN}"},
    "a line in it": {"state": "a\nb"},
    "too much": {"state": "x" * 2001},
}

TOLD: dict[str, tuple[str, dict[str, str | None]]] = {
    "no challenge": ("invalid_request", {"code_challenge": None}),
    "no PKCE": ("invalid_request", {"code_challenge": None, "code_challenge_method": None}),
    "a plain challenge": ("invalid_request", {"code_challenge_method": "plain"}),
    "no method": ("invalid_request", {"code_challenge_method": None}),
    "a short challenge": ("invalid_request", {"code_challenge": "short"}),
    "an implicit answer": ("unsupported_response_type", {"response_type": "id_token"}),
    "a hybrid answer": ("unsupported_response_type", {"response_type": "code id_token"}),
    "no response type": ("unsupported_response_type", {"response_type": None}),
    "no scope": ("invalid_scope", {"scope": None}),
    "no openid": ("invalid_scope", {"scope": "hero_sid"}),
    "an unknown scope": ("invalid_scope", {"scope": "openid email"}),
    "none and login": ("invalid_request", {"prompt": "none login"}),
    "an unknown prompt": ("invalid_request", {"prompt": "select_account"}),
    "a negative age": ("invalid_request", {"max_age": "-1"}),
    "a fragment": ("invalid_request", {"response_mode": "fragment"}),
    "a form": ("invalid_request", {"response_mode": "form_post"}),
    "a request object": ("request_not_supported", {"request": "eyJ"}),
    "a request by reference": ("request_uri_not_supported", {"request_uri": "https://x"}),
}


@pytest.mark.parametrize("changes", NOWHERE.values(), ids=NOWHERE)
def test_who_is_not_known_to_be_good_is_sent_nothing(
    api: Api, party: Party, window: Window, changes: dict[str, str | None]
) -> None:
    before = api.contents()

    answer = window.ask(party, **changes)

    assert answer.status_code == 422
    assert "Location" not in answer.headers
    assert "http-equiv" not in answer.text
    assert "This request to sign in is not right" in answer.text
    assert api.contents() == before


def test_what_stands_there_twice_is_refused(party: Party, window: Window) -> None:
    for name in ("client_id", "redirect_uri", "state", "scope"):
        answer = window.get(f"/oauth/authorize?{party.query()}&{name}=x")
        assert (answer.status_code, "Location" in answer.headers) == (422, False), name


@pytest.mark.parametrize(("error", "changes"), TOLD.values(), ids=TOLD)
def test_what_a_service_does_wrong_it_is_told(
    api: Api, party: Party, window: Window, error: str, changes: dict[str, str | None]
) -> None:
    before = api.contents()

    answer = window.ask(party, **changes)

    assert answer.status_code == 303, answer.text
    assert location_of(answer).startswith(f"{CALLBACK}?")
    said = answer_in(answer)
    assert (said["error"], said["state"], said["iss"]) == (error, "the state", ORIGIN)
    assert "code" not in said
    assert api.contents() == before


def test_a_revoked_service_is_sent_nothing(api: Api, party: Party, window: Window) -> None:
    page = window.ask(party)
    assert api.post(f"/admin/openid/clients/{party.id}/revoke").status_code == 200
    assert window.ask(party).status_code == 422
    assert window.decide(page).status_code == 422


def test_a_service_that_wants_no_page_is_told_what_is_missing(
    party: Party, window: Window, new_holder: NewHolder
) -> None:
    stranger = Window(new_holder("stranger").client)
    assert error_of(stranger.ask(party, prompt="none")) == "login_required"
    assert error_of(window.ask(party, prompt="none")) == "consent_required"
    window.code(party)
    assert "code" in answer_in(window.ask(party, prompt="none"))
    assert error_of(window.ask(party, prompt="none", scope="openid hero_sid")) == "consent_required"


def test_a_service_can_ask_for_a_new_sign_in(party: Party, window: Window, ada: Holder) -> None:
    window.code(party)
    for changes in ({"prompt": "login"}, {"max_age": "0"}):
        assert window.ask(party, **changes).headers["Location"] == "/sign-in"
        assert window.get("/oauth/continue").headers["Location"] == "/sign-in", "not with the old"
        ada.sign_in()
        page = window.get("/oauth/continue")
        assert "code" in answer_in(window.decide(page)), changes


def test_a_sign_in_that_is_too_old_for_a_service_does_not_do(
    api: Api, party: Party, window: Window
) -> None:
    window.code(party)
    assert window.ask(party, max_age="60").status_code == 303
    assert api.post("/sandbox/clock", {"advance_seconds": 61}).status_code == 200
    assert window.ask(party, max_age="60").headers["Location"] == "/sign-in"
    assert error_of(window.ask(party, max_age="60", prompt="none")) == "login_required"
    assert "code" in answer_in(window.ask(party, max_age="600"))


def test_a_session_that_a_code_approved_signs_in_nowhere_else(
    api: Api, party: Party, ada: Holder, new_holder: NewHolder
) -> None:
    browser = new_holder("no key")
    waiting = begin(browser)
    ada.approve(waiting["attempt"], waiting["user_code"])
    complete(browser, waiting["attempt"])
    window = Window(browser.client)

    page = window.ask(party)

    assert page.status_code == 403
    assert "approved with a code" in page.text
    assert "with the command" in page.text
    assert 'value="continue"' not in page.text
    before = api.contents()
    again = window.decide(page)
    assert again.status_code == 403
    assert api.contents() == before
    assert error_of(window.ask(party, prompt="none")) == "interaction_required"
    assert error_of(window.decide(page, "cancel")) == "access_denied"


def test_the_waiting_browser_goes_on_where_it_came_from(
    party: Party, ada: Holder, new_holder: NewHolder
) -> None:
    browser = new_holder("no key")
    window = Window(browser.client)
    window.ask(party)
    waiting = begin(browser)
    ada.approve(waiting["attempt"], waiting["user_code"])

    done = window.submit(f"/auth/attempts/{waiting['attempt']}/complete", {"a": "form"})

    assert (done.status_code, done.headers["Location"]) == (303, "/oauth/continue")


def test_a_link_that_opens_in_the_same_browser_goes_on_too(
    party: Party, ada: Holder, new_holder: NewHolder
) -> None:
    browser = new_holder("no key")
    window = Window(browser.client)
    window.ask(party)
    path = ada.sign_in(deliver="link").json()["sign_in_url"].removeprefix(ORIGIN)
    token = csrf_of(open_link(browser, path))

    done = window.submit(path, {"csrf_token": token})

    assert (done.status_code, done.headers["Location"]) == (303, "/oauth/continue")
    assert "code" in answer_in(window.decide(window.get("/oauth/continue"))), "a full session"


def test_a_page_counts_for_the_session_that_it_was_shown_to(
    api: Api, party: Party, window: Window, new_holder: NewHolder
) -> None:
    bob = new_holder("bob")
    bob.sign_in()
    theirs = sealed_in(Window(bob.client).ask(party))
    before = api.contents()
    for sealed in (theirs, "", "x", theirs[:-2] + "AA"):
        form = {"request": sealed, "decision": "continue"}
        assert window.submit("/oauth/authorize", form).status_code == 422, sealed
    assert api.contents() == before


def test_a_page_is_over_after_ten_minutes(api: Api, party: Party, window: Window) -> None:
    page = window.ask(party)
    api.post("/sandbox/clock", {"advance_seconds": 601})
    assert window.decide(page).status_code == 422


def test_no_other_site_can_agree_for_a_user(api: Api, party: Party, window: Window) -> None:
    form = {"request": sealed_in(window.ask(party)), "decision": "continue"}
    before = api.contents()
    for headers in (
        {**PAGE, "Sec-Fetch-Site": "cross-site"},
        {**PAGE, "Sec-Fetch-Site": "same-site"},
        {**PAGE, "Origin": "https://notes.example"},
        PAGE,
    ):
        answer = window.client.post("/oauth/authorize", data=form, headers=headers)
        assert answer.status_code == 403, headers
    assert api.contents() == before
    again = window.client.post("/oauth/authorize", data=form, headers=FROM_HERE)
    assert again.status_code == 200


def test_no_page_can_be_framed_or_sends_forms_elsewhere(party: Party, window: Window) -> None:
    page = window.ask(party)
    for answer in (page, window.decide(page)):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_cookie_that_is_none_of_ours_leads_nowhere(window: Window) -> None:
    window.client.cookies.set("hero_openid", "https://evil.example")
    assert window.get("/oauth/continue").headers["Location"] == "/"


def test_what_was_sealed_for_something_else_is_no_request(
    api: Api, party: Party, window: Window, ada: Holder, new_holder: NewHolder
) -> None:
    path = ada.sign_in(deliver="link").json()["sign_in_url"].removeprefix(ORIGIN)
    of_link = csrf_of(open_link(new_holder("no key"), path))
    question = sealed_in(window.ask(party))
    window.ask(party, prompt="login")
    waiting = window.client.cookies["hero_openid"]
    before = api.contents()
    for sealed in (of_link, of_link.rstrip("="), waiting):
        form = {"request": sealed, "decision": "continue"}
        assert window.submit("/oauth/authorize", form).status_code == 422, sealed
    for sealed in (of_link, of_link.rstrip("="), question):
        window.client.cookies.set("hero_openid", sealed)
        assert window.get("/oauth/continue").headers["Location"] == "/", sealed
        window.client.cookies.clear()
    assert api.contents() == before


def test_signing_out_drops_what_waits(party: Party, window: Window, new_holder: NewHolder) -> None:
    for path in ("/auth/sign-out", "/sign-out"):
        browser = new_holder("bob")
        window = Window(browser.client)
        window.ask(party)
        browser.sign_in()
        assert "hero_openid" in browser.client.cookies
        assert browser.client.post(path, headers=FROM_HERE).status_code < 400, path
        assert "hero_openid" not in browser.client.cookies


def test_what_waits_for_one_user_is_nothing_to_another(party: Party, new_holder: NewHolder) -> None:
    browser, bob = new_holder("cleo"), new_holder("bob")
    window = Window(browser.client)
    window.ask(party)
    browser.sign_in()
    assert window.get("/oauth/continue").status_code == 200, "from here on it is hers"
    waiting = browser.client.cookies["hero_openid"]
    browser.client.cookies.clear()
    bob.client.cookies.set("hero_openid", waiting)
    theirs = Window(bob.client)
    assert theirs.get("/oauth/continue").headers["Location"] == "/sign-in"
    assert bob.client.cookies["hero_openid"] == waiting, "looking does not make it anybody's"
    bob.sign_in()
    assert "Continue to Hero Notes" not in theirs.get("/").text
    dropped = theirs.get("/oauth/continue")
    assert dropped.headers["Location"] == "/"
    assert dropped.headers["Set-Cookie"].startswith("hero_openid=")
    assert "Max-Age=0" in dropped.headers["Set-Cookie"]


def test_what_a_service_is_called_can_hold_no_markup(api: Api, window: Window) -> None:
    party = register(api, "<b>Notes</b>")
    assert "<b>Notes</b>" not in window.ask(party).text
