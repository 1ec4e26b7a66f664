"""``hero_onboarding payments``: rates, and what providers told, once more."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from hero_onboarding.cli.session import Session

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def payments() -> None:
    """Look after payments."""


@payments.group("rates")
def rates() -> None:
    """Show and set what other currencies are worth."""


@rates.command("show")
@as_json
def show_rates(*, as_json: bool) -> None:
    """Show how much of each currency a dollar is, and what a payer pays for it."""
    session = Session.from_environment()
    found = session.get("/v1/exchange-rates")
    lines = [_line(rate) for rate in found["rates"]]
    text = "\n".join(lines) or "no rates are set; run: hero_onboarding payments rates set"
    session.show(found, as_json=as_json, text=text)


@rates.command("set")
@click.argument("rate")
@click.option("--currency", default="TZS", show_default=True, help="Of which currency.")
@as_json
def set_rate(*, rate: str, currency: str, as_json: bool) -> None:
    """Set RATE: how much of the currency a dollar is, without margin. It counts until changed."""
    _publish({"currency": currency, "rate": rate}, as_json=as_json)


@rates.command("follow")
@click.option("--currency", default="TZS", show_default=True, help="Of which currency.")
@as_json
def follow_rate(*, currency: str, as_json: bool) -> None:
    """Have the payment provider's rate count again, now and every hour."""
    _publish({"currency": currency, "follow": True}, as_json=as_json)


def _publish(body: Mapping[str, object], *, as_json: bool) -> None:
    session = Session.from_environment()
    rate = session.post("/v1/exchange-rates", body)
    session.show(rate, as_json=as_json, text=_line(rate))


def _line(rate: Mapping[str, Any]) -> str:
    whole, hundredths = divmod(int(rate["margin_basis_points"]), 100)
    return (
        f"{rate['currency']} {rate['rate']} for a dollar, {rate['applied']} with"
        f" {whole}.{hundredths:02} % on top ({rate['source']}, {rate['published_at']})"
    )


@payments.group("notices")
def notices() -> None:
    """Look after what payment providers told."""


@notices.command("replay")
@click.option("--since", type=click.DateTime(), help="Look from this instant on, in UTC.")
@as_json
def replay_notices(*, since: datetime | None, as_json: bool) -> None:
    """Look at kept notices as if they came now. Repeating is safe: no payment counts twice."""
    session = Session.from_environment()
    body = {} if since is None else {"since": since.replace(tzinfo=UTC).isoformat()}
    session.show_counts(session.post("/v1/notices/replay", body), as_json=as_json)
