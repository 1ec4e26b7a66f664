"""Incidents as an operator reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from hero_onboarding.admin.pages.words import INCIDENTS
from hero_onboarding.incidents import Incident
from hero_onboarding.languages import Locale, Moment


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


def incident_line(locale: Locale, incident: Incident) -> IncidentLine:
    """Write one incident."""
    first, last = incident.first_seen, incident.last_seen
    assert first is not None, incident
    assert last is not None, incident
    explained = INCIDENTS[incident.kind]
    return IncidentLine(
        number=incident.number,
        what=locale.gettext(explained.what),
        meaning=locale.gettext(explained.meaning),
        remedy=locale.gettext(explained.remedy),
        place=" ".join(part for part in (incident.repository, incident.path) if part),
        since=locale.moment(first),
        again=_again(locale, incident.times, last) if incident.times > 1 else "",
        evidence=_evidence(incident.evidence),
    )


def _again(locale: Locale, times: int, last: datetime) -> str:
    return locale.ngettext(
        "seen %(count)s time, last %(at)s",
        "seen %(count)s times, last %(at)s",
        times,
        at=locale.moment(last).text,
    )


def _evidence(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), _text(value)) for name, value in evidence.items()]


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
