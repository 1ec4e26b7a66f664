"""Somebody who holds a mycelium key and talks to a site as the helper and browsers do."""

import base64
import hashlib
import ipaddress
from dataclasses import dataclass, field
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from hero_onboarding.helper.address import address_of
from hero_onboarding.helper.curve import BASE_POINT, x25519
from hero_onboarding.helper.proof import Challenge, proof_of


def secret_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


@dataclass(frozen=True)
class Holder:
    """A key, and a client whose cookies are the holder's own."""

    client: TestClient[Litestar]
    secret: bytes = field(default_factory=lambda: secret_of("hero test vector 1"), repr=False)

    @property
    def public_key(self) -> bytes:
        return x25519(self.secret, BASE_POINT)

    @property
    def address(self) -> str:
        return str(ipaddress.IPv6Address(address_of(self.public_key)))

    @property
    def claim(self) -> dict[str, str]:
        return {"address": self.address, "public_key": self.public_key.hex()}

    def ask(self, **more: str) -> httpx.Response:
        return self.client.post("/auth/challenge", json={**self.claim, **more})

    def prove(self, challenge: dict[str, Any], code: str | None = None, **changes: Any) -> str:  # noqa: ANN401 - any field
        """Make the proof that a challenge asks for, with fields changed where a test cares."""
        binding = bytes.fromhex(challenge.get("binding", ""))
        if code is not None:
            binding = hashlib.sha256(code.replace("-", "").encode()).digest()
        fields: dict[str, Any] = {
            "purpose": challenge["purpose"],
            "origin": challenge["origin"],
            "challenge_id": challenge["challenge_id"],
            "address": address_of(self.public_key),
            "public_key": self.public_key,
            "server_public_key": bytes.fromhex(challenge["server_public_key"]),
            "nonce": bytes.fromhex(challenge["nonce"]),
            "issued_at": challenge["issued_at"],
            "expires_at": challenge["expires_at"],
        }
        binding = changes.pop("binding", binding)
        transcript = Challenge(**{**fields, **changes}).packed(binding)
        agreed = x25519(self.secret, bytes.fromhex(challenge["server_public_key"]))
        return base64.urlsafe_b64encode(proof_of(transcript, agreed)).rstrip(b"=").decode()

    def verify(self, challenge: dict[str, Any], proof: str, **more: str) -> httpx.Response:
        body = {"challenge_id": challenge["challenge_id"], "proof": proof, **more}
        return self.client.post("/auth/verify", json=body)

    def sign_in(self, **more: str) -> httpx.Response:
        challenge = self.ask().json()
        return self.verify(challenge, self.prove(challenge), **more)

    def approve(self, attempt: str, code: str) -> httpx.Response:
        challenge = self.ask(attempt=attempt).json()
        return self.verify(challenge, self.prove(challenge, code))
