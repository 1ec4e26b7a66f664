"""``hero_onboarding sandbox``: stand-ins for the outside, on loopback only."""

import click

from hero_onboarding.cli.session import Session


@click.group()
def sandbox() -> None:
    """Run stand-ins for what the product talks to, and set the sandbox's clock."""


@sandbox.command("clock")
@click.option("--now", help="An instant with offset, such as 2026-03-01T10:00:00Z.")
@click.option("--advance", "seconds", type=int, help="So many seconds on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def set_clock(*, now: str | None, seconds: int | None, as_json: bool) -> None:
    """Set the running server's clock forward; it never goes back."""
    if (now is None) == (seconds is None):
        raise click.UsageError("give either --now or --advance")
    session = Session.from_environment()
    body = {"now": now} if now is not None else {"advance_seconds": seconds}
    answer = session.post("/sandbox/clock", body)
    session.show(answer, as_json=as_json, text=answer["now"])


@sandbox.command(
    "forge",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def serve_forge(context: click.Context) -> None:
    """Serve a stand-in for Forgejo over real git repositories; see --help of it."""
    from hero_onboarding.sandbox.forge.__main__ import main

    main(context.args, prog_name="hero_onboarding sandbox forge")


@sandbox.command(
    "stripe",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def serve_stripe(context: click.Context) -> None:
    """Serve a stand-in for Stripe, its Checkout page included; see --help of it."""
    from hero_onboarding.sandbox.stripe.__main__ import main

    main(context.args, prog_name="hero_onboarding sandbox stripe")


@sandbox.command(
    "clickpesa",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def serve_clickpesa(context: click.Context) -> None:
    """Serve a stand-in for ClickPesa and the phones that it asks; see --help of it."""
    from hero_onboarding.sandbox.clickpesa.__main__ import main

    main(context.args, prog_name="hero_onboarding sandbox clickpesa")
