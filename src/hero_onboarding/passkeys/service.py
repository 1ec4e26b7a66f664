"""Enrol and use passkeys (WebAuthn level 2, by the ``webauthn`` library)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hero_onboarding.database import Transaction
from hero_onboarding.passkeys import store
from hero_onboarding.passkeys.errors import (
    CrowdedPasskeysError,
    TooManyPasskeysError,
    WrongLabelError,
)
from hero_onboarding.passkeys.store import Passkey, Question

PASSKEYS_MAX: Final = 20
QUESTIONS_MAX: Final = 20_000
LABEL_CHARACTERS_MAX: Final = 60
_LIFE: Final = timedelta(minutes=5)
_CHALLENGE_BYTES: Final = 32
_WRONG: Final = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)
"""What the library and those below it say of an answer that is none."""

_SITE_NAME: Final = "Hero"
_VERIFIED: Final = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Site:
    """Whom a passkey is for: this site's origin, and the name that browsers bind it to."""

    origin: str

    @property
    def rp_id(self) -> str:
        """The host of the origin."""
        return urlsplit(self.origin).hostname or ""


def ask_to_enrol(tx: Transaction, site: Site, user_sid: str, asker: str, now: datetime) -> str:
    """Return the options, as JSON, with which a browser makes a passkey for a user.

    Args:
        tx: An open transaction.
        site: Whom it is for.
        user_sid: Whose it will be.
        asker: The token of the asking session; only it can answer.
        now: The present.

    Raises:
        CrowdedPasskeysError: If too many browsers were asked already.
        TooManyPasskeysError: If the user has as many as one may.
    """
    existing = store.list_passkeys(tx, user_sid)
    if len(existing) >= PASSKEYS_MAX:
        raise TooManyPasskeysError
    handle = existing[0].user_handle if existing else secrets.token_bytes(_CHALLENGE_BYTES)
    question = Question(secrets.token_bytes(_CHALLENGE_BYTES), user_sid, handle)
    _keep(tx, question, asker, now)
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=_SITE_NAME,
        user_name=user_sid,
        user_id=handle,
        challenge=question.challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=_VERIFIED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(one.credential_id) for one in existing],
    )
    return options_to_json(options)


def enrol(
    tx: Transaction, site: Site, asker: str, answer: str, label: str, now: datetime
) -> Passkey | None:
    """Keep the passkey that a browser made, None for anything that is wrong with it.

    The question is used up whatever comes out, and that must be committed.

    Raises:
        WrongLabelError: If the label is missing, too long, or can't be printed.
    """
    label = label.strip()
    if not 1 <= len(label) <= LABEL_CHARACTERS_MAX or not label.isprintable():
        raise WrongLabelError
    try:
        credential = parse_registration_credential_json(answer)
        asked = parse_client_data_json(credential.response.client_data_json).challenge
        question = store.take_question(tx, asked, asker, now)
        if question is None or question.user_sid is None or question.user_handle is None:
            return None
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=question.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _WRONG:
        return None
    passkey = Passkey(
        credential_id=verified.credential_id,
        user_sid=question.user_sid,
        user_handle=question.user_handle,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        label=label,
        created_at=now,
    )
    return passkey if store.insert_passkey(tx, passkey) else None


def ask_to_use(tx: Transaction, site: Site, user_sid: str | None, asker: str, now: datetime) -> str:
    """Return the options, as JSON, with which a browser signs by a passkey.

    Without a user any passkey of this site will do, and the answer says whose it is: so nobody
    learns who has one.

    Raises:
        CrowdedPasskeysError: If too many browsers were asked already.
    """
    own = [] if user_sid is None else store.list_passkeys(tx, user_sid)
    question = Question(secrets.token_bytes(_CHALLENGE_BYTES), user_sid)
    _keep(tx, question, asker, now)
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=question.challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(one.credential_id) for one in own],
        user_verification=_VERIFIED,
    )
    return options_to_json(options)


def use(tx: Transaction, site: Site, asker: str, answer: str, now: datetime) -> Passkey | None:
    """Return the passkey that a browser signed with, None for anything that is wrong.

    The question is used up whatever comes out, and that must be committed.
    """
    try:
        credential = parse_authentication_credential_json(answer)
        asked = parse_client_data_json(credential.response.client_data_json).challenge
        question = store.take_question(tx, asked, asker, now)
        if question is None:
            return None
        passkey = store.find_passkey(tx, credential.raw_id)
        if passkey is None or not _is_meant(passkey, question, credential):
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=question.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _WRONG:
        return None
    store.note_passkey(tx, passkey.credential_id, verified.new_sign_count, now)
    return passkey


def _is_meant(passkey: Passkey, question: Question, credential: AuthenticationCredential) -> bool:
    """Whether a passkey is of the user who was asked, or of the one that its answer names."""
    if question.user_sid is not None:
        return passkey.user_sid == question.user_sid
    return credential.response.user_handle == passkey.user_handle


def _keep(tx: Transaction, question: Question, asker: str, now: datetime) -> None:
    store.forget_questions(tx, now)
    if store.count_questions(tx) >= QUESTIONS_MAX:
        raise CrowdedPasskeysError
    store.insert_question(tx, question, asker, now + _LIFE)
