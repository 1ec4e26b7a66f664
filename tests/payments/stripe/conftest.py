"""The stand-in for Stripe, the product's client of it, and a receiver of its notices."""

from collections.abc import Iterator

import pytest

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.payments.stripe.peer import StripePeer
from tests.sandbox.stripe.bench import SECRET, receive


@pytest.fixture
def peer() -> Iterator[StripePeer]:
    """A new account at the stand-in; each request to it is held to Stripe's description."""
    with receive() as receiver, SandboxStripe() as sandbox:
        sandbox.add_endpoint(receiver.url, secret=SECRET)
        peer = StripePeer(sandbox, receiver)
        yield peer
        assert peer.transport.problems == []
