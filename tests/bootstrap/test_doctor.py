"""The doctor: a finding with its remedy for each thing that is wrong, and nothing is changed."""

import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from hero_onboarding.bootstrap.doctor import Finding, examine
from hero_onboarding.bootstrap.program import opened
from hero_onboarding.bootstrap.settings import read_settings
from hero_onboarding.forge import Commit, FileChange
from hero_onboarding.migrations import newest_revision
from hero_onboarding.wallet import open_user
from tests.support.answering import answering
from tests.support.programs import ADMIN, SERVER, Program, environment_of, serving
from tests.support.shell import Shell

State = dict[str, tuple[int, bytes]]


@dataclass(frozen=True)
class Patient:
    """An installation in a folder of its own."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def environment(self, **changes: str) -> dict[str, str]:
        values = {
            "DATA_DIR": str(self.data),
            "LISTEN": "127.0.0.1:0",
            "ADMIN_LISTEN": "127.0.0.1:0",
            "SOCKET_DIR": "off",
            **changes,
        }
        return {f"HERO_ONBOARDING_{name}": value for name, value in values.items()}

    def state(self) -> State:
        """Everything that lies in the folder, with modes and content."""
        return {
            str(path.relative_to(self.folder)): (
                path.lstat().st_mode,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in self.folder.rglob("*")
        }

    def examine(self, **changes: str) -> list[Finding]:
        """Examine, and prove that nothing was changed by it."""
        before = self.state()
        found = examine(self.environment(**changes))
        assert self.state() == before
        assert all(finding.sentence.strip() for finding in found)
        return found

    def finding(self, subject: str, **changes: str) -> tuple[str, str]:
        (found,) = [one for one in self.examine(**changes) if one.subject == subject]
        return found.level, found.sentence

    def run(self, *statements: str) -> None:
        """Change the database behind the product's back."""
        with opened(read_settings(self.environment())) as parts:
            for statement in statements:
                with parts.services.database.transaction() as tx:
                    tx.execute(text(statement))


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """Nothing is there yet."""
    return Patient(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One real server process of another folder."""
    folder = tmp_path_factory.mktemp("running") / "data"
    with serving(environment_of(folder, SCHEDULER="off")) as program:
        yield program


@pytest.fixture
def well(patient: Patient) -> Patient:
    """A server was started here once, and has pushed."""
    with opened(read_settings(patient.environment())) as parts:
        commit = Commit("usage", "a", "a@localhost", datetime(2026, 3, 1, tzinfo=UTC))
        parts.services.pusher.forge.push_files([FileChange("nodes/a", b"x", None)], commit)
    return patient


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(patient: Patient) -> None:
    found = patient.examine()

    assert {one.level for one in found} == {"ok", "warning"}
    assert {one.subject for one in found if one.level == "warning"} <= {
        "SQLite",
        "hero_onboarding_server",
        "hero_onboarding_admin",
    }
    assert not patient.data.exists()


def test_a_folder_that_is_empty_stays_empty(patient: Patient) -> None:
    patient.data.mkdir(mode=0o700)

    assert "wrong" not in {one.level for one in patient.examine()}
    assert list(patient.data.iterdir()) == []


def test_an_installation_that_is_well_is_told_so(well: Patient) -> None:
    found = {one.subject: one.sentence for one in well.examine() if one.level == "ok"}

    assert found["admin secret"] == "is set."
    assert found["database"] == f"is at {newest_revision()}, in sandbox mode."
    assert found["books"] == "balance."
    assert "answers; its head is" in found["forge"]


def test_programs_that_do_not_answer_are_a_warning_with_the_command_to_start(well: Patient) -> None:
    level, sentence = well.finding("hero_onboarding_server")

    assert level == "warning"
    assert sentence.endswith("run: hero_onboarding --start")


def test_wrong_settings_are_all_found_before_anything_is_looked_at(patient: Patient) -> None:
    found = patient.examine(MODE="prod", ROLE="both")

    assert [(one.level, one.subject) for one in found] == [
        ("wrong", "HERO_ONBOARDING_MODE"),
        ("wrong", "HERO_ONBOARDING_ROLE"),
    ]
    assert not patient.data.exists()


def test_a_folder_that_can_not_be_written_is_found(patient: Patient) -> None:
    (patient.folder / "file").write_text("")

    for below in ("", "/data"):
        level, sentence = patient.finding(
            "data folder", DATA_DIR=f"{patient.folder}/file{below}", FORGE_READ="rest"
        )
        assert level == "wrong"
        assert sentence.endswith("give this user the folder, or set HERO_ONBOARDING_DATA_DIR.")


@pytest.mark.parametrize("folder", ["/proc/nope", "/proc/self", "/sys/kernel/hero/data"])
def test_a_folder_that_only_seems_writable_is_found(folder: str, patient: Patient) -> None:
    level, sentence = patient.finding("data folder", DATA_DIR=folder)

    assert level == "wrong"
    assert sentence.startswith(f"{folder} can't be written (")


def test_a_folder_that_others_can_read_is_found(well: Patient) -> None:
    well.data.chmod(0o750)

    level, sentence = well.finding("data folder")

    assert (level, sentence.split("run: ")[1]) == ("warning", f"chmod 700 {well.data}")


def test_a_secret_that_others_can_read_is_found(well: Patient) -> None:
    (well.data / "admin_secret").chmod(0o640)

    level, sentence = well.finding("admin secret")

    assert (level, sentence.split("run: ")[1]) == ("wrong", f"chmod 600 {well.data}/admin_secret")
    configured = well.finding("admin secret", ADMIN_SECRET="a-secret-of-the-tests")
    assert configured == ("ok", "is set.")


def test_an_operator_key_that_others_can_read_is_found(well: Patient) -> None:
    assert "operator key" not in {one.subject for one in well.examine()}
    (well.data / "operator_key").chmod(0o644)

    level, sentence = well.finding("operator key")

    assert (level, sentence.split("run: ")[1]) == ("wrong", f"chmod 600 {well.data}/operator_key")


def test_a_secret_that_the_running_server_refuses_is_found(running: Program) -> None:
    changes = {"HERO_ONBOARDING_ADMIN_SECRET": "another-secret-of-the-tests"}

    found = {one.subject: one for one in examine(running.environment | changes)}

    secret = found["admin secret"]
    assert secret.level == "wrong"
    assert secret.sentence.startswith(f"the server at {running.origins[SERVER]} has another one.")
    assert found[SERVER].level == "ok"
    right = {one.subject: one.level for one in examine(running.environment)}
    assert right["admin secret"] == "ok"


def test_before_the_first_start_a_server_of_another_folder_is_found(
    patient: Patient, running: Program
) -> None:
    listen = running.origins[SERVER].removeprefix("http://")

    level, sentence = patient.finding("admin secret", LISTEN=listen)

    assert level == "wrong"
    assert "if not, stop it or set another LISTEN." in sentence


@pytest.mark.parametrize("setting", ["LISTEN", "ADMIN_LISTEN"])
def test_another_program_at_an_address_is_found(setting: str, patient: Patient) -> None:
    program = SERVER if setting == "LISTEN" else ADMIN
    with answering({"/health": "<html>hello</html>"}) as listen:
        level, sentence = patient.finding(program, **{setting: listen})

    assert level == "wrong"
    assert sentence == (
        f"another program answers at http://{listen}; stop it, or set another {setting}."
    )


def test_a_secret_that_can_not_be_read_counts_as_none_yet(well: Patient) -> None:
    (well.data / "admin_secret").write_bytes(b"\xff")

    level, sentence = well.finding("admin secret")

    assert level == "ok"
    assert "the first start makes it" in sentence


def test_a_database_of_the_other_mode_is_found(well: Patient) -> None:
    level, sentence = well.finding(
        "database", MODE="production", PUBLIC_URL="https://onboarding.example"
    )

    assert level == "wrong"
    assert sentence == "was made in sandbox mode; use another database for production mode."


def test_an_old_schema_is_found(well: Patient) -> None:
    well.run("UPDATE alembic_version SET version_num = 'older'")

    assert well.finding("database") == (
        "wrong",
        f"is at older, not {newest_revision()}; start the server once.",
    )


EMPTY = ("ok", "is empty; the first start makes what it needs.")


def test_an_empty_database_waits_for_the_first_start(
    patient: Patient, engine: str, postgresql_url: str
) -> None:
    patient.data.mkdir(mode=0o700)
    (patient.data / "hero_onboarding.sqlite").write_bytes(b"")
    changes = {"DATABASE_URL": postgresql_url} if engine == "postgresql" else {}

    assert patient.finding("database", **changes) == EMPTY


def test_a_database_whose_folder_is_missing_is_found(patient: Patient) -> None:
    level, sentence = patient.finding(
        "database", DATABASE_URL=f"sqlite:///{patient.folder}/none/hero.sqlite"
    )

    assert level == "wrong"
    assert sentence.startswith(f"its folder {patient.folder}/none is missing; make it")


def test_a_database_of_something_else_is_found(patient: Patient) -> None:
    patient.data.mkdir(mode=0o700)
    with closing(sqlite3.connect(patient.data / "hero_onboarding.sqlite")) as connection:
        connection.execute("CREATE TABLE recipes (name)")

    level, sentence = patient.finding("database")

    assert level == "wrong"
    assert sentence == "holds tables of something else (recipes); name another DATABASE_URL."


def test_a_database_that_is_none_is_found(well: Patient) -> None:
    (well.data / "hero_onboarding.sqlite").write_bytes(b"no database at all" * 500)

    level, sentence = well.finding("database")

    assert level == "wrong"
    assert sentence.endswith("restore a copy, or name another DATABASE_URL.")


def test_a_database_that_can_not_be_reached_is_found_without_its_password(patient: Patient) -> None:
    url = "postgresql://hero:hidden-word@127.0.0.1:1/hero"
    level, sentence = patient.finding("database", DATABASE_URL=url)

    assert level == "wrong"
    assert sentence.endswith("check HERO_ONBOARDING_DATABASE_URL and that it runs.")
    assert "hidden-word" not in sentence


def test_books_that_do_not_balance_are_found_with_their_equation(well: Patient) -> None:
    with opened(read_settings(well.environment())) as parts:
        services = parts.services
        with services.database.transaction() as tx:
            open_user(tx, sid="ada", name="", now=services.clock.now())
    well.run("UPDATE wallets SET net = 5")

    level, sentence = well.finding("books")

    assert level == "wrong"
    assert "wallets equal the fold of facts" in sentence
    assert sentence.endswith("See docs/operations.md, Books.")
    assert all(one.subject != "books" for one in well.examine(ROLE="node"))


def test_too_many_nodes_for_one_repository_are_found(well: Patient) -> None:
    columns = "INSERT INTO repository_files (repository, node_id, hour, path, blob_id)"
    well.run(*(f"{columns} VALUES ('a/b', 'n{n}', 1, 'n{n}', '')" for n in range(50)))

    level, sentence = well.finding("billing repository")

    assert level == "warning"
    assert "50 nodes and 50 files" in sentence
    assert sentence.endswith("Spread the nodes over several repositories (FORGE_REPOS).")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "git+http://127.0.0.1:1/billing.git"])
def test_a_forge_that_can_not_be_reached_is_found(url: str, well: Patient) -> None:
    level, sentence = well.finding("forge", FORGE_URL=url)

    assert level == "wrong"
    assert sentence.startswith(f"{url} can't be used (")
    assert sentence.endswith("check HERO_ONBOARDING_FORGE_URL, FORGE_REPO and FORGE_TOKEN.")


def test_looking_at_a_git_remote_leaves_no_clone(patient: Patient) -> None:
    remote = patient.folder / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)

    level, _ = patient.finding("forge", FORGE_URL=f"git+file://{remote}")

    assert level == "ok"
    assert not patient.data.exists()


@pytest.mark.parametrize(
    ("url", "level", "remedy"),
    [
        ("", "wrong", "install git."),
        ("git+file:///srv/b.git", "wrong", "install git."),
        ("http://127.0.0.1:1", "warning", "which is slower."),
    ],
)
def test_a_missing_git_is_found(url: str, level: str, remedy: str, patient: Patient) -> None:
    done = Shell({**patient.environment(FORGE_URL=url), "PATH": ""})("doctor", "--json")

    (found,) = [one for one in done.json if one["subject"] == "git"]
    assert found["level"] == level
    assert found["sentence"].endswith(remedy)
    assert done.code == 1
    assert not patient.data.exists()


def test_the_modes_of_a_new_installation_need_no_mending(well: Patient) -> None:
    assert stat.S_IMODE(well.data.stat().st_mode) == 0o700
    assert well.finding("data folder")[0] == well.finding("admin secret")[0] == "ok"


def test_a_production_node_needs_a_forge_that_the_centre_reads(patient: Patient) -> None:
    node = patient.finding("forge", MODE="production", ROLE="node")
    centre = patient.finding("forge", MODE="production", PUBLIC_URL="https://hero.example.org")

    assert node[0] == "wrong"
    assert "set HERO_ONBOARDING_FORGE_URL to the centre's forge" in node[1]
    assert centre[0] == "ok"


def test_the_socket_for_machines_is_looked_at(patient: Patient) -> None:
    path = patient.folder / "s" / "hero_onboarding" / "rpc.sock"
    there = {"SOCKET_DIR": str(patient.folder / "s")}

    assert patient.finding("rpc socket", SOCKET_DIR="off") == (
        "ok",
        "is off by HERO_ONBOARDING_SOCKET_DIR.",
    )
    if len(str(path)) <= 107:
        assert patient.finding("rpc socket", **there)[0] == "ok"
        path.parent.mkdir(parents=True)
        path.write_text("mine")
        level, sentence = patient.finding("rpc socket", **there)
        assert (level, "move it away" in sentence) == ("warning", True)
