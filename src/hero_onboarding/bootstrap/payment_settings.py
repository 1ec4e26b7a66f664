"""Read the settings of payment providers, and find what they contradict."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from hero_onboarding.bootstrap.networks import is_near
from hero_onboarding.bootstrap.reading import WrongTextError, read_secret
from hero_onboarding.bootstrap.settings_tree import Settings
from hero_onboarding.kernel.server import Mode, is_loopback_host

_KEY: Final = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]+")
_WEBHOOK_SECRET: Final = re.compile(r"whsec_[A-Za-z0-9_+/=-]{8,}")

Problem = tuple[str, str]
"""A setting without prefix, and the sentence with its remedy."""


def read_stripe_key(text: str) -> str:
    """Take a secret key of Stripe's; what is wrong is not quoted."""
    read_secret(text)
    if _KEY.fullmatch(text) is None:
        raise WrongTextError("is no secret key of Stripe; use one that begins with sk_ or rk_")
    return text


def read_webhook_secrets(text: str) -> str:
    """Take one signing secret of Stripe's or several, comma-separated; none is quoted."""
    read_secret(text)
    if not all(_WEBHOOK_SECRET.fullmatch(one) for one in split_secrets(text)):
        raise WrongTextError("holds no signing secret of Stripe; use whsec_…, comma-separated")
    return text


def split_secrets(text: str | None) -> tuple[str, ...]:
    """Return the secrets of a comma-separated list; none for None."""
    return () if text is None else tuple(one.strip() for one in text.split(","))


def is_live_key(secret_key: str) -> bool:
    """Whether a key that was read moves real money."""
    found = _KEY.fullmatch(secret_key)
    assert found is not None, "the settings take secret keys only"
    return found[1] == "live"


def find_payment_problems(settings: Settings) -> Iterator[Problem]:
    """Find keys of the other mode, and addresses that a mode must not ask."""
    is_sandbox = settings.mode is Mode.SANDBOX
    key = settings.stripe_secret_key
    if key is not None and is_live_key(key) is is_sandbox:
        if is_sandbox:
            yield "STRIPE_SECRET_KEY", "moves real money, and this is the sandbox; use a test key"
        else:
            yield "STRIPE_SECRET_KEY", "is a test key, and this is production; use a live key"
    base = urlsplit(settings.stripe_api_base or "")
    host = base.hostname or ""
    if host and is_sandbox and not is_loopback_host(base.netloc):
        detail = f"names {host}, which is not loopback, in sandbox mode"
        yield "STRIPE_API_BASE", f"{detail}; use a stand-in on 127.0.0.1, or leave it out"
    if host and not is_sandbox and (base.scheme != "https" or is_near(host)):
        detail = "is no https address of the internet"
        yield "STRIPE_API_BASE", f"{detail}; leave it out for the provider's own"


def say_what_is_taken(settings: Settings) -> tuple[bool, str]:
    """Say which payments this server takes, and whether that is how it should be."""
    is_sandbox = settings.mode is Mode.SANDBOX
    if settings.stripe_secret_key is None:
        sentence = "none are taken; set HERO_ONBOARDING_STRIPE_SECRET_KEY to take cards."
        return is_sandbox, sentence
    where = settings.stripe_api_base or "Stripe"
    kind = "a test key, no real money" if is_sandbox else "a live key"
    if settings.stripe_webhook_secret is None:
        sentence = (
            f"are taken through {where} ({kind}), but no notice of it is; each payment waits until"
            " it is asked about. Set HERO_ONBOARDING_STRIPE_WEBHOOK_SECRET."
        )
        return False, sentence
    return True, f"are taken through {where} ({kind}); its notices go to /webhooks/stripe."
