"""Nodes as an operator reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.aggregation import NodeState
from hero_onboarding.languages import Locale, Moment
from hero_onboarding.usage import LocalPush

SILENT_AFTER: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One node; ``pushed`` is None where its records are taken elsewhere."""

    name: str
    state: str
    words: str
    changed: Moment
    pushed: Moment | None
    unpushed: str


def node_lines(
    locale: Locale, nodes: Sequence[NodeState], pushes: Mapping[str, LocalPush], now: datetime
) -> list[NodeLine]:
    """Write nodes in the order they come."""
    return [_line(locale, node, pushes.get(node.node_id), now) for node in nodes]


def is_silent(node: NodeState, now: datetime) -> bool:
    """Whether a node's files have not changed for longer than an hourly push explains."""
    return now - node.changed_at > SILENT_AFTER


def _line(locale: Locale, node: NodeState, push: LocalPush | None, now: datetime) -> NodeLine:
    silent = is_silent(node, now)
    span = locale.span(now - node.changed_at)
    words = locale.gettext("silent for %(span)s", span=span) if silent else locale.gettext("fresh")
    pushed_at = push.pushed_at if push else None
    return NodeLine(
        name=node.node_id,
        state="warn" if silent else "good",
        words=words,
        changed=locale.moment(node.changed_at),
        pushed=None if pushed_at is None else locale.moment(pushed_at),
        unpushed=_unpushed(locale, push.unpushed) if push and push.unpushed else "",
    )


def _unpushed(locale: Locale, hours: int) -> str:
    return locale.ngettext("%(count)s hour not pushed", "%(count)s hours not pushed", hours)
