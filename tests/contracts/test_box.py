"""What every box does: opens what it sealed, and nothing else."""

import pytest

from hero_onboarding.mail import Box
from hero_onboarding.sign_in import SecretBox
from tests.fakes.post import FakeBox

BOXES: dict[str, tuple[Box, Box]] = {
    "fake": (FakeBox(), FakeBox(b"other:")),
    "secret key": (SecretBox.of(["a-secret-of-the-tests"]), SecretBox.of(["another"])),
}


@pytest.fixture(params=BOXES)
def boxes(request: pytest.FixtureRequest) -> tuple[Box, Box]:
    """Each implementation in turn, with another of its kind that has another key."""
    return BOXES[str(request.param)]


@pytest.mark.parametrize("content", [b"", b"ABCD EFGH", bytes(range(256))])
def test_what_was_sealed_is_opened_and_hidden(content: bytes, boxes: tuple[Box, Box]) -> None:
    box, _ = boxes

    sealed = box.seal(content)

    assert box.open(sealed) == content
    assert not content or content not in sealed


def test_what_another_sealed_stays_closed(boxes: tuple[Box, Box]) -> None:
    box, other = boxes

    assert other.open(box.seal(b"ABCD EFGH")) is None
    assert box.open(b"no seal at all") is None
    assert "a-secret" not in repr(box)
