"""``hero_onboarding payments``: rates, and what providers told and have."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import click

from hero_onboarding.cli.instant import Instant
from hero_onboarding.cli.session import EXIT_REFUSED, Session
from hero_onboarding.kernel.clock import SystemClock

_DAY: Final = timedelta(days=1)
_LOOKED_BACK: Final = timedelta(days=3)

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
    text = (
        "\n".join(lines)
        or "no rates are set; run: hero_onboarding payments rates follow, or rates set"
    )
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


@payments.command("reconcile")
@click.option("--since", type=Instant(), help="Compare from here on, in UTC; 3 days ago.")
@click.option("--provider", help="Which provider alone; all that are set when absent.")
@as_json
@click.pass_context
def reconcile(
    context: click.Context, *, since: datetime | None, provider: str | None, as_json: bool
) -> None:
    """Compare the books with the records of providers, day by day. Repeating is safe.

    What was missed is repaired. What can't be explained is listed, and then this exits 1.
    """
    session = Session.from_environment()
    now = SystemClock().now()
    begins = now - _LOOKED_BACK if since is None else since
    found: dict[str, Any] = {}
    for body in _track(_days(begins, now, provider), total=(now - begins) // _DAY + 1):
        _add(found, session.post("/admin/reconcile-now", body))
    if as_json:
        session.show(found, as_json=True, text="")
    else:
        names = ("matched", "repaired", "unexplained")
        session.show_counts({name: found[name] for name in names}, as_json=False)
        if found["items"]:
            columns = ("provider", "about", "reference", "amount", "booked", "currency", "sentence")
            session.show_rows(found["items"], columns, as_json=False)
    if found["unexplained"]:
        context.exit(EXIT_REFUSED)


def _days(begins: datetime, now: datetime, provider: str | None) -> Iterator[dict[str, Any]]:
    """Cut the time up to now into days; the last one has no end, so that balances are compared."""
    chosen = {} if provider is None else {"provider": provider}
    while now - begins > _DAY:
        until = begins + _DAY
        yield {**chosen, "since": begins.isoformat(), "until": until.isoformat()}
        begins = until
    yield {**chosen, "since": begins.isoformat()}


def _track(days: Iterable[dict[str, Any]], *, total: int) -> Iterable[dict[str, Any]]:
    """Show on a terminal how far it is; what is printed is on standard output alone."""
    if not sys.stderr.isatty():
        return days
    from rich.console import Console
    from rich.progress import track

    return track(days, "days", total=max(total, 1), console=Console(stderr=True), transient=True)


def _add(found: dict[str, Any], day: Mapping[str, Any]) -> None:
    """Add what a day found: counts are summed, lists joined."""
    for name, value in day.items():
        found[name] = found[name] + value if name in found else value


@payments.group("notices")
def notices() -> None:
    """Look after what payment providers told."""


@notices.command("replay")
@click.option("--since", type=Instant(), help="Look from this instant on, in UTC.")
@as_json
def replay_notices(*, since: datetime | None, as_json: bool) -> None:
    """Look at kept notices as if they came now. Repeating is safe: no payment counts twice."""
    session = Session.from_environment()
    body = {} if since is None else {"since": since.isoformat()}
    session.show_counts(session.post("/v1/notices/replay", body), as_json=as_json)
