"""Sign in by proving that one holds a mycelium key."""

from hero_onboarding.kernel.codes import shown, typed
from hero_onboarding.sign_in.addresses import KnownAddress, list_addresses
from hero_onboarding.sign_in.attempts import (
    Attempt,
    Finished,
    Half,
    State,
    Wish,
    find_attempt,
    finish_attempt,
    open_attempt,
    state_of,
)
from hero_onboarding.sign_in.codes import (
    is_name,
    kept_or,
    steady_token,
    tokens_of,
    with_token,
    without_token,
)
from hero_onboarding.sign_in.domain import LINK, LOGIN, PURPOSES, ROTATE
from hero_onboarding.sign_in.email_codes import (
    WRITE_EMAIL,
    EmailClerk,
    answer_email_code,
    ask_for_email,
    void_email_codes,
)
from hero_onboarding.sign_in.errors import (
    AddressTakenError,
    CrowdedError,
    NodeNotFoundError,
    NotProvedError,
    SessionLimitedError,
    WrongClaimError,
    WrongPurposeError,
)
from hero_onboarding.sign_in.messages import (
    SEND_MESSAGE,
    Postman,
    answer_code,
    ask_for_code,
    find_addressee,
)
from hero_onboarding.sign_in.ports import Messenger
from hero_onboarding.sign_in.sealing import SecretBox
from hero_onboarding.sign_in.service import (
    Answer,
    Approved,
    Ask,
    Challenge,
    SignedIn,
    answer_challenge,
    complete,
    follow_link,
    open_challenge,
)
from hero_onboarding.sign_in.store import Link, find_link

__all__ = [
    "LINK",
    "LOGIN",
    "PURPOSES",
    "ROTATE",
    "SEND_MESSAGE",
    "WRITE_EMAIL",
    "AddressTakenError",
    "Answer",
    "Approved",
    "Ask",
    "Attempt",
    "Challenge",
    "CrowdedError",
    "EmailClerk",
    "Finished",
    "Half",
    "KnownAddress",
    "Link",
    "Messenger",
    "NodeNotFoundError",
    "NotProvedError",
    "Postman",
    "SecretBox",
    "SessionLimitedError",
    "SignedIn",
    "State",
    "Wish",
    "WrongClaimError",
    "WrongPurposeError",
    "answer_challenge",
    "answer_code",
    "answer_email_code",
    "ask_for_code",
    "ask_for_email",
    "complete",
    "find_addressee",
    "find_attempt",
    "find_link",
    "finish_attempt",
    "follow_link",
    "is_name",
    "kept_or",
    "list_addresses",
    "open_attempt",
    "open_challenge",
    "shown",
    "state_of",
    "steady_token",
    "tokens_of",
    "typed",
    "void_email_codes",
    "with_token",
    "without_token",
]
