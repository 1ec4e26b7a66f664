"""The service's socket for machines: made at the start, held while it is served, gone after.

The Hero convention places it at ``$HERO_SOCKET_DIR/<service>/rpc.sock``. Its folder is for this
user alone, and so is the socket: whoever can't read the user's files can't even ask.
"""

import contextlib
import errno
import fcntl
import http.client
import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hero_onboarding.bootstrap.health import HEALTH_PATH
from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.kernel.overriding import override
from hero_onboarding.kernel.server import SERVICE

_BACKLOG: Final = 128
_ASK_SECONDS: Final = 2.0
_ANSWER_BYTES_MAX: Final = 4096


class SocketNotOursError(RefusedError):
    """The socket can't be made, because of what is at its place or around it."""

    code = "service.no_socket"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}")


class UnixConnection(http.client.HTTPConnection):
    """Speaks HTTP to a socket of this machine."""

    def __init__(self, path: Path, timeout_seconds: float = _ASK_SECONDS) -> None:
        super().__init__("localhost")
        self._path = path
        self._timeout_seconds = timeout_seconds

    @override
    def connect(self) -> None:
        """Connect to the path."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self._timeout_seconds)
        self.sock.connect(str(self._path))


@contextmanager
def bound_socket(path: Path) -> Iterator[socket.socket]:
    """Listen at a path for the time of the block, then remove the socket.

    What a process left that was killed is replaced; one that somebody answers at never is, and
    nothing else that lies there is ever removed. Of several processes the first keeps it.

    Raises:
        SocketNotOursError: If another process has it, or something else is in its place.
        OSError: If the folder can't be made.
    """
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.geteuid():
        raise SocketNotOursError(path, "would lie in a folder of another user; name another")
    folder.chmod(0o700)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Of two that start at once, one would remove what the other has just made.
        _lock(held, path)
        _clear(path)
        with _listening(path) as bound:
            made = path.lstat()
            try:
                yield bound
            finally:
                _remove(path, made)
    finally:
        os.close(held)


def is_answered(path: Path) -> bool:
    """Whether our service answers at a socket."""
    connection = UnixConnection(path)
    try:
        connection.request("GET", HEALTH_PATH)
        told = json.loads(connection.getresponse().read(_ANSWER_BYTES_MAX))
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return isinstance(told, dict) and (told.get("service"), told.get("status")) == (SERVICE, "ok")


def say_what_is_there(path: Path) -> tuple[bool, str]:
    """Say what is at the place of the socket, and whether a server can do with it."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return True, f"there is none at {path}; a server makes it when it starts."
    except OSError as error:
        return False, f"{path} can't be looked at ({error.strerror}); give this user the folder."
    if not stat.S_ISSOCK(mode):
        return False, f"{path} is no socket; move it away, and start the server again."
    if is_answered(path):
        return True, f"a server answers at {path}."
    if _accepts(path):
        return False, f"something else answers at {path}; stop it, and start the server again."
    return True, f"{path} was left by a server that is gone; the next one makes it anew."


def _lock(folder: int, path: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SocketNotOursError(path, "is served by another server of this machine") from None


def _clear(path: Path) -> None:
    """Remove a socket that nobody answers at."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketNotOursError(path, "is no socket; move it away to have one there")
    if _accepts(path):
        raise SocketNotOursError(path, "is served by another process; stop it to have it")
    path.unlink()


def _accepts(path: Path) -> bool:
    """Whether anybody takes connections at a socket; who is too busy to, is somebody."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_ASK_SECONDS)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError as error:
            return error.errno != errno.ENOTSOCK
    return True


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as bound:
        os.fchmod(bound.fileno(), 0o600)  # the mode that the file is made with
        bound.bind(str(path))
        path.chmod(0o600)
        bound.listen(_BACKLOG)
        yield bound


def _remove(path: Path, made: os.stat_result) -> None:
    """Remove the socket that was made here, and no other that came in its place."""
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(path.lstat(), made):
            path.unlink()
