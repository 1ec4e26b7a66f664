"""``hero_onboarding keys``: the API keys of a server."""

from collections.abc import Mapping
from typing import Any

import click

from hero_onboarding.cli.session import Session, path_of

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def keys() -> None:
    """Make, list and revoke API keys of nodes and scripts."""


@keys.command("create")
@click.option("--label", required=True, help="What it is for; stands in the list.")
@click.option("--scope", "scopes", multiple=True, required=True, help="May be given again.")
@click.option("--node", help="The node that usage:record is for.")
@click.option("--user", "user_sid", help="The sid of the user that account:read is for.")
@click.option("--expires-days", type=int, help="Days until it is over; never when absent.")
@as_json
def create_key(
    *,
    label: str,
    scopes: tuple[str, ...],
    node: str | None,
    user_sid: str | None,
    expires_days: int | None,
    as_json: bool,
) -> None:
    """Make an API key and print it, this once. Doing it twice makes two."""
    session = Session.of_operator()
    body = {
        "label": label,
        "scopes": scopes,
        "node_id": node,
        "user_sid": user_sid,
        "expires_days": expires_days,
    }
    made = session.post("/admin/api-keys", body)
    session.show(made, as_json=as_json, text=made["key"])
    said = (
        f"key {made['id']}: keep it now, it is never shown again; send it as"
        " Authorization: Bearer, or set HERO_ONBOARDING_API_KEY for commands"
    )
    click.echo(said, err=True)


@keys.command("list")
@click.option("--cursor", help="Where the next page begins.")
@as_json
def list_keys(*, cursor: str | None, as_json: bool) -> None:
    """List API keys, newest first, without what opens."""
    session = Session.of_operator()
    page = session.get("/admin/api-keys", cursor)
    columns = ("id", "label", "scopes", "for", "last_used_at", "expires_at", "revoked_at")
    rows = page["items"] if as_json else [_row(one) for one in page["items"]]
    session.show_page({**page, "items": rows}, columns, as_json=as_json)


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@as_json
def revoke_key(*, key_id: str, as_json: bool) -> None:
    """Revoke the API key ID for ever. Repeating is safe."""
    session = Session.of_operator()
    key = session.post(path_of("admin", "api-keys", key_id, "revoke"), {})
    session.show(key, as_json=as_json, text=f"key {key['id']} revoked at {key['revoked_at']}")


def _row(key: Mapping[str, Any]) -> dict[str, Any]:
    return {**key, "scopes": " ".join(key["scopes"]), "for": key["node_id"] or key["user_sid"]}
