"""Real server processes and their socket, asked by the command and over plain HTTP."""

import json
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.rpc_socket import UnixConnection, is_answered
from tests.conftest import NewUrl
from tests.support.programs import SERVER, Program, environment_of, serving
from tests.support.shell import Shell

pytestmark = pytest.mark.slow

NAME = "hero_onboarding/rpc.sock"


def log_of(program: Program) -> str:
    folder = Path(program.environment["HERO_ONBOARDING_DATA_DIR"])
    return folder.with_suffix(".log").read_text()


def environment(folder: Path, sockets: Path, **changes: str) -> dict[str, str]:
    """The environment of a server whose sockets lie where the whole ecosystem's do."""
    named = environment_of(folder, SCHEDULER="off", **changes) | {"HERO_SOCKET_DIR": str(sockets)}
    del named["HERO_ONBOARDING_SOCKET_DIR"]
    return named


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, session_sockets: Path
) -> Iterator[tuple[Program, Path]]:
    """A server for all tests here that do not stop it, and its socket."""
    folder, sockets = tmp_path_factory.mktemp("running") / "data", session_sockets / "shared"
    with serving(environment(folder, sockets)) as program:
        yield program, sockets / NAME


@pytest.fixture
def shell(running: tuple[Program, Path]) -> Shell:
    return Shell(running[0].environment)


def post(path: Path, *bodies: str) -> list[tuple[int, bytes]]:
    """Post over one connection."""
    connection = UnixConnection(path)
    found = []
    for body in bodies:
        connection.request("POST", "/rpc", body)
        response = connection.getresponse()
        found.append((response.status, response.read()))
    connection.close()
    return found


def test_a_server_answers_at_its_socket(running: tuple[Program, Path]) -> None:
    program, path = running

    assert is_answered(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert f"the socket for machines is {path}" in log_of(program)


def test_calls_share_a_connection_and_a_notification_has_no_body(
    running: tuple[Program, Path],
) -> None:
    note, call = '{"jsonrpc":"2.0","method":"rpc.discover"', '"id":1}'

    found = post(running[1], f"{note}}}", f"[{note}}},{note}}}]", f"{note},{call}", "[]", "{")

    assert [status for status, _ in found] == [204, 204, 200, 200, 200]
    assert [body for _, body in found[:2]] == [b"", b""]
    codes = [json.loads(body)["error"]["code"] for _, body in found[3:]]
    assert codes == [-32600, -32700]


def test_what_does_not_speak_http_harms_nothing(running: tuple[Program, Path]) -> None:
    for text in (b"", b"{}", b"\0" * 1000, b"POST /rpc HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(str(running[1]))
            raw.sendall(text)

    assert is_answered(running[1])


def test_the_command_calls_methods(shell: Shell) -> None:
    made = shell("rpc", "users.create", "sid=ada", "name=Ada L=1").json
    moved = shell("rpc", "users.adjust", '["ada", 5000, "a gift", "k=1"]').json
    again = shell(
        *("rpc", "users.adjust", "sid=ada", "amount:=5000", "reason=a gift", "idempotency_key=k=1")
    ).json
    shown = shell("rpc", "wallet.show", '{"sid": "ada"}').json

    assert made["name"] == "Ada L=1"
    assert (moved["status"], again["status"]) == ("created", "duplicate")
    assert shown == shell.wallet("ada")
    assert shell("rpc", "books.show").json["balanced"] is True
    assert shell("rpc", "rpc.discover").json["openrpc"] == "1.3.2"


def test_the_command_takes_another_socket(
    shell: Shell, running: tuple[Program, Path], tmp_path: Path
) -> None:
    elsewhere = Shell({**shell.environment, "HERO_ONBOARDING_SOCKET_DIR": str(tmp_path)})

    assert "--start" in elsewhere("rpc", "users.list").refused(3)
    assert elsewhere("rpc", "users.list", "--socket", str(running[1])).code == 0
    off = Shell({**shell.environment, "HERO_ONBOARDING_SOCKET_DIR": "off"})
    assert "--socket" in off("rpc", "users.list").refused(2)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["wallet.show", "sid=nobody"], 1, "wallet.not_found: "),
        (["wallet.show"], 1, "request.malformed: wallet.show needs the parameter 'sid'"),
        (["nope"], 1, "request.not_found: there is no method 'nope'"),
        (["wallet.show", "ada"], 2, "'ada' is no parameter"),
        (["wallet.show", "sid=a", "sid=b"], 2, "'sid=b' is no parameter, or a second one"),
        (["wallet.show", "=a"], 2, "'=a' is no parameter"),
        (["users.adjust", "amount:=five"], 2, "'five' is no JSON"),
        (["wallet.show", "{"], 2, "'{' is no JSON"),
        (["wallet.show", "sid=\udcff"], 2, "an argument holds what is no text"),
    ],
)
def test_the_command_refuses_as_others_do(
    shell: Shell, words: list[str], code: int, sentence: str
) -> None:
    assert shell("rpc", *words).refused(code).startswith(sentence)


def test_the_command_says_when_the_secret_is_wrong(shell: Shell) -> None:
    wrong = shell.with_settings(ADMIN_SECRET="another-secret-of-the-tests")

    assert wrong("rpc", "users.list").refused(1).startswith("request.unauthenticated: ")


def test_doctor_and_infocheck_look_at_the_socket(
    shell: Shell, running: tuple[Program, Path]
) -> None:
    findings = {row["subject"]: row for row in shell("doctor", "--json").json}
    programs = {row["name"]: row["socket"] for row in shell("infocheck", "--json").json}

    assert findings["rpc socket"]["level"] == "ok"
    assert findings["rpc socket"]["sentence"] == f"a server answers at {running[1]}."
    assert programs == {SERVER: True, "hero_onboarding": None, "hero_onboarding_admin": None}
    assert "answers at its socket" in shell("infocheck").out


def test_no_secret_is_in_the_log_of_the_process(
    shell: Shell, running: tuple[Program, Path]
) -> None:
    secret = (Path(shell.environment["HERO_ONBOARDING_DATA_DIR"]) / "admin_secret").read_text()
    key = shell("rpc", "keys.create", "label=x", 'scopes:=["read"]').json["key"]
    shell.with_settings(API_KEY=key)("rpc", "users.list", f"cursor={key}")

    assert secret.strip() not in log_of(running[0])
    assert key not in log_of(running[0])


def test_a_clean_stop_removes_it_and_after_a_kill_the_next_start_has_it(
    tmp_path: Path, sockets: Path
) -> None:
    named = environment(tmp_path / "data", sockets, ROLE="node")
    path = sockets / NAME

    with serving(named, listeners=1) as program:
        assert is_answered(path)
        program.stop(signal.SIGKILL)
    assert stat.S_ISSOCK(path.lstat().st_mode), "nobody was there to remove it"
    with serving(named, listeners=1) as program:
        assert is_answered(path)
        (listed,) = post(path, '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}')
        names = {one["name"] for one in json.loads(listed[1])["result"]["methods"]}
        assert {"usage.record", "incidents.list"} <= names
        assert not names & {"users.create", "books.show", "admin.aggregate_now"}
        assert program.stop() == 0
    assert list(path.parent.iterdir()) == []


def test_of_two_servers_on_one_database_the_first_has_it(
    tmp_path: Path, sockets: Path, new_database_url: NewUrl
) -> None:
    changes = {"DATABASE_URL": new_database_url("postgresql"), "ROLE": "node"}
    path = sockets / NAME
    first, second = (
        environment(tmp_path / name, sockets, **changes) for name in ("first", "second")
    )

    with serving(first, listeners=1) as one, serving(second, listeners=1) as other:
        assert is_answered(path)
        assert other.health()["status"] == "ok"
        assert f"no socket for machines: {path} is served by another server" in log_of(other)
        assert other.stop() == 0
        assert is_answered(path), "what another has is not removed"
        assert one.stop() == 0
    assert not path.exists()
