"""``hero_onboarding``: start, stop and inspect the services, and every command."""

import click

from hero_onboarding import __version__
from hero_onboarding.cli import (
    billing,
    checks,
    clients,
    key,
    keys,
    login,
    payments,
    prices,
    rpc,
    sandbox,
    service,
    wallet,
)


@click.group(invoke_without_command=True)
@click.version_option(__version__)
@click.option("--start", is_flag=True, help="Start the services.")
@click.option("--stop", is_flag=True, help="Stop the services.")
@click.option("--status", is_flag=True, help="Say whether they run.")
@click.pass_context
def main(context: click.Context, *, start: bool, stop: bool, status: bool) -> None:
    """Run the Hero network's onboarding and billing.

    Results go to standard output, everything else to standard error. Exit codes: 0 done,
    1 refused, 2 wrong use, 3 try again.
    """
    named = {"start": start, "stop": stop, "status": status}
    wanted = [name for name, is_wanted in named.items() if is_wanted]
    if len(wanted) + (context.invoked_subcommand is not None) > 1:
        raise click.UsageError("give one of --start, --stop, --status or a command, no two")
    if wanted:
        service.act(wanted[0])
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
    key.key,
    keys.keys,
    clients.clients,
    payments.payments,
    prices.prices,
    rpc.rpc,
    login.login,
    checks.doctor,
    checks.infocheck,
    sandbox.sandbox,
):
    main.add_command(command)
