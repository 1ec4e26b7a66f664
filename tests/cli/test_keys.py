"""API keys from the command line: in the sandbox by the secret, in production by keys alone."""

import json
import socket
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from hero_onboarding.api_keys import Scope
from tests.support.programs import SERVER, Program, environment_of, serving
from tests.support.shell import Done, Shell

PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://hero.example", "SCHEDULER": "off"}
SECRET_FILES = ("admin_secret", "operator_key")
ADJUST = ("wallet", "adjust", "ada", "1", "--reason", "gift", "--key", "k1")
WRITES = {
    ("users", "create", "--sid", "ada"): "users:write",
    ADJUST: "wallets:write",
    ("rights", "give"): "rights:write",
    ("rights", "take", "1"): "rights:write",
    ("aggregate", "--once"): "aggregate:run",
    ("quarantine", "retry"): "quarantine:retry",
}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A real server in production mode."""
    folder = tmp_path_factory.mktemp("production") / "data"
    with serving(environment_of(folder, **PRODUCTION)) as program:
        yield program


@pytest.fixture
def there(production: Program) -> Shell:
    return Shell(production.environment)


def folder_of(shell: Shell) -> Path:
    return Path(shell.environment["HERO_ONBOARDING_DATA_DIR"])


def create(shell: Shell, *scopes: str, **more: str) -> str:
    """Make a key and return its text."""
    words = [word for scope in scopes for word in ("--scope", scope)]
    words += [word for name, value in more.items() for word in (f"--{name}", value)]
    done = shell("keys", "create", "--label", "a test", *words)
    assert done.code == 0, done
    return done.out.strip()


def test_a_key_goes_to_standard_output_once_and_advice_to_standard_error(shell: Shell) -> None:
    done = shell("keys", "create", "--label", "a [b] script", "--scope", "read")

    text = done.out.removesuffix("\n")
    assert (done.code, len(text)) == (0, 64)
    key_id = text.split("_")[1]
    assert done.errors == (
        f"key {key_id}: keep it now, it is never shown again; send it as"
        " Authorization: Bearer, or set HERO_ONBOARDING_API_KEY for commands\n"
    )
    listed, rows = shell("keys", "list"), shell("keys", "list", "--json")
    (line,) = [line for line in listed.out.splitlines() if key_id in line]
    assert "a [b] script" in line
    assert rows.json[0]["id"] == key_id
    for done in (listed, rows):
        assert text.rpartition("_")[2] not in done.out + done.errors


def test_a_key_is_made_as_json_with_all_that_is_asked_for(shell: Shell) -> None:
    words = ["--label", "x", "--scope", "usage:record", "--scope", "usage:push"]

    made = shell("keys", "create", *words, "--node", "node-z", "--expires-days", "3", "--json")

    assert made.code == 0
    assert (made.json["scopes"], made.json["node_id"]) == (["usage:record", "usage:push"], "node-z")
    assert made.json["expires_at"] > made.json["created_at"]
    assert made.json["key"].startswith(f"hok_{made.json['id']}_")


def test_a_key_is_revoked_and_again(shell: Shell) -> None:
    key_id = create(shell, "read").split("_")[1]

    first, again = shell("keys", "revoke", key_id), shell("keys", "revoke", key_id, "--json")

    assert (first.code, again.code) == (0, 0)
    assert first.out == f"key {key_id} revoked at {again.json['revoked_at']}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("create", "--label", "x", "--scope", "everything"),
        ("create", "--label", "", "--scope", "read"),
        ("create", "--label", "x", "--scope", "usage:record"),
        ("create", "--label", "x", "--scope", "read", "--node", "node-a"),
        ("create", "--label", "x", "--scope", "account:read", "--user", "nobody-here"),
        ("create", "--label", "x", "--scope", "read", "--expires-days", "0"),
        ("create", "--label", "x", "--scope", "read", "--expires-days", "9" * 40),
        ("revoke", "0" * 16),
        ("revoke", "x"),
        ("revoke", "../x"),
        ("revoke", ""),
        ("revoke", "\u00e9"),
        ("list", "--cursor", "x"),
    ],
)
def test_what_is_refused_exits_1_and_changes_nothing(words: tuple[str, ...], shell: Shell) -> None:
    before = shell("keys", "list", "--json").json

    shell("keys", *words).refused(1)

    assert shell("keys", "list", "--json").json == before


def test_a_refused_scope_is_told_all_there_are(shell: Shell) -> None:
    said = shell("keys", "create", "--label", "x", "--scope", "all").refused(1)

    assert said.startswith("api_keys.wrong: 'all' is no scope; there are usage:record, ")
    assert all(scope in said for scope in Scope)


@pytest.mark.parametrize("words", WRITES, ids=" ".join)
def test_in_production_a_write_without_a_key_says_exactly_what_to_do(
    words: tuple[str, ...], there: Shell
) -> None:
    said = there(*words).refused(1)

    scope = WRITES[words]
    assert said == (
        "request.key_needed: in production mode the admin secret does not open this; make an API"
        f" key with: hero_onboarding keys create --label LABEL --scope {scope}, and send it as"
        " Authorization: Bearer, or to commands as HERO_ONBOARDING_API_KEY"
    )


def test_in_production_every_write_works_with_a_key_of_its_scope(there: Shell) -> None:
    scopes = sorted(set(WRITES.values()))
    writer = there.with_settings(API_KEY=create(there, *scopes))

    done = {words: writer(*words) for words in WRITES if words[:2] != ("rights", "take")}
    number = there("rights", "list", "--json").json[0]["number"]

    assert {one.code for one in done.values()} == {0}, done
    assert writer("rights", "take", str(number)).code == 0
    assert there.wallet("ada")["balance"] == 1_000_000


def test_in_production_a_key_of_another_scope_is_told_which_one_is_missing(there: Shell) -> None:
    other = there.with_settings(API_KEY=create(there, "jobs:run"))

    said = other("users", "create", "--sid", "eve").refused(1)

    assert said == "request.scope_needed: this key has not the scope users:write; make one that has"
    assert other("users", "list").code == 0, "reading goes by the secret beside it"
    assert other.admin("push-usage", "--once").code == 0


def test_a_key_can_lie_in_a_file(there: Shell, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(create(there, "users:write") + "\n")

    made = there.with_settings(API_KEY_FILE=str(path))("users", "create", "--json")

    assert made.code == 0


def elsewhere(there: Shell, production: Program, folder: Path, **changes: str) -> Shell:
    """The same server, asked from a machine that has none of its files."""
    listen = production.origins[SERVER].removeprefix("http://")
    return there.with_settings(DATA_DIR=str(folder), LISTEN=listen, **changes)


def test_a_key_alone_is_enough_without_the_servers_files(
    there: Shell, production: Program, tmp_path: Path
) -> None:
    text = create(there, "read", "users:write", "keys:write")
    away = elsewhere(there, production, tmp_path / "none", API_KEY=text)

    assert away("users", "list").code == 0
    assert away("users", "create").code == 0
    made = away("keys", "create", "--label", "x", "--scope", "read", "--json")
    assert made.json["created_by"] == f"key:{text.split('_')[1]}"
    assert not (tmp_path / "none").exists()


def test_without_an_operator_key_it_is_said_where_one_is(
    there: Shell, production: Program, tmp_path: Path
) -> None:
    away = elsewhere(there, production, tmp_path / "none", ADMIN_SECRET="a-secret-of-the-tests")

    for words in (("create", "--label", "x", "--scope", "read"), ("list",), ("revoke", "x")):
        said = away("keys", *words).refused(3)
        assert said == (
            f"no operator key that this user can read at {tmp_path}/none/operator_key; run this as"
            " the server's user after its first start, or set HERO_ONBOARDING_API_KEY to a key with"
            " the scope keys:write"
        )


def test_the_operator_key_counts_before_the_one_that_is_set(there: Shell) -> None:
    other = there.with_settings(API_KEY=create(there, "jobs:run"))

    assert other("keys", "create", "--label", "x", "--scope", "read").code == 0


def raw(origin: str, *headers: bytes) -> bytes:
    """Ask with header lines as they are, and return the beginning of the answer."""
    host, _, port = origin.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        lines = [b"GET /v1/users HTTP/1.1", b"Host: localhost", b"Connection: close", *headers]
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        answer = connection.makefile("rb").read()
    return bytes(answer.partition(b"\r\n")[0])


def use_and_revoke(shell: Shell, origin: str) -> list[str]:
    """Make keys, use them well and badly, revoke them; return all texts that are secret."""
    texts = [create(shell, "read"), create(shell, "usage:record", node="node-a")]
    for text in texts:
        headers = {"Authorization": f"Bearer {text}"}
        httpx.get(f"{origin}/v1/users", headers=headers)
        httpx.post(f"{origin}/record_usage", headers=headers, content=b"{" * 99)
        httpx.post(f"{origin}/record_usage", headers=headers, content=b"\xff" * 99)
        httpx.post(f"{origin}/v1/users?key={text}", headers=headers, content=b"[" * 2000)
        httpx.get(f"{origin}/{text}", headers=headers)
        assert b" 401 " in raw(origin, b"Authorization: Bearer " + text.encode() + b"\xff")
        assert shell("keys", "revoke", text.split("_")[1]).code == 0
        assert httpx.get(f"{origin}/v1/users", headers=headers).status_code == 401
    return texts


def fail(folder: Path, origin: str, text: str) -> None:
    """Make the server fail in the midst of looking a key up, and of reading a request with it."""
    garbled = b"Authorization: Bearer " + text.encode() + b"\0"
    assert raw(origin, garbled) == b"HTTP/1.1 400 Bad Request"
    with closing(sqlite3.connect(folder / "hero_onboarding.sqlite")) as connection:
        connection.execute("UPDATE api_keys SET created_at = 'no time'")
        connection.commit()
    headers = {"Authorization": f"Bearer {text}"}
    assert httpx.get(f"{origin}/v1/users", headers=headers).status_code == 500


SECRET_CHARACTERS = 43  # 256 bits in base64url, which may have underscores of its own


@pytest.mark.parametrize("mode", ["sandbox", "production"])
def test_no_log_of_a_server_has_a_key(mode: str, tmp_path: Path) -> None:
    changes = PRODUCTION if mode == "production" else {}
    environment = environment_of(tmp_path / "data", **changes)
    with serving(environment) as program:
        shell, origin = Shell(environment), program.origins[SERVER]
        texts = use_and_revoke(shell, origin)
        texts.append(create(shell, "read"))
        fail(folder_of(shell), origin, texts[-1])
        secrets = [(folder_of(shell) / name).read_text().strip() for name in SECRET_FILES]
        assert program.stop() == 0
        assert program.process.stdout is not None
        log = program.process.stdout.read().decode() + (tmp_path / "data.log").read_text()

    assert "Invalid HTTP request received" in log
    assert "fault at GET /v1/users" in log
    assert "Traceback" in log
    for text in [*texts, *secrets]:
        assert text[-SECRET_CHARACTERS:] not in log
        assert text not in log


HEADERS = [
    [b"Authorization: "],
    [b"Authorization: Bearer \xff\xfe\x80"],
    [b"Authorization: \xc3\xa9 " + b"x" * 50_000],
    [b"Authorization: Bearer " + b"x" * 50_000],
    [b"Authorization: Bearer x", b"Authorization: Bearer y"],
    [b"Authorization: Basic eDp5"],
    [b"authorization: BEARER hok_" + b"0" * 16 + b"_" + b"A" * 43],
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda lines: repr(lines)[:40])
def test_a_hostile_header_is_refused_by_a_real_server(
    headers: list[bytes], production: Program
) -> None:
    assert raw(production.origins[SERVER], *headers) == b"HTTP/1.1 401 Unauthorized"
    assert production.health()["status"] == "ok"


def test_a_node_makes_the_keys_of_its_own_database(tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "data", ROLE="node", MODE="production", SCHEDULER="off")
    with serving(environment, listeners=1) as program:
        text = create(Shell(environment), "usage:record", node="node-a")
        record = {
            "node_id": "node-a",
            "user_sid": "ada",
            "amount_cents": 5,
            "resource_kind": "cpu",
            "idempotency_key": uuid.uuid4().hex,
            "occurred_at": "2026-03-01 10:15:00",
        }
        answer = httpx.post(
            f"{program.origins[SERVER]}/v1/usage/batch",
            headers={"Authorization": f"Bearer {text}"},
            content=json.dumps([record]),
        )

    assert answer.json()["created"] == 1


def test_a_key_that_a_shell_shows_is_never_printed_by_a_failure(shell: Shell) -> None:
    text = create(shell, "read")
    done: Done = shell.with_settings(API_KEY=text, LISTEN="127.0.0.1:1")("users", "list")

    assert text not in done.refused(3)
