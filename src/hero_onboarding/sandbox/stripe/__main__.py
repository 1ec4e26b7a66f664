"""Run a stand-in for Stripe in the foreground until SIGTERM or Ctrl-C."""

import json
import signal
import threading

import click

from hero_onboarding.sandbox.errors import NotLoopbackError
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError
from hero_onboarding.sandbox.stripe.launcher import SandboxStripe


@click.command()
@click.option("--listen", default="127.0.0.1:0", show_default=True, help="Loopback host:port.")
@click.option("--webhook", help="Loopback address that is told of every event.")
@click.option("--webhook-secret", default="", help="Its secret, whsec_…; made up without it.")
def main(listen: str, webhook: str | None, webhook_secret: str) -> None:
    """Serve a stand-in for Stripe and print one JSON line: url, secret key, webhook secret."""
    try:
        stripe = SandboxStripe(listen=listen)
        secret = stripe.add_endpoint(webhook, secret=webhook_secret) if webhook else None
    except (NotLoopbackError, StripeAnswerError) as refusal:
        raise click.UsageError(str(refusal)) from refusal
    except OSError as error:
        message = f"can't listen on {listen}: {error.strerror}; name another --listen"
        raise click.ClickException(message) from error
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with stripe:
        ready = {"url": stripe.url, "secret_key": stripe.secret_key, "webhook_secret": secret}
        click.echo(json.dumps(ready))
        ended.wait()


if __name__ == "__main__":
    main()
