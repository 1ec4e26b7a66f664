"""A sample service that signs its users in with hero_onboarding.

The protocol is idpyoidc's: it finds the provider's description, makes the request with PKCE, state
and nonce, exchanges the code, and checks the identity token. What is left to a service is here:
two routes, and a session of its own.

    python examples/relying_party/relying_party.py --issuer http://localhost:9920 \
        --client-id ID --client-secret SECRET
"""

import argparse
import html
import http.server
import secrets
import socketserver
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.client.exception import OidcServiceError
from idpyoidc.client.rp_handler import RPHandler

SCOPES: Final = ("openid", "mycelium", "hero_sid")
SESSION: Final = "sample_session"
STATE: Final = "sample_state"


@dataclass(frozen=True)
class Registration:
    """What ``hero_onboarding clients create`` said, and where this service runs."""

    issuer: str
    client_id: str
    client_secret: str
    origin: str

    @property
    def callback(self) -> str:
        """The redirect URI that was registered."""
        return f"{self.origin}/callback"


def make_client(registration: Registration) -> RPHandler:
    """Set the library up for one provider."""
    return RPHandler(
        base_url=registration.origin,
        client_configs={
            registration.issuer: {
                "issuer": registration.issuer,
                "client_type": "oidc",
                "client_id": registration.client_id,
                "client_secret": registration.client_secret,
                "redirect_uris": [registration.callback],
                "response_types_supported": ["code"],
                "scopes_supported": [*SCOPES],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "add_ons": {
                    "pkce": {
                        "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                        "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                    }
                },
            }
        },
    )


@dataclass
class Service:
    """The sample: who is signed in, by the value of a cookie."""

    registration: Registration
    client: RPHandler
    people: dict[str, dict[str, Any]] = field(default_factory=dict)

    def begin(self) -> tuple[str, str]:
        """Return where to send a browser, and the state that must come back with it."""
        url = str(self.client.begin(self.registration.issuer))
        return url, dict(parse_qsl(urlsplit(url).query))["state"]

    def finish(self, answer: dict[str, str], state: str) -> str | None:
        """Take what a browser brought back; return a session, None where nobody signed in.

        Without comparing the state with the browser's own, somebody could be led to sign in as
        another.
        """
        if not state or not secrets.compare_digest(answer.get("state", ""), state):
            return None
        try:
            found = self.client.finalize(self.registration.issuer, answer)
        except OidcServiceError:
            return None  # the provider refused: an old address, or a code that came twice
        if "userinfo" not in found:
            return None
        session = secrets.token_urlsafe(32)
        self.people[session] = found["userinfo"].to_dict()
        return session


class Handler(http.server.BaseHTTPRequestHandler):
    """Three pages: who is signed in, the way out to the provider, and the way back."""

    service: Service

    def do_GET(self) -> None:
        """Answer to a browser."""
        url = urlsplit(self.path)
        if url.path == "/":
            self._show(self.service.people.get(self._cookie(SESSION)))
        elif url.path == "/sign-in":
            there, state = self.service.begin()
            self._go(there, STATE, state)
        elif url.path == "/callback":
            answer = dict(parse_qsl(url.query))
            session = self.service.finish(answer, self._cookie(STATE))
            if session is None:
                self._answer(HTTPStatus.FORBIDDEN, "<p>Nobody was signed in.</p>")
            else:
                self._go("/", SESSION, session)
        else:
            self._answer(HTTPStatus.NOT_FOUND, "<p>There is nothing here.</p>")

    def log_message(self, *_: object) -> None:  # type: ignore[explicit-override]  # from 3.12 on
        """Log nothing: addresses here hold codes."""

    def _show(self, person: dict[str, Any] | None) -> None:
        if person is None:
            self._answer(HTTPStatus.OK, '<p><a href="/sign-in">Sign in with Hero</a></p>')
            return
        rows = "".join(
            f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>"
            for name, value in sorted(person.items())
        )
        self._answer(HTTPStatus.OK, f"<p>You are signed in.</p><dl>{rows}</dl>")

    def _cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return "" if found is None else found.value

    def _go(self, where: str, cookie: str, value: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", where)
        self.send_header("Set-Cookie", f"{cookie}={value}; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()

    def _answer(self, status: HTTPStatus, body: str) -> None:
        title = "<!doctype html><html lang=en><meta charset=utf-8><title>Hero Notes</title>"
        page = f"{title}<h1>Hero Notes</h1>{body}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(page)


def make_server(registration: Registration, port: int) -> socketserver.TCPServer:
    """Make the service's server on this machine's loopback."""
    service = Service(registration, make_client(registration))
    handler = type("BoundHandler", (Handler,), {"service": service})
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> None:
    """Serve the sample until it is interrupted."""
    parser = argparse.ArgumentParser(description="A service that signs its users in with Hero.")
    parser.add_argument("--issuer", required=True, help="the site's public URL")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--client-secret", required=True)
    parser.add_argument("--port", type=int, default=9930)
    given = parser.parse_args()
    origin = f"http://127.0.0.1:{given.port}"
    registration = Registration(given.issuer, given.client_id, given.client_secret, origin)
    with make_server(registration, given.port) as server:
        print(f"open {origin}")  # noqa: T201 - a program that people run by hand
        server.serve_forever()


if __name__ == "__main__":
    main()
