"""A merchant's program that calls the stand-in, with a checksum of its own making."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa

Json = dict[str, Any]

PHONE = "255712345678"
REFERENCE = "TU7F3K9Q2M1X8ZB4CDHW"
PREVIEW = "/payments/preview-ussd-push-request"
INITIATE = "/payments/initiate-ussd-push-request"
SECONDS = 5


def push_body(**changes: object) -> dict[str, object]:
    return {
        "amount": "5000",
        "currency": "TZS",
        "orderReference": REFERENCE,
        "phoneNumber": PHONE,
        **changes,
    }


def checksum_of(members: Mapping[str, object], key: str) -> str:
    bare = {name: members[name] for name in members if name not in {"checksum", "checksumMethod"}}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


@dataclass
class Shop:
    """One that has a token, and sums what it posts."""

    sandbox: SandboxClickPesa
    http: httpx.Client
    authorization: str = ""

    def ask_token(self, **headers: str) -> httpx.Response:
        held = self.sandbox.credentials
        shown = {"client-id": held.client_id, "api-key": held.api_key}
        url = f"{self.sandbox.api_url}/generate-token"
        return self.http.post(url, headers={**shown, **headers})

    def sign_in(self) -> None:
        self.authorization = self.ask_token().json()["token"]

    def send(self, method: str, path: str, body: Mapping[str, object]) -> httpx.Response:
        """Send a body as it is."""
        headers = {"Authorization": self.authorization}
        url = f"{self.sandbox.api_url}{path}"
        content = json.dumps(body, ensure_ascii=False).encode()
        return self.http.request(method, url, content=content, headers=headers)

    def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        """Send a body with its checksum."""
        key = self.sandbox.credentials.checksum_key
        return self.send("POST", path, {**body, "checksum": checksum_of(body, key)})

    def get(self, path: str, **query: str | int) -> httpx.Response:
        headers = {"Authorization": self.authorization}
        return self.http.get(f"{self.sandbox.api_url}{path}", params=query, headers=headers)

    def push(self, **changes: object) -> Json:
        answer = self.post(INITIATE, push_body(**changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def payments(self, reference: str = REFERENCE) -> list[Json]:
        answer = self.get(f"/payments/{reference}")
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def statuses(self, reference: str = REFERENCE) -> list[str]:
        return [one["status"] for one in self.payments(reference)]

    def control(self, room: str, /, **order: object) -> httpx.Response:
        return self.http.post(f"{self.sandbox.url}/sandbox/clickpesa/{room}", json=order)

    def do(self, room: str, /, **order: object) -> Json:
        answer = self.control(room, **order)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@dataclass
class Letter:
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """Keeps what it is told; answers ``statuses`` in turn, then 200."""

    sandbox: SandboxClickPesa
    url: str = ""
    letters: list[Letter] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def heard(self) -> list[Letter]:
        """Wait until nothing is under way, and give everything."""
        assert self.sandbox.postman.wait_until_idle(SECONDS)
        return self.letters

    def events(self) -> list[str]:
        return [one.json.get("event", "") for one in self.heard()]

    def is_right(self, letter: Letter) -> bool:
        key = self.sandbox.credentials.checksum_key
        return bool(letter.json.get("checksum") == checksum_of(letter.json, key))
