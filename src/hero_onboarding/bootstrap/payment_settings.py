"""Read the settings of payment providers, and find what they contradict."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from hero_onboarding.bootstrap.networks import is_near
from hero_onboarding.bootstrap.reading import WrongTextError, read_secret
from hero_onboarding.bootstrap.settings_tree import Settings
from hero_onboarding.kernel.server import Mode, is_loopback_host
from hero_onboarding.outbound import AddressError, read_base_address

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


def read_provider_address(text: str) -> str:
    """Take the address of a provider's interface, whose paths come after it."""
    try:
        return read_base_address(text).text
    except AddressError as error:
        raise WrongTextError(
            f"can't be used: {error}; use one such as https://api.example"
        ) from None


def takes_clickpesa(settings: Settings) -> bool:
    """Whether ClickPesa is set."""
    return settings.clickpesa_client_id is not None and settings.clickpesa_api_key is not None


def find_payment_problems(settings: Settings) -> Iterator[Problem]:
    """Find keys of the other mode, and addresses that a mode must not ask."""
    is_sandbox = settings.mode is Mode.SANDBOX
    key = settings.stripe_secret_key
    if key is not None and is_live_key(key) is is_sandbox:
        if is_sandbox:
            yield "STRIPE_SECRET_KEY", "moves real money, and this is the sandbox; use a test key"
        else:
            yield "STRIPE_SECRET_KEY", "is a test key, and this is production; use a live key"
    remedy = "use a stand-in on 127.0.0.1"
    if takes_clickpesa(settings) and is_sandbox and settings.clickpesa_base_url is None:
        detail = "is not set, and ClickPesa has no sandbox: every call to it moves real money"
        yield "CLICKPESA_BASE_URL", f"{detail}; {remedy}"
    stripe = settings.stripe_api_base, f"{remedy}, or leave it out"
    clickpesa = settings.clickpesa_base_url, remedy
    for name, (address, here) in {
        "STRIPE_API_BASE": stripe,
        "CLICKPESA_BASE_URL": clickpesa,
    }.items():
        problem = _find_wrong_address(address, here, is_sandbox=is_sandbox)
        if problem is not None:
            yield name, problem


def say_what_is_taken(settings: Settings) -> tuple[bool, str]:
    """Say which payments this server takes, and whether that is how it should be."""
    is_sandbox = settings.mode is Mode.SANDBOX
    found = [_say_stripe(settings), _say_clickpesa(settings)]
    said = [one for one in found if one is not None]
    if not said:
        return is_sandbox, (
            "none are taken; set HERO_ONBOARDING_STRIPE_SECRET_KEY to take cards,"
            " HERO_ONBOARDING_CLICKPESA_CLIENT_ID and HERO_ONBOARDING_CLICKPESA_API_KEY to take"
            " mobile money."
        )
    sentences = " Payments ".join(sentence for _, sentence in said)
    return all(is_well for is_well, _ in said), sentences


def _find_wrong_address(address: str | None, remedy: str, *, is_sandbox: bool) -> str | None:
    """Say what is wrong with the address of a provider in a mode; None for nothing."""
    base = urlsplit(address or "")
    host = base.hostname or ""
    if host and is_sandbox and not is_loopback_host(base.netloc):
        return f"names {host}, which is not loopback, in sandbox mode; {remedy}"
    if host and not is_sandbox and (base.scheme != "https" or is_near(host)):
        return "is no https address of the internet; leave it out for the provider's own"
    return None


def _say_stripe(settings: Settings) -> tuple[bool, str] | None:
    if settings.stripe_secret_key is None:
        return None
    where = settings.stripe_api_base or "Stripe"
    kind = "a test key, no real money" if settings.mode is Mode.SANDBOX else "a live key"
    if settings.stripe_webhook_secret is None:
        sentence = (
            f"are taken through {where} ({kind}), but no notice of it is; each payment waits until"
            " it is asked about. Set HERO_ONBOARDING_STRIPE_WEBHOOK_SECRET."
        )
        return False, sentence
    return True, f"are taken through {where} ({kind}); its notices go to /webhooks/stripe."


def _say_clickpesa(settings: Settings) -> tuple[bool, str] | None:
    if not takes_clickpesa(settings):
        given = {
            "CLICKPESA_CLIENT_ID": settings.clickpesa_client_id,
            "CLICKPESA_API_KEY": settings.clickpesa_api_key,
        }
        lacking = next((name for name, text in given.items() if text is None), "")
        if all(text is None for text in given.values()):
            return None
        return False, f"would be taken through ClickPesa; set HERO_ONBOARDING_{lacking} too."
    kind = "a stand-in" if settings.mode is Mode.SANDBOX else "real money"
    where = f"ClickPesa ({kind})"
    if settings.clickpesa_checksum_key is None:
        sentence = (
            f"are taken through {where}, but no notice of it is, and what is sent has no checksum."
            " Set HERO_ONBOARDING_CLICKPESA_CHECKSUM_KEY."
        )
        return False, sentence
    return True, f"are taken through {where}; its notices go to /webhooks/clickpesa."
