"""The token of ClickPesa's calls: how long it is used, and that threads fetch it once."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.providers.clickpesa.token import TokenCache, used_seconds
from tests.fakes.clock import FakeClock

NOW = unix_seconds(FakeClock().now())
NANOS = 1_000_000_000


def jwt(**claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{middle}.c2ln"


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (jwt(iat=NOW, exp=NOW + 3600), 3300),
        (jwt(iat=NOW - 9_999_999, exp=NOW - 9_999_999 + 1800), 1500),
        (jwt(exp=NOW + 1200), 900),
        (jwt(iat=NOW, exp=NOW + 60), 0),
        (jwt(exp=NOW - 5), 3300),
        (jwt(exp=NOW + 9_999_999), 3300),
        (jwt(exp="soon"), 3300),
        (jwt(exp=None), 3300),
        (jwt(), 3300),
        ("opaque", 3300),
        ("a.!!!.c", 3300),
        ("a.W10.c", 3300),
        ("a.eyJleHAiOkluZmluaXR5fQ.c", 3300),
    ],
)
def test_a_token_is_used_until_five_minutes_before_its_end(token: str, seconds: int) -> None:
    assert used_seconds(token, NOW) == seconds


def test_a_token_is_kept_for_its_time_and_no_longer() -> None:
    passed = 0
    tokens = iter([jwt(iat=1, exp=601, n=number) for number in range(3)])
    cache = TokenCache(lambda: next(tokens), FakeClock(), lambda: passed * NANOS)

    first = cache.header()
    passed = 299
    assert cache.header() == first
    passed = 300
    second = cache.header()
    assert second != first

    cache.drop(first)
    assert cache.header() == second, "only what was refused is forgotten"
    cache.drop(second)
    assert cache.header() != second


def test_threads_wait_for_the_one_token_that_is_fetched() -> None:
    fetched: list[int] = []
    others = threading.Barrier(8)

    def fetch() -> str:
        fetched.append(1)
        return "Bearer opaque"

    def ask(_: int) -> str:
        others.wait()
        return cache.header()

    cache = TokenCache(fetch, FakeClock())
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"Bearer opaque"}
    assert len(fetched) == 1


def test_who_waited_for_a_fetch_shares_its_failure_and_the_next_one_tries_again() -> None:
    passed = 0
    answers: list[str | ProviderUnavailableError] = [ProviderUnavailableError("no"), "opaque"]

    def fetch() -> str:
        found = answers.pop(0)
        if isinstance(found, ProviderUnavailableError):
            raise found
        return found

    def ask(_: int) -> str:
        with pytest.raises(ProviderUnavailableError) as caught:
            cache.header()
        return str(caught.value)

    cache = TokenCache(fetch, FakeClock(), lambda: passed)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"no"}
    assert len(answers) == 1
    passed = 1
    assert cache.header() == "Bearer opaque"
