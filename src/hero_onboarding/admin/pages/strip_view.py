"""Whether all is well, in one line of figures, and what needs somebody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.admin.pages.nodes_view import is_silent
from hero_onboarding.admin.recent_books import CheckedBooks
from hero_onboarding.aggregation import NodeCounts, NodeState, RepositoryState
from hero_onboarding.incidents import Incident
from hero_onboarding.jobs import JobCounts
from hero_onboarding.languages import Locale
from hero_onboarding.usage import LocalPush

LATE_AFTER: Final = timedelta(hours=2)
_NEEDS_OF_A_KIND: Final = 3


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


def is_late(one: RepositoryState, now: datetime) -> bool:
    """Whether a repository was last read longer ago than the hourly pass explains."""
    return one.passed_at is not None and now - one.passed_at > LATE_AFTER


def figures(locale: Locale, facts: Facts) -> list[Figure]:
    """Write the strip that says whether all is well."""
    return [
        _books_figure(locale, facts),
        _nodes_figure(locale, facts),
        _aggregation_figure(locale, facts),
        _quarantine_figure(locale, facts),
        _incidents_figure(locale, facts),
        _jobs_figure(locale, facts),
    ]


def _clock(locale: Locale, at: datetime) -> str:
    return f"{locale.clock(at)} {locale.zone_name(at)}"


def _as_of(locale: Locale, facts: Facts, words: str = "") -> str:
    """Say since when a figure holds, after what else there is to say."""
    as_of = locale.gettext("as of %(time)s", time=_clock(locale, facts.now))
    return f"{words}, {as_of}" if words else as_of


def _books_figure(locale: Locale, facts: Facts) -> Figure:
    wrong = len(facts.books.wrong)
    value = locale.gettext("balanced")
    if wrong:
        value = locale.ngettext("%(count)s equation wrong", "%(count)s equations wrong", wrong)
    note = locale.gettext("checked %(time)s", time=_clock(locale, facts.books.at))
    return Figure(locale.gettext("Books"), value, note, "bad" if wrong else "good", "books")


def _nodes_figure(locale: Locale, facts: Facts) -> Figure:
    counts = facts.node_counts
    silent = counts.all - counts.fresh
    value, note = locale.gettext("none yet"), _as_of(locale, facts)
    if counts.all:
        fresh, total = locale.number(counts.fresh), locale.number(counts.all)
        value = locale.gettext("%(fresh)s of %(total)s fresh", fresh=fresh, total=total)
    if silent:
        note = locale.ngettext(
            "%(count)s silent for over 2 h", "%(count)s silent for over 2 h", silent
        )
    return Figure(locale.gettext("Nodes"), value, note, "warn" if silent else "plain", "nodes")


def _aggregation_figure(locale: Locale, facts: Facts) -> Figure:
    """Say when the centre last read, by the repository that waits longest."""
    name, part = locale.gettext("Aggregated"), "repositories"
    passes = [one.passed_at for one in facts.repositories if one.passed_at is not None]
    if not passes:
        return Figure(name, locale.gettext("not yet"), _as_of(locale, facts), "plain", part)
    failed = sum(1 for one in facts.repositories if one.failure)
    note = ""
    if failed:
        total = locale.number(len(facts.repositories))
        note = locale.ngettext(
            "%(count)s of %(total)s failed", "%(count)s of %(total)s failed", failed, total=total
        )
    is_any_late = any(is_late(one, facts.now) for one in facts.repositories)
    state = "bad" if failed else "warn" if is_any_late else "good"
    return Figure(name, locale.ago(min(passes), facts.now), note, state, part)


def _quarantine_figure(locale: Locale, facts: Facts) -> Figure:
    count = sum(facts.quarantine.values())
    words = locale.gettext("not billed") if count else locale.gettext("all is billed")
    return Figure(
        locale.gettext("Quarantine"),
        locale.number(count),
        _as_of(locale, facts, words),
        "warn" if count else "plain",
        "quarantine",
    )


def _incidents_figure(locale: Locale, facts: Facts) -> Figure:
    """Count the incidents, and say when the newest was first seen."""
    moments = [one.first_seen for one in facts.incidents if one.first_seen is not None]
    note = _as_of(locale, facts, locale.gettext("none"))
    if moments:
        note = locale.gettext("newest %(ago)s", ago=locale.ago(max(moments), facts.now))
    return Figure(
        locale.gettext("Incidents"),
        locale.number(facts.incident_count),
        note,
        "warn" if facts.incident_count else "plain",
        "incidents",
    )


def _jobs_figure(locale: Locale, facts: Facts) -> Figure:
    jobs = facts.jobs
    words = ""
    if jobs.dead:
        words = locale.ngettext("%(count)s given up", "%(count)s given up", jobs.dead)
    return Figure(
        locale.gettext("Jobs"),
        locale.ngettext("%(count)s open", "%(count)s open", jobs.waiting + jobs.running),
        _as_of(locale, facts, words),
        "bad" if jobs.dead else "plain",
        "jobs",
    )


def needs(locale: Locale, facts: Facts) -> list[tuple[str, str]]:
    """List what needs somebody, worst first, each with where to look."""
    return [
        *((words, "books") for words in _wrong_books(locale, facts)),
        *((words, "jobs") for words in _dead_jobs(locale, facts)),
        *((words, "repositories") for words in _unread_repositories(locale, facts)),
        *((words, "nodes") for words in _silent_nodes(locale, facts)),
        *((words, "incidents") for words in _open_incidents(locale, facts)),
        *((words, "quarantine") for words in _quarantined(locale, facts)),
        *((words, "nodes") for words in _unpushed(locale, facts)),
    ]


def _wrong_books(locale: Locale, facts: Facts) -> Iterator[str]:
    for check in facts.books.wrong:
        equation = locale.gettext(check.name)
        yield locale.gettext("The books differ: %(equation)s", equation=equation)


def _dead_jobs(locale: Locale, facts: Facts) -> Iterator[str]:
    if facts.jobs.dead:
        yield locale.ngettext("%(count)s job given up", "%(count)s jobs given up", facts.jobs.dead)


def _unread_repositories(locale: Locale, facts: Facts) -> Iterator[str]:
    for one in facts.repositories:
        if one.failure:
            yield locale.gettext("%(repository)s could not be read to the end", repository=one.name)
    for one in facts.repositories:
        if one.passed_at is not None and is_late(one, facts.now):
            yield locale.gettext(
                "%(repository)s was last read %(ago)s",
                repository=one.name,
                ago=locale.ago(one.passed_at, facts.now),
            )


def _silent_nodes(locale: Locale, facts: Facts) -> Iterator[str]:
    for node in facts.nodes[:_NEEDS_OF_A_KIND]:
        if is_silent(node, facts.now):
            span = locale.span(facts.now - node.changed_at)
            yield locale.gettext("Node %(node)s silent for %(span)s", node=node.node_id, span=span)


def _open_incidents(locale: Locale, facts: Facts) -> Iterator[str]:
    if facts.incident_count:
        yield locale.ngettext(
            "%(count)s incident to look at", "%(count)s incidents to look at", facts.incident_count
        )


def _quarantined(locale: Locale, facts: Facts) -> Iterator[str]:
    count = sum(facts.quarantine.values())
    if count:
        yield locale.ngettext(
            "%(count)s record or file not billed", "%(count)s records or files not billed", count
        )


def _unpushed(locale: Locale, facts: Facts) -> Iterator[str]:
    if facts.unpushed:
        yield locale.ngettext(
            "%(count)s hour recorded here and not pushed",
            "%(count)s hours recorded here and not pushed",
            facts.unpushed,
        )
