"""Run every benchmark and print ratios; about three minutes."""

import sys

from benchmarks import ingest, pushing, stages
from benchmarks.disk import fsync_rate
from benchmarks.places import engines
from hero_onboarding.bootstrap.serving import tune_collector

PARTS = {"ingest": ingest, "stages": stages, "pushing": pushing}


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
