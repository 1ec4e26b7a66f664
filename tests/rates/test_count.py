"""Counters of fixed windows, in the database, right when many count at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hero_onboarding.database import Database
from hero_onboarding.rates import Limit, TooManyError, count, network_of
from hero_onboarding.rates.counters import Counters
from hero_onboarding.rates.tables import rate_counters
from tests.fakes.clock import FakeClock

NOW = FakeClock().now()
LIMIT = Limit("things", "3/minute")


def hit(database: Database, who: str = "ada", seconds: float = 0) -> TooManyError | None:
    with database.transaction() as tx:
        return count(tx, [(LIMIT, who)], NOW + timedelta(seconds=seconds))


def test_as_many_as_are_allowed_are_and_no_more(database: Database) -> None:
    assert [hit(database) for _ in range(3)] == [None] * 3
    assert isinstance(hit(database), TooManyError)
    assert hit(database, "bob") is None


def test_a_window_begins_with_its_first_hit_and_says_when_it_ends(database: Database) -> None:
    for seconds in (0, 50, 50):
        hit(database, seconds=seconds)

    over = hit(database, seconds=50)

    assert over is not None
    assert over.retry_after_seconds == 10
    assert "try again in 10 s" in str(over)
    assert hit(database, seconds=59.9) is not None
    assert hit(database, seconds=60) is None


def test_many_at_once_do_not_miss_each_other(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: hit(database), range(24)))

    assert sum(outcome is None for outcome in outcomes) == 3


def test_the_worst_of_several_limits_counts_and_all_are_counted(database: Database) -> None:
    other = Limit("others", "1/hour")
    hits = [(LIMIT, "ada"), (other, "ada")]
    with database.transaction() as tx:
        first = count(tx, hits, NOW)
        second = count(tx, hits, NOW)
        counted = Counters(tx, NOW).get("LIMITER/things/ada/3/1/minute")

    assert first is None
    assert second is not None
    assert second.retry_after_seconds == 3600
    assert counted == 2


def test_windows_that_are_over_are_swept(database: Database) -> None:
    for place in range(60):
        hit(database, f"who {place}")
    hit(database, "later", seconds=61)
    hit(database, "later", seconds=61)

    with database.transaction() as tx:
        assert tx.execute(select(func.count()).select_from(rate_counters)).scalar_one() == 1


def test_the_librarys_storage_can_forget(database: Database) -> None:
    hit(database)
    hit(database, "bob")
    with database.transaction() as tx:
        counters = Counters(tx, NOW)
        assert counters.check()
        counters.clear("LIMITER/things/ada/3/1/minute")
        assert counters.get("LIMITER/things/ada/3/1/minute") == 0
        assert counters.get_expiry("nothing") == NOW.timestamp()
        assert counters.reset() == 1


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("5ff:b821:c76e:9444:f439:18bf:59a0:1594", "5ff:b821:c76e:9444::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_network_is_an_ipv4_address_or_a_slash_64(host: str, network: str) -> None:
    assert network_of(host) == network
