"""What was used: the order and the words of kinds, the same everywhere."""

from collections.abc import Iterable, Mapping
from typing import Final

from hero_onboarding.languages import NO_BREAK, Locale, marked

KNOWN: Final = {
    "cpu": marked("CPU"),
    "memory": marked("memory"),
    "storage": marked("storage"),
    "network": marked("network"),
    "ipv4": marked("IPv4"),
}
OTHER: Final = "other"
_PLACES: Final = {kind: place for place, kind in enumerate(KNOWN)}


def word_of(locale: Locale, kind: str) -> str:
    """Name a kind for people; unknown kinds have the name that nodes gave them."""
    return locale.gettext(KNOWN[kind]) if kind in KNOWN else kind


def words_of(locale: Locale, micros_by_kind: Mapping[str, int]) -> str:
    """List kinds with their amounts, without the currency; some languages have decimal commas."""
    return " · ".join(
        f"{word_of(locale, kind)}{NO_BREAK}{locale.figure(micros_by_kind[kind])}"
        for kind in in_order(micros_by_kind)
    )


def group_of(kind: str) -> str:
    """Return the kind whose colour this one has; rare kinds share one."""
    return kind if kind in KNOWN else OTHER


def in_order(kinds: Iterable[str]) -> list[str]:
    """Put kinds in the order that every list and chart has."""
    return sorted(set(kinds), key=lambda kind: (_PLACES.get(kind, len(_PLACES)), kind))


def by_group(micros_by_kind: Mapping[str, int]) -> dict[str, int]:
    """Sum amounts of kinds that share a colour, in order."""
    sums: dict[str, int] = {}
    for kind in in_order(micros_by_kind):
        group = group_of(kind)
        sums[group] = sums.get(group, 0) + micros_by_kind[kind]
    return sums
