from collections.abc import Iterator

import httpx
import pytest
import stripe

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.sandbox.stripe.bench import SECRET, VISA, Receiver, Submit, receive, sdk


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxStripe]:
    with SandboxStripe() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: SandboxStripe) -> SandboxStripe:
    running_sandbox.clear()
    return running_sandbox


@pytest.fixture(scope="session")
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False) as browser:
        yield browser


@pytest.fixture
def submit(browser: httpx.Client) -> Submit:
    """Type a card into a page."""

    def submit(url: str | None, number: str = VISA, **more: str) -> httpx.Response:
        form = {"method": "card", "number": number, "email": "a@example.com", **more}
        return browser.post(str(url), data=form)

    return submit


@pytest.fixture
def client(sandbox: SandboxStripe) -> Iterator[stripe.StripeClient]:
    with sdk(sandbox) as client:
        yield client


@pytest.fixture
def receiver(sandbox: SandboxStripe) -> Iterator[Receiver]:
    with receive() as receiver:
        sandbox.add_endpoint(receiver.url, secret=SECRET)
        yield receiver
