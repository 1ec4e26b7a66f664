"""``hero_onboarding_server``: the site of the end user and the billing API."""

import sys

import click

from hero_onboarding import __version__


@click.command()
@click.version_option(__version__)
def main() -> None:
    """Serve the site and the billing API in the foreground until SIGTERM.

    Settings come from the environment (HERO_ONBOARDING_…); see docs/settings.md.
    """
    from hero_onboarding.bootstrap.server_address import SERVER
    from hero_onboarding.bootstrap.start import run

    sys.exit(run(SERVER))
