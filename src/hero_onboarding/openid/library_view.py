"""Clients, codes and requests as the library asks for them; and what the site says and hears."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.kernel.overriding import override
from hero_onboarding.openid.clients import is_secret_of
from hero_onboarding.openid.domain import Client, Code
from hero_onboarding.sign_in import SecretBox

AUTHORIZATION_CODE: Final = "authorization_code"
# The library checks that requests came over TLS by their address; that is the site's own business.
_HERE: Final = "https://provider/oauth"


@dataclass(frozen=True, slots=True)
class Provider:
    """This site as services know it: its origin, the seal of its keys, and what time it is."""

    issuer: str
    box: SecretBox = field(repr=False)
    now: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a service's own: its form, and the header that says who it is."""

    form: Mapping[str, str] = field(repr=False)
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the protocol answers: JSON, or where to send the browser."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    location: str | None = field(default=None, repr=False)


class Held:
    """A reply while extensions may still change where it sends the browser."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    @property
    def location(self) -> str | None:
        """Where the browser is sent."""
        return self.reply.location

    @location.setter
    def location(self, location: str) -> None:
        self.reply = replace(self.reply, location=location)


class Request(OAuth2Request):
    """What was asked: a query or a form, and the header that says who asks."""

    def __init__(self, method: str, data: Mapping[str, str], authorization: str | None) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}
        super().__init__(method, _HERE, headers=headers)
        self.payload = BasicOAuth2Payload(dict(data))

    @property
    @override
    def form(self) -> dict[str, str]:
        form: dict[str, str] = self.payload.data
        return form


class ClientView(ClientMixin):
    """A client as the library asks for one."""

    def __init__(self, tx: Transaction, client: Client) -> None:
        self.tx = tx
        self.client = client

    @override
    def get_client_id(self) -> str:
        return self.client.id

    @override
    def get_default_redirect_uri(self) -> None:
        """Return none: every request names its redirect URI."""

    @override
    def get_allowed_scope(self, scope: str) -> str:
        return scope

    @override
    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return self.client.has_redirect_uri(redirect_uri)

    @override
    def check_client_secret(self, client_secret: str) -> bool:
        return is_secret_of(self.tx, self.client.id, client_secret)

    @override
    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") is self.client.is_public

    @override
    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    @override
    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == AUTHORIZATION_CODE


class CodeView(AuthorizationCodeMixin):
    """A code as the library asks for one."""

    code_challenge_method = "S256"

    def __init__(self, code: Code) -> None:
        self.code = code
        self.code_challenge = code.challenge

    @override
    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri

    @override
    def get_scope(self) -> str:
        return self.code.scopes

    def get_nonce(self) -> str | None:
        """Return what the service put in, if anything."""
        return self.code.nonce

    def get_auth_time(self) -> int:
        """Return when the user signed in, in Unix seconds."""
        return unix_seconds(self.code.signed_in_at)

    def get_acr(self) -> None:
        """Say nothing about a class of authentication."""

    def get_amr(self) -> None:
        """Say nothing about how the user signed in."""
