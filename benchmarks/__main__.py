"""Run every benchmark and print ratios; about ten minutes."""

import sys
from collections.abc import Iterable
from typing import Final, Protocol

from benchmarks import ingest, notices, pages, pushing, stages
from benchmarks.disk import fsync_rate
from benchmarks.places import Engine, engines
from hero_onboarding.bootstrap.serving import tune_collector


class Line(Protocol):
    """One result."""

    def line(self) -> str:
        """Say it on one line."""
        ...


class Part(Protocol):
    """A benchmark."""

    def measure(self, name: str, engine: Engine) -> Iterable[Line]:
        """Measure on one engine."""
        ...


PARTS: Final[dict[str, Part]] = {
    "ingest": ingest,
    "stages": stages,
    "pushing": pushing,
    "pages": pages,
    "notices": notices,
}


def main() -> None:
    """Measure what the arguments name, or everything."""
    wanted = sys.argv[1:] or list(PARTS)
    tune_collector()  # as a server does; both sides of each ratio run under it
    with engines() as found:
        for part in wanted:
            for name, engine in found.items():
                print(f"fsync {fsync_rate():,.0f}/s", flush=True)
                for ratio in PARTS[part].measure(name, engine):
                    print(ratio.line(), flush=True)


if __name__ == "__main__":
    main()
