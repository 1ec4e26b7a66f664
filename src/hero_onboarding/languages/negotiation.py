"""Which language somebody's ``Accept-Language`` asks for (RFC 9110, 12.5.4; RFC 4647, lookup)."""

import re
from collections.abc import Sequence
from typing import Final

_CHARACTERS_MAX: Final = 1_000
_RANGE: Final = re.compile(
    r"(?P<range>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)"
    r"(?:[ \t]*;[ \t]*q=(?P<quality>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)
_ANY: Final = "*"


def choose_language(header: str, offered: Sequence[str]) -> str:
    """Return which of the languages offered somebody prefers; the first where nothing is said.

    A region counts as its language (``fr-BE`` is ``fr``). Parts that can't be read are skipped, a
    header of more than 1,000 characters as a whole.
    """
    wishes = _wishes(header) if len(header) <= _CHARACTERS_MAX else []
    qualities: dict[str, int] = {}
    for language, quality in wishes:
        qualities[language] = max(quality, qualities.get(language, 0))
    scores = {one: qualities.get(one, qualities.get(_ANY, 0)) for one in offered}
    best = max(scores.values())
    in_order = [*(language for language, _ in wishes), *offered]
    return next(one for one in in_order if scores.get(one) == best) if best else offered[0]


def _wishes(header: str) -> list[tuple[str, int]]:
    """Read languages with how much each is wanted, in thousandths, in the order of the header."""
    wishes = []
    for part in header.lower().split(","):
        found = _RANGE.fullmatch(part.strip(" \t"))
        if found is None:
            continue
        digits = (found["quality"] or "1").replace(".", "").ljust(4, "0")
        language, _, region = found["range"].partition("-")
        if not region or int(digits):
            wishes.append((language, int(digits)))
    return wishes
