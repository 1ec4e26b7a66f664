"""E-mail addresses of users: claimed by anybody, proved by a code, one owner each."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from hero_onboarding.contacts import (
    AlreadyVerifiedError,
    EmailClaim,
    EmailDesk,
    claim_email,
)
from hero_onboarding.contacts.tables import user_emails
from hero_onboarding.mail import MailOffError, WrongEmailError
from tests.contacts.desk import ADDRESS, Desk

OTHER = "ada@example.com"


def wrong(code: str) -> str:
    """A code that is not this one."""
    return code[:-1] + ("2" if code[-1] != "2" else "3")


def test_a_claim_is_proved_by_the_code_of_its_mail(desk: Desk) -> None:
    desk.claim(address="Ada@Example.ORG")
    assert desk.emails() == [("Ada@example.org", False)]
    assert desk.owner() is None

    proved = desk.verify(desk.code())

    assert proved is not None
    assert (proved.user_sid, proved.address, proved.language) == ("ada", "Ada@example.org", "en")
    assert proved.verified_at == desk.office.clock.now()
    assert desk.emails() == [("Ada@example.org", True)]
    assert desk.owner("ADA@example.org") == "ada"


def test_a_code_may_be_typed_in_lower_case_with_spaces_and_hyphens(desk: Desk) -> None:
    for spelt in (str.lower, lambda code: f"  {code} ", lambda code: code.replace("-", " ")):
        desk.claim()

        assert desk.verify(spelt(desk.code())) is not None
        desk.remove()
        desk.office.clock.advance(hours=1)


def test_a_code_works_once(desk: Desk) -> None:
    desk.claim()
    code = desk.code()

    assert desk.verify(code) is not None
    assert desk.verify(code) is None
    assert desk.emails() == [(ADDRESS, True)]


def test_a_code_lasts_fifteen_minutes(desk: Desk) -> None:
    desk.claim()
    code = desk.code()
    desk.office.clock.advance(minutes=15)

    assert desk.verify(code) is None
    assert desk.emails() == [(ADDRESS, False)]
    desk.office.clock.advance(seconds=-1)
    assert desk.verify(code) is not None


def test_five_tries_are_all_there_are(desk: Desk) -> None:
    desk.claim()
    code = desk.code()

    assert [desk.verify(wrong(code)) for _ in range(5)] == [None] * 5

    assert desk.verify(code) is None
    assert desk.emails() == [(ADDRESS, False)]


def test_the_fifth_try_may_still_be_right(desk: Desk) -> None:
    desk.claim()
    code = desk.code()
    for _ in range(4):
        desk.verify(wrong(code))

    assert desk.verify(code) is not None


@pytest.mark.parametrize("typed", ["", " ", "0", "ABCD", "ABCDEFGHJ", "ABCDEFGÉ", "\0", "\ud800"])
def test_what_is_no_code_is_a_wrong_one(typed: str, desk: Desk) -> None:
    desk.claim()

    assert desk.verify(typed) is None
    assert desk.rows()[0]["code_tries"] == 1


def test_a_code_proves_nothing_for_another_user_or_address(desk: Desk) -> None:
    desk.claim()
    code = desk.code()
    desk.claim("bob", OTHER)

    assert desk.verify(code, "bob") is None
    assert desk.verify(code, "eve") is None
    assert desk.emails("bob") == [(OTHER, False)]


def test_another_key_knows_no_code(desk: Desk) -> None:
    desk.claim()

    assert replace(desk, key=b"another").verify(desk.code()) is None


def test_the_database_knows_no_code(desk: Desk) -> None:
    desk.claim()
    code = desk.code()

    rows = repr((desk.rows(), desk.office.rows()))
    assert code not in rows
    assert code.replace("-", "") not in rows
    assert len(desk.rows()[0]["code_digest"]) == 32


def test_a_newer_claim_takes_the_place_of_an_earlier_one(desk: Desk) -> None:
    desk.claim()
    first = desk.code()
    desk.claim(address=OTHER)
    second = desk.code()

    assert desk.emails() == [(OTHER, False)]
    assert desk.verify(first) is None
    assert desk.verify(second) is not None


def test_the_same_claim_within_thirty_seconds_changes_nothing(desk: Desk) -> None:
    desk.claim()
    code = desk.code()
    desk.office.clock.advance(seconds=29)
    desk.claim(address="ADA@example.org")
    assert len(desk.letters()) == 1

    desk.office.clock.advance(seconds=1)
    desk.claim()

    assert len(desk.letters()) == 2
    assert desk.verify(code) is None


def test_a_user_has_as_many_addresses_as_they_prove(desk: Desk) -> None:
    desk.prove()
    desk.prove(address=OTHER)
    desk.claim(address="ada@bücher.example")

    assert desk.emails() == [(ADDRESS, True), (OTHER, True), ("ada@bücher.example", False)]
    assert desk.letters()[-1].recipient == "ada@xn--bcher-kva.example"


def test_claiming_ones_own_address_again_is_refused_and_sends_nothing(desk: Desk) -> None:
    desk.prove()

    with pytest.raises(AlreadyVerifiedError):
        desk.claim(address="ADA@EXAMPLE.ORG")

    assert len(desk.letters()) == 1


def test_whoever_claims_somebody_elses_address_can_not_tell(desk: Desk) -> None:
    desk.prove()

    desk.claim("eve", ADDRESS, "sw")
    desk.claim("bob", OTHER, "sw")

    assert desk.emails("eve") == [(ADDRESS, False)]
    assert desk.emails("bob") == [(OTHER, False)]
    taken, free = desk.rows()[1:]
    assert {name for name, value in taken.items() if value is None} == {
        name for name, value in free.items() if value is None
    }
    for sid in ("eve", "bob"):
        assert [desk.verify("ABCD-EFGH", sid) for _ in range(6)] == [None] * 6
        desk.office.clock.advance(seconds=1)
        desk.claim(sid, {"eve": ADDRESS, "bob": OTHER}[sid])
    assert desk.owner() == "ada"


def test_the_owner_is_told_in_their_own_language_that_somebody_tried(desk: Desk) -> None:
    desk.claim(language="fr")
    desk.verify(desk.code())
    desk.office.clock.advance(minutes=11)

    desk.claim("eve", ADDRESS, "sw")

    letter = desk.letters()[-1]
    assert (letter.recipient, letter.language) == (ADDRESS, "fr")
    assert letter.subject.startswith("Quelqu'un a essayé")
    assert "eve" not in letter.text
    assert desk.emails() == [(ADDRESS, True)]


def test_of_two_who_claim_one_address_the_first_to_prove_it_has_it(desk: Desk) -> None:
    desk.claim("ada")
    first = desk.code()
    desk.claim("bob")
    second = desk.code()

    assert desk.verify(second, "bob") is not None
    assert desk.verify(first, "ada") is None

    assert desk.owner() == "bob"
    assert desk.emails("ada") == []


def test_the_database_itself_gives_an_address_one_owner(desk: Desk) -> None:
    desk.prove("ada")
    desk.prove("bob", OTHER)

    with (
        pytest.raises(Exception, match=r"verified_normalised|user_emails\.normalised"),
        desk.office.database.transaction() as tx,
    ):
        tx.execute(update(user_emails).values(normalised=ADDRESS))

    assert desk.owner(OTHER) == "bob"


def test_a_removed_address_is_nobodys_and_may_be_claimed_anew(desk: Desk) -> None:
    desk.prove()

    assert desk.remove("bob") is False
    assert [desk.remove(address="ADA@example.org"), desk.remove()] == [True, False]

    assert (desk.owner(), desk.emails()) == (None, [])
    desk.prove("bob")
    assert desk.owner() == "bob"


def test_a_claim_can_be_taken_back(desk: Desk) -> None:
    desk.claim()
    code = desk.code()

    assert desk.remove()

    assert desk.verify(code) is None
    assert desk.emails() == []


def test_what_is_no_address_is_refused_and_changes_nothing(desk: Desk) -> None:
    for text in ("", "ada", "ada@example.org\r\nBcc: eve@example.org", "a" * 10_000 + "@a.example"):
        with pytest.raises(WrongEmailError):
            desk.claim(address=text)
        with pytest.raises(WrongEmailError):
            desk.remove(address=text)

    assert (desk.rows(), desk.letters()) == ([], [])


def test_a_server_that_sends_no_mail_takes_no_claim(desk: Desk) -> None:
    off = EmailDesk(replace(desk.office.outbox, can_send=False), b"key")

    with desk.office.database.transaction() as tx, pytest.raises(MailOffError):
        claim_email(tx, off, EmailClaim("ada", ADDRESS, "en"), desk.office.clock.now())

    assert desk.rows() == []


def test_a_mail_with_a_code_is_not_sent_after_the_code_ended(desk: Desk) -> None:
    desk.office.sender.is_down = True
    desk.claim()
    desk.letters()
    desk.office.clock.advance(minutes=15)
    desk.office.sender.is_down = False

    assert desk.letters() == []
    assert desk.office.states() == ["given_up"]


def test_printing_what_holds_an_address_or_a_key_shows_neither(desk: Desk) -> None:
    desk.claim()

    shown = repr((EmailClaim("ada", ADDRESS, "en"), EmailDesk(desk.office.outbox, b"the key")))

    assert ADDRESS not in shown
    assert "the key" not in shown
    assert timedelta(minutes=15) == desk.rows()[0]["code_expires_at"] - desk.office.clock.now()
