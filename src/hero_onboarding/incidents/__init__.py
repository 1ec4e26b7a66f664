"""What somebody must look at, with evidence; each thing once."""

from hero_onboarding.incidents.service import (
    Incident,
    IncidentKind,
    count_incidents,
    list_incidents,
    open_incident,
)

__all__ = ["Incident", "IncidentKind", "count_incidents", "list_incidents", "open_incident"]
