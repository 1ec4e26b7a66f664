"""How often one network may ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hero_onboarding.http.limits import OF_NETWORK
from hero_onboarding.rates import Limit
from tests.api.served import Api, problem, served
from tests.conftest import NewUrl
from tests.openid.party import ORIGIN, Party, Window


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    with served(new_database_url(engine), tmp_path / "data", PUBLIC_URL=ORIGIN) as found:
        yield found


def test_a_network_may_ask_for_so_many_sign_ins(party: Party, window: Window) -> None:
    statuses = [window.ask(party).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    page = window.ask(party)
    assert int(page.headers["Retry-After"]) > 0


def test_a_network_may_ask_for_so_many_tokens(
    api: Api, party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert OF_NETWORK["tokens"].rate == "600/minute"
    monkeypatch.setitem(OF_NETWORK, "tokens", Limit("tokens", "5/minute"))
    answers = [party.exchange("no code") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert problem(answers[-1]) == (429, "request.too_many")
    assert int(answers[-1].headers["Retry-After"]) > 0
    revoking = api.client.post(f"{ORIGIN}/oauth/revoke", data={"token": "x"})
    assert revoking.status_code == 429
    assert party.tell("no token").status_code == 429
