"""Commands about users and their wallets."""

import csv
import io
from datetime import datetime

import click

from hero_onboarding.cli.amount import Amount
from hero_onboarding.cli.instant import Instant
from hero_onboarding.cli.session import Session, path_of
from hero_onboarding.kernel.money import Money

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def users() -> None:
    """Create and list users."""


@users.command("create")
@click.option("--sid", help="The user's sid; the next free one when absent.")
@click.option("--name", default="", help="A name to show.")
@as_json
def create_user(*, sid: str | None, name: str, as_json: bool) -> None:
    """Create a user with an empty wallet. With --sid, repeating is safe."""
    session = Session.from_environment()
    user = session.post("/v1/users", {"sid": sid, "name": name})
    session.show(user, as_json=as_json, text=user["sid"])


@users.command("list")
@click.option("--cursor", help="Where the next page begins.")
@as_json
def list_users(*, cursor: str | None, as_json: bool) -> None:
    """List users, newest first."""
    session = Session.from_environment()
    page = session.get("/v1/users", cursor)
    session.show_page(page, ("sid", "name", "created_at"), as_json=as_json)


@click.group()
def wallet() -> None:
    """Look into wallets and adjust them."""


@wallet.command("show")
@click.argument("sid")
@as_json
def show_wallet(*, sid: str, as_json: bool) -> None:
    """Show the wallet of user SID."""
    session = Session.from_environment()
    found = session.get(path_of("v1", "users", sid, "wallet"))
    names = ("balance", "held", "available", "overdraft", "debt", "promo")
    text = "\n".join(f"{name:<10} {Money(found[name]).text(decimals=6)}" for name in names)
    session.show(found, as_json=as_json, text=text)


@wallet.command("movements")
@click.argument("sid")
@click.option("--cursor", help="Where the next page begins.")
@as_json
def show_movements(*, sid: str, cursor: str | None, as_json: bool) -> None:
    """List the statement of user SID in micro-dollars, newest first."""
    session = Session.from_environment()
    page = session.get(path_of("v1", "users", sid, "movements"), cursor)
    columns = ("at", "kind", "amount", "balance_after", "detail")
    session.show_page(page, columns, as_json=as_json)


@wallet.command("write-off")
@click.argument("sid")
@click.argument("amount", type=Amount())
@click.option("--reason", required=True, help="Why nobody is asked for it any more.")
@click.option("--key", required=True, help="Makes repeating safe: once per user and key.")
@as_json
def write_off_debt(*, sid: str, amount: Money, reason: str, key: str, as_json: bool) -> None:
    """Give up AMOUNT US dollars of the debt of user SID; never more than it is."""
    session = Session.from_environment()
    body = {"amount": amount.units, "reason": reason, "idempotency_key": key}
    answer = session.post(path_of("v1", "users", sid, "debt-write-offs"), body)
    session.show(answer, as_json=as_json, text=f"{answer['status']}: {amount.text(decimals=6)}")


@wallet.command("statement")
@click.argument("sid")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, as the server gives it.")
@as_json
def show_statement(*, sid: str, as_csv: bool, as_json: bool) -> None:
    """Print the whole statement of user SID, oldest movement first."""
    session = Session.from_environment()
    text = session.get_text(path_of("v1", "users", sid, "statement.csv"))
    if as_csv:
        click.echo(text, nl=False)
        return
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    columns = ("time", "kind", "detail", "amount_usd", "balance_usd")
    session.show_rows(rows, columns, as_json=as_json)


@wallet.command("adjust", context_settings={"ignore_unknown_options": True})
@click.argument("sid")
@click.argument("amount", type=Amount())
@click.option("--reason", required=True, help="Why; stands on the statement.")
@click.option("--key", required=True, help="Makes repeating safe: once per user and key.")
@click.option("--allow-debt", is_flag=True, help="Let the net go below zero.")
@as_json
def adjust_wallet(
    *, sid: str, amount: Money, reason: str, key: str, allow_debt: bool, as_json: bool
) -> None:
    """Move AMOUNT US dollars between the wallet of user SID and adjustments."""
    session = Session.from_environment()
    body = {
        "amount": amount.units,
        "reason": reason,
        "idempotency_key": key,
        "allow_debt": allow_debt,
    }
    answer = session.post(path_of("v1", "users", sid, "adjustments"), body)
    session.show(answer, as_json=as_json, text=f"{answer['status']}: {amount.text(decimals=6)}")


@wallet.command("grant")
@click.argument("sid")
@click.argument("amount", type=Amount())
@click.option("--until", type=Instant(), required=True, help="When its life ends, in UTC.")
@click.option("--reason", required=True, help="Why; stands on the statement.")
@click.option("--key", required=True, help="Makes repeating safe: once per user and key.")
@as_json
def grant_credit(
    *, sid: str, amount: Money, until: datetime, reason: str, key: str, as_json: bool
) -> None:
    """Give user SID promotional credit of AMOUNT US dollars for use from this hour on."""
    session = Session.from_environment()
    body = {
        "amount": amount.units,
        "reason": reason,
        "idempotency_key": key,
        "expires_at": until.isoformat(),
    }
    grant = session.post(path_of("v1", "users", sid, "grants"), body)
    span = f"from {grant['begins_at']} until {grant['expires_at']}"
    session.show(grant, as_json=as_json, text=f"{amount.text(decimals=6)} for use {span}")


@wallet.command("grants")
@click.argument("sid")
@as_json
def show_grants(*, sid: str, as_json: bool) -> None:
    """List the promotional credit of user SID in micro-dollars, what expires first at the top."""
    session = Session.from_environment()
    found = session.get(path_of("v1", "users", sid, "grants"))
    columns = ("begins_at", "expires_at", "granted", "used", "expired", "left", "reason")
    session.show_rows(found["items"], columns, as_json=as_json)
