"""A server on loopback that answers exactly what a test scripts, byte for byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[str, socket.socket], None]


@dataclass
class ScriptedServer:
    """Calls a script with each request's head; the script writes to the socket as it likes."""

    script: Script
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._serve_all(connection)
        finally:
            self.ended.release()

    def _serve_all(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            buffered = b""
            while True:
                while b"\r\n\r\n" not in buffered:
                    part = connection.recv(65536)
                    if not part:
                        return
                    buffered += part
                head, _, buffered = buffered.partition(b"\r\n\r\n")
                length = _length_of(head)
                while len(buffered) < length:
                    buffered += connection.recv(65536)
                self.heads.append(head.decode())
                self.bodies.append(buffered[:length])
                buffered = buffered[length:]
                self.script(head.decode(), connection)


def _length_of(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def answer(body: bytes | str, status: str = "200 OK", *headers: str) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedServer]:
    """Serve for the time of the block."""
    server = ScriptedServer(script)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        for connection in server.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@contextmanager
def answering(*answers: bytes) -> Iterator[ScriptedServer]:
    """Serve answers in turn, the last one for ever."""
    left = list(answers)

    def script(_head: str, connection: socket.socket) -> None:
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    with scripted(script) as server:
        yield server
