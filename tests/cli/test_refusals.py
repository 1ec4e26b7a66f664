"""Commands that are refused: the code that fits, a sentence, no result, and nothing changed."""

import socket
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.answering import answering
from tests.support.programs import Program
from tests.support.shell import Shell

REST = ("--reason", "gift", "--key", "k")
ASKING = [
    ("aggregate", "--once"),
    ("quarantine", "list"),
    ("quarantine", "retry"),
    ("incidents", "list"),
    ("books", "check"),
    ("rights", "list"),
    ("rights", "give"),
    ("rights", "take", "1"),
    ("users", "list"),
    ("users", "create", "--sid", "eve"),
    ("wallet", "show", "ada"),
    ("wallet", "movements", "ada"),
    ("wallet", "adjust", "ada", "1", *REST),
    ("keys", "list"),
    ("keys", "create", "--label", "x", "--scope", "read"),
    ("keys", "revoke", "0" * 16),
    ("sandbox", "clock", "--advance", "0"),
]
WRONG_USE = [
    ("no-such-command",),
    ("--start", "--stop"),
    ("--status", "--start"),
    ("--start", "doctor"),
    ("--stop", "users", "list"),
    ("sandbox", "forge", "--root", "/tmp", "--repository", "bad"),
    ("sandbox", "forge", "--root", "/tmp", "--repository", "../x"),
    ("sandbox", "forge", "--root", "/tmp", "--repository", "a/b/c"),
    ("sandbox", "forge", "--root", "/tmp", "--listen", "0.0.0.0:0"),
    ("aggregate",),
    ("aggregate", "--once", "--twice"),
    ("users",),
    ("wallet", "show"),
    ("wallet", "show", "-x"),
    ("wallet", "adjust", "ada", "1"),
    ("wallet", "adjust", "ada", "1", *REST, "--no-such-option"),
    ("wallet", "adjust", "ada", "1", "2", *REST),
    ("rights", "take", "one"),
    ("rights", "take", "-1"),
    ("rights", "give", "--cap", "1e3"),
    ("keys", "create", "--label", "x"),
    ("keys", "create", "--scope", "read"),
    ("keys", "create", "--label", "x", "--scope", "read", "--expires-days", "soon"),
    ("keys", "create", "--label", "a\udcff", "--scope", "read"),
    ("keys", "revoke"),
    ("sandbox", "clock"),
    ("sandbox", "clock", "--advance", "1.5"),
    ("sandbox", "clock", "--advance", "1", "--now", "2026-03-01T10:00:00Z"),
    ("users", "create", "--sid", "\udcff"),
    ("users", "create", "--name", "a\udcff"),
    ("wallet", "show", "u" * 70_000),
]


@pytest.fixture
def sid(shell: Shell) -> str:
    made = f"u{uuid.uuid4().hex[:8]}"
    assert shell("users", "create", "--sid", made).code == 0
    return made


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_without_a_server_every_command_exits_3(
    words: tuple[str, ...], shell: Shell, nowhere: str
) -> None:
    said = shell.with_settings(LISTEN=nowhere)(*words).refused(3)

    assert said.startswith(f"no server answers at http://{nowhere} (")
    assert said.endswith("start it with --start")


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_with_a_wrong_secret_every_command_exits_1(words: tuple[str, ...], shell: Shell) -> None:
    before = shell("users", "list", "--json").json, shell("rights", "list", "--json").json

    shell.with_settings(ADMIN_SECRET="another-secret-of-the-tests")(*words).refused(1)

    assert (shell("users", "list", "--json").json, shell("rights", "list", "--json").json) == before


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_before_the_first_start_every_command_says_so(
    words: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    said = shell.with_settings(DATA_DIR=str(tmp_path / "none"))(*words).refused(3)

    assert said.endswith("start the server once")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_a_folder_that_can_not_be_made_ends_every_command_with_a_sentence(
    words: tuple[str, ...], shell: Shell
) -> None:
    said = shell.with_settings(DATA_DIR="/proc/nope")(*words).refused(3)

    assert said == "no admin secret at /proc/nope/admin_secret; start the server once"


def test_a_sandbox_forge_that_can_not_listen_or_write_says_so(
    shell: Shell, running: Program, tmp_path: Path
) -> None:
    taken = running.origins["hero_onboarding_server"].removeprefix("http://")
    forge = ("sandbox", "forge", "--root")
    (tmp_path / "state").write_text("no accounts")

    listening = shell(*forge, str(tmp_path / "r"), "--listen", taken).refused(1)
    writing = shell(*forge, "/proc/x").refused(1)
    reading = shell(*forge, str(tmp_path), "--state", str(tmp_path / "state")).refused(1)

    assert f"can't listen on {taken}: Address already in use" in listening
    assert "can't write /proc/x: No such file or directory" in writing
    assert f"{tmp_path / 'state'} is no file of accounts" in reading
    assert (tmp_path / "state").read_text() == "no accounts"


@pytest.mark.parametrize("words", WRONG_USE, ids=lambda words: " ".join(words)[:40])
def test_wrong_use_exits_2(words: tuple[str, ...], shell: Shell) -> None:
    shell(*words).refused(2)


@pytest.mark.parametrize(
    "amount",
    [
        *("1e3", "nan", "-nan", "inf", "0.0000001", "1,000", "1_000", "", " 1", "0x10", ".5", "5."),
        *("--5", "+-5", "\u0661", "\uff11", "9223372036854.775808", "9" * 400, "12,50", "1\n"),
    ],
)
def test_a_text_that_is_no_amount_moves_nothing(amount: str, shell: Shell, sid: str) -> None:
    said = shell("wallet", "adjust", sid, amount, *REST).refused(2)

    assert "is no amount of USD with 6 decimals" in said
    assert shell.wallet(sid)["balance"] == 0
    assert shell("wallet", "movements", sid, "--json").json == []


@pytest.mark.parametrize("amount", ["0", "-0", "+0.000000", "9223372036854.775807", "-1"])
def test_an_amount_that_the_server_refuses_moves_nothing(
    amount: str, shell: Shell, sid: str
) -> None:
    shell("wallet", "adjust", sid, amount, *REST).refused(1)

    assert shell.wallet(sid)["balance"] == 0
    assert shell("wallet", "movements", sid, "--json").json == []


@pytest.mark.parametrize(
    "cursor",
    ["a b", "1&cursor=2", "x&a=1#y", "-1", "\u00e9", "9" * 60, "../x", "%00", "1\n", "\udcff"],
)
@pytest.mark.parametrize(
    "words",
    [("users", "list"), ("wallet", "movements", "ada")],
    ids=" ".join,
)
def test_a_cursor_reaches_the_server_as_it_is_typed(
    words: tuple[str, ...], cursor: str, shell: Shell
) -> None:
    shell("users", "create", "--sid", "ada")

    said = shell(*words, "--cursor", cursor).refused(1)

    assert said.startswith("paging.cursor: ")


@pytest.mark.parametrize("noun", ["quarantine", "incidents"])
def test_the_other_lists_take_their_cursor_in_the_same_way(noun: str, shell: Shell) -> None:
    said = shell(noun, "list", "--cursor", "1&cursor=2").refused(1)

    assert said.startswith("paging.cursor: ")


@pytest.mark.parametrize(
    "name",
    ["no-such", "a/b", "../books", "..", ".", "", "x?cursor=1", "x#y", "%2e%2e", "\u00e9", "\n"],
)
def test_a_sid_of_nobody_names_nothing_else(name: str, shell: Shell) -> None:
    before = shell("users", "list", "--json").json

    shell("wallet", "show", name).refused(1)
    shell("wallet", "movements", name, "--json").refused(1)
    shell("wallet", "adjust", name, "1", *REST).refused(1)

    assert shell("users", "list", "--json").json == before


def test_a_sid_with_a_slash_is_not_the_path_to_another_wallet(shell: Shell, sid: str) -> None:
    for name in (f"x/../{sid}", f"../users/{sid}", f"{sid}/wallet?", f"{sid}#", f"{sid}/"):
        shell("wallet", "show", name).refused(1)


@pytest.mark.parametrize("name", ["a/b", "A", "", "a b", "u" * 65, "\u00e9"])
def test_a_sid_that_nobody_may_have_is_not_made(name: str, shell: Shell) -> None:
    before = shell("users", "list", "--json").json

    shell("users", "create", "--sid", name).refused(1)

    assert shell("users", "list", "--json").json == before


@pytest.mark.parametrize("number", ["0", "999999", "9223372036854775807"])
def test_a_right_that_is_not_there_can_not_be_taken(number: str, shell: Shell) -> None:
    before = shell("rights", "list", "--json").json

    shell("rights", "take", number).refused(1)

    assert shell("rights", "list", "--json").json == before


@pytest.mark.parametrize("words", [("--node", "A b"), ("--user", "a/b"), ("--cap", "-1")])
def test_a_right_of_a_wrong_form_is_not_given(words: tuple[str, ...], shell: Shell) -> None:
    before = shell("rights", "list", "--json").json

    shell("rights", "give", *words).refused(1)

    assert shell("rights", "list", "--json").json == before


@pytest.mark.parametrize(
    "words",
    [
        ("--now", "yesterday"),
        ("--now", "2026-03-01 10:00"),
        ("--now", ""),
        ("--now", "9999-01-01T00:00:00Z"),
        ("--advance", "-1"),
        ("--advance", "9" * 30),
    ],
)
def test_a_clock_that_can_not_be_set_so_stays(words: tuple[str, ...], shell: Shell) -> None:
    before = the_time(shell)

    shell("sandbox", "clock", *words).refused(1)

    assert before <= the_time(shell) < before + timedelta(minutes=10)


def the_time(shell: Shell) -> datetime:
    return datetime.fromisoformat(shell("sandbox", "clock", "--advance", "0").out.strip())


@pytest.mark.parametrize(
    ("status", "code"), [(401, 1), (403, 1), (404, 1), (409, 1), (422, 1), (429, 3)]
)
def test_a_refusal_of_the_server_has_the_code_that_fits(
    status: int, code: int, shell: Shell
) -> None:
    problem = {"code": "some.code", "detail": "a sentence", "title": "A title"}
    with answering({"/v1/users": problem}, status) as listen:
        said = shell.with_settings(LISTEN=listen)("users", "list", "--json").refused(code)

    assert said == "some.code: a sentence"


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("body", ["<html>", {"code": 1}, [], None])
def test_a_server_that_is_broken_is_to_be_tried_again(
    status: int, body: object, shell: Shell
) -> None:
    with answering({"/v1/users": body}, status) as listen:
        said = shell.with_settings(LISTEN=listen)("users", "list").refused(3)

    assert said == f"the server answered {status}"


def test_something_else_that_answers_there_is_told(shell: Shell) -> None:
    with answering({"/v1/users": "<html>hello</html>"}) as listen:
        said = shell.with_settings(LISTEN=listen)("users", "list").refused(3)

    assert said == f"what answers at http://{listen} is no hero_onboarding_server; check LISTEN"


def test_work_that_is_left_exits_3_and_says_how_much(shell: Shell) -> None:
    left = {"failures": 2}
    with answering({"/admin/push-usage-now": left, "/admin/aggregate-now": left}) as listen:
        there = shell.with_settings(LISTEN=listen)
        for done in (there.admin("push-usage", "--once"), there("aggregate", "--once")):
            assert (done.code, done.out) == (3, "2 failures\n")


def test_books_that_do_not_balance_exit_1(shell: Shell) -> None:
    check = {"name": "held equals open holds", "ok": False, "left": {"ada": 1}, "right": {}}
    with answering({"/v1/books": {"balanced": False, "checks": [check]}}) as listen:
        there = shell.with_settings(LISTEN=listen)

        assert there("books", "check", "--json").json["balanced"] is False
        assert there("books", "check").code == there("books", "check", "--json").code == 1
        assert '{"ada": 1}' in there("books", "check").out
