"""E-mail addresses on the account page: claimed, proved by a code, taken off."""

from tests.api.served import Api, problem
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_account import page_of, submit
from tests.sign_in.test_attempt import begin
from tests.sign_in.test_email_code import EMAIL, answer, ask, code_in, mails, register
from tests.sign_in.test_key import REFUSED


def test_an_address_is_proved_by_the_code_that_comes(api: Api, ada: Holder) -> None:
    ada.sign_in()
    claimed = submit(ada, "/account/emails", {"email": EMAIL})
    waiting = page_of(ada).text
    wrong = submit(ada, "/account/emails/verify", {"code": "AAAA-AAAA"})
    right = submit(ada, "/account/emails/verify", {"code": code_in(mails(api)[0])})
    page = page_of(ada).text

    assert claimed.headers["Location"] == "/account#email"
    assert "We sent a code to" in waiting
    assert wrong.status_code == 422
    assert 'aria-describedby="email-code-wrong" autofocus' in wrong.text
    assert right.status_code == 303
    assert "We sent a code to" not in page
    assert f'aria-label="Remove {EMAIL}"' in page


def test_what_is_no_address_is_said_beside_the_field(api: Api, ada: Holder) -> None:
    ada.sign_in()
    before = api.contents()

    page = submit(ada, "/account/emails", {"email": "ada at home"})

    assert page.status_code == 422
    assert 'value="ada at home"' in page.text
    assert "This is no e-mail address." in page.text
    assert api.contents() == before


def test_ones_own_address_is_said_to_be(api: Api, ada: Holder) -> None:
    register(api, ada)

    page = submit(ada, "/account/emails", {"email": EMAIL.upper()})

    assert page.status_code == 422
    assert "This address is yours already." in page.text


def test_somebody_elses_address_looks_like_any_other(
    api: Api, ada: Holder, new_holder: NewHolder
) -> None:
    register(api, ada)
    bob = new_holder("bob")
    bob.sign_in()

    claimed = submit(bob, "/account/emails", {"email": EMAIL})

    assert claimed.status_code == 303
    assert "We sent a code to" in page_of(bob).text
    assert "tried to add this e-mail address" in mails(api)[0]


def test_a_code_on_its_way_is_void_once_the_address_is_taken_off(
    api: Api, ada: Holder, browser: Holder
) -> None:
    register(api, ada)
    waiting = begin(browser)
    ask(browser, waiting["attempt"])
    code = code_in(mails(api)[0])

    submit(ada, "/account/emails/remove", {"email": EMAIL})

    assert problem(answer(browser, waiting["attempt"], code)) == REFUSED


def test_it_is_taken_off_and_signs_nobody_in_any_more(
    api: Api, ada: Holder, browser: Holder
) -> None:
    register(api, ada)
    for _ in range(2):
        assert submit(ada, "/account/emails/remove", {"email": EMAIL}).status_code == 303
    before = len(mails(api))

    submit(browser, "/sign-in/email", {"email": EMAIL})

    assert len(mails(api)) == before
    assert EMAIL not in page_of(ada).text
