"""Run a stand-in for ClickPesa in the foreground until SIGTERM or Ctrl-C."""

import click

from hero_onboarding.sandbox.clickpesa.launcher import DEFAULT_CREDENTIALS, SandboxClickPesa
from hero_onboarding.sandbox.clickpesa.merchant import Credentials
from hero_onboarding.sandbox.errors import BadOrderError, NotLoopbackError
from hero_onboarding.sandbox.stand_in import cannot_listen, serve_until_signal


@click.command()
@click.option("--listen", default="127.0.0.1:0", show_default=True, help="Loopback host:port.")
@click.option("--webhook", help="Loopback address that is told of every event.")
@click.option("--client-id", default=DEFAULT_CREDENTIALS.client_id, help="The client id.")
@click.option("--api-key", default=DEFAULT_CREDENTIALS.api_key, help="The API key.")
@click.option("--checksum-key", default=DEFAULT_CREDENTIALS.checksum_key, help="The checksum key.")
def main(listen: str, webhook: str | None, client_id: str, api_key: str, checksum_key: str) -> None:
    """Serve a stand-in for ClickPesa and print one JSON line: addresses and credentials."""
    credentials = Credentials(client_id, api_key, checksum_key)
    try:
        clickpesa = SandboxClickPesa(listen=listen, credentials=credentials)
        if webhook:
            clickpesa.act("endpoints", url=webhook)
    except (NotLoopbackError, BadOrderError) as refusal:
        raise click.UsageError(str(refusal)) from refusal
    except OSError as error:
        raise cannot_listen(listen, error) from error
    serve_until_signal(
        clickpesa,
        api_url=clickpesa.api_url,
        phone_url=f"{clickpesa.url}/phone",
        client_id=client_id,
        api_key=api_key,
        checksum_key=checksum_key,
    )


if __name__ == "__main__":
    main()
