"""Call a person about what can't be explained; about each thing once."""

from datetime import datetime

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.payments.reconciling.findings import Oddity, Report


def report_items(tx: Transaction, report: Report, now: datetime) -> None:
    """Open an incident for each item; one that was named before is counted as seen again."""
    for item in report.items:
        identity = {"provider": report.provider, "about": item.about, "thing": item.reference}
        if item.oddity is Oddity.OTHER_BALANCE:
            identity["difference"] = str(item.amount - (item.booked or 0))
        booked = "nothing" if item.booked is None else f"{item.booked} {item.currency}"
        evidence = {
            "provider": report.provider,
            "why": str(item.oddity),
            "about": item.about,
            "thing": item.reference,
            "payment": item.payment_id,
            "provider_says": f"{item.amount} {item.currency}",
            "books_say": booked,
            "sentence": item.sentence,
        }
        incident = Incident(IncidentKind.RECONCILIATION, "", "", evidence, identity=identity)
        open_incident(tx, incident, now)
