"""The socket at its place: whose it is, its modes, and what is never taken or removed."""

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.rpc_socket import (
    SocketNotOursError,
    bound_socket,
    is_answered,
    say_what_is_there,
)

NAME = "hero_onboarding/rpc.sock"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def path(sockets: Path) -> Path:
    return sockets / "var" / NAME


@contextmanager
def somebody(path: Path, answer: bytes = b"") -> Iterator[None]:
    """Somebody else who listens at a path, and says the same to all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.recv(4096)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def leave_stale(path: Path) -> None:
    """What a process leaves that is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))


def test_it_is_made_with_its_folders_for_this_user_alone_and_goes_again(path: Path) -> None:
    before = os.umask(0)
    try:
        with bound_socket(path):
            assert stat.S_ISSOCK(path.lstat().st_mode)
            assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
    finally:
        os.umask(before)

    assert list(path.parent.iterdir()) == []


def test_a_folder_that_is_open_to_others_is_closed(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o777)

    with bound_socket(path):
        assert mode_of(path.parent) == 0o700


def test_what_a_killed_process_left_is_replaced(path: Path) -> None:
    for _ in range(2):
        leave_stale(path)
        with bound_socket(path), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
        assert not path.exists()


def test_a_socket_that_is_answered_is_never_taken(path: Path) -> None:
    with somebody(path):
        before = path.lstat()
        with pytest.raises(SocketNotOursError, match="another process"), bound_socket(path):
            pass
        assert os.path.samestat(path.lstat(), before)


def test_of_two_servers_the_first_keeps_it(path: Path) -> None:
    with bound_socket(path):
        before = path.lstat()
        with pytest.raises(SocketNotOursError, match="another server"), bound_socket(path):
            pass
        assert os.path.samestat(path.lstat(), before)
    with bound_socket(path):
        pass


def put_file(path: Path) -> None:
    path.write_text("mine")


def put_link(path: Path) -> None:
    leave_stale(path.parent / "other.sock")
    path.symlink_to(path.parent / "other.sock")


@pytest.mark.parametrize("put", [put_file, put_link, Path.mkdir, os.mkfifo])
def test_what_is_no_socket_is_never_removed(put: Callable[[Path], None], path: Path) -> None:
    path.parent.mkdir(parents=True)
    put(path)
    before = path.lstat()

    with pytest.raises(SocketNotOursError, match="is no socket"), bound_socket(path):
        pass

    assert path.lstat() == before
    assert say_what_is_there(path)[0] is False


def test_what_came_in_its_place_meanwhile_is_not_removed(path: Path) -> None:
    with bound_socket(path):
        path.unlink()
        put_file(path)

    assert path.read_text() == "mine"


def test_who_removes_it_meanwhile_harms_nothing(path: Path) -> None:
    with bound_socket(path):
        path.unlink()

    assert not path.exists()


def test_a_file_where_a_folder_should_be_is_said(path: Path) -> None:
    path.parent.parent.mkdir()
    put_file(path.parent)

    with pytest.raises(OSError, match="File exists"), bound_socket(path):
        pass
    assert path.parent.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_used(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.chown(path.parent, 1, 1)

    with pytest.raises(SocketNotOursError, match="another user"), bound_socket(path):
        pass


def test_what_is_there_is_said_with_a_remedy(path: Path) -> None:
    assert say_what_is_there(path) == (
        True,
        f"there is none at {path}; a server makes it when it starts.",
    )
    leave_stale(path)
    assert say_what_is_there(path)[0] is True
    path.unlink()
    for answer in (b"", b"HTTP/1.1 200 OK\r\n\r\n{}", b"\xff" * 5000, b"HTTP/1.1 200 OK\r\n\r\n["):
        with somebody(path, answer):
            assert not is_answered(path)
            is_well, sentence = say_what_is_there(path)
            assert (is_well, "stop it" in sentence) == (False, True)
        path.unlink()
