"""What was used: the order and the words of kinds, the same everywhere."""

from collections.abc import Iterable, Mapping
from typing import Final

KNOWN: Final = {
    "cpu": "CPU",
    "memory": "memory",
    "storage": "storage",
    "network": "network",
    "ipv4": "IPv4",
}
OTHER: Final = "other"


def word_of(kind: str) -> str:
    """Name a kind for people; unknown kinds have the name that nodes gave them."""
    return KNOWN.get(kind, kind)


def group_of(kind: str) -> str:
    """Return the kind whose colour this one has; rare kinds share one."""
    return kind if kind in KNOWN else OTHER


def in_order(kinds: Iterable[str]) -> list[str]:
    """Put kinds in the order that every list and chart has."""
    places = {kind: place for place, kind in enumerate(KNOWN)}
    return sorted(set(kinds), key=lambda kind: (places.get(kind, len(places)), kind))


def by_group(micros_by_kind: Mapping[str, int]) -> dict[str, int]:
    """Sum amounts of kinds that share a colour, in order."""
    sums: dict[str, int] = {}
    for kind in in_order(micros_by_kind):
        group = group_of(kind)
        sums[group] = sums.get(group, 0) + micros_by_kind[kind]
    return sums
