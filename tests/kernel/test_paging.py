"""Cursors come from earlier pages; anything else is invalid input, never a query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.paging import Page, page_of, read_cursor


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1.0",
        "1e3",
        "0x1",
        "1_0",
        "\u0661",
        "\u00b2",
        "\uff11",
        "1;--",
        "' OR 1=1",
        "\0",
        "9" * 19,
        "9" * 10_000,
        "None",
        "null",
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_cursor(cursor)

    assert caught.value.code == "paging.cursor"


@given(st.text(max_size=25))
def test_any_cursor_is_a_small_number_or_a_refusal(cursor: str) -> None:
    try:
        position = read_cursor(cursor)
    except InvalidInputError:
        return
    assert position is not None
    assert 0 <= position < 2**63


def test_no_cursor_means_the_first_page() -> None:
    assert read_cursor(None) is None


@given(st.lists(st.integers(0, 10**17), unique=True, max_size=40), st.integers(1, 9))
def test_pages_walk_every_row_once_and_end(numbers: list[int], size: int) -> None:
    rows = sorted(numbers, reverse=True)
    walked: list[int] = []
    cursor = None
    while True:
        before = read_cursor(cursor)
        left = [row for row in rows if before is None or row < before]
        page = page_of(left[: size + 1], lambda row: row, size=size)
        assert len(page.items) <= size
        walked += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert walked == rows


def test_a_page_keeps_its_cursor_when_its_items_change() -> None:
    assert Page([1, 2], "2").map(str) == Page(["1", "2"], "2")
