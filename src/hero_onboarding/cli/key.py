"""``hero_onboarding key``: the mycelium key of this machine."""

import sys
from pathlib import Path

import click

from hero_onboarding.cli.session import CommandError
from hero_onboarding.kernel.errors import HeroError


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
    from hero_onboarding.identity import read_key_file, usual_places

    places = [key_file] if key_file is not None else usual_places(Path.home(), sys.platform)
    try:
        found = read_key_file(places)
    except HeroError as error:
        raise CommandError(f"{error.code}: {error}") from None
    if found.is_wide_open:
        click.echo(f"{found.path} can be read by others; run: chmod 640 {found.path}", err=True)
    address = str(found.public_key.address)
    if as_json:
        import json

        shown = {"address": address, "public_key": str(found.public_key), "file": str(found.path)}
        click.echo(json.dumps(shown))
    else:
        click.echo(
            f"address     {address}\npublic key  {found.public_key}\nfile        {found.path}"
        )
