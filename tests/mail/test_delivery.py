"""The mailer: sends each mail once where he can, again where he must, and gives up in the end."""

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update

from hero_onboarding.database import Database
from hero_onboarding.incidents import Incident, IncidentKind, list_incidents
from hero_onboarding.mail import (
    Letter,
    MailDelayedError,
    MailRefusedError,
    MailText,
)
from hero_onboarding.mail.domain import CODES
from hero_onboarding.mail.tables import mails
from tests.fakes.clock import FakeClock
from tests.fakes.post import FakeBox
from tests.mail.office import SIGN_IN, SITE, Office, a_mail

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def incidents(office: Office) -> list[Incident]:
    with office.database.reading() as tx:
        return list(list_incidents(tx, None).items)


@pytest.mark.parametrize("language", CODES)
def test_a_mail_is_sent_in_the_language_of_its_reader(language: str, office: Office) -> None:
    office.write(a_mail(text=MailText.NEW_SIGN_IN, parameters=SIGN_IN, language=language))

    assert office.run() == (1, 0)

    (letter,) = office.sender.letters
    words = office.outbox.texts[MailText.NEW_SIGN_IN, language]
    assert (letter.recipient, letter.language, letter.subject) == (
        "ada@example.org",
        language,
        words.subject,
    )
    for part in (*SIGN_IN.values(), SITE):
        assert part in letter.text


def test_what_was_sent_keeps_its_address_and_none_of_its_words(office: Office) -> None:
    office.write(a_mail())
    office.clock.advance(seconds=3)
    office.run()

    (row,) = office.rows()
    assert (row["state"], row["parameters"]) == ("sent", None)
    assert row["sent_at"] == office.clock.now()
    assert row["sent_at"] - row["created_at"] == timedelta(seconds=3)
    assert office.run() == (0, 0)
    assert len(office.sender.letters) == 1


def test_the_database_itself_lets_no_words_of_an_ended_mail_stay(office: Office) -> None:
    office.write(a_mail())

    with pytest.raises(Exception, match="only_waiting_has_parameters"):
        set_state(office.database, "sent")

    assert office.states() == ["waiting"]


def set_state(database: Database, state: str) -> None:
    with database.transaction() as tx:
        tx.execute(update(mails).values(state=state))


def test_a_delayed_mail_is_tried_again_later_each_time(office: Office) -> None:
    office.write(a_mail())
    office.sender.failures = [MailDelayedError("busy")] * 4

    waits = []
    last = office.clock.now()
    while not office.sender.letters:
        before = office.sender.tried
        office.run()
        if office.sender.tried > before:
            waits.append((office.clock.now() - last).total_seconds())
            last = office.clock.now()
        office.clock.advance(seconds=5)

    assert waits == [0, 15, 30, 60, 120]
    assert office.states() == ["sent"]
    assert incidents(office) == []


def test_an_hour_is_the_longest_wait_and_a_day_the_end(office: Office) -> None:
    office.write(a_mail())
    office.sender.is_down = True
    office.run()

    tries = [office.walk(hours=1) for _ in range(25)]

    assert tries[0] == 7
    assert set(tries[1:24]) == {1}
    assert tries[24] == 0
    (row,) = office.rows()
    assert (row["state"], row["parameters"], row["sent_at"]) == ("given_up", None, None)
    (one,) = incidents(office)
    assert one.kind == IncidentKind.MAIL_GIVEN_UP
    assert one.evidence == {
        "failure": "the fake is down",
        "text": "verify_address",
        "mail": row["id"],
    }


def test_a_mail_with_a_short_life_is_given_up_when_nobody_needs_it(office: Office) -> None:
    office.write(a_mail(life=timedelta(minutes=15)))
    office.sender.is_down = True

    office.walk(hours=0.25)

    assert office.states() == ["given_up"]
    office.sender.is_down = False
    assert office.walk(hours=25) == 0


def test_a_mail_whose_time_is_over_before_it_was_tried_is_not_sent(office: Office) -> None:
    office.write(a_mail(life=timedelta(minutes=15)))
    office.clock.advance(minutes=15)

    office.run()

    assert office.sender.tried == 0
    assert office.states() == ["given_up"]
    assert "its time was over" in incidents(office)[0].evidence["failure"]


def test_a_refused_mail_is_given_up_at_once(office: Office) -> None:
    office.write(a_mail())
    office.sender.failures = [MailRefusedError("no such mailbox")]

    office.run()

    assert office.states() == ["given_up"]
    assert office.walk(hours=25) == 0
    assert [one.evidence["failure"] for one in incidents(office)] == ["no such mailbox"]


def test_mails_that_fail_alike_are_one_incident(office: Office) -> None:
    for key in "abc":
        office.write(a_mail(key))
    office.sender.failures = [MailRefusedError(code) for code in ("550", "550", "552")]

    office.run()

    assert [(one.evidence["failure"], one.times) for one in incidents(office)] == [
        ("552", 1),
        ("550", 2),
    ]


def test_no_incident_names_a_person(office: Office) -> None:
    office.write(a_mail())
    office.sender.failures = [MailRefusedError("no such mailbox")]
    office.run()

    assert "ada" not in repr(incidents(office))


def test_one_mail_that_fails_holds_no_other_up(office: Office) -> None:
    for key in "abc":
        office.write(a_mail(key))
    office.sender.failures = [MailDelayedError("busy")]

    office.run()

    assert office.states() == ["waiting", "sent", "sent"]


def test_a_server_whose_way_out_was_taken_away_gives_up_in_time(office: Office) -> None:
    office.write(a_mail())
    office.run(replace(office.mailer(), sender=None))
    assert office.states() == ["waiting"]

    office.clock.advance(hours=25)
    office.run(replace(office.mailer(), sender=None))

    assert office.states() == ["given_up"]


def test_a_mail_that_was_sealed_with_a_key_that_is_gone_is_given_up(office: Office) -> None:
    office.write(a_mail())
    without = replace(office, box=FakeBox(b"other:"))

    without.run()

    assert office.states() == ["given_up"]
    assert "a key that is gone" in incidents(office)[0].evidence["failure"]


def test_a_text_of_a_newer_version_waits_for_a_worker_that_knows_it(office: Office) -> None:
    office.write(a_mail())
    with office.database.transaction() as tx:
        tx.execute(update(mails).values(text="of_tomorrow"))

    office.run()
    assert (office.states(), office.sender.tried) == (["waiting"], 0)
    with office.database.transaction() as tx:
        tx.execute(update(mails).values(text=MailText.VERIFY_ADDRESS))
    office.walk(hours=0.1)

    assert office.states() == ["sent"]


class Died(BaseException):
    """The process ended."""


@dataclass
class DyingSender:
    """Takes letters; the first time the process dies right after."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if len(self.letters) == 1:
            raise Died


def test_a_death_between_sending_and_writing_it_down_sends_the_same_letter_again(
    office: Office,
) -> None:
    dying = DyingSender()
    mailer = office.mailer(dying)
    office.write(a_mail())

    with pytest.raises(Died):
        office.run(mailer)
    assert office.states() == ["waiting"]
    office.clock.advance(minutes=5)
    let_leases_end(office.database)
    assert office.run(mailer) == (1, 0)

    assert office.states() == ["sent"]
    first, second = dying.letters
    assert first == second


def let_leases_end(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(sql("UPDATE jobs SET lease_until = 0"))


@dataclass
class SlowSender:
    """Holds its first letter until it is told; the second worker comes meanwhile."""

    fails: bool
    entered: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if len(self.letters) == 1:
            self.entered.set()
            assert self.go_on.wait(30)
            if self.fails:
                raise MailDelayedError("cut off")


@pytest.mark.parametrize("fails", [False, True])
def test_two_workers_on_one_mail_end_it_once(fails: bool, office: Office) -> None:
    slow = SlowSender(fails)
    office.write(a_mail())
    (row,) = office.rows()
    thread = threading.Thread(target=office.mailer(slow).deliver, args=[row["number"], 0])
    thread.start()
    assert slow.entered.wait(30)

    office.mailer(slow).deliver(row["number"], 0)
    slow.go_on.set()
    thread.join(30)

    assert office.states() == ["sent"]
    assert incidents(office) == []
    assert len(slow.letters) == 2
    office.walk(hours=25)
    assert len(slow.letters) == 2


def test_a_job_that_comes_again_after_its_mail_went_on_does_nothing(office: Office) -> None:
    office.write(a_mail())
    office.sender.failures = [MailDelayedError("busy")]
    (row,) = office.rows()
    office.mailer().deliver(row["number"], 0)

    office.mailer().deliver(row["number"], 0)
    office.mailer().deliver(row["number"] + 1, 0)

    assert office.sender.tried == 1
    assert office.rows()[0]["attempts"] == 1


def test_a_mail_whose_jobs_were_lost_is_given_up_an_hour_late(office: Office) -> None:
    office.write(a_mail())
    office.write(a_mail("other", life=DAY * 2))
    with office.database.transaction() as tx:
        tx.execute(sql("DELETE FROM jobs"))
    office.clock.moment += DAY + HOUR - timedelta(seconds=1)
    assert office.mailer().sweep() == 0

    office.clock.advance(seconds=1)
    assert [office.mailer().sweep() for _ in range(2)] == [1, 0]

    assert office.states() == ["given_up", "waiting"]
    assert [one.kind for one in incidents(office)] == [IncidentKind.MAIL_GIVEN_UP]


def test_mails_that_ended_are_forgotten_after_thirty_days(office: Office) -> None:
    office.write(a_mail())
    office.write(a_mail("long", life=DAY * 60))
    office.sender.failures = [MailRefusedError("no"), MailDelayedError("busy")]
    office.run()
    office.clock.moment += DAY * 30
    assert office.mailer().sweep() == 0

    office.clock.advance(seconds=1)
    assert [office.mailer().sweep() for _ in range(2)] == [1, 0]

    assert [row["key"] for row in office.rows()] == ["long"]


def test_the_clock_of_the_product_brings_the_next_attempt(office: Office, clock: FakeClock) -> None:
    office.write(a_mail())
    office.sender.failures = [MailDelayedError("busy")]
    office.run()
    assert office.run() == (0, 0)

    clock.advance(seconds=15)

    assert office.run() == (1, 0)
    assert office.states() == ["sent"]
