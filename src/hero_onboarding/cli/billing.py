"""Commands of the centre: aggregate, quarantine, incidents, books, rights."""

import sys

import click

from hero_onboarding.cli.amount import Amount
from hero_onboarding.cli.session import EXIT_REFUSED, EXIT_TRY_AGAIN, Session
from hero_onboarding.kernel.money import Money

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.option("--once", is_flag=True, required=True, help="Make one pass and exit.")
@as_json
def aggregate(*, once: bool, as_json: bool) -> None:
    """Read all billing repositories and post all charges that follow.

    Repeating is safe. Exits 3 when a repository could not be read to the end.
    """
    assert once
    session = Session.from_environment()
    counts = session.post("/admin/aggregate-now", {})
    session.show_counts(counts, as_json=as_json)
    sys.exit(EXIT_TRY_AGAIN if counts["failures"] else 0)


@click.group()
def quarantine() -> None:
    """Look at what is not billed, and try it again."""


@quarantine.command("list")
@click.option("--cursor", help="Where the next page begins.")
@as_json
def list_quarantine(*, cursor: str | None, as_json: bool) -> None:
    """List what is in quarantine, newest first."""
    session = Session.from_environment()
    page = session.get("/v1/quarantine", cursor)
    columns = ("first_seen", "reason", "path", "line", "idempotency_key", "detail")
    session.show_page(page, columns, as_json=as_json)


@quarantine.command("retry")
@as_json
def retry_quarantine(*, as_json: bool) -> None:
    """Try waiting records again; what leaves is charged by the next pass. Repeating is safe."""
    session = Session.from_environment()
    session.show_counts(session.post("/v1/quarantine/retry", {}), as_json=as_json)


@click.group()
def incidents() -> None:
    """Look at what somebody must look at."""


@incidents.command("list")
@click.option("--cursor", help="Where the next page begins.")
@as_json
def list_incidents(*, cursor: str | None, as_json: bool) -> None:
    """List incidents with evidence, newest first."""
    session = Session.from_environment()
    page = session.get("/v1/incidents", cursor)
    columns = ("first_seen", "times", "kind", "path", "evidence")
    session.show_page(page, columns, as_json=as_json)


@click.group()
def books() -> None:
    """Check the books."""


@books.command("check")
@as_json
def check_books(*, as_json: bool) -> None:
    """Check every equation in full; exits 1 when one does not hold."""
    session = Session.from_environment()
    found = session.get("/v1/books")
    if as_json:
        session.show(found, as_json=True, text="")
    else:
        session.show_rows(found["checks"], ("ok", "name", "left", "right"), as_json=False)
    sys.exit(0 if found["balanced"] else EXIT_REFUSED)


@click.group()
def rights() -> None:
    """Say which node may charge which user, and how much an hour."""


@rights.command("list")
@as_json
def list_rights(*, as_json: bool) -> None:
    """List rights to charge; empty means any node, any user, or no cap (micro-dollars)."""
    session = Session.from_environment()
    columns = ("number", "node_id", "user_sid", "micros_per_hour")
    session.show_rows(session.get("/v1/charge-rights"), columns, as_json=as_json)


@rights.command("give")
@click.option("--node", help="The node; any when absent.")
@click.option("--user", "user_sid", help="The user's sid; any when absent.")
@click.option(
    "--cap", type=Amount(), help="US dollars an hour at most, such as 2.50; none when absent."
)
@as_json
def give_right(*, node: str | None, user_sid: str | None, cap: Money | None, as_json: bool) -> None:
    """Let a node charge a user from now on. Giving it twice makes two rights."""
    session = Session.from_environment()
    micros = None if cap is None else cap.units
    body = {"node_id": node, "user_sid": user_sid, "micros_per_hour": micros}
    right = session.post("/v1/charge-rights", body)
    session.show(right, as_json=as_json, text=f"right {right['number']} given")


@rights.command("take")
@click.argument("number", type=int)
def take_right(number: int) -> None:
    """Take right NUMBER back; what was charged under it stays charged."""
    Session.from_environment().delete(f"/v1/charge-rights/{number}")
    click.echo(f"right {number} taken back")
