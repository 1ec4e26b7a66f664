"""A service that signs its users in, and the browser of one of them; nothing here is a library."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from tests.api.served import Api

ORIGIN = "http://hero.localhost:9920"
CALLBACK = "https://notes.example/callback"
PAGE = {"Accept": "text/html,*/*;q=0.8"}
FROM_HERE = {**PAGE, "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Party:
    """A registered service."""

    api: Api
    id: str
    secret: str | None
    callback: str = CALLBACK
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def query(self, **changes: str | None) -> str:
        """The query of a request that is right, changed where a test cares; None takes one out."""
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.callback,
            "scope": "openid",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return urlencode({name: value for name, value in fields.items() if value is not None})

    def form(self, code: str, **changes: str | None) -> dict[str, str]:
        fields: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": self.verifier,
            "client_id": self.id,
            "client_secret": self.secret,
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def exchange(self, code: str, **changes: str | None) -> httpx.Response:
        return self.api.client.post(f"{ORIGIN}/oauth/token", data=self.form(code, **changes))

    def by_basic(self, code: str, secret: str | None = None) -> httpx.Response:
        form = self.form(code, client_id=None, client_secret=None)
        auth = (self.id, secret or self.secret or "")
        return self.api.client.post(f"{ORIGIN}/oauth/token", data=form, auth=auth)

    def tell(self, access_token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.api.client.get(f"{ORIGIN}/oauth/userinfo", headers=headers)

    def anew(self) -> "Party":
        """The same service with another verifier."""
        return replace(self, verifier=secrets.token_urlsafe(40))


def register(api: Api, name: str = "Hero Notes", uri: str = CALLBACK, **more: Any) -> Party:  # noqa: ANN401 - any field
    body = {"name": name, "redirect_uris": [uri], **more}
    made = api.post("/admin/openid/clients", body)
    assert made.status_code == 201, made.text
    return Party(api, made.json()["id"], made.json()["secret"], uri)


@dataclass(frozen=True)
class Window:
    """A browser's way through the pages, by what they hold."""

    client: TestClient[Litestar]

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers=PAGE, follow_redirects=False)

    def ask(self, party: Party, **changes: str | None) -> httpx.Response:
        return self.get(f"/oauth/authorize?{party.query(**changes)}")

    def decide(self, page: httpx.Response, decision: str = "continue") -> httpx.Response:
        form = {"request": sealed_in(page), "decision": decision}
        return self.submit("/oauth/authorize", form)

    def submit(self, path: str, form: dict[str, str]) -> httpx.Response:
        return self.client.post(path, data=form, headers=FROM_HERE, follow_redirects=False)

    def allow(self, party: Party, **changes: str | None) -> dict[str, str]:
        """Go the whole way and return what the service's address is called with."""
        page = self.ask(party, **changes)
        if page.status_code == 303:
            return answer_in(page)
        assert page.status_code == 200, page.text
        return answer_in(self.decide(page))

    def code(self, party: Party, **changes: str | None) -> str:
        return self.allow(party, **changes)["code"]


def sealed_in(page: httpx.Response) -> str:
    found = re.search(r'name="request" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


def location_of(answer: httpx.Response) -> str:
    """Where a redirect or a page sends the browser on to."""
    if answer.status_code == 303:
        return str(answer.headers["Location"])
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
    assert found is not None, (answer.status_code, answer.text)
    return html.unescape(found[1])


def answer_in(answer: httpx.Response) -> dict[str, str]:
    """The parameters that a service is called with, each once."""
    pairs = parse_qsl(urlsplit(location_of(answer)).query, keep_blank_values=True)
    assert all(
        len(values) == 1 for values in parse_qs(urlsplit(location_of(answer)).query).values()
    )
    return dict(pairs)


def error_of(answer: httpx.Response) -> str:
    return answer_in(answer)["error"]
