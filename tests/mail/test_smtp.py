"""Mail over SMTP, to a real server of this machine and to servers that misbehave."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from hero_onboarding.database import Database
from hero_onboarding.kernel.boundary import OutsideCallInTransactionError
from hero_onboarding.mail import (
    Letter,
    Letterhead,
    MailDelayedError,
    MailRefusedError,
    Security,
    SmtpLimits,
    SmtpSender,
    SmtpServer,
)
from tests.support.certificates import Authority
from tests.support.smtp_server import HOST, Taken, free_port, script, smtp_server, talking

HEAD = Letterhead("no-reply@hero.example.org", "hero.example.org")
QUICK = SmtpLimits(step_seconds=0.3, overall_seconds=0.6)
LAST = b".\r\n"
LETTER = Letter(
    id="a1b2",
    recipient="ada@xn--bcher-kva.example",
    language="fr",
    subject="Votre clé",
    text="Déjà vu.\n.\n..\nBonne journée\n",
    written_at=datetime(2026, 3, 1, 11, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def plain() -> Iterator[Taken]:
    with smtp_server() as taken:
        yield taken


def sender(
    port: int,
    security: Security = Security.NONE,
    *,
    host: str = HOST,
    trust: ssl.SSLContext | None = None,
    login: tuple[str | None, str | None] = (None, None),
    limits: SmtpLimits | None = None,
) -> SmtpSender:
    server = SmtpServer(security, host, port, *login)
    context = trust or ssl.create_default_context()
    return SmtpSender(server, HEAD, limits or SmtpLimits(), context)


def refused(one: SmtpSender) -> str:
    with pytest.raises(MailRefusedError) as caught:
        one.send(LETTER)
    return str(caught.value)


def delayed(one: SmtpSender) -> str:
    with pytest.raises(MailDelayedError) as caught:
        one.send(LETTER)
    return str(caught.value)


def test_a_letter_arrives_as_it_was_written(plain: Taken) -> None:
    sender(plain.port).send(LETTER)

    assert plain.envelopes == [(HEAD.sender, (LETTER.recipient,))]
    (message,) = plain.messages
    assert message["Subject"] == "Votre clé"
    assert message["To"] == LETTER.recipient
    assert message["Message-ID"] == "<a1b2@hero.example.org>"
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


def test_a_letter_that_is_sent_twice_has_the_same_id(plain: Taken) -> None:
    for _ in range(2):
        sender(plain.port).send(LETTER)

    assert len({message["Message-ID"] for message in plain.messages}) == 1
    assert plain.contents[0] == plain.contents[1]


def test_nothing_is_sent_while_a_transaction_is_open(plain: Taken, database: Database) -> None:
    with database.transaction(), pytest.raises(OutsideCallInTransactionError):
        sender(plain.port).send(LETTER)

    assert plain.contents == []


def test_tls_from_the_first_byte_with_a_login(authority: Authority) -> None:
    with smtp_server(tls=authority.server_context(HOST), logins={"hero": "pass word"}) as taken:
        one = sender(taken.port, Security.TLS, trust=authority.trust, login=("hero", "pass word"))
        one.check()
        one.send(LETTER)

    assert taken.is_secure == [True]
    assert taken.logins == ["hero", "hero"]
    assert len(taken.contents) == 1


def test_starttls_with_a_login(authority: Authority) -> None:
    with smtp_server(starttls=authority.server_context(HOST), logins={"hero": "word"}) as taken:
        sender(taken.port, Security.STARTTLS, trust=authority.trust, login=("hero", "word")).send(
            LETTER
        )

    assert taken.is_secure == [True]
    assert len(taken.contents) == 1


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("fault", ["unknown authority", "other host", "expired"])
def test_a_certificate_that_is_not_good_ends_it(
    security: Security, fault: str, authority: Authority
) -> None:
    host = "mail.example.org" if fault == "other host" else HOST
    context = authority.server_context(host, days_left=-1 if fault == "expired" else 1)
    trust = None if fault == "unknown authority" else authority.trust
    servers = {Security.TLS: {"tls": context}, Security.STARTTLS: {"starttls": context}}
    with smtp_server(**servers[security], logins={"hero": "word"}) as taken:
        said = delayed(sender(taken.port, security, trust=trust, login=("hero", "word")))

    assert "SSLCertVerificationError" in said
    assert (taken.contents, taken.logins) == ([], [])


def test_a_server_without_starttls_gets_neither_login_nor_mail() -> None:
    with smtp_server(logins={"hero": "word"}) as taken:
        said = delayed(sender(taken.port, Security.STARTTLS, login=("hero", "word")))

    assert "STARTTLS" in said
    assert (taken.contents, taken.logins) == ([], [])


def test_a_plain_server_gets_no_mail_by_tls(plain: Taken) -> None:
    assert "SSLError" in delayed(sender(plain.port, Security.TLS))
    assert plain.contents == []


def test_a_login_that_the_server_refuses_waits_for_the_operator(authority: Authority) -> None:
    with smtp_server(tls=authority.server_context(HOST), logins={"hero": "word"}) as taken:
        one = sender(taken.port, Security.TLS, trust=authority.trust, login=("hero", "hidden-word"))
        said = delayed(one)

    assert "SMTPAuthenticationError with 535" in said
    assert "hidden-word" not in said + repr(one)
    assert taken.contents == []


@pytest.mark.parametrize(
    ("command", "what"), [("MAIL", "our address"), ("RCPT", "the recipient"), ("DATA", "the mail")]
)
def test_a_never_is_final_and_told_by_its_numbers(command: str, what: str, plain: Taken) -> None:
    plain.answers[command] = f"550 5.1.1 <{LETTER.recipient}> is unknown here"

    said = refused(sender(plain.port))

    assert said == f"the mail server refused {what} with 550 5.1.1"
    assert plain.contents == []


@pytest.mark.parametrize(
    ("command", "what"), [("MAIL", "our address"), ("RCPT", "the recipient"), ("DATA", "the mail")]
)
@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_a_later_is_no_never(command: str, what: str, code: int, plain: Taken) -> None:
    plain.answers[command] = f"{code} come back, <{LETTER.recipient}>"

    assert delayed(sender(plain.port)) == f"the mail server put {what} off with {code}"
    assert plain.contents == []


@pytest.mark.parametrize("greeting", ["554 no", "421 busy", "220", "hello", "\x00\xff"])
def test_a_server_that_does_not_let_us_in_is_tried_again(greeting: str) -> None:
    answers = {"EHLO": "502 what", "HELO": "502 what"}
    with talking(script(answers, greeting=greeting)) as port:
        delayed(sender(port, host="127.0.0.1", limits=QUICK))


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_up_is_tried_again(command: str) -> None:
    with talking(script({command: "", "HELO": ""})) as port:
        said = delayed(sender(port, host="127.0.0.1"))

    assert "SMTPServerDisconnected" in said


def taking(taken: list[bytes], *, ends_with: bytes) -> Callable[[socket.socket], None]:
    """Take a mail as far as one of its lines, then hang up; after the last one say OK before."""

    def talk(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(b"220 hello\r\n")
        for line in lines:
            if not line.upper().startswith(b"DATA"):
                connection.sendall(b"250 OK\r\n")
                continue
            connection.sendall(b"354 go on\r\n")
            taken.extend(iter(lines.readline, ends_with))
            if ends_with == LAST:
                connection.sendall(b"250 OK\r\n")
            return

    return talk


def test_a_server_that_hangs_up_amid_the_mail_is_tried_again() -> None:
    taken: list[bytes] = []
    with talking(taking(taken, ends_with=b"\r\n")) as port:
        assert "SMTPServerDisconnected" in delayed(sender(port, host="127.0.0.1"))

    assert b"Message-ID: <a1b2@hero.example.org>\r\n" in taken


def test_what_the_server_took_is_sent_though_it_hangs_up_at_once() -> None:
    taken: list[bytes] = []
    with talking(taking(taken, ends_with=LAST)) as port:
        sender(port, host="127.0.0.1").send(LETTER)

    assert taken[-1] == b"Bonne journ=C3=A9e\r\n"


@pytest.mark.parametrize("farewell", ["221 bye", "599 stay", "\xff", ""])
def test_whatever_the_server_says_to_our_leaving_counts_for_nothing(farewell: str) -> None:
    with talking(script({"QUIT": farewell})) as port:
        sender(port, host="127.0.0.1", limits=QUICK).check()


def drip(connection: socket.socket) -> None:
    """Greet at once, then say one letter at a time."""
    connection.sendall(b"220 hello\r\n")
    connection.recv(1000)
    for _ in range(200):
        connection.sendall(b"2")
        time.sleep(0.05)


def say_nothing(connection: socket.socket) -> None:
    connection.recv(1000)


def say_too_much(connection: socket.socket) -> None:
    connection.sendall(b"220 hello\r\n")
    connection.recv(1000)
    connection.sendall(b"250-" + b"x" * 100_000 + b"\r\n")


@pytest.mark.parametrize("talk", [drip, say_nothing, say_too_much])
def test_a_server_that_is_slow_or_endless_is_left(talk: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with talking(talk) as port:
        delayed(sender(port, host="127.0.0.1", limits=QUICK))
        took = time.monotonic() - began

    assert took < 5


def test_a_server_that_is_not_there_is_tried_again() -> None:
    assert "ConnectionRefusedError" in delayed(sender(free_port()))
    assert "gaierror" in delayed(sender(25, host="no-such-host.invalid"))


def test_the_limits_are_ten_seconds_a_step_and_a_minute_in_all() -> None:
    assert SmtpLimits() == SmtpLimits(step_seconds=10, overall_seconds=60)


def test_certificates_and_names_are_checked_against_the_systems_authorities() -> None:
    one = SmtpSender(SmtpServer(Security.TLS, HOST, 465), HEAD)

    assert one.context.verify_mode is ssl.CERT_REQUIRED
    assert one.context.check_hostname
