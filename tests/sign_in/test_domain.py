"""The proof, held to the published vector, and to each of its fields."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest

from hero_onboarding.identity import PublicKey
from hero_onboarding.sign_in.domain import Transcript, is_proof, proof_of, public_bytes
from tests.sign_in.vectors import (
    PACKED,
    PROOF,
    PROOF_TEXT,
    SERVER_SECRET,
    TRANSCRIPT,
    USER_SECRET,
    digest,
)

PRIME = 2**255 - 19
LOW_ORDER = [
    point | top
    for point in (
        0,
        1,
        int.from_bytes(
            bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
            "little",
        ),
        int.from_bytes(
            bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
            "little",
        ),
        PRIME - 1,
        PRIME,
        PRIME + 1,
    )
    for top in (0, 1 << 255)
]
CHANGED: dict[str, Any] = {
    "purpose": "link",
    "origin": "https://onboard.example.evil",
    "challenge_id": "chal_0123456789abcdee",
    "public_key": PublicKey.parse("42" * 31 + "02"),
    "server_public_key": public_bytes(digest("another")),
    "nonce": digest("another"),
    "issued_at": 1760000001,
    "expires_at": 1760000121,
    "binding": digest("another"),
}


def test_the_published_vector_comes_out() -> None:
    proof = proof_of(TRANSCRIPT, secret=USER_SECRET, peer=TRANSCRIPT.server_public_key)

    assert TRANSCRIPT.packed.hex() == PACKED
    assert public_bytes(USER_SECRET) == TRANSCRIPT.public_key.packed
    assert public_bytes(SERVER_SECRET) == TRANSCRIPT.server_public_key
    assert proof is not None
    assert proof.hex() == PROOF
    assert urlsafe_b64encode(proof).rstrip(b"=").decode() == PROOF_TEXT
    assert is_proof(TRANSCRIPT, proof, secret=SERVER_SECRET)


def test_every_field_is_proved() -> None:
    assert set(CHANGED) == set(Transcript.__slots__)


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_field_makes_another_proof(name: str) -> None:
    changed = replace(TRANSCRIPT, **{name: CHANGED[name]})

    assert not is_proof(changed, bytes.fromhex(PROOF), secret=SERVER_SECRET)


def test_another_label_or_length_makes_another_transcript() -> None:
    moved = replace(TRANSCRIPT, purpose="loginh", origin=TRANSCRIPT.origin[1:])

    assert moved.packed != TRANSCRIPT.packed


@pytest.mark.parametrize("proof", [b"", bytes(31), bytes(32), bytes(33)])
def test_what_is_no_proof_is_none(proof: bytes) -> None:
    assert not is_proof(TRANSCRIPT, proof, secret=SERVER_SECRET)


@pytest.mark.parametrize("point", LOW_ORDER)
def test_no_side_answers_to_a_point_of_small_order(point: int) -> None:
    peer = point.to_bytes(32, "little")

    assert len(LOW_ORDER) == 14
    assert proof_of(TRANSCRIPT, secret=USER_SECRET, peer=peer) is None
    claimed = replace(TRANSCRIPT, public_key=PublicKey(peer))
    assert not is_proof(claimed, bytes.fromhex(PROOF), secret=SERVER_SECRET)
