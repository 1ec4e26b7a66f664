"""Two writers on one branch, brought together at a chosen moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.sandbox.forge_bench import Bench, wait_until

_PAUSE_SECONDS = 0.4

Write = Callable[[Bench], httpx.Response]


def race_before_push(bench: Bench, slow: Write) -> httpx.Response:
    """Let the branch move after the slow writer has read its head; return the slow one's answer."""
    work = bench.path.parent.parent / ".work"
    return _race(bench, slow, "pause_before_push_seconds", lambda: _holds_objects(work))


def race_in_push(bench: Bench, slow: Write) -> httpx.Response:
    """Let the branch move while the slow writer's push is being received."""
    objects = bench.path / "objects"
    return _race(
        bench,
        slow,
        "pause_in_push_seconds",
        lambda: list(objects.glob("tmp_objdir-incoming-*")),
    )


def _race(
    bench: Bench, slow: Write, pause: str, is_on_its_way: Callable[[], object]
) -> httpx.Response:
    before = len(bench.commits())
    bench.forge.switches.change({pause: _PAUSE_SECONDS})
    with ThreadPoolExecutor(1) as pool, bench.with_token(bench.forge.token) as racer:
        running = pool.submit(slow, racer)
        wait_until(is_on_its_way)
        bench.forge.switches.change({pause: 0})
        quick = bench.create("quick", b"1")
        answer = running.result()
    assert quick.status_code == 201, quick.text
    assert len(bench.commits()) == before + (2 if answer.is_success else 1)
    return answer


def _holds_objects(work: Path) -> bool:
    return any(len(path.name) == 38 for path in work.glob("*/objects/??/*"))
