"""Somebody who uses passkeys in a browser of their own."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.passkeys.authenticator import Authenticator
from tests.sign_in.holder import Holder

ORIGIN = "http://hero.localhost:9920"


@dataclass(frozen=True)
class Person:
    """A browser, and the key that its owner may have."""

    holder: Holder

    def ask(self, purpose: str) -> httpx.Response:
        return self.holder.client.post("/auth/passkeys/ask", json={"purpose": purpose})

    def keep(self, credential: dict[str, Any], label: str = "phone") -> httpx.Response:
        body = {"label": label, "credential": credential}
        return self.holder.client.post("/auth/passkeys/enrol", json=body)

    def use(self, purpose: str, credential: dict[str, Any]) -> httpx.Response:
        body = {"purpose": purpose, "credential": credential}
        return self.holder.client.post("/auth/passkeys/use", json=body)

    def enrol(self, device: Authenticator) -> httpx.Response:
        return self.keep(device.make(self.ask("enrol").json()))

    def sign_in(self, device: Authenticator, purpose: str = "sign_in") -> httpx.Response:
        return self.use(purpose, device.sign(self.ask(purpose).json()))

    def me(self) -> dict[str, Any]:
        found: dict[str, Any] = self.holder.client.get("/v1/me").json()
        return found
