"""``hero_onboarding payments``: what providers told, once more."""

from datetime import UTC, datetime

import click

from hero_onboarding.cli.session import Session

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def payments() -> None:
    """Look after payments."""


@payments.group("notices")
def notices() -> None:
    """Look after what payment providers told."""


@notices.command("replay")
@click.option("--since", type=click.DateTime(), help="Look from this instant on, in UTC.")
@as_json
def replay_notices(*, since: datetime | None, as_json: bool) -> None:
    """Look at kept notices as if they came now. Repeating is safe: no payment counts twice."""
    session = Session.from_environment()
    body = {} if since is None else {"since": since.replace(tzinfo=UTC).isoformat()}
    session.show_counts(session.post("/v1/notices/replay", body), as_json=as_json)
