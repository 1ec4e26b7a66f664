"""The server itself, its users and their tokens."""

from typing import Annotated

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import SCOPES
from hero_onboarding.sandbox.forge.bodies import read_json
from hero_onboarding.sandbox.forge.context import Call
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, invalid, not_found
from hero_onboarding.sandbox.forge.wire import user_json


class NewToken(msgspec.Struct, frozen=True):
    """A token that is asked for."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    scopes: list[str] = []


class NewOrganisation(msgspec.Struct, frozen=True):
    """An organisation that is asked for."""

    username: str


def show_version(call: Call) -> Answer:
    """``GET /version``."""
    return json_answer({"version": call.forge.switches.behaviour.version})


def show_api_settings(call: Call) -> Answer:
    """``GET /settings/api``."""
    settings = call.forge.switches.settings
    return json_answer(
        {
            "max_response_items": settings.max_response_items,
            "default_paging_num": settings.default_paging_num,
            "default_git_trees_per_page": settings.default_git_trees_per_page,
            "default_max_blob_size": settings.default_max_blob_size,
        }
    )


def show_user(call: Call) -> Answer:
    """``GET /user``: whom the credentials stand for."""
    return json_answer(user_json(call.signed_in(), call.forge.root_url))


def create_token(call: Call) -> Answer:
    """``POST /users/{name}/tokens``: only with the password; the secret is shown this once."""
    user = call.signed_in()
    if call.caller.token is not None:
        raise ForgeAnswerError(401, "auth method not allowed")
    if user.name.lower() != call.parameter("name").lower():
        raise ForgeAnswerError(403, "token should be created by its user")
    wanted = read_json(call.request, NewToken)
    if not wanted.scopes or not set(wanted.scopes) <= SCOPES:
        raise ForgeAnswerError(400, "access token must have known scopes")
    registry = call.forge.registry
    if registry.find_named_token(user.name, wanted.name) is not None:
        raise ForgeAnswerError(400, "access token name has been used already")
    token = registry.add_token(user.name, wanted.name, tuple(wanted.scopes))
    shown = {
        "id": token.id,
        "name": token.name,
        "sha1": token.secret,
        "token_last_eight": token.secret[-8:],
        "scopes": list(token.scopes),
    }
    return json_answer(shown, 201)


def create_organisation(call: Call) -> Answer:
    """``POST /orgs``: the caller becomes its member."""
    user = call.signed_in()
    wanted = read_json(call.request, NewOrganisation)
    if not names.is_owner_name(wanted.username):
        raise invalid("name is reserved or invalid")
    if call.forge.registry.find_user(wanted.username) is not None:
        raise invalid(f"user already exists [name: {wanted.username}]")
    made = call.forge.registry.add_user(wanted.username, members=(user.name,))
    return json_answer(user_json(made, call.forge.root_url), 201)


def show_account(call: Call) -> Answer:
    """``GET /users/{name}`` and ``GET /orgs/{name}``."""
    found = call.forge.registry.find_user(call.parameter("name"))
    if found is None:
        raise not_found()
    return json_answer(user_json(found, call.forge.root_url))
