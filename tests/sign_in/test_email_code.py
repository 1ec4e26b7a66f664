"""A code by e-mail: for whoever lost their key; limited for a day, and told to its owner."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from litestar.testing import TestClient
from sqlalchemy import event, select

from hero_onboarding.jobs import claim_due
from hero_onboarding.jobs import complete as complete_job
from hero_onboarding.mail import list_kept_mails
from hero_onboarding.sign_in import WRITE_EMAIL, EmailClerk
from hero_onboarding.sign_in.tables import email_codes
from tests.api.served import ORIGIN, Api, problem
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder, secret_of
from tests.sign_in.test_account import page_of, submit
from tests.sign_in.test_attempt import begin, complete, state
from tests.sign_in.test_key import REFUSED

EMAIL = "ada@example.org"
CODE = re.compile(r"^ {4}([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})$", re.MULTILINE)


def mails(api: Api) -> list[str]:
    """Do what is due and return the texts of all mails so far, newest first."""
    api.post("/admin/run-jobs-now")
    with api.services.database.reading() as tx:
        return [mail.text for mail in list_kept_mails(tx, None, size=50).items]


@contextmanager
def statements(api: Api) -> Iterator[list[str]]:
    """Collect what the database is asked and told meanwhile."""
    said: list[str] = []
    engine = api.services.database.writer

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def code_in(mail: str) -> str:
    found = CODE.search(mail)
    assert found is not None, mail
    return found[1]


def register(api: Api, ada: Holder, email: str = EMAIL) -> None:
    """Sign in by key and prove an e-mail address."""
    assert ada.sign_in().status_code == 200
    assert submit(ada, "/account/emails", {"email": email}).status_code == 303
    code = code_in(mails(api)[0])
    assert submit(ada, "/account/emails/verify", {"code": code.lower()}).status_code == 303


def ask(browser: Holder, attempt: str, email: str = EMAIL) -> httpx.Response:
    return browser.client.post("/auth/email", json={"attempt": attempt, "email": email})


def answer(browser: Holder, attempt: str, code: str) -> httpx.Response:
    body = {"attempt": attempt, "code": code}
    return browser.client.post("/auth/email/verify", json=body)


def test_a_code_that_came_by_mail_signs_in_and_limits(
    api: Api, ada: Holder, browser: Holder
) -> None:
    register(api, ada)
    waiting = begin(browser)

    asked = ask(browser, waiting["attempt"], "Ada@Example.ORG")
    mail = mails(api)[0]
    taken = answer(browser, waiting["attempt"], code_in(mail))
    done = complete(browser, waiting["attempt"])

    assert (asked.status_code, asked.json()) == (202, {"status": "asked"})
    assert f"{waiting['user_code'][:4]}-{waiting['user_code'][4:]}" in mail
    assert "testclient" in mail
    assert (taken.status_code, taken.json()) == (200, {"status": "approved"})
    me = browser.client.get("/v1/me").json()
    assert (me["address"], me["is_limited"]) == (ada.address, True)
    assert done.json()["user_sid"] == me["user_sid"]


def test_a_day_later_a_new_key_can_be_added(
    api: Api, ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    register(api, ada)
    waiting = begin(browser)
    ask(browser, waiting["attempt"])
    answer(browser, waiting["attempt"], code_in(mails(api)[0]))
    complete(browser, waiting["attempt"])
    link = {"purpose": "link"}
    early = browser.client.post("/auth/attempts", json=link)
    for _ in range(3):
        api.post("/sandbox/clock", {"advance_seconds": 8 * 3600 + 1})
        browser.client.get("/v1/me")  # a session that nobody uses ends after twelve hours
    page_of(browser)
    wish = begin(browser, **link)
    fresh = new_holder("a new key")
    fresh.approve(wish["attempt"], wish["user_code"])
    complete(browser, wish["attempt"])

    assert early.status_code == 403
    assert fresh.address in browser.client.get("/v1/me").json()["addresses"]


def test_the_owner_is_told_in_their_language_and_zone(
    api: Api, ada: Holder, browser: Holder
) -> None:
    register(api, ada)
    chosen = {"language": "fr", "time_zone": "Africa/Dar_es_Salaam", "country": "TZ"}
    assert submit(ada, "/account/profile", chosen).status_code == 303
    waiting = begin(browser)
    ada.approve(waiting["attempt"], waiting["user_code"])
    complete(browser, waiting["attempt"])

    told = mails(api)[0]

    assert "Une connexion à votre compte" in told
    assert re.search(r"Quand\W+\d+ \S+ \d{4}.*\d\d:\d\d EAT", told), told
    assert "ada@example.org" not in told


def test_a_sign_in_by_key_tells_nobody(api: Api, ada: Holder) -> None:
    register(api, ada)
    before = len(mails(api))

    ada.sign_in()

    assert len(mails(api)) == before


def test_asking_is_answered_the_same_whatever_there_is(
    api: Api, ada: Holder, browser: Holder
) -> None:
    register(api, ada)
    before = len(mails(api))
    waiting = begin(browser)
    with statements(api) as for_known:
        known = ask(browser, waiting["attempt"])
    second = begin(browser)
    with statements(api) as for_unknown:
        unknown = ask(browser, second["attempt"], "nobody@example.org")
    third = [ask(browser, "no-such-attempt"), answer(browser, second["attempt"], "AAAA-AAAA")]

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.headers.keys() == unknown.headers.keys()
    assert for_known == for_unknown
    assert third[0].content == known.content
    assert problem(third[1]) == REFUSED
    assert len(mails(api)) == before + 1


def test_a_code_asked_for_while_another_is_being_written_is_mailed_too(
    api: Api, ada: Holder, browser: Holder
) -> None:
    services = api.services
    register(api, ada)
    before = len(mails(api))
    waiting = begin(browser)
    ask(browser, waiting["attempt"])
    with services.database.transaction() as tx:
        (job,) = claim_due(tx, services.clock.now(), kinds=[WRITE_EMAIL], limit=2)
    ask(browser, waiting["attempt"])

    clerk = EmailClerk(services.database, services.clock, services.mailer.outbox, services.box)
    clerk.write(job.payload["attempt"], job.payload["letter"])
    with services.database.transaction() as tx:
        complete_job(tx, job)
    sent = mails(api)

    assert len(sent) == before + 1, "the voided code is mailed to nobody"
    assert answer(browser, waiting["attempt"], code_in(sent[0])).status_code == 200


def test_a_code_that_nobody_got_signs_nobody_in(api: Api, browser: Holder) -> None:
    """Even whoever read the code out of the database would be nobody."""
    waiting = begin(browser)
    ask(browser, waiting["attempt"], "nobody@example.org")
    with api.services.database.reading() as tx:
        sealed = bytes(tx.execute(select(email_codes.c.sealed_letter)).scalar_one())
    opened = api.services.box.open(sealed)
    assert opened is not None
    code = opened.decode().partition(" ")[0]
    mails(api)

    assert problem(answer(browser, waiting["attempt"], code)) == REFUSED
    assert state(browser, waiting["attempt"]) == "waiting"


def test_a_code_has_five_tries_one_use_one_browser_and_ten_minutes(
    api: Api, ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    register(api, ada)
    other = new_holder("no key")
    begin(other)
    begun = begin(browser)
    ask(browser, begun["attempt"])
    code = code_in(mails(api)[0])
    assert problem(answer(other, begun["attempt"], code)) == REFUSED
    assert answer(browser, begun["attempt"], code).status_code == 200
    assert problem(answer(browser, begun["attempt"], code)) == REFUSED

    again = begin(browser)
    ask(browser, again["attempt"])
    code = code_in(mails(api)[0])
    wrong = [answer(browser, again["attempt"], "AAAA-AAAA") for _ in range(5)]
    assert {problem(one) for one in (*wrong, answer(browser, again["attempt"], code))} == {REFUSED}

    last = begin(browser)
    ask(browser, last["attempt"])
    code = code_in(mails(api)[0])
    api.post("/sandbox/clock", {"advance_seconds": 600})
    assert problem(answer(browser, last["attempt"], code)) == REFUSED


def test_the_database_holds_no_code_once_it_is_written(
    api: Api, ada: Holder, browser: Holder
) -> None:
    register(api, ada)
    waiting = begin(browser)
    ask(browser, waiting["attempt"])
    code = code_in(mails(api)[0]).replace("-", "")
    with api.services.database.reading() as tx:
        (row,) = tx.execute(select(email_codes)).all()

    assert bytes(row.sealed_letter) == b""
    assert all(code not in str(value) for value in row)


def test_an_attempt_to_link_takes_no_code(api: Api, ada: Holder) -> None:
    register(api, ada)
    before = len(mails(api))
    waiting = begin(ada, purpose="link")

    assert ask(ada, waiting["attempt"]).status_code == 202

    assert len(mails(api)) == before


def test_a_bad_address_is_malformed_and_changes_nothing(api: Api, browser: Holder) -> None:
    waiting = begin(browser)
    before = api.contents()

    for text in ("", "ada", "ada@localhost", "a@b@c", "x" * 300 + "@example.org"):
        assert ask(browser, waiting["attempt"], text).status_code == 422

    assert api.contents() == before


def test_the_pages_lead_through_it_without_script(api: Api, ada: Holder, browser: Holder) -> None:
    register(api, ada)
    wrong = submit(browser, "/sign-in/email", {"email": "not an address"})
    sent = submit(browser, "/sign-in/email", {"email": f" {EMAIL} "})
    headers = {"Accept": "text/html", "Host": "localhost:9920"}
    waiting = browser.client.get(sent.headers["Location"], headers=headers)
    path = sent.headers["Location"].partition("?")[0]
    refused = submit(browser, f"{path}/email-code", {"code": "AAAA-AAAA"})
    again = browser.client.get(refused.headers["Location"], headers=headers)
    taken = submit(browser, f"{path}/email-code", {"code": code_in(mails(api)[0])})
    approved = browser.client.get(taken.headers["Location"], headers=headers)

    assert wrong.status_code == 422
    assert "This is no e-mail address." in wrong.text
    assert "Type the code from your mail" in waiting.text
    assert "This is not the code" in again.text
    assert "Approved" in approved.text
    assert "Proved:" not in approved.text


def test_another_person_is_no_owner(api: Api, ada: Holder, new_holder: NewHolder) -> None:
    register(api, ada)
    bob = new_holder("bob")
    bob.sign_in()
    bob_browser = Holder(TestClient(api.app, base_url=ORIGIN), secret_of("no key"))
    waiting = begin(bob_browser)
    ask(bob_browser, waiting["attempt"])
    answer(bob_browser, waiting["attempt"], code_in(mails(api)[0]))
    complete(bob_browser, waiting["attempt"])

    me = bob_browser.client.get("/v1/me").json()

    assert me["user_sid"] == ada.client.get("/v1/me").json()["user_sid"]
    assert me["user_sid"] != bob.client.get("/v1/me").json()["user_sid"]
