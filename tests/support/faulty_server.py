"""A server with one part out of order, so that a check which must fail can be seen to fail.

Run as a program with the name of the fault; settings come from the environment as always.
"""

import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from hero_onboarding.admin import make_dashboard
from hero_onboarding.bootstrap import program
from hero_onboarding.bootstrap.logs import set_up_logs
from hero_onboarding.bootstrap.server_address import ADMIN, SERVER
from hero_onboarding.bootstrap.serving import Listener, serve
from hero_onboarding.bootstrap.settings import settings_from_environment
from hero_onboarding.forge import Commit, FileChange, Forge, TreeEntry
from hero_onboarding.http import Services
from hero_onboarding.usage import GroupCommit, Outcome, record_usage
from hero_onboarding.web import make_site
from hero_onboarding_schema import UsageRecord


@dataclass(frozen=True)
class ForgetfulForge:
    """Hands out every file as empty, so that what lies in it is written over."""

    forge: Forge

    def fetch_head(self) -> str | None:
        return self.forge.fetch_head()

    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        return self.forge.fetch_tree(treeish)

    def fetch_blobs(self, ids: Sequence[str], *, bytes_max: int) -> Mapping[str, bytes]:
        return dict.fromkeys(self.forge.fetch_blobs(ids, bytes_max=bytes_max), b"records = []\n")

    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        return self.forge.push_files(changes, commit)

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.forge.is_ancestor(older, newer)


def without_secret_check(services: Services) -> Services:
    return replace(services, is_secret=lambda _: True)


def without_merge(services: Services) -> Services:
    pusher = replace(services.pusher, forge=ForgetfulForge(services.pusher.forge))
    return replace(services, pusher=pusher)


def without_deduplication(services: Services) -> Services:
    def commit(records: Sequence[UsageRecord]) -> Sequence[Outcome]:
        renamed = [
            msgspec.structs.replace(record, idempotency_key=uuid.uuid4().hex) for record in records
        ]
        with services.database.transaction() as tx:
            return record_usage(tx, renamed, services.intake)

    return replace(services, group_commit=GroupCommit(commit))


FAULTS: Final[dict[str, Callable[[Services], Services]]] = {
    "deduplication": without_deduplication,
    "merge": without_merge,
    "secret-check": without_secret_check,
}


def main() -> None:
    settings = settings_from_environment()
    set_up_logs()
    with program.opened(settings) as parts:
        faulty = replace(parts, services=FAULTS[sys.argv[1]](parts.services))
        with program._running(faulty, settings, schedules=False):
            site, dashboard = make_site(faulty.services), make_dashboard(faulty.services)
            listeners = [
                Listener(SERVER, site, settings.listen),
                Listener(ADMIN, dashboard, settings.admin_listen),
            ]
            serve(listeners, lambda addresses: program._announce(settings, addresses))


if __name__ == "__main__":
    main()
