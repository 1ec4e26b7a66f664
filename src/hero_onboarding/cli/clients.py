"""``hero_onboarding clients``: the services that sign their users in here."""

from collections.abc import Mapping
from typing import Any

import click

from hero_onboarding.cli.session import Session, path_of

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def clients() -> None:
    """Register, list and revoke services that sign their users in here."""


@clients.command("create")
@click.option("--name", required=True, help="What users are told that the service is called.")
@click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    required=True,
    help="Where it takes its users back; may be given again.",
)
@click.option("--public", "is_public", is_flag=True, help="It can keep no secret: an app.")
@click.option(
    "--algorithm",
    type=click.Choice(["ES256", "RS256"]),
    default="ES256",
    help="What its identity tokens are signed with.",
)
@as_json
def create_client(
    *, name: str, redirect_uris: tuple[str, ...], is_public: bool, algorithm: str, as_json: bool
) -> None:
    """Register a service and print its secret, this once. Doing it twice makes two."""
    session = Session.of_operator()
    body = {"name": name, "redirect_uris": redirect_uris, "is_public": is_public}
    body["algorithm"] = algorithm
    made = session.post("/admin/openid/clients", body)
    session.show(made, as_json=as_json, text=made["secret"] or made["id"])
    what = "it has no secret" if made["secret"] is None else "keep its secret now, it is shown once"
    click.echo(f"client {made['id']}: {what}; its issuer is this site's public URL", err=True)


@clients.command("list")
@click.option("--cursor", help="Where the next page begins.")
@as_json
def list_clients(*, cursor: str | None, as_json: bool) -> None:
    """List services, newest first, without their secrets."""
    session = Session.of_operator()
    page = session.get("/admin/openid/clients", cursor)
    columns = ("id", "name", "redirect_uris", "algorithm", "is_public", "created_at", "revoked_at")
    rows = page["items"] if as_json else [_row(one) for one in page["items"]]
    session.show_page({**page, "items": rows}, columns, as_json=as_json)


@clients.command("revoke")
@click.argument("client_id", metavar="ID")
@as_json
def revoke_client(*, client_id: str, as_json: bool) -> None:
    """Revoke the service ID for ever, with all that it was given. Repeating is safe."""
    session = Session.of_operator()
    found = session.post(path_of("admin", "openid", "clients", client_id, "revoke"), {})
    text = f"client {found['id']} revoked at {found['revoked_at']}"
    session.show(found, as_json=as_json, text=text)


@clients.command("rotate-keys")
@as_json
def rotate_keys(*, as_json: bool) -> None:
    """Make new keys, which sign identity tokens in six minutes: services have to see them first."""
    session = Session.of_operator()
    found = session.post("/admin/openid/keys/rotate", {})
    session.show(
        found, as_json=as_json, text=f"in six minutes these sign: {' '.join(found['kids'])}"
    )


def _row(client: Mapping[str, Any]) -> dict[str, Any]:
    return {**client, "redirect_uris": " ".join(client["redirect_uris"])}
