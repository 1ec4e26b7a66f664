"""``hero_onboarding --start``, ``--stop`` and ``--status``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
    with _explained():
        if systemd is None:
            start_detached(settings, environment)
        else:
            systemd.start(environment)
    _status()


def _stop() -> None:
    """Stop the services; stopping twice is stopping once."""
    from hero_onboarding.bootstrap.services_control import (
        find_systemd,
        status_of,
        stop_detached,
    )

    settings = load_settings()
    systemd = find_systemd(settings)
    with _explained():
        has_units = systemd is not None and systemd.stop()
        # What runs beside the units, such as a server in a terminal, is stopped too.
        has_processes = stop_detached(settings)
    if has_units or has_processes:
        click.echo("stopped")
        return
    left = [one for one in status_of(settings) if one.is_healthy]
    if left:
        message = f"{left[0].name} at {left[0].origin} is not of this data folder, or of another"
        raise CommandError(f"{message} user; stop it where it was started")
    click.echo("nothing ran")


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what starting and stopping may fail with into a sentence and a code."""
    from hero_onboarding.bootstrap.detached import StartFailedError

    try:
        yield
    except StartFailedError as error:
        raise CommandError(str(error), error.exit_code) from None
    except HeroError as error:
        raise CommandError(str(error), EXIT_TRY_AGAIN) from None
    except OSError as error:
        raise CommandError(f"can't write the data folder or stop: {error}") from None


def _status() -> None:
    """Say whether each program answers; exits 3 when one does not."""
    from hero_onboarding.bootstrap.services_control import status_of

    found = status_of(load_settings())
    for one in found:
        state = "runs" if one.is_healthy else "does not answer"
        process = f", process {one.pid}" if one.pid is not None else ""
        click.echo(f"{one.name} {state} at {one.origin}{process}")
    sys.exit(0 if all(one.is_healthy for one in found) else EXIT_TRY_AGAIN)
