"""What the operator's first page says, made of what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.admin.pages.incidents_view import IncidentLine, incident_line
from hero_onboarding.admin.pages.nodes_view import NodeLine, is_silent, node_lines
from hero_onboarding.admin.pages.words import REASONS, REMEDIES
from hero_onboarding.admin.recent_books import CheckedBooks
from hero_onboarding.aggregation import (
    Check,
    NodeCounts,
    NodeState,
    Reason,
    RepositoryState,
)
from hero_onboarding.http.charts import StackedChart, begin_of, hour_labels, last_hours, stack
from hero_onboarding.http.wording import (
    Moment,
    ago_text,
    count_text,
    moment_of,
    money_text,
    span_text,
)
from hero_onboarding.incidents import Incident
from hero_onboarding.jobs import JobCounts
from hero_onboarding.languages import ENGLISH
from hero_onboarding.usage import LocalPush

LATE_AFTER: Final = timedelta(hours=2)
_HEAD_CHARACTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read for the page."""

    now: datetime
    books: CheckedBooks
    node_counts: NodeCounts
    nodes: Sequence[NodeState]
    pushes: Mapping[str, LocalPush]
    unpushed: int
    repositories: Sequence[RepositoryState]
    quarantine: Mapping[str, int]
    incident_count: int
    incidents: Sequence[Incident]
    jobs: JobCounts
    charged: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the strip on top; ``part`` is where its parts are listed."""

    name: str
    value: str
    note: str
    state: str
    part: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One equation with both sides."""

    name: str
    ok: bool
    left: str
    right: str
    places: str


@dataclass(frozen=True, slots=True)
class RepositoryLine:
    """One billing repository and its last pass."""

    name: str
    state: str
    words: str
    passed: Moment | None
    head: str
    failure: str


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """How many things are not billed for one reason, and what becomes of them."""

    reason: str
    words: str
    remedy: str
    count: str


@dataclass(frozen=True, slots=True)
class OverviewView:
    """Everything that the page shows, ready to print."""

    as_of: Moment
    figures: Sequence[Figure]
    needs: Sequence[tuple[str, str]]
    charged: str
    chart: StackedChart
    labels: Sequence[str]
    chart_words: str
    hours: Sequence[tuple[Moment, str]]
    checks: Sequence[CheckLine]
    checked: Moment
    nodes: Sequence[NodeLine]
    nodes_left_out: str
    repositories: Sequence[RepositoryLine]
    reasons: Sequence[ReasonLine]
    incidents: Sequence[IncidentLine]
    incidents_left_out: str
    jobs: Sequence[tuple[str, str]]


def overview_view(facts: Facts) -> OverviewView:
    """Write the page."""
    hours = last_hours(facts.now)
    columns = [{"one": facts.charged.get(hour, 0)} for hour in hours]
    charged = money_text(sum(facts.charged.values()))
    return OverviewView(
        as_of=moment_of(facts.now, seconds=True),
        figures=_figures(facts),
        needs=_needs(facts),
        charged=charged,
        chart=stack(ENGLISH, columns, ["one"]),
        labels=hour_labels(ENGLISH, hours),
        chart_words=f"Charged by hour in the last 24 hours, {charged} in all.",
        hours=_charged_hours(facts, hours),
        checks=[_check_line(check) for check in facts.books.checks],
        checked=moment_of(facts.books.at, seconds=True),
        nodes=node_lines(facts.nodes, facts.pushes, facts.now),
        nodes_left_out=_left_out(facts.node_counts.all - len(facts.nodes), "node"),
        repositories=[_repository_line(one, facts.now) for one in facts.repositories],
        reasons=_reasons(facts.quarantine),
        incidents=[incident_line(incident) for incident in facts.incidents],
        incidents_left_out=_left_out(facts.incident_count - len(facts.incidents), "incident"),
        jobs=_jobs(facts.jobs),
    )


def _figures(facts: Facts) -> list[Figure]:
    """Write the strip that says whether all is well."""
    counts, wrong = facts.node_counts, facts.books.wrong
    quarantined = sum(facts.quarantine.values())
    silent = counts.all - counts.fresh
    as_of = f"as of {facts.now.strftime('%H:%M')} UTC"
    return [
        Figure(
            "Books",
            f"{count_text(len(wrong), 'equation')} wrong" if wrong else "balanced",
            f"checked {facts.books.at.strftime('%H:%M')} UTC",
            "bad" if wrong else "good",
            "books",
        ),
        Figure(
            "Nodes",
            f"{counts.fresh} of {counts.all} fresh" if counts.all else "none yet",
            f"{silent} silent for over 2 h" if silent else as_of,
            "warn" if silent else "plain",
            "nodes",
        ),
        _aggregation_figure(facts),
        Figure(
            "Quarantine",
            f"{quarantined:,}",
            f"{'not billed' if quarantined else 'all is billed'}, {as_of}",
            "warn" if quarantined else "plain",
            "quarantine",
        ),
        Figure(
            "Incidents",
            f"{facts.incident_count:,}",
            _newest(facts) or f"none, {as_of}",
            "warn" if facts.incident_count else "plain",
            "incidents",
        ),
        Figure(
            "Jobs",
            f"{facts.jobs.waiting + facts.jobs.running:,} open",
            f"{facts.jobs.dead:,} given up, {as_of}" if facts.jobs.dead else as_of,
            "bad" if facts.jobs.dead else "plain",
            "jobs",
        ),
    ]


def _newest(facts: Facts) -> str:
    """Say when the newest incident was first seen."""
    moments = [one.first_seen for one in facts.incidents if one.first_seen is not None]
    return f"newest {ago_text(max(moments), facts.now)}" if moments else ""


def _aggregation_figure(facts: Facts) -> Figure:
    """Say when the centre last read, by the repository that waits longest."""
    passes = [one.passed_at for one in facts.repositories if one.passed_at is not None]
    failed = [one for one in facts.repositories if one.failure]
    if not passes:
        note = f"as of {facts.now.strftime('%H:%M')} UTC"
        return Figure("Aggregated", "not yet", note, "plain", "repositories")
    oldest = min(passes)
    is_late = facts.now - oldest > LATE_AFTER
    note = f"{len(failed)} of {len(facts.repositories)} failed" if failed else ""
    state = "bad" if failed else "warn" if is_late else "good"
    return Figure("Aggregated", ago_text(oldest, facts.now), note, state, "repositories")


def _needs(facts: Facts) -> list[tuple[str, str]]:
    """List what needs somebody, worst first, each with where to look."""
    needs = [(f"The books differ: {check.name}", "books") for check in facts.books.wrong]
    if facts.jobs.dead:
        needs.append((f"{count_text(facts.jobs.dead, 'job')} given up", "jobs"))
    needs += [
        (f"{one.name} could not be read to the end", "repositories")
        for one in facts.repositories
        if one.failure
    ]
    needs += [
        (f"{one.name} was last read {ago_text(one.passed_at, facts.now)}", "repositories")
        for one in facts.repositories
        if one.passed_at is not None and facts.now - one.passed_at > LATE_AFTER
    ]
    needs += [
        (f"Node {node.node_id} silent for {span_text(facts.now - node.changed_at)}", "nodes")
        for node in facts.nodes[:_NEEDS_OF_A_KIND]
        if is_silent(node, facts.now)
    ]
    if facts.incident_count:
        needs.append((f"{count_text(facts.incident_count, 'incident')} to look at", "incidents"))
    quarantined = sum(facts.quarantine.values())
    if quarantined:
        needs.append(
            (
                f"{count_text(quarantined, 'record or file', 'records or files')} not billed",
                "quarantine",
            )
        )
    if facts.unpushed:
        needs.append(
            (f"{count_text(facts.unpushed, 'hour')} recorded here and not pushed", "nodes")
        )
    return needs


_NEEDS_OF_A_KIND: Final = 3


def _charged_hours(facts: Facts, hours: range) -> list[tuple[Moment, str]]:
    """List the hours in which something was charged, newest first."""
    return [
        (moment_of(begin_of(hour)), money_text(facts.charged[hour]))
        for hour in reversed(hours)
        if hour in facts.charged
    ]


def _check_line(check: Check) -> CheckLine:
    """Write one equation; where it fails, the accounts or users that differ."""
    places = check.detail.get("places", [])
    shown = ", ".join(str(place) for place in places) if isinstance(places, list) else ""
    return CheckLine(
        name=check.name,
        ok=check.ok,
        left=money_text(check.left),
        right=money_text(check.right),
        places=shown,
    )


def _repository_line(one: RepositoryState, now: datetime) -> RepositoryLine:
    is_late = one.passed_at is not None and now - one.passed_at > LATE_AFTER
    words = "never read" if one.passed_at is None else f"read {ago_text(one.passed_at, now)}"
    return RepositoryLine(
        name=one.name,
        state="bad" if one.failure else "warn" if is_late else "good",
        words="failed" if one.failure else words,
        passed=None if one.passed_at is None else moment_of(one.passed_at),
        head=(one.head or "")[:_HEAD_CHARACTERS],
        failure=one.failure,
    )


def _reasons(counts: Mapping[str, int]) -> list[ReasonLine]:
    """Write the counts of quarantine, largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        ReasonLine(reason, REASONS[Reason(reason)], REMEDIES[Reason(reason)], f"{count:,}")
        for reason, count in ordered
    ]


def _left_out(number: int, word: str) -> str:
    return count_text(number, f"more {word}", f"more {word}s") if number > 0 else ""


def _jobs(counts: JobCounts) -> list[tuple[str, str]]:
    return [
        ("Waiting", f"{counts.waiting:,}"),
        ("Running", f"{counts.running:,}"),
        ("Done", f"{counts.done:,}"),
        ("Given up", f"{counts.dead:,}"),
    ]
