"""Tell endpoints of events: signed, tried again, and wrong in every way that is asked for."""

from collections.abc import Sequence
from typing import Final

import msgspec

from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox import carrier
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.stripe.signing import SignatureSwitch, faulty_header

RETRY_SECONDS: Final = (3600, 3 * 3600)


class Secret(msgspec.Struct, frozen=True):
    """One secret of an endpoint; a rolled one ends at some instant, in Unix seconds."""

    text: str
    ends_at: int | None = None


class Delivery(carrier.Delivery, frozen=True, kw_only=True):
    """One attempt to tell one endpoint of one event.

    Attributes:
        is_tampered: Whether the body is changed after it was signed.
    """

    signature: SignatureSwitch = "right"
    is_tampered: bool = False


class Postman(carrier.Carrier[Delivery]):
    """A carrier that signs what it delivers with the secrets in force at that moment."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__(clock, self._sign, RETRY_SECONDS)
        self._secrets: dict[str, tuple[Secret, ...]] = {}

    def set_secrets(self, endpoint: str, secrets: Sequence[Secret]) -> None:
        """Say with what an endpoint's deliveries are signed."""
        with self._changed:
            self._secrets[endpoint] = tuple(secrets)

    def secrets_of(self, endpoint: str) -> tuple[Secret, ...]:
        """List the secrets of an endpoint that are in force, the newest first."""
        now = self._clock.now().timestamp()
        with self._changed:
            held = self._secrets.get(endpoint, ())
        return tuple(one for one in held if one.ends_at is None or now < one.ends_at)

    @override
    def clear(self) -> None:
        """Forget every delivery and secret; nobody hears of the one that is under way."""
        with self._changed:
            super().clear()
            self._secrets.clear()

    def _sign(self, delivery: Delivery) -> carrier.Letter:
        moment = int(self._clock.now().timestamp())
        secrets = [one.text for one in self.secrets_of(delivery.endpoint)]
        header = faulty_header(delivery.signature, secrets, moment, delivery.body)
        body = delivery.body + b" " if delivery.is_tampered else delivery.body
        signed = {} if header is None else {"Stripe-Signature": header}
        return body, {"User-Agent": "Stripe/1.0", **signed}
