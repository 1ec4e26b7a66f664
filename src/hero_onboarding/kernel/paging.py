"""Lists in pages, walked by a cursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from hero_onboarding.kernel.errors import InvalidInputError

PAGE_ITEMS: Final = 50
_CURSOR_DIGITS_MAX: Final = 18

T = TypeVar("T")
U = TypeVar("U")


class WrongCursorError(InvalidInputError):
    """A cursor is not one that an earlier page gave."""

    code = "paging.cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in a stable order, and where the next page begins."""

    items: Sequence[T]
    next_cursor: str | None

    def map(self, change: Callable[[T], U]) -> "Page[U]":
        """Return the same page with each item changed."""
        return Page([change(item) for item in self.items], self.next_cursor)


def read_cursor(cursor: str | None) -> int | None:
    """Read the position a cursor stands for.

    Raises:
        WrongCursorError: If it was not given by an earlier page.
    """
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > _CURSOR_DIGITS_MAX:
        raise WrongCursorError("the cursor is none that an earlier page gave")
    return int(cursor)


def page_of(rows: Sequence[T], position: Callable[[T], int], *, size: int = PAGE_ITEMS) -> Page[T]:
    """Cut a page from rows of which one more than ``size`` was asked for."""
    items = rows[:size]
    more = len(rows) > size
    return Page(items, str(position(items[-1])) if more else None)
