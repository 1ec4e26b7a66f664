"""Nodes as an operator reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.aggregation import NodeState
from hero_onboarding.http.wording import Moment, count_text, moment_of, span_text
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
    nodes: Sequence[NodeState], pushes: Mapping[str, LocalPush], now: datetime
) -> list[NodeLine]:
    """Write nodes in the order they come."""
    return [_line(node, pushes.get(node.node_id), now) for node in nodes]


def is_silent(node: NodeState, now: datetime) -> bool:
    """Whether a node's files have not changed for longer than an hourly push explains."""
    return now - node.changed_at > SILENT_AFTER


def _line(node: NodeState, push: LocalPush | None, now: datetime) -> NodeLine:
    silent = is_silent(node, now)
    return NodeLine(
        name=node.node_id,
        state="warn" if silent else "good",
        words=f"silent for {span_text(now - node.changed_at)}" if silent else "fresh",
        changed=moment_of(node.changed_at),
        pushed=None if push is None or push.pushed_at is None else moment_of(push.pushed_at),
        unpushed=f"{count_text(push.unpushed, 'hour')} not pushed"
        if push and push.unpushed
        else "",
    )
