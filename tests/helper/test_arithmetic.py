"""The helper's own arithmetic, held to libraries and to published vectors."""

import hashlib

import pytest
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.cli.agreement import agree
from hero_onboarding.helper.address import address_of, blake3_of_key
from hero_onboarding.helper.curve import BASE_POINT, exchange_here, x25519
from hero_onboarding.helper.proof import Challenge, proof_of
from hero_onboarding.identity import PublicKey
from tests.sign_in.test_domain import LOW_ORDER
from tests.sign_in.vectors import PACKED, PROOF, TRANSCRIPT, USER_SECRET

THIRTY_TWO = st.binary(min_size=32, max_size=32)
RFC_7748 = [
    (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ),
    (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ),
]


@pytest.mark.parametrize(("scalar", "point", "result"), RFC_7748)
def test_the_vectors_of_rfc_7748_come_out(scalar: str, point: str, result: str) -> None:
    assert x25519(bytes.fromhex(scalar), bytes.fromhex(point)).hex() == result


@given(THIRTY_TWO, THIRTY_TWO)
def test_it_multiplies_as_the_library_does(secret: bytes, other: bytes) -> None:
    point = X25519PrivateKey.from_private_bytes(other).public_key().public_bytes_raw()
    key = X25519PrivateKey.from_private_bytes(secret)

    assert x25519(secret, BASE_POINT) == key.public_key().public_bytes_raw()
    assert x25519(secret, point) == key.exchange(X25519PublicKey.from_public_bytes(point))
    assert agree(secret, point) == x25519(secret, point)


@given(THIRTY_TWO)
def test_it_hashes_as_the_library_does(key: bytes) -> None:
    assert blake3_of_key(key) == blake3(key).digest()
    assert address_of(key) == PublicKey(key).address.packed


@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_point_of_small_order_agrees_on_nothing(point: int) -> None:
    packed = point.to_bytes(32, "little")

    assert agree(USER_SECRET, packed) is None
    assert not any(x25519(USER_SECRET, packed))


def test_the_slow_way_says_so_too() -> None:
    assert exchange_here(USER_SECRET, bytes(32)) is None
    assert exchange_here(USER_SECRET, BASE_POINT) == TRANSCRIPT.public_key.packed


def test_the_published_vector_comes_out() -> None:
    challenge = Challenge(
        purpose=TRANSCRIPT.purpose,
        origin=TRANSCRIPT.origin,
        challenge_id=TRANSCRIPT.challenge_id,
        address=TRANSCRIPT.address.packed,
        public_key=TRANSCRIPT.public_key.packed,
        server_public_key=TRANSCRIPT.server_public_key,
        nonce=TRANSCRIPT.nonce,
        issued_at=TRANSCRIPT.issued_at,
        expires_at=TRANSCRIPT.expires_at,
    )
    packed = challenge.packed(hashlib.sha256(b"pre-login-cookie").digest())

    assert packed.hex() == PACKED
    agreed = x25519(USER_SECRET, TRANSCRIPT.server_public_key)
    assert proof_of(packed, agreed).hex() == PROOF
