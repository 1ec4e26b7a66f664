"""Every command against a real server: what it prints as text and as JSON, and its exit code."""

import json
import uuid
from datetime import timedelta

import pytest

from hero_onboarding import __version__
from hero_onboarding.kernel.clock import SystemClock
from tests.support.programs import Program
from tests.support.shell import Shell

COUNTS = {"buckets", "pushed", "unchanged", "records", "conflicts", "failures"}


@pytest.fixture
def sid(shell: Shell) -> str:
    """A user of the test's own."""
    made = f"u{uuid.uuid4().hex[:8]}"
    assert shell("users", "create", "--sid", made, "--name", "Ada [b]").out == f"{made}\n"
    return made


def test_creating_a_user_again_is_safe_and_another_name_is_refused(shell: Shell, sid: str) -> None:
    again = shell("users", "create", "--sid", sid, "--name", "Ada [b]", "--json")
    assert (again.code, again.json["sid"], again.json["name"]) == (0, sid, "Ada [b]")

    shell("users", "create", "--sid", sid, "--name", "Eve").refused(1)

    assert shell("users", "create", "--sid", sid, "--name", "Ada [b]", "--json").json == again.json


def test_notices_are_replayed_as_often_as_one_likes(shell: Shell) -> None:
    hour_ago = SystemClock().now() - timedelta(hours=1)
    for since in ((), ("--since", f"{hour_ago:%Y-%m-%dT%H:%M:%SZ}")):
        counts = shell("payments", "notices", "replay", *since, "--json")
        assert (counts.code, counts.json) == (0, {"notices": 0, "unmatched": 0})
    assert "notices" in shell("payments", "notices", "replay").out


def test_books_are_reconciled_day_by_day(shell: Shell) -> None:
    nothing = {"matched": 0, "repaired": 0, "unexplained": 0, "items": [], "balances": []}

    found = shell("payments", "reconcile", "--json")

    assert (found.code, found.json) == (0, nothing)
    assert "0 unexplained" in shell("payments", "reconcile").out
    refused = shell("payments", "reconcile", "--provider", "stripe")
    assert "payments.off" in refused.refused(1)


@pytest.mark.parametrize("command", [("reconcile",), ("notices", "replay")])
@pytest.mark.parametrize("since", ["0001-01-01", "1900-01-01", "9999-12-31"])
def test_a_time_that_cant_be_looked_at_is_wrong_use(
    command: tuple[str, ...], since: str, shell: Shell
) -> None:
    told = shell("payments", *command, "--since", since).refused(2)

    assert told.startswith("payments.wrong_interval: since is ")


def test_a_user_without_a_sid_gets_the_next_free_one(shell: Shell) -> None:
    made = [shell("users", "create").out.strip() for _ in range(2)]

    assert all(made)
    assert len(set(made)) == 2


def test_users_are_listed_with_their_names_as_they_are(shell: Shell, sid: str) -> None:
    text = shell("users", "list")
    rows = shell("users", "list", "--json")

    assert (text.code, rows.code, rows.errors) == (0, 0, "")
    (line,) = [line for line in text.out.splitlines() if sid in line]
    assert "Ada [b]" in line
    assert rows.json[0]["sid"] == sid


@pytest.mark.parametrize(
    "name", ["[/red]", "[red]x[/red]", ":smile:", "[link=x]", "\\[b]", "\u00e9"]
)
def test_no_name_is_taken_for_mark_up(name: str, shell: Shell) -> None:
    made = shell("users", "create", "--name", name).out.strip()

    (line,) = [line for line in shell("users", "list").out.splitlines() if made in line.split()]
    assert name in line


def test_a_list_says_how_to_ask_for_its_next_page(shell: Shell) -> None:
    for _ in range(51):
        shell("users", "create")

    first = shell("users", "list", "--json")
    cursor = first.errors.removeprefix("more with --cursor ").strip()
    second = shell("users", "list", "--json", "--cursor", cursor)

    assert first.errors == f"more with --cursor {cursor}\n"
    pages = [{user["sid"] for user in page.json} for page in (first, second)]
    assert len(pages[0]) == 50
    assert pages[1]
    assert pages[0].isdisjoint(pages[1])


def test_a_statement_is_printed_as_table_rows_and_csv(shell: Shell, sid: str) -> None:
    for key in ("1", "2"):
        shell("wallet", "adjust", sid, key, "--reason", "[a], b", "--key", key)

    text, rows = shell("wallet", "statement", sid), shell("wallet", "statement", sid, "--json")
    lines = shell("wallet", "statement", sid, "--csv").out.splitlines()

    assert text.out.index("1.000000") < text.out.index("3.000000")
    assert [row["detail"] for row in rows.json] == ["[a], b", "[a], b"]
    assert len(lines) == 3
    assert ',adjustment,"[a], b",2000000,2.000000,3000000,3.000000,' in lines[2]
    shell("wallet", "statement", "nobody", "--csv").refused(1)


def test_credit_is_given_once_per_key(shell: Shell, sid: str) -> None:
    words = ["wallet", "grant", sid, "1.5", "--until", "2126-01-01", "--reason", "hi", "--key", "g"]

    first, again = shell(*words), shell(*words)

    assert (first.code, again.out) == (0, first.out)
    assert first.out.endswith("until 2126-01-01T00:00:00Z\n")
    assert "promo      USD 1.500000" in shell("wallet", "show", sid).out
    (grant,) = shell("wallet", "grants", sid, "--json").json
    assert (grant["left"], grant["reason"]) == (1_500_000, "hi")


def test_a_wallet_is_adjusted_once_per_key(shell: Shell, sid: str) -> None:
    words = ["wallet", "adjust", sid, "12.345678", "--reason", "gift", "--key", "k1"]

    first, again = shell(*words), shell(*words, "--json")

    assert (first.code, first.out) == (0, "created: USD 12.345678\n")
    assert (again.code, again.json["status"]) == (0, "duplicate")
    shown = shell("wallet", "show", sid)
    assert shown.out.splitlines()[0].split() == ["balance", "USD", "12.345678"]
    assert shell.wallet(sid)["balance"] == 12_345_678


def test_another_amount_under_the_same_key_is_refused(shell: Shell, sid: str) -> None:
    rest = ["--reason", "gift", "--key", "k1"]
    shell("wallet", "adjust", sid, "1", *rest)

    shell("wallet", "adjust", sid, "2", *rest).refused(1)

    assert shell.wallet(sid)["balance"] == 1_000_000


def test_more_than_is_there_is_taken_only_with_debt_allowed(shell: Shell, sid: str) -> None:
    rest = ["--reason", "mistake", "--key", "k2"]
    before = shell.wallet(sid)

    shell("wallet", "adjust", sid, "-3", *rest).refused(1)
    assert shell.wallet(sid) == before

    assert shell("wallet", "adjust", sid, "-3", *rest, "--allow-debt").code == 0
    after = shell.wallet(sid)
    assert (after["balance"], after["overdraft"], after["debt"]) == (0, 3_000_000, 0)


def test_the_statement_is_listed_newest_first(shell: Shell, sid: str) -> None:
    for key, amount in (("k1", "1"), ("k2", "2.50")):
        shell("wallet", "adjust", sid, amount, "--reason", f"[{key}]", "--key", key)

    text, rows = shell("wallet", "movements", sid), shell("wallet", "movements", sid, "--json")

    assert [row["amount"] for row in rows.json] == [2_500_000, 1_000_000]
    assert [row["balance_after"] for row in rows.json] == [3_500_000, 1_000_000]
    assert text.out.index("[k2]") < text.out.index("[k1]")


def test_a_user_without_movements_has_an_empty_statement(shell: Shell, sid: str) -> None:
    assert shell("wallet", "movements", sid).out.strip() == "nothing"
    assert shell("wallet", "movements", sid, "--json").json == []


def test_a_right_is_given_listed_and_taken_back_once(shell: Shell, sid: str) -> None:
    given = shell("rights", "give", "--node", "node-z", "--user", sid, "--cap", "2.50", "--json")
    number = given.json["number"]
    assert (given.code, given.json["micros_per_hour"]) == (0, 2_500_000)
    assert any(row["number"] == number for row in shell("rights", "list", "--json").json)
    assert "node-z" in shell("rights", "list").out

    taken = shell("rights", "take", str(number))

    assert (taken.code, taken.out) == (0, f"right {number} taken back\n")
    shell("rights", "take", str(number)).refused(1)
    assert all(row["number"] != number for row in shell("rights", "list", "--json").json)


def test_a_right_given_as_text_says_its_number(shell: Shell) -> None:
    words = shell("rights", "give").out.split()

    assert (words[0], words[2]) == ("right", "given")
    assert shell("rights", "take", words[1]).code == 0


def test_usage_is_pushed_aggregated_and_looked_at(shell: Shell) -> None:
    pushed = shell.admin("push-usage", "--once", "--full", "--json")
    aggregated = shell("aggregate", "--once", "--json")

    assert (pushed.code, aggregated.code) == (0, 0)
    assert pushed.json.keys() == COUNTS
    assert aggregated.json["failures"] == 0
    assert shell.admin("push-usage", "--once").out.startswith("0 buckets, 0 pushed, ")
    assert "0 records new" in shell("aggregate", "--once").out


@pytest.mark.parametrize("noun", ["quarantine", "incidents"])
def test_what_needs_looking_at_is_listed(noun: str, shell: Shell) -> None:
    assert shell(noun, "list").out.strip() == "nothing"
    assert shell(noun, "list", "--json").json == []


def test_waiting_records_are_tried_again(shell: Shell) -> None:
    found = shell("quarantine", "retry", "--json")

    assert found.code == 0
    assert all(isinstance(count, int) for count in found.json.values())
    assert shell("quarantine", "retry").code == 0


def test_books_that_balance_are_told_so(shell: Shell) -> None:
    found = shell("books", "check", "--json")

    assert (found.code, found.json["balanced"]) == (0, True)
    assert "every asset sums to zero" in shell("books", "check").out


def test_the_clock_is_set_forward_and_never_back(shell: Shell) -> None:
    before = shell("sandbox", "clock", "--advance", "0").out.strip()
    later = shell("sandbox", "clock", "--advance", "60", "--json").json["now"]
    assert later > before

    shell("sandbox", "clock", "--now", before).refused(1)

    assert shell("sandbox", "clock", "--advance", "0").out.strip() >= later


def test_the_doctor_and_the_infocheck_find_this_server_running(shell: Shell) -> None:
    doctor, infocheck = shell("doctor", "--json"), shell("infocheck", "--json")

    assert (doctor.code, infocheck.code) == (0, 0), doctor
    found = {row["subject"]: row["level"] for row in doctor.json}
    assert found["hero_onboarding_server"] == found["hero_onboarding_admin"] == "ok"
    assert [row["running"] for row in infocheck.json] == [None, True, True]
    assert "\u2713 books: balance." in shell("doctor").out
    assert "hero_onboarding_server (web, runs): ok" in shell("infocheck").out


def test_the_status_says_where_it_runs(shell: Shell, running: Program) -> None:
    found = shell("--status")

    assert found.code == 0
    assert [line.split(" at ")[1] for line in found.out.splitlines()] == [
        f"{origin}, process {running.process.pid}" for origin in running.origins.values()
    ]


def test_help_and_version_need_no_settings() -> None:
    lost = Shell({"HERO_ONBOARDING_MODE": "neither"})

    for words in ([], ["--help"], ["wallet", "adjust", "--help"], ["--version"]):
        assert lost(*words).code == 0
    assert __version__ in lost("--version").out
    assert lost("users", "list").refused(2).startswith("HERO_ONBOARDING_MODE is 'neither'")
    rows = json.loads(lost("doctor", "--json").out)
    assert [row["subject"] for row in rows] == ["HERO_ONBOARDING_MODE"]
