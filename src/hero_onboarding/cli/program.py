"""``hero_onboarding``: start, stop and inspect the services, and every command."""

import click

from hero_onboarding import __version__
from hero_onboarding.cli import billing, checks, sandbox, service, wallet


@click.group(invoke_without_command=True)
@click.version_option(__version__)
@click.option("--start", "wanted", flag_value="start", help="Start the services.")
@click.option("--stop", "wanted", flag_value="stop", help="Stop the services.")
@click.option("--status", "wanted", flag_value="status", help="Say whether they run.")
@click.pass_context
def main(context: click.Context, wanted: str | None) -> None:
    """Run the Hero network's onboarding and billing.

    Results go to standard output, everything else to standard error. Exit codes: 0 done,
    1 refused, 2 wrong use, 3 try again.
    """
    if wanted is not None:
        service.act(wanted)
    elif context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    billing.aggregate,
    billing.quarantine,
    billing.incidents,
    billing.books,
    billing.rights,
    wallet.users,
    wallet.wallet,
    checks.doctor,
    checks.infocheck,
    sandbox.sandbox,
):
    main.add_command(command)
