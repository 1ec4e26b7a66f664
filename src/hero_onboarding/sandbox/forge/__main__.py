"""Run a sandbox forge in the foreground until SIGTERM or Ctrl-C."""

import json
import signal
import threading
from pathlib import Path

import click

from hero_onboarding.sandbox.errors import NotLoopbackError
from hero_onboarding.sandbox.forge.launcher import USER, SandboxForge
from hero_onboarding.sandbox.forge.switches import Settings
from hero_onboarding.sandbox.forge.versions import BEHAVIOURS


@click.command()
@click.option("--listen", default="127.0.0.1:0", show_default=True, help="Loopback host:port.")
@click.option(
    "--root", required=True, type=click.Path(path_type=Path), help="Repositories' folder."
)
@click.option("--state", type=click.Path(path_type=Path), help="Accounts' file.  [ROOT/forge.json]")
@click.option(
    "--server",
    type=click.Choice(list(BEHAVIOURS)),
    default="forgejo-late",
    show_default=True,
    help="The server version that is acted.",
)
@click.option("--repository", "repositories", multiple=True, help="owner/name, made if missing.")
@click.option("--password", default="", help=f"Password of the user {USER!r}; none without it.")
def main(
    listen: str,
    root: Path,
    state: Path | None,
    server: str,
    repositories: tuple[str, ...],
    password: str,
) -> None:
    """Serve a stand-in for Forgejo and print one JSON line: url, user and tokens."""
    settings = Settings(server=server)  # type: ignore[arg-type]  # click has checked the name
    try:
        forge = SandboxForge(root, listen=listen, state=state, settings=settings, password=password)
    except NotLoopbackError as refusal:
        raise click.UsageError(str(refusal)) from refusal
    for full_name in repositories:
        forge.create_repository(full_name)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with forge:
        ready = {
            "url": forge.url,
            "user": USER,
            "token": forge.token,
            "read_token": forge.read_token,
        }
        click.echo(json.dumps(ready))
        ended.wait()


if __name__ == "__main__":
    main()
