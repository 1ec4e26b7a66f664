"""What services find out by themselves is true."""

from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.api.served import Api
from tests.openid.party import ORIGIN


def test_the_description_says_what_there_is_and_no_more(api: Api) -> None:
    answer = api.client.get(f"{ORIGIN}/.well-known/openid-configuration")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    found = answer.json()
    assert found["issuer"] == ORIGIN
    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == ["authorization_code"]
    assert found["subject_types_supported"] == ["pairwise"]
    assert found["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["scopes_supported"] == ["openid", "mycelium", "hero_sid"]
    assert found["authorization_response_iss_parameter_supported"] is True
    for absent in ("registration_endpoint", "end_session_endpoint", "introspection_endpoint"):
        assert absent not in found


def test_every_address_of_the_description_is_there(api: Api) -> None:
    found = api.client.get(f"{ORIGIN}/.well-known/openid-configuration").json()
    for name, url in found.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert url.startswith(f"{ORIGIN}/oauth/")
            assert api.client.get(url, follow_redirects=False).status_code != 404, name


def test_the_description_has_the_form_that_the_specification_asks_for(api: Api) -> None:
    found = api.client.get(f"{ORIGIN}/.well-known/openid-configuration").json()
    # The library holds issuers to https, as production does.
    text = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in found.items()
    }
    OpenIDProviderMetadata(text).validate()
