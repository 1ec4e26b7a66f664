"""ClickPesa's checksum by the vectors of the specification, and what may never pass as right."""

import json

import pytest

from hero_onboarding.payments.providers.clickpesa.checksum import (
    canonical_text,
    checked_text,
    digest_of,
    is_authentic,
    legacy_text,
    signed_body,
)
from hero_onboarding.payments.providers.clickpesa.wire import Fields, read_json, read_object
from tests.payments.clickpesa import vectors
from tests.payments.clickpesa.vectors import KEY, PUSH, VECTORS, WEBHOOK, Vector


def members_of(body: str) -> Fields:
    return read_object(read_json(body.encode()))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_is_spelled_and_summed(vector: Vector) -> None:
    members = members_of(vector.body)

    assert canonical_text(members) == vector.text
    assert digest_of(vector.text, vector.key) == vector.digest
    noisy = {"checksumMethod": "HMAC-SHA256", **members, "checksum": "anything"}
    assert checked_text(noisy) == vector.text
    assert is_authentic(noisy, vector.digest, vector.key)
    for other in {one.digest for one in VECTORS} - {vector.digest} | {*vectors.OTHER_READINGS}:
        assert not is_authentic(noisy, other, vector.key)


def test_the_order_of_keys_counts_for_nothing() -> None:
    backwards = dict(reversed(list(members_of(PUSH).items())))

    assert canonical_text(backwards) == VECTORS[0].text


def test_the_older_method_counts_for_flat_bodies_that_name_it() -> None:
    members = members_of(PUSH)
    named = {**members, "checksumMethod": "legacy"}

    assert legacy_text(named) == vectors.LEGACY_TEXT
    assert is_authentic(named, vectors.LEGACY_DIGEST, KEY)
    assert not is_authentic(members, vectors.LEGACY_DIGEST, KEY)
    assert not is_authentic(named, VECTORS[0].digest, KEY)
    assert legacy_text({**named, "within": {"amount": "1"}}) is None
    assert not is_authentic({**named, "within": []}, digest_of("", KEY), KEY)


def test_a_notice_is_summed_whole() -> None:
    members = members_of(WEBHOOK)

    assert is_authentic(members, vectors.WEBHOOK_DIGEST, KEY)
    assert not is_authentic(members, vectors.DATA_ONLY_DIGEST, KEY)
    assert digest_of(canonical_text(members["data"]), KEY) == vectors.DATA_ONLY_DIGEST
    tampered = members_of(WEBHOOK.replace('"5000"', '"50000"'))
    assert digest_of(checked_text(tampered), KEY) == vectors.TAMPERED_DIGEST
    assert not is_authentic(tampered, vectors.WEBHOOK_DIGEST, KEY)


@pytest.mark.parametrize("shown", [None, "", 5, "é", "\ud800", vectors.WEBHOOK_DIGEST.upper()])
def test_what_is_no_digest_is_never_right(shown: object) -> None:
    assert not is_authentic(members_of(WEBHOOK), shown, KEY)


def test_numbers_stay_as_they_were_written_and_odd_texts_have_one_spelling() -> None:
    body = r'{"b":1.50,"é":"\ud800\u0007\"\/<","10":-0,"9":1e3,"B":12345678901234567890123}'

    assert canonical_text(members_of(body)) == (
        r'{"9":1e3,"10":-0,"B":12345678901234567890123,"b":1.50,"é":"\ud800\u0007\"/<"}'
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1} {}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\n"}',
        b"[" * 60_000,
        b"",
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(body: bytes) -> None:
    with pytest.raises(ValueError):
        read_json(body)


def test_a_body_goes_out_with_its_checksum_if_there_is_a_key() -> None:
    signed = json.loads(signed_body(json.loads(PUSH), KEY))

    assert signed == {**json.loads(PUSH), "checksum": VECTORS[0].digest}
    assert json.loads(signed_body(json.loads(PUSH), None)) == json.loads(PUSH)


@pytest.mark.parametrize("name", ["Zoë", "A & B", "<b>"])
def test_a_body_never_goes_out_in_letters_on_which_readers_differ(name: str) -> None:
    with pytest.raises(AssertionError):
        signed_body({"customerName": name}, KEY)
