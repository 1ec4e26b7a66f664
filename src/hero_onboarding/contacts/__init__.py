"""E-mail addresses of users: claimed, proved by a code, one owner each."""

from hero_onboarding.contacts.errors import AlreadyVerifiedError
from hero_onboarding.contacts.notices import Notice, write_to_user
from hero_onboarding.contacts.service import (
    EmailClaim,
    EmailDesk,
    claim_email,
    find_email_owner,
    list_emails,
    remove_email,
    verify_email,
)
from hero_onboarding.contacts.store import UserEmail, proved_users

__all__ = [
    "AlreadyVerifiedError",
    "EmailClaim",
    "EmailDesk",
    "Notice",
    "UserEmail",
    "claim_email",
    "find_email_owner",
    "list_emails",
    "proved_users",
    "remove_email",
    "verify_email",
    "write_to_user",
]
