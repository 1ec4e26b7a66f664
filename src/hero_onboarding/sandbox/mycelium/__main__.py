"""Run a stand-in for a mycelium daemon in the foreground until SIGTERM or Ctrl-C."""

import json
import signal
import threading

import click

from hero_onboarding.sandbox.errors import NotLoopbackError
from hero_onboarding.sandbox.mycelium.launcher import SandboxMycelium


@click.command()
@click.option("--listen", default="127.0.0.1:8989", show_default=True, help="Loopback host:port.")
@click.option("--node", "nodes", multiple=True, help="Public key of a node, 64 hex; repeatable.")
def main(listen: str, nodes: tuple[str, ...]) -> None:
    """Serve a stand-in for a mycelium daemon and print one JSON line: url and node addresses."""
    try:
        keys = [bytes.fromhex(node) for node in nodes]
        daemon = SandboxMycelium(listen=listen)
    except (NotLoopbackError, ValueError) as refusal:
        raise click.UsageError(str(refusal)) from refusal
    except OSError as error:
        message = f"can't listen on {listen}: {error.strerror}; name another --listen"
        raise click.ClickException(message) from error
    addresses = [str(daemon.overlay.add_node(key)) for key in keys]
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with daemon:
        click.echo(json.dumps({"url": daemon.url, "nodes": addresses}))
        ended.wait()


if __name__ == "__main__":
    main()
