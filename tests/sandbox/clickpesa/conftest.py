from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import Message

import httpx
import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.sandbox.clickpesa.bench import Letter, Receiver, Shop
from tests.sandbox.receiving import listening

Listen = Callable[[], Receiver]


@pytest.fixture(scope="session")
def running_clickpesa() -> Iterator[SandboxClickPesa]:
    with SandboxClickPesa() as running:
        yield running


@pytest.fixture(scope="session")
def clickpesa_http() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, timeout=10) as client:
        yield client


@pytest.fixture
def sandbox(running_clickpesa: SandboxClickPesa) -> SandboxClickPesa:
    running_clickpesa.clear()
    return running_clickpesa


@pytest.fixture
def shop(sandbox: SandboxClickPesa, clickpesa_http: httpx.Client) -> Shop:
    shop = Shop(sandbox, clickpesa_http)
    shop.sign_in()
    sandbox.log.reset()
    return shop


@pytest.fixture
def listen(sandbox: SandboxClickPesa) -> Iterator[Listen]:
    """Open a receiver that nobody knows yet."""
    with ExitStack() as stack:

        def listen() -> Receiver:
            receiver = Receiver(sandbox)

            def keep(headers: Message, body: bytes) -> int:
                receiver.letters.append(Letter(dict(headers.items()), body))
                return receiver.statuses.pop(0) if receiver.statuses else 200

            receiver.url = f"{stack.enter_context(listening(keep))}/webhooks/clickpesa"
            return receiver

        yield listen


@pytest.fixture
def receiver(sandbox: SandboxClickPesa, listen: Listen) -> Receiver:
    receiver = listen()
    sandbox.act("endpoints", url=receiver.url)
    return receiver
