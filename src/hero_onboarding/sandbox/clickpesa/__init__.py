"""A stand-in for ClickPesa: its interface, a phone that is asked, its pages and its notices."""

from hero_onboarding.sandbox.clickpesa.launcher import SandboxClickPesa
from hero_onboarding.sandbox.clickpesa.switches import Settings
from hero_onboarding.sandbox.faults import Fault

__all__ = ["Fault", "SandboxClickPesa", "Settings"]
