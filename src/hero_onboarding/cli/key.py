"""``hero_onboarding key``: the mycelium key of this machine."""

import sys
from pathlib import Path

import click


@click.group()
def key() -> None:
    """Look at the mycelium key of this machine."""


@key.command("show")
@click.option(
    "-k", "--key-file", type=click.Path(path_type=Path), help="The daemon's key file; else found."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_key(*, key_file: Path | None, as_json: bool) -> None:
    """Show the address and the public key that follow from a secret key.

    The secret is read and never shown. Needs no server and no daemon.
    """
    from hero_onboarding.cli.agreement import agree
    from hero_onboarding.helper.curve import BASE_POINT
    from hero_onboarding.helper.key_file import read_key, usual_places
    from hero_onboarding.helper.outcome import Stop
    from hero_onboarding.identity import PublicKey

    places = [key_file] if key_file else usual_places(Path.home(), sys.platform)
    try:
        found = read_key(places)
    except Stop as stop:
        click.echo(f"hero_onboarding: {stop.sentence}.", err=True)
        raise click.exceptions.Exit(stop.exit_code) from None
    public = agree(found.secret, BASE_POINT)
    assert public is not None, "the base point has a large order"
    public_key = PublicKey(public)
    if found.is_wide_open:
        click.echo(f"{found.path} can be read by others; run: chmod 640 {found.path}", err=True)
    address = str(public_key.address)
    if as_json:
        import json

        shown = {"address": address, "public_key": str(public_key), "file": str(found.path)}
        click.echo(json.dumps(shown))
    else:
        click.echo(f"address     {address}\npublic key  {public_key}\nfile        {found.path}")
