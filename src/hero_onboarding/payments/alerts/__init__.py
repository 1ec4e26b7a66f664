"""Alerts: what users are told about their money, by mail."""

from hero_onboarding.payments.alerts.domain import ALERT_THRESHOLDS, Alert, Telling, Topic
from hero_onboarding.payments.alerts.service import (
    TELL_PAYER,
    get_alert,
    set_alert,
    tell,
    tell_later,
    tell_of_lows,
)

__all__ = [
    "ALERT_THRESHOLDS",
    "TELL_PAYER",
    "Alert",
    "Telling",
    "Topic",
    "get_alert",
    "set_alert",
    "tell",
    "tell_later",
    "tell_of_lows",
]
