"""How mail is put together from settings: the way out, the sender, and what doctor finds."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.doctor import examine
from hero_onboarding.bootstrap.mail_settings import read_smtp_server
from hero_onboarding.bootstrap.post import find_smtp, mail_domain, make_mailer
from hero_onboarding.bootstrap.program import opened
from hero_onboarding.database import Database, open_database
from hero_onboarding.mail import (
    SEND_MAIL,
    Letterhead,
    SandboxMailbox,
    Security,
    SmtpSender,
    SmtpServer,
)
from hero_onboarding.payments import ASK_PROVIDER, LIST_UNTOLD, MATCH_NOTICE, RECONCILE
from hero_onboarding.scheduling import JOB_KINDS
from tests.bootstrap.reading import read
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.post import FakeBox
from tests.support.programs import environment_of
from tests.support.smtp_server import free_port, smtp_server

PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://hero.example.org"}
STAND_IN = {"CLICKPESA_BASE_URL": "http://127.0.0.1:9940/third-parties"}
SMTP = "smtp://127.0.0.1:2525"


@pytest.fixture
def database(new_database_url: NewUrl) -> Iterator[Database]:
    with closing(open_database(new_database_url("sqlite"))) as opened:
        yield opened


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, SandboxMailbox),
        ({"SMTP_URL": SMTP}, SmtpSender),
        (PRODUCTION, type(None)),
        ({**PRODUCTION, "SMTP_URL": SMTP}, SmtpSender),
    ],
)
def test_the_sandbox_keeps_mail_and_production_needs_a_server(
    changes: dict[str, str], kind: type, database: Database
) -> None:
    mailer = make_mailer(read(**changes), database, FakeClock(), FakeBox())

    assert type(mailer.sender) is kind
    assert mailer.outbox.can_send == (kind is not type(None))
    assert mailer.site == read(**changes).public_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://m.example", SmtpServer(Security.TLS, "m.example", 465)),
        ("smtp+starttls://m.example", SmtpServer(Security.STARTTLS, "m.example", 587)),
        ("smtp://localhost/", SmtpServer(Security.NONE, "localhost", 25)),
        ("smtp://[::1]:2525", SmtpServer(Security.NONE, "::1", 2525)),
        (
            "smtps://hero%40m.example:p%2F%3A%25%20w@M.Example:466",
            SmtpServer(Security.TLS, "m.example", 466, "hero@m.example", "p/:% w"),
        ),
    ],
)
def test_the_address_of_a_mail_server_is_read_with_its_ports_and_login(
    url: str, server: SmtpServer
) -> None:
    assert read_smtp_server(url) == server
    assert "p/:" not in repr(read_smtp_server(url))


@pytest.mark.parametrize(
    ("changes", "head"),
    [
        (PRODUCTION, Letterhead("no-reply@hero.example.org", "hero.example.org")),
        (
            {**PRODUCTION, "MAIL_FROM": "post@example.org"},
            Letterhead("post@example.org", "hero.example.org"),
        ),
        ({}, Letterhead("no-reply@localhost", "localhost")),
    ],
)
def test_mails_are_from_the_sites_own_host_unless_told_otherwise(
    changes: dict[str, str], head: Letterhead
) -> None:
    sender = find_smtp(read(**changes, SMTP_URL=SMTP))

    assert sender is not None
    assert sender.head == head


@pytest.mark.parametrize(
    ("origin", "domain"),
    [
        ("http://localhost:9920", "localhost"),
        ("https://Hero.Example.org", "hero.example.org"),
        ("https://h\u00e9ro.example", "xn--hro-bma.example"),
        ("http://127.0.0.1:9920", "[127.0.0.1]"),
        ("http://[::1]:9920", "[IPv6:::1]"),
    ],
)
def test_the_sites_host_is_written_as_mail_has_it(origin: str, domain: str) -> None:
    assert mail_domain(origin) == domain


def test_mails_have_a_thread_of_their_own_so_that_no_mail_server_holds_a_bill_up(
    tmp_path: Path,
) -> None:
    with opened(read(DATA_DIR=str(tmp_path))) as parts:
        apart, others = set(parts.post.runner.handlers), set(parts.scheduler.runner.handlers)

    assert apart == {SEND_MAIL}
    assert others >= set(JOB_KINDS)
    assert SEND_MAIL not in others


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "ok", "none are taken"),
        ({"STRIPE_SECRET_KEY": "sk_test_hidden1"}, "warning", "no notice of it is"),
        (
            {"STRIPE_SECRET_KEY": "sk_test_hidden1", "STRIPE_WEBHOOK_SECRET": "whsec_hidden12"},
            "ok",
            "a test key, no real money",
        ),
        (PRODUCTION, "warning", "set HERO_ONBOARDING_STRIPE_SECRET_KEY"),
        (
            {
                **PRODUCTION,
                "STRIPE_SECRET_KEY": "sk_live_hidden1",
                "STRIPE_WEBHOOK_SECRET": "whsec_hidden12",
            },
            "ok",
            "a live key",
        ),
        (
            {"CLICKPESA_CLIENT_ID": "hidden"},
            "warning",
            "set HERO_ONBOARDING_CLICKPESA_API_KEY too",
        ),
        (
            {"CLICKPESA_CLIENT_ID": "hidden", "CLICKPESA_API_KEY": "hidden", **STAND_IN},
            "warning",
            "Set HERO_ONBOARDING_CLICKPESA_CHECKSUM_KEY",
        ),
        (
            {
                **PRODUCTION,
                "CLICKPESA_CLIENT_ID": "hidden",
                "CLICKPESA_API_KEY": "hidden",
                "CLICKPESA_CHECKSUM_KEY": "hidden",
            },
            "ok",
            "through ClickPesa (real money); its notices go to /webhooks/clickpesa",
        ),
    ],
)
def test_doctor_says_which_payments_are_taken(
    tmp_path: Path, changes: dict[str, str], level: str, said: str
) -> None:
    found = examine(environment_of(tmp_path, **changes), lambda _: ())

    [payments] = [one for one in found if one.subject == "payments"]
    assert payments.level == level
    assert said in payments.sentence
    assert "hidden" not in payments.sentence


def test_questions_to_payment_providers_have_a_thread_of_their_own_too(tmp_path: Path) -> None:
    with opened(read(DATA_DIR=str(tmp_path))) as parts:
        apart, others = set(parts.till.runner.handlers), set(parts.scheduler.runner.handlers)

    assert apart >= {ASK_PROVIDER, MATCH_NOTICE, LIST_UNTOLD, RECONCILE}
    assert apart.isdisjoint(others)


def finding(folder: Path, **changes: str) -> tuple[str, str] | None:
    found = [one for one in examine(environment_of(folder, **changes)) if one.subject == "mail"]
    return (found[0].level, found[0].sentence) if found else None


def test_doctor_says_where_mail_goes_and_sends_none(tmp_path: Path) -> None:
    with smtp_server() as taken:
        well = finding(tmp_path, SMTP_URL=f"smtp://localhost:{taken.port}")
    kept, none = finding(tmp_path), finding(tmp_path, **PRODUCTION)

    assert well == ("ok", "localhost takes mail from no-reply@localhost.")
    assert taken.contents == []
    assert kept == ("ok", "is kept, and shown on the site's page /sandbox/mail.")
    assert none is not None
    assert none[0] == "warning"
    assert none[1].endswith("set HERO_ONBOARDING_SMTP_URL.")
    assert finding(tmp_path, ROLE="node") is None


def test_doctor_finds_a_mail_server_that_can_not_be_used(tmp_path: Path) -> None:
    port = free_port()

    found = finding(tmp_path, SMTP_URL=f"smtp://u:hidden-word@127.0.0.1:{port}")

    assert found is not None
    assert found[0] == "wrong"
    assert found[1].endswith("check HERO_ONBOARDING_SMTP_URL.")
    assert "ConnectionRefusedError" in found[1]
    assert "hidden-word" not in found[1]
