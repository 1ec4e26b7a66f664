"""Branches and references."""

import msgspec
import pygit2

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.bodies import read_json
from hero_onboarding.sandbox.forge.context import Call, RepositoryCall
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, invalid, not_found
from hero_onboarding.sandbox.forge.paging import paging_headers, read_paging
from hero_onboarding.sandbox.forge.pushes import NOTHING, Move, announce
from hero_onboarding.sandbox.forge.repositories import find_branch, find_commit
from hero_onboarding.sandbox.forge.wire import Json, escape, payload_commit_json


class NewBranch(msgspec.Struct, frozen=True):
    """A branch that is asked for."""

    new_branch_name: str
    old_branch_name: str = ""
    old_ref_name: str = ""


def show(call: Call) -> Answer:
    """``GET .../branches/{branch}``."""
    found = call.repository()
    return json_answer(_describe(found, found.open(), call.parameter("branch")))


def list_page(call: Call) -> Answer:
    """``GET .../branches``."""
    found = call.repository()
    repository = found.open()
    every = sorted(repository.branches.local)
    paging = read_paging(call)
    shown = [_describe(found, repository, name) for name in paging.cut(every)]
    return json_answer(shown, headers=paging_headers(call, paging, len(every)))


def create(call: Call) -> Answer:
    """``POST .../branches``: start a branch from a branch, a tag or a commit."""
    found = call.repository("write")
    wanted = read_json(call.request, NewBranch)
    found.refuse_if_archived()
    if not names.is_branch_name(wanted.new_branch_name):
        raise invalid("[BranchName]: GitRefName")
    repository = found.open()
    source = wanted.old_ref_name or wanted.old_branch_name or found.record.default_branch
    start = find_commit(repository, source)
    if start is None:
        raise ForgeAnswerError(404, "The old branch does not exist")
    try:
        repository.branches.local.create(wanted.new_branch_name, start)
    except pygit2.AlreadyExistsError:
        raise ForgeAnswerError(409, "The branch already exists.") from None
    except (pygit2.GitError, OSError):
        message = "The branch name conflicts with an existing branch."
        raise ForgeAnswerError(409, message) from None
    move = Move(f"refs/heads/{wanted.new_branch_name}", NOTHING, str(start.id))
    announce(call.forge, found.record, [move], call.signed_in())
    return json_answer(_describe(found, repository, wanted.new_branch_name), 201)


def delete(call: Call) -> Answer:
    """``DELETE .../branches/{branch}``: any but the default one."""
    found = call.repository("write")
    found.refuse_if_archived()
    repository, name = found.open(), call.parameter("branch")
    tip = find_branch(repository, name)
    if tip is None:
        raise not_found()
    if name == found.record.default_branch:
        raise ForgeAnswerError(403, "can not delete default branch")
    if found.record.protects_branch(name):
        raise ForgeAnswerError(403, "branch protected")
    repository.branches.local.delete(name)
    move = Move(f"refs/heads/{name}", str(tip.id), NOTHING)
    announce(call.forge, found.record, [move], call.signed_in())
    return Answer(204)


def list_references(call: Call) -> Answer:
    """``GET .../git/refs`` and ``GET .../git/refs/{beginning}``."""
    found = call.repository()
    repository = found.open()
    wanted = "refs/" + call.request.parameters.get("beginning", "")
    shown = [
        _describe_reference(found, repository, name)
        for name in sorted(repository.references)
        if name.startswith(wanted)
    ]
    if not shown and wanted != "refs/":
        raise not_found()
    return json_answer(shown)


def _describe_reference(found: RepositoryCall, repository: pygit2.Repository, name: str) -> Json:
    target = repository.lookup_reference(name).resolve().target
    kind = repository[target].type_str
    return {
        "ref": name,
        "url": f"{found.api}/git/{escape(name)}",
        "object": {
            "type": kind,
            "sha": str(target),
            "url": f"{found.api}/git/{kind}s/{target}",
        },
    }


def _describe(found: RepositoryCall, repository: pygit2.Repository, name: str) -> Json:
    commit = find_branch(repository, name)
    if commit is None:
        raise not_found(f"branch does not exist [name: {name}]" if names.is_text(name) else "")
    is_protected = found.record.protects_branch(name)
    return {
        "name": name,
        "commit": payload_commit_json(commit, found.page),
        "protected": is_protected,
        "required_approvals": 0,
        "enable_status_check": False,
        "status_check_contexts": [],
        "user_can_push": found.permission != "read" and not is_protected,
        "user_can_merge": found.permission != "read",
        "effective_branch_protection_name": name if is_protected else "",
    }
