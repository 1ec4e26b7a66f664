"""Incidents as an operator reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from hero_onboarding.admin.pages.words import INCIDENTS
from hero_onboarding.http.wording import Moment, count_text, moment_of
from hero_onboarding.incidents import Incident


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident with its evidence, name by name."""

    number: int
    what: str
    meaning: str
    remedy: str
    place: str
    since: Moment
    again: str
    evidence: Sequence[tuple[str, str]]


def incident_line(incident: Incident) -> IncidentLine:
    """Write one incident."""
    first, last = incident.first_seen, incident.last_seen
    assert first is not None, incident
    assert last is not None, incident
    explained = INCIDENTS[incident.kind]
    times = count_text(incident.times, "time")
    return IncidentLine(
        number=incident.number,
        what=explained.what,
        meaning=explained.meaning,
        remedy=explained.remedy,
        place=" ".join(part for part in (incident.repository, incident.path) if part),
        since=moment_of(first),
        again=f"seen {times}, last {moment_of(last).text}" if incident.times > 1 else "",
        evidence=_evidence(incident.evidence),
    )


def _evidence(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), _text(value)) for name, value in evidence.items()]


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
