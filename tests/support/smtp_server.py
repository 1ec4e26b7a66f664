"""Mail servers on this machine: a real one that takes mail, and one that says what it is told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "localhost"


@dataclass
class Taken:
    """What a server took, and what it is told to answer: per command, or to a recipient."""

    port: int
    contents: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    is_secure: list[bool] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[EmailMessage]:
        """The mails as a mail program reads them."""
        return [_read(content) for content in self.contents]

    @property
    def texts(self) -> list[str]:
        return [message.get_content() for message in self.messages]


def _read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@dataclass(frozen=True)
class _Handler:
    taken: Taken

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.taken.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.taken.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        answer = self.taken.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.contents.append(envelope.content)
            self.taken.envelopes.append((envelope.mail_from or "", tuple(envelope.rcpt_tos)))
            assert server.transport is not None
            is_secure = server.transport.get_extra_info("ssl_object") is not None
            self.taken.is_secure.append(is_secure)
            self.taken.arrived.set()
        return answer


@contextmanager
def smtp_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    logins: Mapping[str, str] | None = None,
) -> Iterator[Taken]:
    """Run a server for the time of the block."""
    taken = Taken(free_port())

    def authenticate(*arguments: object) -> AuthResult:
        data = arguments[-1]
        assert isinstance(data, LoginPassword)
        user = data.login.decode()
        taken.logins.append(user)
        is_known = (logins or {}).get(user) == data.password.decode()
        return AuthResult(success=is_known, handled=False)

    controller = Controller(
        _Handler(taken),
        hostname=HOST,
        port=taken.port,
        ssl_context=tls,
        tls_context=starttls,
        authenticator=authenticate if logins else None,
        auth_require_tls=starttls is not None,
    )
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()


Talk = Callable[[socket.socket], None]
"""What a server says on a connection; when it returns, the connection is cut."""


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """Run a server that says what it is told; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        talk(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(30)


def script(answers: Mapping[str, str], *, greeting: str = "220 hello") -> Talk:
    """Answer commands by their first word with whole lines; an empty answer cuts the connection."""

    def talk(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(f"{greeting}\r\n".encode())
        for line in lines:
            word = line[:4].decode("latin-1").strip().upper()
            answer = answers.get(word, "" if word in {"QUIT", ""} else "250 OK")
            if not answer:
                return
            connection.sendall(f"{answer}\r\n".encode())

    return talk


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
