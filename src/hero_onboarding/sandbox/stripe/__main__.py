"""Run a stand-in for Stripe in the foreground until SIGTERM or Ctrl-C."""

import click

from hero_onboarding.sandbox.errors import NotLoopbackError
from hero_onboarding.sandbox.stand_in import cannot_listen, serve_until_signal
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
        raise cannot_listen(listen, error) from error
    serve_until_signal(stripe, secret_key=stripe.secret_key, webhook_secret=secret)


if __name__ == "__main__":
    main()
