"""Writes whose answer says little: each is looked into, and told apart by what is there."""

from itertools import count
from typing import Literal

import pytest

from hero_onboarding.forge import (
    Forge,
    ForgeAnswerError,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.forge.forgejo import ForgejoSettings, connect, read_root
from hero_onboarding.forge.objects import blob_id
from hero_onboarding.outbound import BEFORE_CALL, Trace, no_trace
from hero_onboarding.sandbox.forge import SandboxForge
from hero_onboarding.sandbox.forge.switches import Fault
from tests.contracts.forge import SERVERS, DiskPlace, a_commit, changed, new
from tests.outbound.scripted_server import answer, answering

_numbers = count(1)


def a_place(sandbox: SandboxForge) -> DiskPlace:
    name = f"o/doubt{next(_numbers):04}"
    path = sandbox.create_repository(name, auto_init=False, private=True)
    place = DiskPlace("rest", lambda: path, lambda _: open_forge(sandbox, name), sandbox, name)
    place.put("kept", b"0")
    return place


def open_forge(sandbox: SandboxForge, name: str, trace: Trace = no_trace) -> Forge:
    settings = ForgejoSettings(read_root(sandbox.url), name, "main", sandbox.token)
    return connect(settings, trace=trace)


def a_fault(place: DiskPlace, kind: Literal["answer", "answer-after"], status: int) -> Fault:
    path = f"/api/v1/repos/{place.name}/contents"
    return Fault(kind=kind, method="WRITE", path_prefix=path, status=status, count=1, message=" ")


@pytest.mark.parametrize("status", [403, 409, 422, 500])
def test_a_write_that_landed_is_a_success_whatever_the_answer(
    sandbox: SandboxForge, status: int
) -> None:
    place = a_place(sandbox)
    fault = a_fault(place, "answer-after", status)
    if status == 403:
        fault = Fault(
            kind="answer-after", method="WRITE", status=403, message="PushRejected", count=1
        )
    sandbox.switches.add(fault)

    head = place.open().push_files([new("a", b"1"), new("b", b"2")], a_commit())

    assert head == place.open().fetch_head()
    assert place.files() == {"kept": b"0", "a": b"1", "b": b"2"}


def test_a_blank_500_on_a_branch_that_stood_still_is_for_later(sandbox: SandboxForge) -> None:
    place = a_place(sandbox)
    sandbox.switches.add(a_fault(place, "answer", 500))

    with pytest.raises(ForgeUnavailableError):
        place.open().push_files([new("a", b"1")], a_commit())

    assert place.files() == {"kept": b"0"}


@pytest.mark.parametrize(
    ("status", "message"),
    [(500, " "), (409, " "), (403, "PushRejected Error: exit status 1"), (422, " ")],
)
def test_a_refusal_on_a_branch_that_went_on_is_a_race(
    sandbox: SandboxForge, status: int, message: str
) -> None:
    place = a_place(sandbox)
    calls = 0

    def write_before_the_second_call(point: str) -> None:
        nonlocal calls
        calls += point == BEFORE_CALL
        if calls == 2 and point == BEFORE_CALL:
            place.put("theirs", b"1")

    forge = open_forge(sandbox, place.name, write_before_the_second_call)
    sandbox.switches.add(
        Fault(kind="answer", method="WRITE", status=status, message=message, count=1)
    )

    with pytest.raises(ForgeMovedError):
        forge.push_files([new("a", b"1")], a_commit())


@pytest.mark.parametrize("words", ["cannot lock ref", "failed to update ref"])
def test_a_403_is_a_race_when_it_says_so(sandbox: SandboxForge, words: str) -> None:
    place = a_place(sandbox)
    sandbox.switches.add(Fault(kind="answer", method="WRITE", status=403, message=words, count=1))

    with pytest.raises(ForgeMovedError):
        place.open().push_files([new("a", b"1")], a_commit())


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "token does not have at least one of required scope(s)"),
        (403, "PushRejected Error: refused by a hook"),
        (413, "quota exceeded"),
        (422, "path contains a malformed path component"),
    ],
)
def test_other_refusals_are_for_an_operator_and_repeat_what_was_said(
    sandbox: SandboxForge, status: int, message: str
) -> None:
    place = a_place(sandbox)
    sandbox.switches.add(
        Fault(kind="answer", method="WRITE", status=status, message=message, count=1)
    )

    with pytest.raises(ForgeRefusedError) as caught:
        place.open().push_files([new("a", b"1")], a_commit())

    assert f"{status} {message}" in str(caught.value)
    assert place.files() == {"kept": b"0"}


@pytest.mark.parametrize(
    ("server", "kind"),
    [("forgejo-late", ForgeRefusedError), ("forgejo-mid-2025", ForgeUnavailableError)],
)
def test_a_hook_that_refuses_is_told_as_far_as_the_server_tells_it(
    sandbox: SandboxForge, server: str, kind: type[Exception]
) -> None:
    place = a_place(sandbox)
    sandbox.switches.change({"server": server})
    sandbox.switches.add(Fault(kind="refuse-push", count=1))

    with pytest.raises(kind):
        place.open().push_files([new("a", b"1")], a_commit())

    assert place.files() == {"kept": b"0"}


@pytest.mark.parametrize("server", SERVERS)
def test_a_full_quota_is_for_an_operator_where_there_are_quotas(
    sandbox: SandboxForge, server: str
) -> None:
    place = a_place(sandbox)
    sandbox.switches.change({"server": server})
    sandbox.change_repository(place.name, over_quota=True)

    if server == "gitea":
        assert place.open().push_files([new("a", b"1")], a_commit()) is not None
        return
    with pytest.raises(ForgeRefusedError, match="quota"):
        place.open().push_files([new("a", b"1")], a_commit())


def test_what_landed_in_part_is_looked_at_again(sandbox: SandboxForge) -> None:
    place = a_place(sandbox)
    place.put("a", b"1")

    with pytest.raises(ForgeMovedError):
        place.open().push_files([new("a", b"1"), new("b", b"2")], a_commit())
    place.open().push_files([changed("a", b"1", b"1"), new("b", b"2")], a_commit())

    assert place.files() == {"kept": b"0", "a": b"1", "b": b"2"}


def test_a_failure_between_single_writes_leaves_the_earlier_ones(sandbox: SandboxForge) -> None:
    place = a_place(sandbox)
    sandbox.switches.change({"overrides": {"multi_file": False}})
    path = f"/api/v1/repos/{place.name}/contents/b"
    sandbox.switches.add(Fault(kind="answer", path_prefix=path, status=502, count=1))

    with pytest.raises(ForgeUnavailableError):
        place.open().push_files([new("a", b"1"), new("b", b"2"), new("c", b"3")], a_commit())

    assert place.files() == {"kept": b"0", "a": b"1"}


BRANCH = answer('{"name":"main","commit":{"id":"' + "a" * 40 + '"}}')


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>welcome</html>",
        "[]",
        "{}",
        '{"content":null,"commit":{"sha":"' + "b" * 40 + '"}}',
        '{"content":{"path":"a","sha":"' + "c" * 40 + '"},"commit":{"sha":"' + "b" * 40 + '"}}',
        '{"content":{"path":"a","sha":"' + blob_id(b"1") + '"},"commit":{"sha":"main"}}',
    ],
)
def test_a_success_that_does_not_fit_makes_no_sense(body: str) -> None:
    with answering(BRANCH, answer(body, "201 Created")) as server:
        forge = connect(ForgejoSettings(read_root(server.url), "o/n", "main", "t0ken"))

        with pytest.raises(ForgeAnswerError):
            forge.push_files([new("a", b"1")], a_commit())
