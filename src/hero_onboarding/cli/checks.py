"""``hero_onboarding doctor`` and ``hero_onboarding infocheck``."""

import logging
import os
import sys
from typing import TYPE_CHECKING, Final

import click

from hero_onboarding.cli.session import EXIT_REFUSED, load_settings

if TYPE_CHECKING:
    from hero_onboarding.bootstrap.infocheck import ProgramCheck

_NOWHERE: Final = logging.NullHandler()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(*, as_json: bool) -> None:
    """Explain everything that is wrong or missing, each in a sentence with its remedy.

    Changes nothing. Exits 1 when something has to be mended.
    """
    from hero_onboarding.bootstrap.doctor import examine

    # What a provider answers is a finding; a line of a log beside it would say it twice.
    logging.getLogger("hero_onboarding.payments").addHandler(_NOWHERE)
    findings = examine(os.environ)  # noqa: TID251 - examined here, read nowhere else
    if as_json:
        import json

        rows = [{"level": f.level, "subject": f.subject, "sentence": f.sentence} for f in findings]
        click.echo(json.dumps(rows))
    else:
        signs = {"ok": "✓", "warning": "!", "wrong": "✗"}
        for finding in findings:
            click.echo(f"{signs[finding.level]} {finding.subject}: {finding.sentence}")
    sys.exit(EXIT_REFUSED if any(f.level == "wrong" for f in findings) else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def infocheck(*, as_json: bool) -> None:
    """Check the service.toml of every program against this installation.

    Exits 1 when one does not agree with what is installed or set.
    """
    from hero_onboarding.bootstrap.infocheck import check_programs

    results = check_programs(load_settings())
    if as_json:
        import json

        rows = [
            {
                "name": r.name,
                "kind": r.kind,
                "running": r.is_running,
                "socket": r.has_socket,
                "problems": list(r.problems),
            }
            for r in results
        ]
        click.echo(json.dumps(rows))
    else:
        for result in results:
            state = "; ".join(result.problems) or "ok"
            running = {None: "", True: ", runs", False: ", does not run"}[result.is_running]
            click.echo(f"{result.name} ({result.kind}{running}{_socket_of(result)}): {state}")
    sys.exit(EXIT_REFUSED if any(result.problems for result in results) else 0)


def _socket_of(result: "ProgramCheck") -> str:
    """Say of a program that has a socket whether it is answered there."""
    words = {None: "", True: ", answers at its socket", False: ", does not answer at its socket"}
    return words[result.has_socket]
