"""``hero_onboarding_admin``: the operator's dashboard, and the hourly one-shot."""

import sys

import click

from hero_onboarding import __version__


@click.group(invoke_without_command=True)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Serve the operator's dashboard in the foreground until SIGTERM.

    On SQLite this is the same process as hero_onboarding_server, with both listeners.
    """
    if context.invoked_subcommand is None:
        from hero_onboarding.bootstrap.server_address import ADMIN
        from hero_onboarding.bootstrap.start import run

        sys.exit(run(ADMIN))


@main.command("push-usage")
@click.option("--once", is_flag=True, required=True, help="Push once and exit.")
@click.option("--full", is_flag=True, help="Look at every bucket again, not only changed ones.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def push_usage(*, once: bool, full: bool, as_json: bool) -> None:
    """Ask the running server to push usage to the billing repository.

    Repeating is safe. Exits 0 when all was pushed, 3 when something has to be tried again.
    """
    from hero_onboarding.cli.session import Session

    assert once
    session = Session.from_environment()
    counts = session.post("/admin/push-usage-now", {"full": full})
    session.show_counts(counts, as_json=as_json)
    sys.exit(3 if counts["failures"] else 0)
