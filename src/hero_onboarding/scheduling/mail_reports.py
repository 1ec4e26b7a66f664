"""Where mail meets incidents."""

from datetime import datetime

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.mail import GivenUp


def report_mail(tx: Transaction, given_up: GivenUp, now: datetime) -> None:
    """Open an incident about a mail that is given up; those that fail alike are one."""
    evidence = {"failure": given_up.failure, "text": given_up.text, "mail": given_up.id}
    incident = Incident(
        IncidentKind.MAIL_GIVEN_UP, "", "", evidence, identity={"failure": given_up.failure}
    )
    open_incident(tx, incident, now)
