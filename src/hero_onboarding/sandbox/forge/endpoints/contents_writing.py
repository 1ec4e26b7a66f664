"""Create, update, delete, and many files in one commit."""

import base64
import binascii
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
import pygit2
from msgspec import Meta

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.accounts import User
from hero_onboarding.sandbox.forge.bodies import read_json
from hero_onboarding.sandbox.forge.context import Call, RepositoryCall
from hero_onboarding.sandbox.forge.endpoints.contents_reading import describe
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, invalid
from hero_onboarding.sandbox.forge.pushes import NOTHING, Move, announce
from hero_onboarding.sandbox.forge.receiving import Reception
from hero_onboarding.sandbox.forge.repositories import (
    find_branch,
    find_commit,
    find_entry,
    is_empty,
)
from hero_onboarding.sandbox.forge.versions import (
    Behaviour,
    Kind,
    delete_status,
    write_status,
)
from hero_onboarding.sandbox.forge.wire import (
    Json,
    verification_json,
    written_commit_json,
)
from hero_onboarding.sandbox.forge.writing import (
    Change,
    Identity,
    Order,
    Workplace,
    WriteRefusedError,
    commit_changes,
)

Instant = Annotated[datetime, Meta(tz=True)]
T = TypeVar("T", bound="FileOptions")
StatusOf = Callable[[Kind, Behaviour], int]


class Person(msgspec.Struct, frozen=True):
    """Somebody named in a request."""

    name: Annotated[str, Meta(max_length=100)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


class Dates(msgspec.Struct, frozen=True):
    """When it was written and committed; now if left out."""

    author: Instant | None = None
    committer: Instant | None = None


class FileOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What every write can say."""

    message: str = ""
    branch: str = ""
    new_branch: str = ""
    author: Person | None = None
    committer: Person | None = None
    dates: Dates | None = None
    signoff: bool = False
    force_overwrite_new_branch: bool = False


class FileWrite(FileOptions, frozen=True, kw_only=True):
    """A write of one file."""

    content: str = ""
    sha: str = ""
    from_path: Annotated[str, Meta(max_length=500)] = ""


class FileOperation(msgspec.Struct, frozen=True, kw_only=True):
    """One of many."""

    operation: Annotated[str, Meta(min_length=1)]
    path: Annotated[str, Meta(min_length=1, max_length=500)]
    content: str = ""
    sha: str = ""
    from_path: str = ""


class FilesWrite(FileOptions, frozen=True, kw_only=True):
    """A write of many files."""

    files: Annotated[list[FileOperation], Meta(min_length=1)]


def create_file(call: Call) -> Answer:
    """``POST .../contents/{path}``: 201, refused if the path is taken."""
    found = call.repository("write")
    wanted = _read_options(call, FileWrite)
    change = Change("create", call.parameter("path"), _read_base64(wanted.content))
    commit = _write(found, wanted, (change,), write_status)
    return json_answer(_file_answer(found, commit, change), 201)


def update_file(call: Call) -> Answer:
    """``PUT .../contents/{path}``: 200, and ``sha`` must be the blob that is replaced."""
    found = call.repository("write")
    wanted = _read_options(call, FileWrite)
    _require_sha(wanted)
    behaviour = call.forge.switches.behaviour
    if is_empty(found.open()):
        raise ForgeAnswerError(behaviour.update_in_empty, "repo is empty")
    content = _read_base64(wanted.content)
    change = Change("update", call.parameter("path"), content, wanted.sha, wanted.from_path)
    commit = _write(found, wanted, (change,), write_status)
    return json_answer(_file_answer(found, commit, change))


def delete_file(call: Call) -> Answer:
    """``DELETE .../contents/{path}``: 200, with the same rule for ``sha``."""
    found = call.repository("write")
    wanted = _read_options(call, FileWrite)
    _require_sha(wanted)
    change = Change("delete", call.parameter("path"), blob_id=wanted.sha)
    commit = _write(found, wanted, (change,), delete_status)
    return json_answer(_file_answer(found, commit, change))


def change_files(call: Call) -> Answer:
    """``POST .../contents``: one commit for all files, or nothing."""
    behaviour = call.forge.switches.behaviour
    if not behaviour.multi_file:
        raise ForgeAnswerError(405, "Method Not Allowed")
    found = call.repository("write")
    wanted = _read_options(call, FilesWrite)
    changes = tuple(_read_operation(operation, behaviour) for operation in wanted.files)
    commit = _write(found, wanted, changes, write_status)
    shown = {
        "files": [_describe_change(found, commit, change) for change in changes],
        "commit": written_commit_json(commit, found.api, found.page),
        "verification": verification_json(),
    }
    return json_answer(shown, 201)


def _read_options(call: Call, shape: type[T]) -> T:
    wanted = read_json(call.request, shape)
    for name in (wanted.branch, wanted.new_branch):
        if name and not names.is_branch_name(name):
            raise invalid("[BranchName]: GitRefName")
    return wanted


def _require_sha(wanted: FileWrite) -> None:
    if wanted.sha == "":
        raise invalid("[SHA]: Required")


def _read_operation(operation: FileOperation, behaviour: Behaviour) -> Change:
    known = {"create", "update", "delete"}
    if behaviour.more_operations:
        known |= {"upload", "rename"}
    name = operation.operation if operation.operation in known else "unknown"
    content = _read_base64(operation.content)
    return Change(name, operation.path, content, operation.sha, operation.from_path)


def _read_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("illegal base64 data") from None


def _write(
    found: RepositoryCall, wanted: FileOptions, changes: tuple[Change, ...], status_of: StatusOf
) -> pygit2.Commit:
    found.refuse_if_archived()
    found.refuse_over_quota()
    forge = found.forge
    behaviour = forge.switches.behaviour
    order = _order(found, wanted, changes)
    queue = forge.queues.lock_of(found.record.id) if behaviour.races == "queued" else nullcontext()
    try:
        with queue:
            _check_protection(found, order)
            before = find_branch(found.open(), order.new_branch)
            name = _commit(found, order)
    except WriteRefusedError as refusal:
        raise ForgeAnswerError(status_of(refusal.kind, behaviour), refusal.message) from refusal
    commit = find_commit(found.open(), name)
    assert commit is not None, name
    # On its own branch another writer may have come between the look and the push.
    left = commit.parents[0] if order.new_branch == order.branch and commit.parents else before
    move = Move(f"refs/heads/{order.new_branch}", str(left.id) if left else NOTHING, name)
    announce(forge, found.record, [move], found.call.signed_in())
    return commit


def _commit(found: RepositoryCall, order: Order) -> str:
    forge, record = found.forge, found.record
    settings, request = forge.switches.settings, found.call.request
    refusal = forge.switches.take("refuse-push", request.method, request.path)
    place = Workplace(
        forge.shelf.path_of(record.owner, record.name),
        forge.shelf.workshop,
        Reception(
            forge.shelf.hooks,
            settings.pause_in_push_seconds,
            "" if refusal is None else refusal.message or "refused by a hook",
        ),
        settings.pause_before_push_seconds,
    )
    was_empty = is_empty(found.open())
    name = commit_changes(place, order)
    if was_empty and order.new_branch != record.default_branch:
        found.open().set_head(f"refs/heads/{order.new_branch}")
        forge.registry.change_repository(record.full_name, default_branch=order.new_branch)
    return name


def _check_protection(found: RepositoryCall, order: Order) -> None:
    if order.new_branch != order.branch:
        return
    if found.record.protects_branch(order.branch):
        message = f"user cannot commit to repo [user: {found.call.caller.name}]"
        raise WriteRefusedError(Kind.BRANCH_PROTECTED, message)
    protected = found.record.find_protected([change.path for change in order.changes])
    if protected is not None:
        message = f"path is protected and can not be changed [path: {protected}]"
        raise WriteRefusedError(Kind.PATH_PROTECTED, message)


def _order(found: RepositoryCall, wanted: FileOptions, changes: tuple[Change, ...]) -> Order:
    author, committer = _identities(found, wanted)
    message = (wanted.message.strip() or _default_message(changes)) + "\n"
    if wanted.signoff:
        message += f"\nSigned-off-by: {committer.name} <{committer.email}>\n"
    branch = wanted.branch or found.record.default_branch
    behaviour = found.forge.switches.behaviour
    return Order(
        branch,
        wanted.new_branch or branch,
        message,
        author,
        committer,
        changes,
        wanted.force_overwrite_new_branch and behaviour.force_new_branch,
        behaviour.missing_sha == "refused",
    )


def _identities(found: RepositoryCall, wanted: FileOptions) -> tuple[Identity, Identity]:
    user = found.call.signed_in()
    given = [person for person in (wanted.author, wanted.committer) if person and person.email]
    author = _pick(wanted.author, given, user)
    committer = _pick(wanted.committer, given, user)
    now = found.forge.clock.now()
    dates = wanted.dates or Dates()
    return (
        Identity(author.name, author.email, _or_now(dates.author, now)),
        Identity(committer.name, committer.email, _or_now(dates.committer, now)),
    )


def _pick(wanted: Person | None, given: list[Person], user: User) -> Person:
    if wanted is not None and wanted.email:
        return wanted
    return given[0] if given else Person(user.name, user.email)


def _or_now(moment: datetime | None, now: datetime) -> datetime:
    # Go's zero time, the year 1, stands for a date that was left out.
    if moment is None or moment.year == 1:
        return now
    if moment.timestamp() < 0:
        raise ForgeAnswerError(500, "invalid date format")
    return moment


def _default_message(changes: tuple[Change, ...]) -> str:
    words = {"create": "Add", "update": "Update", "delete": "Delete"}
    lines = []
    for operation, word in words.items():
        paths = [change.path for change in changes if change.operation == operation]
        if paths:
            lines.append(f"{word} {', '.join(paths)}")
    return "\n".join(lines) or "Change files"


def _file_answer(found: RepositoryCall, commit: pygit2.Commit, change: Change) -> Json:
    return {
        "content": _describe_change(found, commit, change),
        "commit": written_commit_json(commit, found.api, found.page),
        "verification": verification_json(),
    }


def _describe_change(found: RepositoryCall, commit: pygit2.Commit, change: Change) -> Json | None:
    entry = find_entry(commit.tree, change.path)
    if entry is None:
        return None
    return describe(found, commit, change.path, entry, is_whole=True)
