"""``hero_onboarding prices``: the small table that the home page's calculator reads."""

import click

from hero_onboarding.cli.amount import Amount
from hero_onboarding.cli.session import Session
from hero_onboarding.kernel.money import Money

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def prices() -> None:
    """Show and set what capacity costs."""


@prices.command("show")
@as_json
def show_prices(*, as_json: bool) -> None:
    """Show the prices that count: micro-dollars for a unit and hour."""
    session = Session.from_environment()
    table = session.get("/v1/prices")["table"]
    text = "no prices are set; run: hero_onboarding prices set"
    if table is not None:
        text = "\n".join(f"{name:16}{value}" for name, value in table.items())
    session.show({"table": table}, as_json=as_json, text=text)


@prices.command("set")
@click.option(
    "--compute", type=Amount(), required=True, help="US dollars for a compute unit and hour."
)
@click.option(
    "--storage", type=Amount(), required=True, help="US dollars for a storage unit and hour."
)
@click.option("--tzs", type=int, help="Whole shillings for a dollar, to show beside.")
@as_json
def set_prices(*, compute: Money, storage: Money, tzs: int | None, as_json: bool) -> None:
    """Set prices from now on. What is charged stays what nodes record. Repeating is safe."""
    session = Session.from_environment()
    body = {"compute_micros": compute.units, "storage_micros": storage.units, "tzs_per_usd": tzs}
    found = session.post("/v1/prices", body)
    session.show(found, as_json=as_json, text="prices set")
