"""``hero_onboarding --start``, ``--stop`` and ``--status``."""

import os
import sys

import click

from hero_onboarding.cli.session import EXIT_TRY_AGAIN, CommandError, load_settings
from hero_onboarding.kernel.errors import HeroError


def act(wanted: str) -> None:
    """Start, stop or inspect the services."""
    actions = {"start": _start, "stop": _stop, "status": _status}
    actions[wanted]()


def _start() -> None:
    """Start the services and say where they are; starting twice is starting once."""
    from hero_onboarding.bootstrap.services_control import (
        find_systemd,
        start_detached,
        with_absolute_paths,
    )

    settings = load_settings()
    environment = with_absolute_paths(os.environ)  # noqa: TID251 - handed on to the programs
    systemd = find_systemd(settings)
    try:
        if systemd is None:
            start_detached(settings, environment)
        else:
            systemd.start(environment)
    except HeroError as error:
        raise CommandError(str(error), EXIT_TRY_AGAIN) from None
    except OSError as error:
        raise CommandError(f"can't write: {error}") from None
    _status()


def _stop() -> None:
    """Stop the services; stopping twice is stopping once."""
    from hero_onboarding.bootstrap.services_control import find_systemd, stop_detached

    settings = load_settings()
    systemd = find_systemd(settings)
    if systemd is not None:
        systemd.stop()
        click.echo("stopped")
    elif stop_detached(settings):
        click.echo("stopped")
    else:
        click.echo("nothing ran")


def _status() -> None:
    """Say whether each program answers; exits 3 when one does not."""
    from hero_onboarding.bootstrap.services_control import status_of

    found = status_of(load_settings())
    for one in found:
        state = "runs" if one.is_healthy else "does not answer"
        process = f", process {one.pid}" if one.pid is not None else ""
        click.echo(f"{one.name} {state} at {one.origin}{process}")
    sys.exit(0 if all(one.is_healthy for one in found) else EXIT_TRY_AGAIN)
