"""No secret, proof, code or cookie of a whole journey is ever in a log."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hero_onboarding.sandbox.mycelium import SandboxMycelium
from tests.api.served import Api, served
from tests.conftest import NewUrl
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_attempt import begin, complete
from tests.sign_in.test_link import a_link, csrf_of, open_link, press
from tests.sign_in.test_message import answer, ask, code_in, letters


@pytest.fixture
def network() -> Iterator[SandboxMycelium]:
    with SandboxMycelium() as running:
        running.overlay.route_seconds = 0
        yield running


@pytest.fixture
def api(
    engine: str, new_database_url: NewUrl, tmp_path: Path, network: SandboxMycelium
) -> Iterator[Api]:
    with served(
        new_database_url(engine), tmp_path / "data", RATE_LIMITS="off", MYCELIUM_API=network.url
    ) as found:
        yield found


def cookies_of(holder: Holder) -> list[str]:
    return [value for value in dict(holder.client.cookies).values() if value]


def test_a_whole_journey_leaves_no_secret_in_a_log(
    api: Api,
    network: SandboxMycelium,
    new_holder: NewHolder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: list[str] = []
    ada, browser, other = new_holder("ada"), new_holder("no key"), new_holder("no key either")

    challenge: dict[str, Any] = ada.ask().json()
    proof = ada.prove(challenge)
    secrets += [proof, *cookies_of(ada)]
    ada.verify(challenge, proof[:-1] + "A")
    ada.verify(challenge, proof)
    ada.sign_in()
    secrets += [ada.secret.hex(), *cookies_of(ada)]

    path = a_link(ada)
    token = csrf_of(open_link(browser, path))
    secrets += [path.rsplit("/", 1)[1], token, *cookies_of(browser)]
    press(browser, path, token)
    secrets += cookies_of(browser)

    waiting = begin(other)
    secrets += [waiting["user_code"], *cookies_of(other)]
    ada.approve(waiting["attempt"], "AAAA-AAAA")
    ada.approve(waiting["attempt"], waiting["user_code"])
    complete(other, waiting["attempt"])
    secrets += cookies_of(other)

    network.overlay.add_node(ada.public_key)
    again = begin(other)
    ask(other, again["attempt"], ada.address)
    (letter,) = letters(api, network, 1)
    secrets += [again["user_code"], code_in(letter), *cookies_of(other)]
    answer(other, again["attempt"], "AAAA-AAAA")
    answer(other, again["attempt"], code_in(letter))
    complete(other, again["attempt"])
    secrets += cookies_of(other)
    other.client.post("/auth/sign-out")

    # The test's own client logs the addresses that it asks for, as no server does.
    theirs = [record for record in caplog.records if record.name not in {"httpx", "httpcore"}]
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in theirs)
    assert len(logged) > 100, "everything was listened to"
    assert len(set(secrets)) > 12
    said = [one for one in secrets for form in (one, one.replace("-", "")) if form in logged]
    assert said == []
    ours = [record for record in caplog.records if record.name.startswith("hero_onboarding")]
    assert not [one for one in ours if re.search(r"cookie|proof", one.getMessage(), re.IGNORECASE)]
