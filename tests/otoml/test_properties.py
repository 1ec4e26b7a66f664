import tomllib
from itertools import permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.otoml import decode_file, encode_batch, encoded_size, merge
from hero_onboarding_schema import KNOWN_FIELDS, OTime, UsageRecord, normalised_digest
from tests.otoml.records import KEYS, batches, usage_records

FEW_KEYS = st.sampled_from(["a", "b", "c", "é", "\U0001f600"])
MANY_OF_FEW = st.lists(usage_records(FEW_KEYS), max_size=6)


def content(records: tuple[UsageRecord, ...]) -> dict[str, bytes]:
    """Say what a set of records means, whatever their order."""
    return {record.idempotency_key: normalised_digest(record) for record in records}


def written(value: object) -> object:
    return value.text if isinstance(value, OTime) else value


@given(batches())
def test_what_is_written_reads_back_as_the_same_records(batch: list[UsageRecord]) -> None:
    decoded = decode_file(encode_batch(batch))

    assert decoded.is_clean()
    assert {r.idempotency_key: r for r in decoded.records} == {r.idempotency_key: r for r in batch}
    assert encode_batch(decoded.records) == encode_batch(batch)


@given(batches(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_change_a_byte(
    batch: list[UsageRecord], random: Random
) -> None:
    shuffled = list(batch)
    random.shuffle(shuffled)

    assert encode_batch(shuffled) == encode_batch(batch)


@given(MANY_OF_FEW)
def test_even_equal_keys_are_written_in_one_order(batch: list[UsageRecord]) -> None:
    assert len({encode_batch(order) for order in permutations(batch[:4])}) == 1


@given(batches())
def test_an_independent_reader_finds_the_same_values_in_order(batch: list[UsageRecord]) -> None:
    tables = tomllib.loads(encode_batch(batch).decode())["records"]

    expected = sorted(batch, key=lambda r: (r.occurred_at, r.idempotency_key))
    for table, record in zip(tables, expected, strict=True):
        named = {name: getattr(record, name) for name in KNOWN_FIELDS}
        present = {name: written(v) for name, v in named.items() if v is not None}
        unknown = dict(sorted(record.extras.items()))
        assert list(table.items()) == list({**present, **unknown}.items())


@given(batches())
def test_sizes_add_up_to_the_file(batch: list[UsageRecord]) -> None:
    sizes = sum(map(encoded_size, batch))

    assert len(encode_batch(batch)) == (sizes - 1 if batch else len(b"records = []\n"))


@given(batches(), batches())
def test_a_merge_twice_is_a_merge_once(old: list[UsageRecord], new: list[UsageRecord]) -> None:
    once = merge(old, new)

    twice = merge(once.records, new)

    assert twice.records == once.records
    assert twice.added == 0


@given(MANY_OF_FEW, MANY_OF_FEW)
def test_a_merge_never_loses_or_alters_what_is_there(
    old: list[UsageRecord], new: list[UsageRecord]
) -> None:
    merged = merge(old, new)

    first: dict[str, UsageRecord] = {}
    for record in (*old, *new):
        first.setdefault(record.idempotency_key, record)
    assert {id(record) for record in merged.records} == {id(record) for record in first.values()}
    assert merged.added == len(first) - len({record.idempotency_key for record in old})


@given(MANY_OF_FEW, MANY_OF_FEW)
def test_every_other_content_under_a_kept_key_is_a_conflict(
    old: list[UsageRecord], new: list[UsageRecord]
) -> None:
    merged = merge(old, new)

    kept = {record.idempotency_key: record for record in merged.records}
    others = [r for r in (*old, *new) if not r.same_content(kept[r.idempotency_key])]
    assert [other for _, other in merged.conflicts] == others
    assert all(held is kept[other.idempotency_key] for held, other in merged.conflicts)


@given(batches(KEYS.map(lambda key: f"a{key[:99]}")), batches(KEYS.map(lambda key: f"b{key[:99]}")))
def test_disjoint_keys_merge_in_either_direction(
    left: list[UsageRecord], right: list[UsageRecord]
) -> None:
    assert merge(left, right).records == merge(right, left).records


@given(MANY_OF_FEW, MANY_OF_FEW, MANY_OF_FEW)
def test_merging_in_two_steps_is_merging_in_one(
    old: list[UsageRecord], new: list[UsageRecord], newer: list[UsageRecord]
) -> None:
    in_steps = merge(merge(old, new).records, newer).records
    at_once = merge(old, merge(new, newer).records).records

    assert in_steps == at_once
    assert content(in_steps) == content(merge(old, [*new, *newer]).records)


@given(batches(), batches())
def test_a_file_that_gains_nothing_keeps_its_bytes(
    old: list[UsageRecord], new: list[UsageRecord]
) -> None:
    data = encode_batch(merge(old, new).records)

    again = merge(decode_file(data).records, new)

    assert again.added == 0
    assert encode_batch(again.records) == data
