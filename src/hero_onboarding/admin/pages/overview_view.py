"""What the operator's first page says, made of what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.admin.pages.incidents_view import IncidentLine, incident_line
from hero_onboarding.admin.pages.nodes_view import NodeLine, node_lines
from hero_onboarding.admin.pages.strip_view import Facts, Figure, figures, is_late, needs
from hero_onboarding.admin.pages.words import REASONS, REMEDIES
from hero_onboarding.aggregation import Check, Reason, RepositoryState
from hero_onboarding.http.charts import StackedChart, hour_labels, last_hours, stack
from hero_onboarding.jobs import JobCounts
from hero_onboarding.languages import Locale, Moment

_HEAD_CHARACTERS: Final = 10


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
    zone: str
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


def overview_view(locale: Locale, facts: Facts) -> OverviewView:
    """Write the page."""
    hours = last_hours(facts.now)
    columns = [{"one": facts.charged.get(hour, 0)} for hour in hours]
    charged = locale.money(sum(facts.charged.values()))
    return OverviewView(
        as_of=locale.moment(facts.now, seconds=True),
        zone=locale.zone_name(facts.now),
        figures=figures(locale, facts),
        needs=needs(locale, facts),
        charged=charged,
        chart=stack(locale, columns, ["one"]),
        labels=hour_labels(locale, hours),
        chart_words=locale.gettext(
            "Charged by hour in the last 24 hours, %(amount)s in all.", amount=charged
        ),
        hours=_charged_hours(locale, facts, hours),
        checks=[_check_line(locale, check) for check in facts.books.checks],
        checked=locale.moment(facts.books.at, seconds=True),
        nodes=node_lines(locale, facts.nodes, facts.pushes, facts.now),
        nodes_left_out=_nodes_left_out(locale, facts.node_counts.all - len(facts.nodes)),
        repositories=[_repository_line(locale, one, facts.now) for one in facts.repositories],
        reasons=_reasons(locale, facts.quarantine),
        incidents=[incident_line(locale, incident) for incident in facts.incidents],
        incidents_left_out=_incidents_left_out(locale, facts.incident_count - len(facts.incidents)),
        jobs=_jobs(locale, facts.jobs),
    )


def _charged_hours(locale: Locale, facts: Facts, hours: range) -> list[tuple[Moment, str]]:
    """List the hours in which something was charged, newest first."""
    return [
        (locale.hour(hour), locale.money(facts.charged[hour]))
        for hour in reversed(hours)
        if hour in facts.charged
    ]


def _check_line(locale: Locale, check: Check) -> CheckLine:
    """Write one equation; where it fails, the accounts or users that differ."""
    places = check.detail.get("places", [])
    name = locale.gettext(check.name)
    return CheckLine(
        name=f"{name[:1].upper()}{name[1:]}",
        ok=check.ok,
        left=locale.money(check.left),
        right=locale.money(check.right),
        places=", ".join(str(place) for place in places) if isinstance(places, list) else "",
    )


def _repository_line(locale: Locale, one: RepositoryState, now: datetime) -> RepositoryLine:
    return RepositoryLine(
        name=one.name,
        state="bad" if one.failure else "warn" if is_late(one, now) else "good",
        words=_last_read(locale, one, now),
        passed=None if one.passed_at is None else locale.moment(one.passed_at),
        head=(one.head or "")[:_HEAD_CHARACTERS],
        failure=one.failure,
    )


def _last_read(locale: Locale, one: RepositoryState, now: datetime) -> str:
    if one.failure:
        return locale.gettext("failed")
    if one.passed_at is None:
        return locale.gettext("never read")
    return locale.gettext("read %(ago)s", ago=locale.ago(one.passed_at, now))


def _reasons(locale: Locale, counts: Mapping[str, int]) -> list[ReasonLine]:
    """Write the counts of quarantine, largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        ReasonLine(
            reason=reason,
            words=locale.gettext(REASONS[Reason(reason)]),
            remedy=locale.gettext(REMEDIES[Reason(reason)]),
            count=locale.number(count),
        )
        for reason, count in ordered
    ]


def _nodes_left_out(locale: Locale, number: int) -> str:
    if number <= 0:
        return ""
    return locale.ngettext("%(count)s more node", "%(count)s more nodes", number)


def _incidents_left_out(locale: Locale, number: int) -> str:
    if number <= 0:
        return ""
    return locale.ngettext("%(count)s more incident", "%(count)s more incidents", number)


def _jobs(locale: Locale, counts: JobCounts) -> list[tuple[str, str]]:
    return [
        (locale.gettext("Waiting"), locale.number(counts.waiting)),
        (locale.gettext("Running"), locale.number(counts.running)),
        (locale.gettext("Done"), locale.number(counts.done)),
        (locale.gettext("Given up"), locale.number(counts.dead)),
    ]
