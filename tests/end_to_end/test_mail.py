"""Mail through the programs: written in a transaction, sent by the server, and in no log."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from hero_onboarding.database import Database, open_database
from hero_onboarding.incidents import list_incidents
from hero_onboarding.kernel.clock import SystemClock
from hero_onboarding.mail import Mail, MailText, Outbox, load_texts, write_mail
from hero_onboarding.mail.tables import mails
from hero_onboarding.sign_in import SecretBox
from tests.api.served import served
from tests.support.programs import environment_of, serving, wait_for
from tests.support.smtp_server import smtp_server

KEY = "a-key-of-the-tests-with-enough-characters"
CODE = "K7PQ-2WXY"
ADDRESS = "ada.of.the.tests@example.org"
OUTBOX = Outbox(can_send=True, box=SecretBox.of([KEY]), texts=load_texts())


def write(database: Database, key: str) -> None:
    parameters = {"code": CODE, "minutes": "15"}
    mail = Mail(key, ADDRESS, "sw", MailText.VERIFY_ADDRESS, parameters)
    now = SystemClock().now()
    with database.transaction() as tx:
        write_mail(tx, OUTBOX, mail, now)


def has(database: Database, state: str, attempts: int = 0) -> Callable[[], bool]:
    """Whether a mail came as far as that."""

    def look() -> bool:
        with database.reading() as tx:
            query = select(mails.c.state, mails.c.attempts)
            return (state, attempts) in {tuple(row) for row in tx.execute(query)}

    return look


@contextmanager
def beside(folder: Path) -> Iterator[Database]:
    """Open the database of a server that runs: SQLite lets processes write in turn."""
    with closing(open_database(f"sqlite:///{folder}/hero_onboarding.sqlite")) as database:
        yield database


@pytest.mark.slow
def test_a_server_sends_mail_and_tells_its_log_neither_code_nor_address(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with smtp_server() as taken:
        environment = environment_of(
            folder, SMTP_URL=f"smtp://localhost:{taken.port}", SECRET_KEY=KEY, SCHEDULER="off"
        )
        with serving(environment) as program, beside(folder) as database:
            write(database, "one")
            assert wait_for(has(database, "sent"))
            taken.answers["RCPT"] = f"550 5.1.1 <{ADDRESS}> is unknown here"
            write(database, "two")
            assert wait_for(has(database, "given_up"))
            taken.answers["RCPT"] = f"450 <{ADDRESS}> come back later"
            write(database, "three")
            assert wait_for(has(database, "waiting", attempts=1))
            with database.reading() as tx:
                (incident,) = list_incidents(tx, None).items
            assert program.stop() == 0

    (message,) = taken.messages
    assert message["To"] == ADDRESS
    assert message["Message-ID"].endswith("@localhost>")
    assert CODE in message.get_content()
    assert incident.evidence["failure"] == ("the mail server refused the recipient with 550 5.1.1")
    log = folder.with_suffix(".log").read_text()
    assert "refused the recipient with 550 5.1.1" in log
    assert "put the recipient off with 450" in log
    for secret in (CODE, CODE.replace("-", ""), ADDRESS, ADDRESS.partition("@")[0], "Msimbo"):
        assert secret not in log
        assert secret not in repr(incident)
    for file in folder.glob("hero_onboarding.sqlite*"):
        assert CODE.encode() not in file.read_bytes()


def test_a_sandbox_keeps_mail_and_shows_it_on_its_page(tmp_path: Path) -> None:
    with served(f"sqlite:///{tmp_path}/hero.sqlite", tmp_path / "data", SECRET_KEY=KEY) as api:
        write(api.services.database, "one")

        done = api.post("/admin/run-jobs-now").json()

        page = api.client.get("/sandbox/mail", headers={"Accept": "text/html"}).text
    assert (done["jobs_run"], done["jobs_failed"]) == (1, 0)
    assert CODE in page
    assert "Msimbo wako wa Hero" in page
