"""What doctor hears from payment providers about our keys, and what it says of it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.doctor import examine
from hero_onboarding.bootstrap.payment_access import Access, Answer, ask_providers, say_access
from hero_onboarding.payments.providers.stripe import StripeSettings, ask_mode
from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from hero_onboarding.sandbox.faults import Fault
from hero_onboarding.sandbox.stripe import SandboxStripe
from hero_onboarding.sandbox.stripe.switches import Fault as StripeFault
from tests.bootstrap.reading import read
from tests.payments.stripe.peer import HeldTransport
from tests.support.answering import answering
from tests.support.programs import environment_of
from tests.support.smtp_server import free_port

KEY, API_KEY = "sk_test_hiddenOne", "hidden-api-key"
PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://hero.example.org"}
Found = dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def cards() -> Iterator[SandboxStripe]:
    with SandboxStripe() as running:
        yield running


@pytest.fixture(scope="module")
def mobile() -> Iterator[SandboxClickPesa]:
    with SandboxClickPesa() as running:
        yield running


@pytest.fixture
def keys(cards: SandboxStripe, mobile: SandboxClickPesa) -> dict[str, str]:
    """The right keys of both stand-ins, at which nothing was asked yet."""
    cards.clear()
    mobile.clear()
    return {
        "STRIPE_SECRET_KEY": cards.secret_key,
        "STRIPE_API_BASE": cards.url,
        "CLICKPESA_CLIENT_ID": mobile.credentials.client_id,
        "CLICKPESA_API_KEY": mobile.credentials.api_key,
        "CLICKPESA_BASE_URL": mobile.api_url,
    }


def say(settings: dict[str, str], seconds: float = 5) -> Found:
    """Ask the providers that are set, and read what is said of each."""
    chosen = read(**settings)
    said = [say_access(answer, chosen) for answer in ask_providers(chosen, seconds)]
    for one in said:
        assert not [key for key in secrets(settings) if key in " ".join(one)]
    return {name: (level, sentence) for level, name, sentence in said}


def secrets(settings: dict[str, str]) -> list[str]:
    return [text for name, text in settings.items() if name.endswith(("_KEY", "_ID"))]


def test_right_keys_are_taken_and_asked_about_once(
    keys: dict[str, str], cards: SandboxStripe, mobile: SandboxClickPesa, tmp_path: Path
) -> None:
    found = examine(environment_of(tmp_path, **keys))

    said = {one.subject: (one.level, one.sentence) for one in found}
    assert said["Stripe"] == ("ok", f"{cards.url} takes the key.")
    assert said["ClickPesa"] == ("ok", f"{mobile.api_url} takes the key.")
    assert [(one.method, one.path) for one in cards.log.list_entries()] == [("GET", "/v1/balance")]
    asked = [
        (one.method, one.path.rpartition("/third-parties")[2]) for one in mobile.log.list_entries()
    ]
    assert asked == [("POST", "/generate-token"), ("GET", "/account/balance")]


def test_refused_keys_are_named_with_their_settings(
    keys: dict[str, str], cards: SandboxStripe, mobile: SandboxClickPesa
) -> None:
    found = say(
        {
            **keys,
            "STRIPE_SECRET_KEY": "sk_test_.hidden".replace(".", ""),
            "CLICKPESA_API_KEY": API_KEY,
        }
    )
    assert {level for level, _ in found.values()} == {"ok", "wrong"}

    cards.switches.add(StripeFault(kind="answer", path_prefix="/v1/balance", status=403))
    mobile.switches.change({"credentials": "expired"})
    found = say(keys)

    assert {level for level, _ in found.values()} == {"wrong"}
    assert "refuses the key" in found["Stripe"][1]
    assert "set HERO_ONBOARDING_STRIPE_SECRET_KEY to one" in found["Stripe"][1]
    assert "HERO_ONBOARDING_CLICKPESA_API_KEY" in found["ClickPesa"][1]
    assert "may have expired" in found["ClickPesa"][1]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_nobody_knows_is_refused(status: int) -> None:
    error = {"error": {"type": "invalid_request_error", "message": f"no such key: {KEY}"}}
    with answering({"/v1/balance": error}, status) as host:
        level, said = say({"STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": f"http://{host}"})["Stripe"]

    assert level == "wrong"
    assert said.startswith(f"http://{host} refuses the key")


def test_an_account_of_the_other_mode_is_wrong_in_both() -> None:
    with answering({"/v1/balance": {"object": "balance", "livemode": True}}) as host:
        found = say({"STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": f"http://{host}"})
    assert found["Stripe"][0] == "wrong"
    assert "answers the test key in live mode" in found["Stripe"][1]

    live = read(**PRODUCTION, STRIPE_SECRET_KEY="sk_live_hidden1")
    level, _, said = say_access(Answer("stripe", Access.OTHER_MODE), live)
    assert (level, "https://api.stripe.com answers the live key in test mode" in said) == (
        "wrong",
        True,
    )


@pytest.mark.parametrize("body", ["no JSON", [], 5, None, "null", {}, {"livemode": "yes"}])
def test_what_makes_no_sense_is_a_warning(body: object) -> None:
    paths = ("/v1/balance", "/generate-token", "/account/balance")
    with answering(dict.fromkeys(paths, body)) as host:
        base = f"http://{host}"
        found = say(
            {
                "STRIPE_SECRET_KEY": KEY,
                "STRIPE_API_BASE": base,
                "CLICKPESA_BASE_URL": base,
                "CLICKPESA_CLIENT_ID": "hidden-id",
                "CLICKPESA_API_KEY": API_KEY,
            }
        )
    assert {level for level, _ in found.values()} == {"warning"}
    assert all("gave no answer of use" in said for _, said in found.values())
    assert not any("took longer" in said for _, said in found.values())


def test_a_stand_in_that_is_not_running_is_a_warning_that_says_how_to_start_it(
    keys: dict[str, str],
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    found = say(
        {
            **keys,
            "STRIPE_API_BASE": f"http://{nobody}",
            "CLICKPESA_BASE_URL": f"http://{nobody}/third-parties",
        }
    )
    for name, command in (("Stripe", "stripe"), ("ClickPesa", "clickpesa")):
        level, said = found[name]
        assert level == "warning"
        assert said.endswith(
            f"start the stand-in: hero_onboarding sandbox {command} --listen {nobody}."
        )


def test_slow_providers_are_waited_for_together_and_not_for_long(
    keys: dict[str, str], cards: SandboxStripe, mobile: SandboxClickPesa
) -> None:
    cards.switches.add(StripeFault(kind="delay", seconds=2))
    mobile.switches.add(Fault(kind="delay", seconds=2))
    began_at = time.monotonic()
    found = say(keys, seconds=0.3)

    assert time.monotonic() - began_at < 1.5
    assert {level for level, _ in found.values()} == {"warning"}
    assert cards.log.count("GET", "/v1/balance") <= 1


@contextmanager
def dripping() -> Iterator[str]:
    """A server whose answers begin at once and never end."""
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.05):
                connection.sendall(b"X-More: 1\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


def test_an_answer_that_never_ends_is_not_waited_for() -> None:
    with dripping() as base:
        began_at = time.monotonic()
        found = say({"STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": base}, seconds=0.3)
        took = time.monotonic() - began_at

    assert took < 1.5
    assert found["Stripe"][0] == "warning"
    assert "gave no answer of use (it took longer than 0.3 s)" in found["Stripe"][1]


def test_production_is_told_to_look_at_its_way_out_and_who_takes_nothing_asks_nobody(
    tmp_path: Path,
) -> None:
    live = read(**PRODUCTION, STRIPE_SECRET_KEY="sk_live_hidden1")
    level, name, said = say_access(Answer("stripe", Access.UNKNOWN, "a reason"), live)
    assert (level, name) == ("warning", "Stripe")
    assert said == (
        "https://api.stripe.com gave no answer of use (a reason), so nobody knows whether it takes"
        " the key; see that this server reaches it, and run this again."
    )
    assert ask_providers(read()) == []
    node = environment_of(tmp_path, ROLE="node", STRIPE_SECRET_KEY=KEY)
    assert "Stripe" not in {one.subject for one in examine(node)}


def test_the_question_is_one_that_stripe_describes(cards: SandboxStripe) -> None:
    cards.clear()
    transport = HeldTransport()
    assert ask_mode(StripeSettings(cards.secret_key, False, (), cards.url), transport) is False
    assert transport.problems == []
    assert transport.asked == ["GET /v1/balance"]
