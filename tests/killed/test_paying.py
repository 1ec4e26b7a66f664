"""A process killed at any point of a top-up and its refund credits once and gives back once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.conftest import Figure, NewUrl

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_killed_at_any_point_a_top_up_is_credited_once_and_its_refund_paid_once(
    engine: str, new_database_url: NewUrl, figure: Figure
) -> None:
    with SandboxStripe() as sandbox:
        plan = {
            "url": new_database_url(engine),
            "stripe": sandbox.url,
            "secret_key": sandbox.secret_key,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.paying_runner"],
            input=json.dumps(plan).encode(),
            capture_output=True,
            cwd=ROOT,
            timeout=600,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )

    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    figure(f"{engine}: paying, killed at each of {found['killed']} points")
    assert found["wrong"] == []
    assert found["killed"] == found["points"] > 50
    clean = found["clean"]
    assert (clean["state"], clean["net"], clean["refunds"]) == ("paid", 15_000_000, ["succeeded"])
    assert clean["facts"] == ["credited", "given_back", "refund_asked"]
    assert clean["wrong"] == []
