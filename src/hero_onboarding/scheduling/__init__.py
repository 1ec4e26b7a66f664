"""What runs when: actions, the schedules they can be registered with, and the runner of jobs."""

from hero_onboarding.scheduling.actions import (
    BILLING_CRON,
    CENTRAL_CRON,
    JOB_KINDS,
    PAYMENTS_CRON,
    RECONCILING_CRON,
    REFRESH_RATES,
    billing_cron,
    central_cron,
    embedded_actions,
    job_handlers,
)
from hero_onboarding.scheduling.embedded import EmbeddedScheduler
from hero_onboarding.scheduling.mail_reports import report_mail
from hero_onboarding.scheduling.ports import Action, Scheduler, SchedulerError
from hero_onboarding.scheduling.runner import JobRunner
from hero_onboarding.scheduling.systemd import SystemdScheduler
from hero_onboarding.scheduling.units import service_unit, write_units

__all__ = [
    "BILLING_CRON",
    "CENTRAL_CRON",
    "JOB_KINDS",
    "PAYMENTS_CRON",
    "RECONCILING_CRON",
    "REFRESH_RATES",
    "Action",
    "EmbeddedScheduler",
    "JobRunner",
    "Scheduler",
    "SchedulerError",
    "SystemdScheduler",
    "billing_cron",
    "central_cron",
    "embedded_actions",
    "job_handlers",
    "report_mail",
    "service_unit",
    "write_units",
]
