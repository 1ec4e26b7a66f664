"""What services find out by themselves (OpenID Connect Discovery 1.0)."""

from typing import Any

from hero_onboarding.openid.domain import ALGORITHMS, SCOPES
from hero_onboarding.openid.library_view import AUTHORIZATION_CODE
from hero_onboarding.openid.protocol import METHODS, PROMPTS


def describe(issuer: str, endpoints: dict[str, str]) -> dict[str, Any]:
    """Describe the provider; ``endpoints`` are paths by the names of the specification."""
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in endpoints.items()},
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [AUTHORIZATION_CODE],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [*ALGORITHMS],
        "scopes_supported": [*SCOPES],
        "claims_supported": [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "at_hash",
            "mycelium_address",
            "hero_sid",
        ],
        "token_endpoint_auth_methods_supported": [*METHODS],
        "revocation_endpoint_auth_methods_supported": [*METHODS],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": [*PROMPTS],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }
