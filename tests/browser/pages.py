"""Every page and state that people can come to, named, and how to get there."""

from dataclasses import dataclass
from typing import Final

from tests.web.states import ASKED, AT_A_BANK, PAID, PEOPLE


@dataclass(frozen=True)
class Visit:
    """A page of a world, seen by a user (or operator, or nobody)."""

    name: str
    world: str
    path: str
    user: str | None = None
    is_admin: bool = False
    status: int = 200


VISITS: Final = (
    Visit("home", "lived_in", "/"),
    Visit("sign-in", "lived_in", "/sign-in"),
    Visit("people", "lived_in", "/sandbox/sign-in"),
    Visit("people-nobody", "empty", "/sandbox/sign-in"),
    Visit("attempt-elsewhere", "lived_in", "/login/of-another-browser"),
    Visit("link-over", "lived_in", "/login/link/used-before", status=401),
    Visit("dashboard", "lived_in", "/dashboard", PEOPLE.normal),
    Visit("dashboard-overdrawn", "lived_in", "/dashboard", PEOPLE.overdrawn),
    Visit("dashboard-short", "lived_in", "/dashboard", PEOPLE.short),
    Visit("dashboard-new", "lived_in", "/dashboard", PEOPLE.new),
    Visit("dashboard-quiet", "lived_in", "/dashboard", PEOPLE.quiet),
    Visit("dashboard-wordy", "lived_in", "/dashboard", PEOPLE.wordy),
    Visit("movements", "lived_in", "/movements", PEOPLE.normal),
    Visit("movements-none", "lived_in", "/movements", PEOPLE.new),
    Visit("movements-wordy", "lived_in", "/movements", PEOPLE.wordy),
    Visit("top-up", "lived_in", "/top-up", PEOPLE.normal),
    Visit("top-up-shillings", "lived_in", "/top-up/shillings", PEOPLE.normal),
    Visit("top-up-phone", "lived_in", f"/top-ups/{ASKED}", PEOPLE.normal),
    Visit("top-up-bank", "lived_in", f"/top-ups/{AT_A_BANK}", PEOPLE.normal),
    Visit("top-up-paid", "lived_in", f"/top-ups/{PAID}", PEOPLE.payer),
    Visit("dashboard-payer", "lived_in", "/dashboard", PEOPLE.payer),
    Visit("payment-methods", "lived_in", "/payment-methods", PEOPLE.payer),
    Visit("payment-methods-none", "lived_in", "/payment-methods", PEOPLE.new),
    Visit("account", "lived_in", "/account", PEOPLE.normal),
    Visit("profile", "lived_in", "/account/profile", PEOPLE.normal),
    Visit("help", "lived_in", "/help"),
    Visit("help-signed-in", "lived_in", "/help", PEOPLE.normal),
    Visit("sandbox-mail", "lived_in", "/sandbox/mail", PEOPLE.normal),
    Visit("sandbox-mail-nobody", "lived_in", "/sandbox/mail"),
    Visit("sandbox-mail-empty", "empty", "/sandbox/mail"),
    Visit("not-found", "lived_in", "/no-such-page", status=404),
    Visit("operator-sign-in", "lived_in", "/sign-in", is_admin=True),
    Visit("operator", "lived_in", "/", "operator", is_admin=True),
    Visit("operator-empty", "empty", "/", "operator", is_admin=True),
    Visit("operator-trouble", "trouble", "/", "operator", is_admin=True),
    Visit("operator-nodes", "trouble", "/nodes", "operator", is_admin=True),
    Visit("operator-nodes-empty", "empty", "/nodes", "operator", is_admin=True),
    Visit("operator-quarantine", "trouble", "/quarantine", "operator", is_admin=True),
    Visit("operator-quarantine-empty", "empty", "/quarantine", "operator", is_admin=True),
    Visit("operator-incidents", "trouble", "/incidents", "operator", is_admin=True),
    Visit("operator-incidents-empty", "empty", "/incidents", "operator", is_admin=True),
)
