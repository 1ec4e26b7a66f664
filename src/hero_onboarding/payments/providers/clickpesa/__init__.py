"""ClickPesa: mobile money, links and control numbers, through a client of our own."""

from hero_onboarding.payments.providers.clickpesa.account import ClickPesaAccount
from hero_onboarding.payments.providers.clickpesa.client import (
    ClickPesaProvider,
    ask_access,
    connect,
)
from hero_onboarding.payments.providers.clickpesa.settings import ClickPesaSettings

__all__ = ["ClickPesaAccount", "ClickPesaProvider", "ClickPesaSettings", "ask_access", "connect"]
