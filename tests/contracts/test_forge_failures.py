"""What every forge on a network says when something is wrong, and that it stays right."""

import random
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import pytest

from hero_onboarding.forge import (
    FileChange,
    Forge,
    ForgeAnswerError,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.forge.objects import blob_id
from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.outbound import BEFORE_CALL
from hero_onboarding.sandbox.forge import SandboxForge
from hero_onboarding.sandbox.forge.switches import Fault
from tests.contracts.forge import (
    EVERYWHERE,
    GIT_OVER_HTTP,
    DiskPlace,
    Options,
    Place,
    Places,
    a_commit,
    changed,
    new,
)

UNKNOWN = "1" * 40
SECRET = "not-the-token-of-anybody"

Call = Callable[[Forge], object]
READS: dict[str, Call] = {
    "head": lambda forge: forge.fetch_head(),
    "tree": lambda forge: forge.fetch_tree(UNKNOWN),
    "blobs": lambda forge: forge.fetch_blobs([UNKNOWN, blob_id(b"1")], bytes_max=10),
    "ancestor": lambda forge: forge.is_ancestor(UNKNOWN, "2" * 40),
}
CALLS = READS | {"push": lambda forge: forge.push_files([new("a", b"1")], a_commit())}

every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def sandbox_of(place: DiskPlace) -> SandboxForge:
    assert place.sandbox is not None, place
    return place.sandbox


def write_address(place: DiskPlace) -> str:
    if place.kind == GIT_OVER_HTTP:
        return f"/{place.name}.git/git-receive-pack"
    return f"/api/v1/repos/{place.name}/contents"


@every_call
@pytest.mark.parametrize("outage", ["closed", "unavailable"])
def test_an_outage_is_for_later(
    networked: DiskPlace, call: Call, outage: Literal["closed", "unavailable"]
) -> None:
    forge = networked.open()
    sandbox_of(networked).switches.change({"outage": outage})

    with pytest.raises(ForgeUnavailableError):
        call(forge)

    sandbox_of(networked).switches.change({"outage": "none"})
    assert forge.fetch_head() is None


@every_call
@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_busy_server_is_for_later(networked: DiskPlace, call: Call, status: int) -> None:
    sandbox_of(networked).switches.add(Fault(kind="answer", status=status))

    with pytest.raises(ForgeUnavailableError):
        call(networked.open())


@every_call
def test_a_server_that_answers_too_late_is_for_later(networked: DiskPlace, call: Call) -> None:
    sandbox_of(networked).switches.change({"delay_seconds": 2})

    with pytest.raises(ForgeUnavailableError):
        call(networked.open(Options(timeout_seconds=0.3)))


@every_call
def test_a_wrong_token_is_for_an_operator_and_is_never_shown(
    networked: DiskPlace, call: Call
) -> None:
    forge = networked.open(Options(token=SECRET))

    with pytest.raises(ForgeRefusedError, match="token") as caught:
        call(forge)

    assert SECRET not in f"{caught.value!s} {caught.value!r} {forge!r}"
    assert caught.value.__cause__ is None


@every_call
def test_a_repository_that_is_not_there_is_for_an_operator(
    networked: DiskPlace, call: Call
) -> None:
    with pytest.raises(ForgeRefusedError):
        call(networked.open(Options(repository="o/nothing-here")))


@every_call
def test_a_folder_that_is_no_repository_is_for_an_operator(make_place: Places, call: Call) -> None:
    with pytest.raises(ForgeRefusedError, match="does not exist"):
        call(make_place.make("git file").open(Options(repository="nothing-here")))


def test_an_archived_repository_is_read_and_not_written(networked: DiskPlace) -> None:
    forge = networked.open()
    head = forge.push_files([new("a", b"1")], a_commit())
    sandbox_of(networked).change_repository(networked.name, archived=True)

    with pytest.raises(ForgeRefusedError, match=r"archived|archiving"):
        forge.push_files([new("b", b"2")], a_commit())

    assert forge.fetch_head() == head
    assert networked.files() == {"a": b"1"}


def test_a_protected_branch_is_for_an_operator(networked: DiskPlace) -> None:
    forge = networked.open()
    forge.push_files([new("a", b"1")], a_commit())
    sandbox_of(networked).change_repository(networked.name, protected_branches=("main",))

    with pytest.raises(ForgeRefusedError, match="protect"):
        forge.push_files([new("b", b"2")], a_commit())

    assert networked.files() == {"a": b"1"}


def test_a_token_that_may_only_read_is_refused_a_write(networked: DiskPlace) -> None:
    networked.open().push_files([new("a", b"1")], a_commit())
    forge = networked.open(Options(token=sandbox_of(networked).read_token))

    assert forge.fetch_head() is not None
    with pytest.raises(ForgeRefusedError, match="scope"):
        forge.push_files([new("b", b"2")], a_commit())

    assert networked.files() == {"a": b"1"}


def test_an_upload_that_is_too_large_is_for_an_operator(networked: DiskPlace) -> None:
    forge = networked.open()
    sandbox_of(networked).switches.change({"max_body_bytes": 2_000})

    with pytest.raises(ForgeRefusedError, match="limit"):
        forge.push_files([new("a", random.Random(1).randbytes(20_000))], a_commit())

    assert networked.files() == {}


@pytest.mark.parametrize("fault", ["drop-after", "answer-after"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_lost_reply_is_found_out_by_looking(
    networked: DiskPlace, fault: Literal["drop-after", "answer-after"], count: int
) -> None:
    forge = networked.open()
    forge.push_files([new("kept", b"0")], a_commit())
    changes = [new(f"a{number}", b"%d" % number) for number in range(count)]
    switches = sandbox_of(networked).switches
    switches.add(Fault(kind=fault, method="POST", path_prefix=write_address(networked)))

    # Git's own client sends again what was cut off, and is told that it is there already.
    is_resent = networked.kind == GIT_OVER_HTTP and fault == "drop-after"
    with nullcontext() if is_resent else pytest.raises(ForgeUnavailableError):
        forge.push_files(changes, a_commit())
    switches.clear()
    head = forge.fetch_head()
    before = networked.count_commits()

    assert head is not None
    names = {entry.name for entry in forge.fetch_tree(head)}
    assert names == {"kept", *(change.path for change in changes)}
    assert forge.push_files(changes, a_commit()) is None
    assert networked.count_commits() == before == 2


def test_a_request_that_never_arrived_leaves_nothing(networked: DiskPlace) -> None:
    forge = networked.open()
    switches = sandbox_of(networked).switches
    switches.add(Fault(kind="drop", method="POST", path_prefix=write_address(networked)))

    with pytest.raises(ForgeUnavailableError):
        forge.push_files([new("a", b"1")], a_commit())
    switches.clear()

    assert networked.files() == {}
    assert forge.push_files([new("a", b"1")], a_commit()) is not None


def test_bytes_that_are_not_those_of_the_id_are_refused(make_place: Places) -> None:
    for server in ("forgejo-late batch many", "gitea single each"):
        place = make_place.make(f"rest {server}")
        assert isinstance(place, DiskPlace), place
        forge = place.open()
        forge.push_files([new("a", b"1"), new("b", b"2")], a_commit())
        ids = [blob_id(b"1"), blob_id(b"2")]
        sandbox_of(place).switches.add(Fault(kind="corrupt-blob", count=1))

        with pytest.raises(ForgeAnswerError, match="hash"):
            forge.fetch_blobs(ids, bytes_max=10)

        assert len(forge.fetch_blobs(ids, bytes_max=10)) == 2


@pytest.mark.parametrize("kind", [kind for kind in EVERYWHERE if kind != "fake"])
def test_nothing_is_called_inside_a_transaction(make_place: Places, kind: str) -> None:
    calls: list[str] = []
    forge = make_place.make(kind).open(Options(trace=calls.append))

    for call in CALLS.values():
        with transaction_is_open(), pytest.raises(OutsideCallInTransactionError):
            call(forge)

    assert calls == []


@pytest.mark.parametrize("kind", [kind for kind in EVERYWHERE if kind != "fake"])
@pytest.mark.parametrize("beside", [[], [new("z", b"1")]], ids=["alone", "with another"])
def test_whenever_somebody_is_faster_nothing_of_theirs_is_lost(
    make_place: Places, kind: str, beside: list[FileChange]
) -> None:
    """Let somebody else write just before our first call, our second call, and so on."""
    changes = [changed("a", b"mine", b"first"), *beside]
    moment = 1
    while True:
        place = make_place.make(kind)
        place.put("a", b"first")
        beaten = Beaten(place, moment)
        if not push_beaten(beaten, changes):
            break
        moment += 1
    assert moment > 2


@dataclass
class Beaten:
    """Somebody who writes at a moment, unless we have already written."""

    place: Place
    moment: int
    calls: int = 0
    has_written: bool = False

    def __call__(self, point: str) -> None:
        self.calls += point == BEFORE_CALL
        is_now = point == BEFORE_CALL and self.calls == self.moment
        if is_now and self.place.files()["a"] == b"first":
            self.has_written = True
            self.place.put("a", b"theirs")


def push_beaten(beaten: Beaten, changes: list[FileChange]) -> bool:
    """Push, check who has won, and return whether the moment came at all."""
    forge = beaten.place.open(Options(trace=beaten))
    try:
        forge.push_files(changes, a_commit())
    except ForgeMovedError:
        assert beaten.has_written
    assert beaten.place.files()["a"] == (b"theirs" if beaten.has_written else b"mine")
    return beaten.has_written
