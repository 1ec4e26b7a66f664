"""Pages of a list, with the headers that tell how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from hero_onboarding.sandbox.forge.context import Call

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted."""

    page: int
    limit: int

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        """Return this page of the items."""
        return items[(self.page - 1) * self.limit : self.page * self.limit]

    def pages(self, total: int) -> int:
        """Count the pages of so many items."""
        return -(-total // self.limit)


def read_paging(call: Call) -> Paging:
    """Read ``page`` and ``limit``; a limit above the server's is lowered without a word."""
    settings = call.forge.switches.settings
    wanted = call.query_number("limit") or settings.default_paging_num
    limit = min(wanted, settings.max_response_items)
    return Paging(max(call.query_number("page"), 1), limit)


def paging_headers(call: Call, paging: Paging, total: int) -> tuple[tuple[str, str], ...]:
    """Give ``X-Total-Count``, and ``Link`` if there is more than one page."""
    pages = paging.pages(total)
    wanted = {
        "next": paging.page + 1 if paging.page < pages else 0,
        "last": pages if paging.page < pages else 0,
        "first": 1 if paging.page > 1 else 0,
        "prev": paging.page - 1 if paging.page > 1 else 0,
    }
    links = [
        f'<{_page_url(call, number)}>; rel="{relation}"'
        for relation, number in wanted.items()
        if number
    ]
    total_header = ("X-Total-Count", str(total))
    return (total_header, ("Link", ",".join(links))) if links else (total_header,)


def _page_url(call: Call, number: int) -> str:
    query = urlencode({**call.request.query, "page": str(number)})
    return f"{call.forge.root_url}{call.request.path}?{query}"
