"""A process of its own that makes passes over one repository on disk, for tests of two at once."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from hero_onboarding.aggregation import Aggregator, RepositoryReader
from hero_onboarding.database import open_database
from hero_onboarding.forge import git
from tests.fakes.clock import FakeClock
from tests.support.world import REPOSITORY


def main(url: str, repository: str, clone: str) -> None:
    database = open_database(url)
    settings = git.GitSettings(git.folder_address(Path(repository)), Path(clone), "main")
    reader = RepositoryReader(database, git.connect(settings), FakeClock(), REPOSITORY)
    aggregator = Aggregator(database, FakeClock(), [reader])
    print("ready", flush=True)
    sys.stdin.readline()
    passes = [asdict(aggregator.aggregate()) for _ in range(2)]
    database.close()
    print(json.dumps(passes))


if __name__ == "__main__":
    main(*sys.argv[1:])
