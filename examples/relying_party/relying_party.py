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
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from cryptojwt.exception import JWKESTException
from idpyoidc.client.exception import OidcServiceError
from idpyoidc.client.rp_handler import RPHandler
from idpyoidc.exception import OidcMsgError

SCOPES: Final = ("openid", "mycelium", "hero_sid")
SESSION: Final = "sample_session"
STATES: Final = "sample_states"
NO_FILES: Final = {"key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}]}
"""Keys that this service never shows to anyone; left alone, the library writes some to files."""

STATES_MAX: Final = 5
"""How many windows of one browser may be on their way; the one that left first gives way."""

_REFUSED: Final = (
    OidcServiceError,  # the provider refused: an old code, or one that came twice
    OidcMsgError,  # a claim is not what it has to be
    JWKESTException,  # a signature is not
    OSError,  # the provider can't be reached
    LookupError,  # something is missing
    ValueError,  # what the library says about a nonce
)


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
        key_conf=NO_FILES,
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

    def finish(self, answer: dict[str, str], states: Sequence[str]) -> str | None:
        """Take what a browser brought back; return a session, None where nobody signed in.

        Without comparing the state with the browser's own, somebody could be led to sign in as
        another. Without comparing the issuer, which this provider puts in every answer, somebody
        else's provider could get the code (RFC 9207, 2.4).
        """
        if answer.get("state") not in states or answer.get("iss") != self.registration.issuer:
            return None
        if "code" not in answer:
            return None  # the user, or the provider, did not want to
        try:
            found = self.client.finalize(self.registration.issuer, answer)
        except _REFUSED:
            return None
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
            self._go(there, {STATES: ".".join([*self._states(), state][-STATES_MAX:])})
        elif url.path == "/callback":
            self._finish(dict(parse_qsl(url.query)))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "<p>There is nothing here.</p>", {})

    def log_message(self, *_: object) -> None:  # type: ignore[explicit-override]  # from 3.12 on
        """Log nothing: addresses here hold codes."""

    def _finish(self, answer: dict[str, str]) -> None:
        """Sign somebody in, or nobody; a state has one use, and those of other windows stay."""
        states = self._states()
        left = {STATES: ".".join(one for one in states if one != answer.get("state"))}
        session = self.service.finish(answer, states)
        if session is None:
            self._answer(HTTPStatus.FORBIDDEN, "<p>Nobody was signed in.</p>", left)
        else:
            self._go("/", {**left, SESSION: session})

    def _states(self) -> list[str]:
        """Return the states that this browser left with, the first first."""
        return list(filter(None, self._cookie(STATES).split(".")))

    def _show(self, person: dict[str, Any] | None) -> None:
        if person is None:
            self._answer(HTTPStatus.OK, '<p><a href="/sign-in">Sign in with Hero</a></p>', {})
            return
        rows = "".join(
            f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>"
            for name, value in sorted(person.items())
        )
        self._answer(HTTPStatus.OK, f"<p>You are signed in.</p><dl>{rows}</dl>", {})

    def _cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return "" if found is None else found.value

    def _go(self, where: str, cookies: dict[str, str]) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", where)
        self._set(cookies)
        self.end_headers()

    def _answer(self, status: HTTPStatus, body: str, cookies: dict[str, str]) -> None:
        title = "<!doctype html><html lang=en><meta charset=utf-8><title>Hero Notes</title>"
        page = f"{title}<h1>Hero Notes</h1>{body}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self._set(cookies)
        self.end_headers()
        self.wfile.write(page)

    def _set(self, cookies: dict[str, str]) -> None:
        """Give the browser cookies, and take back those without a value."""
        for name, value in cookies.items():
            over = "" if value else "; Max-Age=0"
            self.send_header("Set-Cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{over}")


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
