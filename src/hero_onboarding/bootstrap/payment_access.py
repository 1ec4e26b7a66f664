"""Ask payment providers whether they take our keys, and say what they answered."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final, Literal
from urllib.parse import urlsplit

from hero_onboarding.bootstrap.providers import CLICKPESA, clickpesa_settings, stripe_settings
from hero_onboarding.bootstrap.settings import PREFIX, Settings
from hero_onboarding.kernel.clock import SystemClock
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.kernel.server import Mode
from hero_onboarding.outbound import Limits
from hero_onboarding.payments import ProviderUnavailableError
from hero_onboarding.payments.providers import clickpesa, stripe

ASKING_SECONDS: Final = 5
"""How long all providers together are waited for."""

Level = Literal["ok", "warning", "wrong"]

_NAMES: Final = {"stripe": "Stripe", "clickpesa": "ClickPesa"}
_KEYS: Final = {
    "stripe": f"set {PREFIX}STRIPE_SECRET_KEY to one of the dashboard's that may read the balance",
    "clickpesa": (
        f"set {PREFIX}CLICKPESA_CLIENT_ID and {PREFIX}CLICKPESA_API_KEY to those of an application"
        " in the dashboard; a key may have expired"
    ),
}
"""By provider, what to do when it refuses our key."""


class Access(StrEnum):
    """What a provider thinks of our key."""

    GIVEN = "given"
    OTHER_MODE = "other_mode"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one provider.

    Attributes:
        provider: Its short name.
        detail: Why nobody knows, where nobody does; it holds no key.
    """

    provider: str
    access: Access
    detail: str = ""


def ask_providers(settings: Settings, seconds: float = ASKING_SECONDS) -> Sequence[Answer]:
    """Ask each provider that is set, all at once and once each; waits no longer than it is told."""
    questions: dict[str, Callable[[], Access]] = {}
    if (cards := stripe_settings(settings)) is not None:
        questions["stripe"] = partial(_ask_stripe, cards, seconds)
    if (mobile := clickpesa_settings(settings)) is not None:
        questions["clickpesa"] = partial(_ask_clickpesa, mobile, seconds)
    answers: dict[str, Answer] = {}
    threads = [
        # What does not end in time is left behind, and ends with the process.
        threading.Thread(target=_ask, args=(name, question, answers), daemon=True)
        for name, question in questions.items()
    ]
    ends_at = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends_at - time.monotonic()))
    late = f"it took longer than {seconds:g} s"
    return [answers.get(name) or Answer(name, Access.UNKNOWN, late) for name in questions]


def say_access(answer: Answer, settings: Settings) -> tuple[Level, str, str]:
    """Say how well that is, of whom, and what it means with its remedy."""
    name, address = _NAMES[answer.provider], _address_of(answer.provider, settings)
    is_sandbox = settings.mode is Mode.SANDBOX
    level: Level = "wrong"
    match answer.access:
        case Access.GIVEN:
            level, sentence = "ok", f"{address} takes the key."
        case Access.REFUSED:
            sentence = (
                f"{address} refuses the key, so nothing can be paid through {name};"
                f" {_KEYS[answer.provider]}."
            )
        case Access.OTHER_MODE:
            theirs, ours = ("live", "test") if is_sandbox else ("test", "live")
            sentence = (
                f"{address} answers the {ours} key in {theirs} mode, so no payment could be"
                f" credited; set {PREFIX}STRIPE_SECRET_KEY to the {ours} key of your account, and"
                f" {PREFIX}STRIPE_API_BASE to nothing but a stand-in."
            )
        case _:
            level = "warning"
            sentence = (
                f"{address} gave no answer of use ({answer.detail}), so nobody knows whether it"
                f" takes the key; {_way_to(answer.provider, settings)}."
            )
    return level, name, sentence


def _ask(name: str, question: Callable[[], Access], answers: dict[str, Answer]) -> None:
    try:
        answers[name] = Answer(name, question())
    except HeroError as error:
        is_refused = isinstance(error, ProviderUnavailableError) and error.is_locked_out
        access = Access.REFUSED if is_refused else Access.UNKNOWN
        answers[name] = Answer(name, access, str(error))


def _ask_stripe(settings: stripe.StripeSettings, seconds: float) -> Access:
    transport = stripe.GuardedClient(timeout=seconds)
    is_live = stripe.ask_mode(settings, transport)
    return Access.GIVEN if is_live is settings.is_live else Access.OTHER_MODE


def _ask_clickpesa(settings: clickpesa.ClickPesaSettings, seconds: float) -> Access:
    limits = Limits(connect_seconds=seconds, overall_seconds=seconds)
    clickpesa.ask_access(settings, SystemClock(), limits)
    return Access.GIVEN


def _stand_in_of(provider: str, settings: Settings) -> str | None:
    return settings.stripe_api_base if provider == "stripe" else settings.clickpesa_base_url


def _address_of(provider: str, settings: Settings) -> str:
    own = {"stripe": "https://api.stripe.com", "clickpesa": CLICKPESA}
    return _stand_in_of(provider, settings) or own[provider]


def _way_to(provider: str, settings: Settings) -> str:
    """Say what to do about a provider that does not answer."""
    stand_in = _stand_in_of(provider, settings)
    if settings.mode is Mode.SANDBOX and stand_in is not None:
        where = urlsplit(stand_in).netloc
        return f"start the stand-in: hero_onboarding sandbox {provider} --listen {where}"
    return "see that this server reaches it, and run this again"
