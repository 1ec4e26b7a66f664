"""Which signatures are Stripe's: the published scheme, by vectors, and nothing else."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.payments import ForgedNoticeError
from hero_onboarding.payments.providers.stripe.signature import require_authentic
from tests.payments.stripe.vectors import (
    BAD,
    BODY,
    BODY_SHA256,
    GOOD,
    LATER,
    PLAIN,
    ROTATING,
    S1,
    T,
    at,
)


def test_the_body_of_the_vectors_is_the_published_one() -> None:
    assert len(BODY) == 239
    assert hashlib.sha256(BODY).hexdigest() == BODY_SHA256


@pytest.mark.parametrize(("_", "header", "secrets", "now"), GOOD)
def test_a_good_signature_passes(_: str, header: str, secrets: Sequence[str], now: int) -> None:
    require_authentic(header, BODY, secrets, at(now))


@pytest.mark.parametrize(("_", "header", "secrets", "now"), BAD)
def test_a_bad_signature_is_refused(_: str, header: str, secrets: Sequence[str], now: int) -> None:
    with pytest.raises(ForgedNoticeError):
        require_authentic(header, BODY, secrets, at(now))


@given(st.binary(max_size=300))
def test_no_other_body_has_this_signature(body: bytes) -> None:
    if body != BODY:
        with pytest.raises(ForgedNoticeError):
            require_authentic(PLAIN, body, [S1], at(T))


@given(st.text(max_size=200) | st.text("tv10=,abcdef", max_size=120))
def test_no_other_header_passes(header: str) -> None:
    if header not in {PLAIN, ROTATING, LATER}:
        with pytest.raises(ForgedNoticeError):
            require_authentic(header, BODY, [S1], at(T))
