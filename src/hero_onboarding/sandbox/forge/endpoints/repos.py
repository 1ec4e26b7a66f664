"""Repositories: create, show, change, delete, and who may write."""

from typing import Annotated

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import Permission, User
from hero_onboarding.sandbox.forge.bodies import read_json
from hero_onboarding.sandbox.forge.context import Call, Forge
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, invalid, not_found
from hero_onboarding.sandbox.forge.receiving import Reception
from hero_onboarding.sandbox.forge.repositories import find_branch, is_empty
from hero_onboarding.sandbox.forge.wire import repository_json
from hero_onboarding.sandbox.forge.writing import (
    Change,
    Identity,
    Order,
    Workplace,
    commit_changes,
)


class NewRepository(msgspec.Struct, frozen=True):
    """A repository that is asked for."""

    name: str
    description: Annotated[str, Meta(max_length=2048)] = ""
    private: bool = False
    auto_init: bool = False
    default_branch: str = ""
    object_format_name: str = ""


class RepositoryChange(msgspec.Struct, frozen=True):
    """What is to be changed of a repository; what is left out stays."""

    archived: bool | None = None
    private: bool | None = None
    description: str | None = None
    default_branch: str | None = None


class Collaboration(msgspec.Struct, frozen=True):
    """What a collaborator may do."""

    permission: Permission = "write"


def create_own(call: Call) -> Answer:
    """``POST /user/repos``."""
    return _create(call, call.signed_in())


def create_in_organisation(call: Call) -> Answer:
    """``POST /orgs/{org}/repos``."""
    user = call.signed_in()
    organisation = call.forge.registry.find_user(call.parameter("org"))
    if organisation is None or not organisation.is_organisation:
        raise not_found()
    if user.name not in organisation.members:
        raise ForgeAnswerError(
            403, "Given user is not allowed to create repository in organization."
        )
    return _create(call, organisation)


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}``."""
    return json_answer(_describe(call))


def change(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}``: archive it, hide it, or choose its default branch."""
    found = call.repository("admin")
    wanted = read_json(call.request, RepositoryChange)
    changes = {
        name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None
    }
    if wanted.default_branch is not None:
        repository = found.open()
        if find_branch(repository, wanted.default_branch) is None:
            raise invalid(f"branch does not exist [name: {wanted.default_branch}]")
        repository.set_head(f"refs/heads/{wanted.default_branch}")
    call.forge.registry.change_repository(found.record.full_name, **changes)
    return json_answer(_describe(call))


def delete(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}``."""
    record = call.repository("admin").record
    call.forge.registry.remove_repository(record.full_name)
    call.forge.shelf.remove(record.owner, record.name)
    return Answer(204)


def add_collaborator(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/collaborators/{name}``."""
    record = call.repository("admin").record
    wanted = read_json(call.request, Collaboration)
    user = call.forge.registry.find_user(call.parameter("name"))
    if user is None:
        raise invalid("user does not exist")
    collaborators = {**record.collaborators, user.name: wanted.permission}
    call.forge.registry.change_repository(record.full_name, collaborators=collaborators)
    return Answer(204)


def open_repository(forge: Forge, owner: User, wanted: NewRepository, doer: User) -> bool:
    """Make a repository, with a first commit if asked; return False if the name is taken."""
    branch = wanted.default_branch or "main"
    now = forge.clock.now()
    record = forge.registry.add_repository(owner.name, wanted.name, branch, now)
    if record is None:
        return False
    forge.shelf.create(owner.name, wanted.name, branch)
    forge.registry.change_repository(
        record.full_name, private=wanted.private, description=wanted.description
    )
    if wanted.auto_init:
        writer = Identity(doer.name, doer.email, now)
        readme = Change("create", "README.md", f"# {wanted.name}\n".encode())
        order = Order(branch, branch, "Initial commit\n", writer, writer, (readme,))
        path = forge.shelf.path_of(owner.name, wanted.name)
        place = Workplace(path, forge.shelf.workshop, Reception(forge.shelf.hooks))
        commit_changes(place, order)
    return True


def _create(call: Call, owner: User) -> Answer:
    wanted = read_json(call.request, NewRepository)
    if not names.is_repository_name(wanted.name):
        raise invalid(f"name is reserved or invalid [name: {wanted.name}]")
    if wanted.default_branch and not names.is_branch_name(wanted.default_branch):
        raise invalid("[DefaultBranch]: GitRefName")
    if wanted.object_format_name not in {"", "sha1"}:
        raise invalid("the sandbox keeps sha1 repositories only")
    if not open_repository(call.forge, owner, wanted, call.signed_in()):
        raise ForgeAnswerError(409, "The repository with the same name already exists.")
    shown = call.with_parameters({"owner": owner.name, "repo": wanted.name})
    return json_answer(_describe(shown), 201)


def _describe(call: Call) -> dict[str, object]:
    found = call.repository()
    owner = call.forge.registry.find_user(found.record.owner)
    assert owner is not None, found.record
    return repository_json(
        found.record, owner, found.permission, call.forge.root_url, empty=is_empty(found.open())
    )
