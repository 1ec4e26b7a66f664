"""A mail is a row that its cause writes: once, sealed, and gone with a cause that fails."""

import pytest

from hero_onboarding.jobs import count_jobs
from hero_onboarding.mail import MailOffError, MailText, Outbox, load_texts, write_mail
from tests.fakes.post import FakeBox
from tests.mail.office import SIGN_IN, Office, a_mail


def open_jobs(office: Office) -> int:
    with office.database.reading() as tx:
        return count_jobs(tx).waiting


def test_a_mail_waits_with_its_job(office: Office) -> None:
    assert office.write(a_mail())

    (row,) = office.rows()
    assert (row["state"], row["attempts"], row["sent_at"]) == ("waiting", 0, None)
    assert (row["recipient"], row["language"], row["text"]) == (
        "ada@example.org",
        "en",
        "verify_address",
    )
    assert row["created_at"] == office.clock.now()
    assert open_jobs(office) == 1


def test_a_mail_with_the_same_key_is_written_once(office: Office) -> None:
    assert office.write(a_mail("k"))
    office.run()

    assert not office.write(a_mail("k", recipient="other@example.org"))
    assert not office.write(a_mail("k"))

    assert len(office.rows()) == 1
    assert open_jobs(office) == 0
    assert office.write(a_mail("other"))


def test_a_cause_that_fails_leaves_no_mail(office: Office) -> None:
    def fail() -> None:
        with office.database.transaction() as tx:
            write_mail(tx, office.outbox, a_mail(), office.clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert office.rows() == []
    assert office.run() == (0, 0)


def test_the_database_holds_no_code(office: Office) -> None:
    office.write(a_mail())

    (row,) = office.rows()
    assert office.box.open(row["parameters"]) == b'{"code":"ABCD-EFGH","minutes":"15"}'
    assert "ABCD" not in repr(row)


def test_a_server_without_a_way_out_writes_no_mail(office: Office) -> None:
    outbox = Outbox(can_send=False, box=FakeBox(), texts=load_texts())

    with office.database.transaction() as tx, pytest.raises(MailOffError, match="sends no mail"):
        write_mail(tx, outbox, a_mail(), office.clock.now())

    assert office.rows() == []


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [({}, "code"), ({"code": "x"}, "minutes"), ({**SIGN_IN, "code": "x", "minutes": "1"}, "place")],
)
def test_parameters_that_do_not_fit_the_text_are_our_own_fault(
    parameters: dict[str, str], missing: str, office: Office
) -> None:
    with pytest.raises(AssertionError, match=missing):
        office.write(a_mail(parameters=parameters))

    assert office.rows() == []


@pytest.mark.parametrize("language", ["de", "", "EN", "../en"])
def test_english_stands_in_for_a_language_that_we_do_not_write(
    language: str, office: Office
) -> None:
    office.write(a_mail(language=language))
    office.run()

    (letter,) = office.sender.letters
    assert letter.language == "en"


def test_printing_a_mail_or_a_letter_shows_neither_its_address_nor_its_words(
    office: Office,
) -> None:
    office.write(a_mail())
    office.run()

    shown = repr((a_mail(), office.sender.letters, office.box, office.outbox.can_send))
    assert "ada@" not in shown
    assert "ABCD" not in shown
    assert MailText.VERIFY_ADDRESS in shown
