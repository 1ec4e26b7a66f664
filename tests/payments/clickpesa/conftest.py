"""The stand-in for ClickPesa and the product's client of it."""

from collections.abc import Iterator

import pytest

from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.payments.clickpesa.peer import ClickPesaPeer


@pytest.fixture(scope="session")
def standing_clickpesa() -> Iterator[SandboxClickPesa]:
    with SandboxClickPesa() as running:
        yield running


@pytest.fixture
def peer(standing_clickpesa: SandboxClickPesa) -> ClickPesaPeer:
    """A new account at the stand-in, whose payer has a phone."""
    standing_clickpesa.clear()
    return ClickPesaPeer(standing_clickpesa)


@pytest.fixture
def pages(standing_clickpesa: SandboxClickPesa) -> ClickPesaPeer:
    """A new account at the stand-in, whose payer goes to a page."""
    standing_clickpesa.clear()
    return ClickPesaPeer(standing_clickpesa, "checkout")
