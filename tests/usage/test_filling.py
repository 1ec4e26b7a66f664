"""A bucket takes what fits into its file, to the byte, whoever else is in the same group."""

import pytest

from hero_onboarding.database import Database, open_database
from hero_onboarding.otoml import encode_batch
from hero_onboarding.usage import Intake, Outcome, record_usage
from hero_onboarding_schema import OTime, UsageRecord
from tests.conftest import NewUrl
from tests.support.world import AT, a_record

STATEMENTS_MAX = 12


def record(database: Database, bytes_max: int, *records: UsageRecord) -> list[Outcome]:
    with database.transaction() as tx:
        return record_usage(tx, records, Intake(bucket_bytes_max=bytes_max))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("together", [True, False])
def test_records_that_fill_a_file_to_its_last_byte_are_taken(
    database: Database, count: int, together: bool
) -> None:
    records = [a_record(f"k{number}") for number in range(count + 1)]
    exactly = len(encode_batch(records[:count]))

    if together:
        found = record(database, exactly, *records)
    else:
        found = [record(database, exactly, one)[0] for one in records]

    assert found == [Outcome.CREATED] * count + [Outcome.BUCKET_FULL]


def test_one_byte_less_is_one_record_less(database: Database) -> None:
    records = [a_record("k1"), a_record("k2")]

    found = record(database, len(encode_batch(records)) - 1, *records)

    assert found == [Outcome.CREATED, Outcome.BUCKET_FULL]


def test_a_copy_that_is_too_large_does_not_keep_a_good_one_out(database: Database) -> None:
    large = a_record("k1", extras={f"e{number}": "x" * 900 for number in range(10)})
    good = a_record("k1", amount_cents=6)

    found = record(database, 2_000, large, good, large, good)

    assert found == [Outcome.CONFLICT, Outcome.CREATED, Outcome.CONFLICT, Outcome.DUPLICATE]


def test_a_batch_over_many_hours_takes_as_many_statements_as_over_one(
    engine: str, new_database_url: NewUrl
) -> None:
    counts = []
    for hours in (1, 500):
        points: list[str] = []
        database = open_database(new_database_url(engine), trace=points.append)
        records = [
            a_record(f"k{number}", occurred_at=OTime(AT + 3600 * (number % hours)))
            for number in range(500)
        ]
        assert record(database, 10**6, *records) == [Outcome.CREATED] * 500
        database.close()
        counts.append(points.count("before statement"))

    assert counts[0] == counts[1] <= STATEMENTS_MAX
