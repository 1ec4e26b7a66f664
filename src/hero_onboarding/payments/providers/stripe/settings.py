"""What Stripe needs to be used."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """Keys and addresses.

    Attributes:
        secret_key: ``sk_…`` or a restricted ``rk_…``.
        is_live: Whether that key moves real money.
        webhook_secrets: Those that sign notices, several while one is replaced; without any no
            notice is authentic.
        api_base: The origin of the API, None for Stripe's own.
    """

    secret_key: str = field(repr=False)
    is_live: bool
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    api_base: str | None = None
