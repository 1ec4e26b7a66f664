"""Check a demonstration from outside: read the forge with git and tomllib, and sum by itself.

Nothing of the product is imported. Run as a program it takes the repository's address and a file
of facts, prints one JSON object and exits 0 when all agrees, else 1.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

MICROS_PER_CENT = 10_000
BUCKET = re.compile(r"nodes/([a-z0-9-]+)/usage_(\d{4})-(\d\d)-(\d\d)-(\d\d)\.otoml")
COUNTED = ("node_id", "user_sid", "amount_cents", "resource_kind", "occurred_at")


def read_repository(address: str, token: str | None) -> dict[str, bytes]:
    """Clone a repository and return the files of its head by path."""
    with tempfile.TemporaryDirectory() as folder:
        options = []
        if token is not None:
            options = ["-c", f"http.extraHeader=Authorization: token {token}"]
        clone = ["git", *options, "clone", "--quiet", "--bare", address, folder]
        subprocess.run(clone, check=True, capture_output=True, text=True)
        names = _git(folder, "ls-tree", "-r", "--name-only", "-z", "HEAD").split(b"\0")
        return {
            name.decode(): _git(folder, "cat-file", "blob", f"HEAD:{name.decode()}")
            for name in names
            if name
        }


def _git(folder: str, *words: str) -> bytes:
    command = ["git", "--git-dir", folder, *words]
    return subprocess.run(command, check=True, capture_output=True).stdout


def check(files: dict[str, bytes], facts: dict[str, Any]) -> list[str]:
    """Return everything that does not agree, one sentence each.

    ``facts`` holds ``sent`` (each distinct record once), ``credited`` (micro-dollars by user),
    ``wallets`` (the wallet route's answers by user), ``books`` and ``buckets`` (how many the
    push reported).
    """
    problems: list[str] = []
    found: dict[tuple[str, str], dict[str, Any]] = {}
    buckets = 0
    for path, content in sorted(files.items()):
        match = BUCKET.fullmatch(path)
        if match is None:
            continue
        buckets += 1
        for record in tomllib.loads(content.decode())["records"]:
            problems += _check_record(match, path, record)
            place = (record["node_id"], record["idempotency_key"])
            if place in found:
                problems.append(f"{path}: key {place[1]} is there twice")
            found[place] = record
    problems += _compare_records(found, facts["sent"])
    if buckets != facts["buckets"]:
        problems.append(f"the forge has {buckets} buckets, {facts['buckets']} were pushed")
    problems += _compare_balances(found, facts)
    if not facts["books"]["balanced"]:
        problems.append("the books do not balance")
    return problems


def _check_record(match: re.Match[str], path: str, record: dict[str, Any]) -> list[str]:
    node, year, month, day, hour = match.groups()
    problems = []
    if record["node_id"] != node:
        problems.append(f"{path}: a record of node {record['node_id']}")
    if not record["occurred_at"].startswith(f"{year}-{month}-{day} {hour}:"):
        problems.append(f"{path}: a record of {record['occurred_at']}")
    return problems


def _compare_records(
    found: dict[tuple[str, str], dict[str, Any]], sent: list[dict[str, Any]]
) -> list[str]:
    expected = {(record["node_id"], record["idempotency_key"]): record for record in sent}
    lost = sorted(expected.keys() - found.keys())
    foreign = sorted(found.keys() - expected.keys())
    both = sorted(expected.keys() & found.keys())
    return [
        *(f"record {key} of {node} was sent and is not on the forge" for node, key in lost),
        *(f"record {key} of {node} is on the forge and was never sent" for node, key in foreign),
        *(
            f"record {place[1]} of {place[0]} has another {name} on the forge"
            for place in both
            for name in COUNTED
            if expected[place][name] != found[place][name]
        ),
    ]


def _compare_balances(
    found: dict[tuple[str, str], dict[str, Any]], facts: dict[str, Any]
) -> list[str]:
    used: Counter[str] = Counter()
    for record in found.values():
        used[record["user_sid"]] += record["amount_cents"] * MICROS_PER_CENT
    problems = []
    for sid, credited in facts["credited"].items():
        wallet = facts["wallets"][sid]
        net = credited - used[sid]
        shown = wallet["balance"] - wallet["overdraft"]
        if shown != net:
            problems.append(f"user {sid} should have {net} micro-dollars and has {shown}")
    return problems


def main() -> int:
    """Check what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", required=True, help="an address that git can clone")
    parser.add_argument("--facts", required=True, type=Path, help="a JSON file of facts")
    parser.add_argument("--token", help="a token for the repository")
    arguments = parser.parse_args()
    facts = json.loads(arguments.facts.read_text(encoding="utf-8"))
    problems = check(read_repository(arguments.repository, arguments.token), facts)
    print(json.dumps({"ok": not problems, "problems": problems}))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
