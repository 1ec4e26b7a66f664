"""The operator key: in the data folder, for its owner, always one that the database knows."""

import stat
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hero_onboarding.api_keys import ApiKey, Scope, authenticate_key, list_keys, revoke_key
from hero_onboarding.bootstrap.operator_key import (
    find_operator_key,
    make_operator_key,
    operator_key_path,
)
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.database import Database, open_database
from tests.api_keys.asked import made
from tests.bootstrap.reading import read
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock

MAKER = """
import sys
from hero_onboarding.bootstrap.operator_key import find_operator_key, make_operator_key
from hero_onboarding.bootstrap.settings import read_settings
from hero_onboarding.database import open_database
from hero_onboarding.kernel.clock import SystemClock

settings = read_settings({"HERO_ONBOARDING_DATA_DIR": sys.argv[1]})
database = open_database(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
make_operator_key(settings, database, SystemClock())
print(find_operator_key(settings))
database.close()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read(DATA_DIR=str(tmp_path / "data"))


def make(settings: Settings, database: Database, clock: FakeClock) -> str:
    make_operator_key(settings, database, clock)
    found = find_operator_key(settings)
    assert found is not None
    return found


def known(database: Database, text: str, clock: FakeClock) -> ApiKey | None:
    with database.reading() as tx:
        return authenticate_key(tx, text, clock.now())


def count(database: Database) -> int:
    with database.reading() as tx:
        return len(list_keys(tx, None).items)


def test_a_key_is_made_once_for_its_owner_only(
    settings: Settings, database: Database, clock: FakeClock
) -> None:
    assert find_operator_key(settings) is None

    text = make(settings, database, clock)

    key = known(database, text, clock)
    assert key is not None
    assert (key.scopes, key.node_id, key.user_sid) == ((Scope.KEYS_WRITE,), None, None)
    assert (key.created_by, key.expires_at) == ("server", None)
    path = operator_key_path(settings)
    assert path.read_text() == f"{text}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    before = path.stat()
    assert make(settings, database, clock) == text
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert count(database) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"\xff\xfe", b"hok_x", b"two\nlines", f"hok_{'0' * 16}_{'A' * 43}\n".encode()],
)
def test_a_file_with_no_key_that_the_database_knows_gets_a_new_one(
    content: bytes, settings: Settings, database: Database, clock: FakeClock
) -> None:
    settings.data_dir.mkdir()
    path = operator_key_path(settings)
    path.write_bytes(content)
    path.chmod(0o644)

    text = make(settings, database, clock)

    assert known(database, text, clock) is not None
    assert path.read_text() == f"{text}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_was_revoked_is_replaced_at_the_next_start(
    settings: Settings, database: Database, clock: FakeClock
) -> None:
    first = make(settings, database, clock)
    with database.transaction() as tx:
        revoke_key(tx, first.split("_")[1], clock.now())

    second = make(settings, database, clock)

    assert second != first
    assert known(database, second, clock) is not None
    assert known(database, first, clock) is None


def test_a_key_that_is_over_or_makes_no_keys_is_replaced(
    settings: Settings, database: Database, clock: FakeClock
) -> None:
    settings.data_dir.mkdir()
    long_ago = clock.now() - timedelta(days=9)
    over = made(database, Scope.KEYS_WRITE, now=long_ago, expires_days=1)[1]
    for useless in (over, made(database, Scope.READ)[1]):
        operator_key_path(settings).write_text(useless)

        key = known(database, make(settings, database, clock), clock)

        assert key is not None
        assert key.scopes == (Scope.KEYS_WRITE,)


def test_a_key_that_somebody_put_there_is_kept(
    settings: Settings, database: Database, clock: FakeClock
) -> None:
    settings.data_dir.mkdir()
    text = made(database, Scope.KEYS_WRITE, Scope.READ)[1]
    operator_key_path(settings).write_text(f"  {text}\n")

    assert make(settings, database, clock) == text
    assert operator_key_path(settings).read_text() == f"  {text}\n"
    assert count(database) == 1


def test_another_database_gets_a_key_of_its_own(
    settings: Settings,
    database: Database,
    engine: str,
    new_database_url: NewUrl,
    clock: FakeClock,
) -> None:
    first = make(settings, database, clock)

    with closing(open_database(new_database_url(engine))) as other:
        second = make(settings, other, clock)

        assert second != first
        assert known(other, second, clock) is not None
        assert known(other, first, clock) is None


def test_processes_that_make_it_at_once_make_one(
    settings: Settings, engine: str, new_database_url: NewUrl, clock: FakeClock
) -> None:
    url = new_database_url(engine)
    command = [sys.executable, "-c", MAKER, str(settings.data_dir), url]
    makers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "ready\n"

    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.flush()
    found = {maker.communicate(timeout=60)[0].strip() for maker in makers}

    assert found == {find_operator_key(settings)}
    with closing(open_database(url)) as database:
        assert count(database) == 1
        assert known(database, found.pop(), clock) is not None
