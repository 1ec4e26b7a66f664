"""The protocol itself is authlib's; this says what it keeps where, within one transaction."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    OAuth2Request,
    grants,
)
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode

from hero_onboarding.database import Transaction
from hero_onboarding.identity import Session, list_sessions
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.kernel.overriding import override
from hero_onboarding.openid.claims import claims_of
from hero_onboarding.openid.clients import find_client
from hero_onboarding.openid.domain import (
    CODE_LIFE,
    ID_TOKEN_LIFE,
    OPENID,
    SCOPES,
    TOKEN_LIFE,
    Code,
    digest_of,
    new_secret,
)
from hero_onboarding.openid.keys import signing_key, subject_salt
from hero_onboarding.openid.library_view import ClientView, CodeView, Held, Provider, Reply, Request
from hero_onboarding.openid.store import (
    close_token,
    insert_code,
    insert_token,
    take_code,
)

METHODS: Final = ("client_secret_basic", "client_secret_post", "none")
"""How clients say who they are."""

PROMPTS: Final = ("none", "login", "consent")
_QUERY: Final = "query"

logging.getLogger("authlib").setLevel(logging.WARNING)  # below, it would log tokens


class _CodeGrant(grants.AuthorizationCodeGrant):
    """Codes lie in the database by their digests, and are taken out before they are looked at."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = [*METHODS]

    @override
    def generate_authorization_code(self) -> str:
        return new_secret()

    @override
    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        server, data = self.server, request.payload.data
        session = server.session
        kept = Code(
            digest=digest_of(code),
            user_sid=session.user_sid,
            session_id=session.id,
            redirect_uri=data["redirect_uri"],
            scopes=request.scope,
            nonce=data.get("nonce"),
            challenge=data["code_challenge"],
            signed_in_at=session.opened_at,
            expires_at=server.provider.now + CODE_LIFE,
        )
        insert_code(server.tx, kept, request.client.client.id, server.provider.now)

    @override
    def query_authorization_code(self, code: str, client: ClientView) -> CodeView | None:
        server = self.server
        now = server.provider.now
        taken = take_code(server.tx, digest_of(code), client.client.id, now)
        if taken is None:
            return None
        lasting = [one.id for one in list_sessions(server.tx, taken.user_sid, now)]
        return CodeView(taken) if taken.session_id in lasting else None

    @override
    def delete_authorization_code(self, authorization_code: CodeView) -> None:
        """Do nothing: it is gone already."""

    @override
    def authenticate_user(self, authorization_code: CodeView) -> str:
        return authorization_code.code.user_sid


class _Pkce(CodeChallenge):
    """Every client proves that it began what it ends, by SHA-256 and no other way."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]

    @override
    def validate_code_challenge(self, grant: _CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge': PKCE is required.")
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("'code_challenge_method' must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class _NotTaken:
    """Refuse what this provider does not do, where leaving it out would change the meaning."""

    def __call__(self, grant: _CodeGrant) -> None:
        grant.register_hook("after_validate_authorization_request_payload", self.check)

    def check(self, grant: _CodeGrant, _: None) -> None:
        data = grant.request.payload.data
        for name in ("request", "request_uri", "registration"):
            if name in data:
                raise OAuth2Error(f"'{name}' is not taken here.", error=f"{name}_not_supported")
        if data.get("response_mode", _QUERY) != _QUERY:
            raise InvalidRequestError("'response_mode' must be query.")
        if not set(data.get("prompt", "").split()) <= set(PROMPTS):
            raise InvalidRequestError("'prompt' must be of none, login and consent.")
        max_age = data.get("max_age", "0")
        if not (max_age.isdecimal() and max_age.isascii() and len(max_age) < len("1000000000")):
            raise InvalidRequestError("'max_age' must be a number of seconds.")


class _IdTokens(OpenIDCode):
    """Identity tokens, signed with the key of now."""

    def __init__(self, tx: Transaction, provider: Provider) -> None:
        super().__init__(require_nonce=False)
        self.tx = tx
        self.provider = provider

    @override
    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Say no: a nonce is the service's, and a code has one use in any case."""
        return False

    @override
    def get_client_algorithm(self, client: ClientView) -> str:
        algorithm: str = client.client.algorithm
        return algorithm

    @override
    def get_encode_header(self, client: ClientView) -> dict[str, str]:
        return {"alg": client.client.algorithm, "kid": self._key.kid, "typ": "JWT"}

    @override
    def resolve_client_private_key(self, client: ClientView) -> Any:
        return self._key.key

    @override
    def get_client_claims(self, client: ClientView) -> dict[str, Any]:
        now = self.provider.now
        return {
            "iss": self.provider.issuer,
            "aud": client.client.id,
            "iat": unix_seconds(now),
            "exp": unix_seconds(now + ID_TOKEN_LIFE),
        }

    @override
    def encode_id_token(self, token: Mapping[str, Any], request: OAuth2Request) -> str:
        client = request.client.client
        self._key = signing_key(self.tx, self.provider.box, self.provider.now, client.algorithm)
        self._sector = client.sector
        encoded: str = super().encode_id_token(token, request)
        return encoded

    @override
    def generate_user_info(self, user: str, scope: str) -> dict[str, str]:
        salt = subject_salt(self.tx, self.provider.box)
        return claims_of(self.tx, salt, self._sector, user, scope)


class _Issuer(IssuerParameter):
    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    @override
    def get_issuer(self) -> str:
        return self.issuer


class _Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS: ClassVar = [*METHODS]

    @override
    def query_token(self, token_string: str, token_type_hint: str | None) -> "_Token":
        return _Token(token_string)

    @override
    def revoke_token(self, token: "_Token", request: OAuth2Request) -> None:
        close_token(self.server.tx, digest_of(token.text), request.client.client.id)


class _Token:
    """A token that is to end, if it is the asking client's: no one learns whose it was."""

    def __init__(self, text: str) -> None:
        self.text = text

    def check_client(self, _: ClientView) -> bool:
        return True


def _unknown_client() -> InvalidClientError:
    """Say that nobody is known by this; not which part of it is wrong."""
    text = "The client's id or secret is wrong or missing, or not shown as it has to be."
    return InvalidClientError(text, status_code=401)


def _require_one_way(request: Request) -> None:
    """Refuse a client that says who it is in two ways, or differently (RFC 6749, 2.3)."""
    shown, form = request.headers.get("Authorization", ""), request.form
    if shown.split(" ")[0].lower() != "basic":
        return
    try:
        client_id, secret = extract_basic_authorization(request.headers)
    except ValueError as error:  # what is no ASCII, or no UTF-8 inside
        raise _unknown_client() from error
    if not client_id or secret is None:
        raise _unknown_client()
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("The client must say who it is in one way.")


class Server(AuthorizationServer):
    """The provider for the time of one transaction; ``session`` is whose codes it may make."""

    def __init__(self, tx: Transaction, provider: Provider, session: Session | None = None) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.tx = tx
        self.provider = provider
        self.session = session
        extensions = [_Pkce(), _NotTaken(), _IdTokens(tx, provider)]
        self.issuer = _Issuer(provider.issuer)
        self.register_grant(_CodeGrant, extensions)
        seconds = int(TOKEN_LIFE.total_seconds())
        generator = BearerTokenGenerator(lambda **_: new_secret(), expires_generator=seconds)
        self.register_token_generator("default", generator)
        self.issuer(self)
        self.register_endpoint(_Revocation)

    @override
    def query_client(self, client_id: str) -> ClientView | None:
        found = find_client(self.tx, client_id)
        return None if found is None else ClientView(self.tx, found)

    @override
    def authenticate_client(
        self, request: Request, methods: Sequence[str], endpoint: str = "token"
    ) -> ClientView:
        try:
            _require_one_way(request)
            found: ClientView = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            raise _unknown_client() from error
        return found

    @override
    def save_token(self, token: Mapping[str, str], request: OAuth2Request) -> None:
        now = self.provider.now
        code, client = request.authorization_code.code, request.client.client
        instants = (now, now + TOKEN_LIFE)
        insert_token(self.tx, digest_of(token["access_token"]), client, code, instants)

    @override
    def validate_requested_scope(self, scope: str | None) -> None:
        if OPENID not in (scope or "").split():
            raise InvalidScopeError("The scope openid is required.")
        super().validate_requested_scope(scope)

    @override
    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    @override
    def create_oauth2_request(self, request: Request) -> Request:
        return request

    @override
    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Held:
        named = dict(headers)
        location = named.pop("Location", None)
        return Held(Reply(status, body or {}, named, location))
