"""Run a sandbox forge in the foreground until SIGTERM or Ctrl-C."""

import json
import signal
import threading
from pathlib import Path

import click
import msgspec

from hero_onboarding.sandbox.errors import NotLoopbackError
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.launcher import USER, SandboxForge
from hero_onboarding.sandbox.forge.registry import Registry
from hero_onboarding.sandbox.forge.switches import Settings
from hero_onboarding.sandbox.forge.versions import BEHAVIOURS


def _read_repositories(
    _: click.Context, __: click.Parameter, full_names: tuple[str, ...]
) -> tuple[str, ...]:
    """Take names that may become folders."""
    for full_name in full_names:
        owner, _slash, name = full_name.partition("/")
        if not names.is_owner_name(owner) or not names.is_repository_name(name):
            raise click.BadParameter(f"{full_name!r} is not of the form owner/name")
    return full_names


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
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    callback=_read_repositories,
    help="owner/name, made if missing.",
)
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
        Registry(state or root / "forge.json")  # read before anything is made or listened on
        forge = SandboxForge(root, listen=listen, state=state, settings=settings, password=password)
        for full_name in repositories:
            forge.create_repository(full_name)
    except NotLoopbackError as refusal:
        raise click.UsageError(str(refusal)) from refusal
    except OSError as error:
        raise click.ClickException(_explain(error, listen)) from error
    except msgspec.MsgspecError as error:
        path = state or root / "forge.json"
        message = f"{path} is no file of accounts ({error}); remove it, or name another --state"
        raise click.ClickException(message) from error
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


def _explain(error: OSError, listen: str) -> str:
    """Say what can't be done; only writing has a file."""
    if error.filename is None:
        return f"can't listen on {listen}: {error.strerror}; name another --listen"
    return f"can't write {error.filename}: {error.strerror}; name another --root or --state"


if __name__ == "__main__":
    main()
