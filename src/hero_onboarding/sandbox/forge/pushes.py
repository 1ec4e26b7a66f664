"""Notice that branches have moved, and tell the hooks of their repository."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from uuid import uuid4

import pygit2

from hero_onboarding.sandbox.forge.accounts import Hook, RepositoryRecord, User
from hero_onboarding.sandbox.forge.context import Forge
from hero_onboarding.sandbox.forge.history import changed_files, walk
from hero_onboarding.sandbox.forge.repositories import find_branch, find_commit, is_empty
from hero_onboarding.sandbox.forge.webhooks import Delivery, spell_payload
from hero_onboarding.sandbox.forge.wire import (
    Json,
    payload_commit_json,
    repository_json,
    user_json,
)

NOTHING = "0" * 40
PAYLOAD_COMMITS = 15
_BRANCHES = "refs/heads/"
_COUNTED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Move:
    """A reference that pointed to one commit and points to another; zeros for none."""

    reference: str
    before: str
    after: str


def snapshot(repository: pygit2.Repository) -> dict[str, str]:
    """Note where every reference points."""
    names = list(repository.references)
    return {name: str(repository.lookup_reference(name).resolve().target) for name in names}


def moves_between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Move]:
    """List the references that differ between two snapshots, by name."""
    return [
        Move(name, before.get(name, NOTHING), after.get(name, NOTHING))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def announce(forge: Forge, record: RepositoryRecord, moves: list[Move], doer: User) -> None:
    """Send every move to every hook that asks for it."""
    if not record.hooks or forge.switches.settings.webhooks == "off":
        return
    for move in moves:
        payload = spell_payload(_payload(forge, record, move, doer))
        for hook in record.hooks:
            if _wants(hook, move):
                _send(forge, hook, payload)


def _send(forge: Forge, hook: Hook, payload: str) -> None:
    settings = forge.switches.settings
    delivery = Delivery(
        uuid=str(uuid4()),
        hook=hook,
        event="push",
        payload=payload,
        delay_seconds=settings.webhook_delay_seconds,
        signature=settings.webhook_signature,
    )
    for _ in range(settings.webhook_copies):
        forge.hooks.send(delivery)


def _wants(hook: Hook, move: Move) -> bool:
    if not hook.active or "push" not in hook.events:
        return False
    branch = move.reference.removeprefix(_BRANCHES)
    return hook.branch_filter in {"", "*"} or fnmatchcase(branch, hook.branch_filter)


def _payload(forge: Forge, record: RepositoryRecord, move: Move, doer: User) -> Json:
    repository = forge.shelf.open(record.owner, record.name)
    page = f"{forge.root_url}/{record.full_name}"
    commits = _new_commits(repository, record, move)
    shown = [_describe(commit, page) for commit in commits[:PAYLOAD_COMMITS]]
    owner = forge.registry.find_user(record.owner)
    assert owner is not None, record
    person = user_json(doer, forge.root_url)
    return {
        "ref": move.reference,
        "before": move.before,
        "after": move.after,
        "compare_url": f"{page}/compare/{move.before}...{move.after}",
        "commits": shown,
        "total_commits": len(commits),
        "head_commit": shown[0] if shown else None,
        "repository": repository_json(
            record, owner, "admin", forge.root_url, empty=is_empty(repository)
        ),
        "pusher": person,
        "sender": person,
    }


def _new_commits(
    repository: pygit2.Repository, record: RepositoryRecord, move: Move
) -> list[pygit2.Commit]:
    head = find_commit(repository, move.after)
    if head is None:
        return []
    old = find_commit(repository, move.before)
    if old is None and move.reference != _BRANCHES + record.default_branch:
        old = find_branch(repository, record.default_branch)
    return list(islice(walk(repository, head, old), _COUNTED_MAX))


def _describe(commit: pygit2.Commit, page: str) -> Json:
    files = changed_files(commit)
    shown = payload_commit_json(commit, page)
    for status in ("added", "removed", "modified"):
        shown[status] = [path for path, found in files if found == status]
    return shown
