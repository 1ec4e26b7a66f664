"""How often somebody may ask: counters in the database, so that all processes count together."""

from hero_onboarding.rates.errors import TooManyError
from hero_onboarding.rates.network import network_of
from hero_onboarding.rates.service import Limit, count

__all__ = ["Limit", "TooManyError", "count", "network_of"]
