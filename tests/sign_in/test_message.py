"""A code by message: to the address's own key alone, once, five tries, five minutes."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from hero_onboarding.identity import Address, PublicKey
from hero_onboarding.incidents import list_incidents
from hero_onboarding.jobs import claim_due
from hero_onboarding.jobs import complete as complete_job
from hero_onboarding.sandbox.mycelium import SandboxMycelium
from hero_onboarding.sign_in import SEND_MESSAGE, Messenger, Postman
from hero_onboarding.sign_in.tables import message_codes
from tests.api.served import Api, problem, served
from tests.conftest import NewUrl
from tests.sign_in.holder import Holder, secret_of
from tests.sign_in.test_attempt import begin, complete, state
from tests.sign_in.test_key import REFUSED

PATIENCE_SECONDS = 20
CODE = re.compile(r"Sign-in code: (\S+) ")


@pytest.fixture
def network() -> Iterator[SandboxMycelium]:
    with SandboxMycelium() as running:
        running.overlay.route_seconds = 0
        yield running


@pytest.fixture
def api(
    engine: str, new_database_url: NewUrl, tmp_path: Path, network: SandboxMycelium
) -> Iterator[Api]:
    settings = {"RATE_LIMITS": "off", "MYCELIUM_API": network.url}
    with served(new_database_url(engine), tmp_path / "data", **settings) as found:
        yield found


@pytest.fixture
def ada(network: SandboxMycelium, browser: Holder) -> Holder:
    """Somebody whose node is in the network; what they use is its messages, not their key."""
    found = Holder(browser.client, secret_of("hero test vector 1"))
    network.overlay.add_node(found.public_key)
    return found


def ask(browser: Holder, attempt: str, address: str) -> httpx.Response:
    return browser.client.post("/auth/message", json={"attempt": attempt, "address": address})


def answer(browser: Holder, attempt: str, code: str) -> httpx.Response:
    return browser.client.post("/auth/message/verify", json={"attempt": attempt, "code": code})


def letters(api: Api, network: SandboxMycelium, expected: int = 0) -> list[str]:
    """Run what is due until so many letters arrived: what failed waits some seconds, really."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        api.post("/admin/run-jobs-now")
        found = [one.payload.decode() for one in network.overlay.delivered() if one.payload]
        if len(found) >= expected or time.monotonic() > ends:
            return found
        time.sleep(0.1)


def code_shown(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def code_in(letter: str) -> str:
    found = CODE.search(letter)
    assert found is not None, letter
    return found[1]


def test_a_code_that_came_by_message_signs_in_and_limits(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)

    asked = ask(browser, waiting["attempt"], ada.address)
    (letter,) = letters(api, network, 1)
    taken = answer(browser, waiting["attempt"], code_in(letter).lower())
    complete(browser, waiting["attempt"])

    assert (asked.status_code, asked.json()) == (202, {"status": "asked"})
    assert (taken.status_code, taken.json()) == (200, {"status": "approved"})
    me = browser.client.get("/v1/me").json()
    assert (me["address"], me["is_limited"]) == (ada.address, True)
    for line in (
        "http://localhost:9920\n",
        code_shown(waiting["user_code"]),
        "nowhere else",
        "testclient",
    ):
        assert line in letter
    assert len(letter.encode()) < 1024


def test_asking_is_answered_the_same_whatever_there_is(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)
    addresses = (ada.address, "400::1")
    answers = [ask(browser, waiting["attempt"], one) for one in addresses]
    answers.append(ask(browser, "no-such-attempt", ada.address))
    browser.client.cookies.clear()
    answers.append(ask(browser, waiting["attempt"], ada.address))

    assert {(one.status_code, one.content) for one in answers} == {(202, answers[0].content)}
    assert letters(api, network) == []


def test_another_key_in_the_same_slash_64_gets_nothing(
    api: Api, network: SandboxMycelium, browser: Holder
) -> None:
    victim = Holder(browser.client, secret_of("victim"))
    thief = Holder(browser.client, secret_of("thief"))
    network.overlay.add_node(thief.public_key, at=IPv6Address(victim.address))
    waiting = begin(browser)
    ask(browser, waiting["attempt"], victim.address)

    assert letters(api, network) == []
    with api.services.database.reading() as tx:
        (incident,) = list_incidents(tx, None).items
    assert incident.kind == "message_refused"
    assert incident.evidence["address"] == victim.address
    assert incident.evidence["key_address"] == thief.address


def test_a_node_that_is_found_late_gets_its_code(
    api: Api, network: SandboxMycelium, browser: Holder
) -> None:
    late = Holder(browser.client, secret_of("late"))
    waiting = begin(browser)
    ask(browser, waiting["attempt"], late.address)
    assert letters(api, network) == []

    network.overlay.add_node(late.public_key)

    assert len(letters(api, network, 1)) == 1


def test_a_daemon_that_was_down_sends_it_later(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    network.overlay.is_down = True
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    assert letters(api, network) == []

    network.overlay.is_down = False

    assert len(letters(api, network, 1)) == 1


def test_a_code_has_five_tries(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    (letter,) = letters(api, network, 1)
    wrong = [answer(browser, waiting["attempt"], "AAAA-AAAA") for _ in range(5)]

    late = answer(browser, waiting["attempt"], code_in(letter))

    assert {problem(one) for one in (*wrong, late)} == {REFUSED}
    assert state(browser, waiting["attempt"]) == "waiting"


def test_a_code_works_once_and_in_its_browser_alone(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    other = Holder(TestClient(api.app, base_url="http://127.0.0.1"), secret_of("no key"))
    begin(other)
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    code = code_in(letters(api, network, 1)[0])

    assert problem(answer(other, waiting["attempt"], code)) == REFUSED
    assert answer(browser, waiting["attempt"], code).status_code == 200
    assert problem(answer(browser, waiting["attempt"], code)) == REFUSED


def test_a_code_is_over_after_five_minutes(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    code = code_in(letters(api, network, 1)[0])
    api.post("/sandbox/clock", {"advance_seconds": 300})

    assert problem(answer(browser, waiting["attempt"], code)) == REFUSED


def test_a_second_code_voids_the_first(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    first = code_in(letters(api, network, 1)[0])
    ask(browser, waiting["attempt"], ada.address)
    second = code_in(letters(api, network, 2)[0])

    assert first != second
    assert problem(answer(browser, waiting["attempt"], first)) == REFUSED
    assert answer(browser, waiting["attempt"], second).status_code == 200


@dataclass(frozen=True)
class Interrupted:
    """A messenger in the middle of whose work something else happens."""

    messenger: Messenger
    meanwhile: Callable[[], object]

    def find_key(self, address: Address) -> PublicKey | None:
        return self.messenger.find_key(address)

    def call(self, address: Address) -> None:
        self.messenger.call(address)

    def send(self, key: PublicKey, text: str) -> None:
        self.meanwhile()
        self.messenger.send(key, text)


def test_a_code_asked_for_while_another_is_being_sent_is_sent_too(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    services = api.services
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    with services.database.transaction() as tx:
        (job,) = claim_due(tx, services.clock.now(), kinds=[SEND_MESSAGE], limit=2)
    assert services.messenger is not None
    messenger = Interrupted(
        services.messenger, lambda: ask(browser, waiting["attempt"], ada.address)
    )
    postman = Postman(
        services.database, services.clock, messenger, services.box, services.public_origin
    )

    postman.deliver(job.payload["attempt"], job.payload["letter"])
    with services.database.transaction() as tx:
        complete_job(tx, job)
    newest, first = (code_in(letter) for letter in letters(api, network, 2))

    assert problem(answer(browser, waiting["attempt"], first)) == REFUSED
    assert answer(browser, waiting["attempt"], newest).status_code == 200


def test_asking_twice_before_anything_is_sent_sends_the_newer_code_alone(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)
    for _ in range(2):
        ask(browser, waiting["attempt"], ada.address)

    (letter,) = letters(api, network, 1)

    assert answer(browser, waiting["attempt"], code_in(letter)).status_code == 200


def test_the_database_holds_no_code_once_it_is_sent(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    waiting = begin(browser)
    ask(browser, waiting["attempt"], ada.address)
    code = code_in(letters(api, network, 1)[0]).replace("-", "")
    with api.services.database.reading() as tx:
        (row,) = tx.execute(select(message_codes)).all()

    assert bytes(row.sealed_letter) == b""
    assert all(code not in str(value) for value in row)


def test_a_message_links_no_address(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    signed_in = Holder(browser.client, secret_of("somebody"))
    signed_in.sign_in()
    waiting = begin(browser, purpose="link")
    ask(browser, waiting["attempt"], ada.address)

    assert letters(api, network) == []


def test_the_pages_lead_through_it_without_script(
    api: Api, network: SandboxMycelium, ada: Holder, browser: Holder
) -> None:
    headers = {"Accept": "text/html", "Host": "localhost:9920", "Sec-Fetch-Site": "same-origin"}

    def send(path: str, **form: str) -> httpx.Response:
        return browser.client.post(path, data=form, headers=headers, follow_redirects=False)

    page = browser.client.get("/sign-in", headers=headers)
    wrong = send("/sign-in/message", address="not an address")
    sent = send("/sign-in/message", address=f" {ada.address} ")
    waiting = browser.client.get(sent.headers["Location"], headers=headers)
    path = sent.headers["Location"].partition("?")[0]
    refused = send(f"{path}/code", code="AAAA-AAAA")
    again = browser.client.get(refused.headers["Location"], headers=headers)
    (letter,) = letters(api, network, 1)
    taken = send(f"{path}/code", code=code_in(letter))
    approved = browser.client.get(taken.headers["Location"], headers=headers)

    assert "Get a code by message" in page.text
    assert wrong.status_code == 422
    assert "This is no mycelium address." in wrong.text
    assert "Type the code from your message" in waiting.text
    assert "This is not the code" in again.text
    assert ada.address in approved.text
