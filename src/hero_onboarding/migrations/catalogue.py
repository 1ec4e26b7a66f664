"""All tables of all features, so that the catalogue is whole when the schema is compared."""

from typing import Final

from hero_onboarding.aggregation import tables as aggregation_tables
from hero_onboarding.api_keys import tables as api_keys_tables
from hero_onboarding.contacts import tables as contacts_tables
from hero_onboarding.database import metadata
from hero_onboarding.exchange import tables as exchange_tables
from hero_onboarding.identity import tables as identity_tables
from hero_onboarding.incidents import tables as incidents_tables
from hero_onboarding.jobs import tables as jobs_tables
from hero_onboarding.ledger import tables as ledger_tables
from hero_onboarding.mail import tables as mail_tables
from hero_onboarding.openid import tables as openid_tables
from hero_onboarding.passkeys import tables as passkeys_tables
from hero_onboarding.payments import tables as payments_tables
from hero_onboarding.payments.alerts import tables as alerts_tables
from hero_onboarding.payments.automatic import tables as automatic_tables
from hero_onboarding.payments.cards import tables as cards_tables
from hero_onboarding.pricing import tables as pricing_tables
from hero_onboarding.rates import tables as rates_tables
from hero_onboarding.sign_in import tables as sign_in_tables
from hero_onboarding.usage import tables as usage_tables
from hero_onboarding.wallet import tables as wallet_tables

FEATURES: Final = (
    aggregation_tables,
    api_keys_tables,
    contacts_tables,
    exchange_tables,
    identity_tables,
    incidents_tables,
    jobs_tables,
    ledger_tables,
    mail_tables,
    openid_tables,
    passkeys_tables,
    payments_tables,
    alerts_tables,
    automatic_tables,
    cards_tables,
    pricing_tables,
    rates_tables,
    sign_in_tables,
    usage_tables,
    wallet_tables,
)

CATALOGUE: Final = metadata
