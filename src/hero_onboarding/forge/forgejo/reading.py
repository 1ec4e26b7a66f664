"""Read a repository through branches, trees and blobs; other calls walk its history."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from hero_onboarding.forge.errors import ForgeAnswerError
from hero_onboarding.forge.forgejo.answers import (
    BlobAnswer,
    BranchAnswer,
    CommitAnswer,
    EntryAnswer,
    TreeAnswer,
    read_answer,
)
from hero_onboarding.forge.forgejo.api import RepositoryApi
from hero_onboarding.forge.objects import blob_id, is_object_id
from hero_onboarding.forge.ports import TreeEntry
from hero_onboarding.outbound import AnswerTooLargeError, HttpAnswer

BLOBS_TOGETHER_MAX: Final = 48
ENTRIES_MAX: Final = 1_000_000
_PLAIN_BLOB_BYTES: Final = 64 * 1024
_ABSENT: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
_NO_SUCH_CALL: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_LEAN: Final = {"stat": "false", "verification": "false", "files": "false"}


def fetch_branch_name(api: RepositoryApi, configured: str | None) -> str:
    """Return the branch that is meant, asking for the repository's default once."""
    if configured is not None:
        return configured
    if api.learned.default_branch is None:
        api.learned.default_branch = api.get_repository().default_branch
    return api.learned.default_branch


def fetch_tip(api: RepositoryApi, branch: str) -> str | None:
    """Return the commit a branch points at, None while there is no such branch."""
    answer = api.ask(f"branches/{branch}")
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
        # The branch or the repository? The second is for an operator.
        api.learned.default_branch = api.get_repository().default_branch
        return None
    tip = read_answer(api.must("GET branch", answer), BranchAnswer).commit.id
    if not is_object_id(tip):
        raise ForgeAnswerError("the branch points at no commit id")
    return tip


def fetch_entries(api: RepositoryApi, treeish: str) -> list[TreeEntry]:
    """Read all pages of one directory.

    Pages end when all entries are there: ``truncated`` is true on the last page too, and the
    server may have lowered the size of a page.
    """
    per_page = api.get_settings().default_git_trees_per_page
    entries: list[TreeEntry] = []
    page = 1
    while True:
        answer = api.ask(f"git/trees/{treeish}", {"page": page, "per_page": per_page})
        _must_exist(api, answer, treeish)
        read = read_answer(api.must("GET tree", answer), TreeAnswer)
        entries += [_entry(entry) for entry in read.tree or ()]
        if len(entries) == read.total_count:
            return entries
        if not read.tree or not len(entries) < read.total_count <= ENTRIES_MAX:
            raise ForgeAnswerError(f"the pages of {treeish} do not add up")
        page += 1


def fetch_contents(api: RepositoryApi, ids: Sequence[str], *, bytes_max: int) -> dict[str, bytes]:
    """Read files, many in a call where the server can, and leave out the large ones."""
    contents: dict[str, bytes] = {}
    for batch in _batches(api, list(dict.fromkeys(ids))):
        answers = _fetch_batch(api, batch) if len(batch) > 1 else {}
        for one in batch:
            answer = answers.get(one) or _fetch_one(api, one, bytes_max)
            if answer is not None and answer.size <= bytes_max:
                contents[one] = _verified(one, answer)
    return contents


def is_reachable(api: RepositoryApi, older: str, newer: str) -> bool:
    """Whether nothing that the older commit reaches is new to the newer one."""
    query: dict[str, str | int] = {"sha": older, "not": newer, "limit": 1, **_LEAN}
    answer = api.ask("commits", query)
    if answer.status in (*_ABSENT, HTTPStatus.CONFLICT):
        _must_exist(api, api.ask(f"git/commits/{newer}", _LEAN), newer)
        return False
    return not read_answer(api.must("GET commits", answer), list[CommitAnswer])


def _batches(api: RepositoryApi, ids: list[str]) -> Iterator[list[str]]:
    together = min(BLOBS_TOGETHER_MAX, max(1, api.get_settings().max_response_items))
    for start in range(0, len(ids), together):
        yield ids[start : start + together]


def _fetch_batch(api: RepositoryApi, ids: list[str]) -> Mapping[str, BlobAnswer]:
    """Try to read many files in one call; what is missing is read one by one."""
    if not api.learned.has_batch_blobs:
        return {}
    try:
        answer = api.ask("git/blobs", {"shas": ",".join(ids)})
    except AnswerTooLargeError:
        return {}
    if answer.status in _NO_SUCH_CALL:
        api.get_repository()
        api.learned.has_batch_blobs = False
        return {}
    if answer.status in _ABSENT:
        return {}
    listed = read_answer(api.must("GET blobs", answer), list[BlobAnswer])
    return {blob.sha: blob for blob in listed}


def _fetch_one(api: RepositoryApi, one: str, bytes_max: int) -> BlobAnswer | None:
    """Read one file; None when its answer is longer than any file within the limit has."""
    limit = bytes_max * 4 // 3 + _PLAIN_BLOB_BYTES
    try:
        answer = api.ask(f"git/blobs/{one}", answer_bytes_max=limit)
    except AnswerTooLargeError:
        return None
    _must_exist(api, answer, one)
    return read_answer(api.must("GET blob", answer), BlobAnswer)


def _verified(one: str, answer: BlobAnswer) -> bytes:
    """Decode a file and compute its id anew.

    Raises:
        ForgeAnswerError: If the bytes are not those of the id, or were left out.
    """
    content = answer.read()
    if not content and answer.size:
        raise ForgeAnswerError(
            f"the forge leaves out the {answer.size} bytes of {one}: raise its"
            " DEFAULT_MAX_BLOB_SIZE or read by git"
        )
    if blob_id(content) != one:
        raise ForgeAnswerError(f"the bytes of {one} do not hash to their id")
    return content


def _entry(entry: EntryAnswer) -> TreeEntry:
    size = entry.size if entry.type == "blob" else None
    return TreeEntry(entry.path, entry.mode.zfill(6), entry.sha, size)


def _must_exist(api: RepositoryApi, answer: HttpAnswer, name: str) -> None:
    """Tell an unknown object from a repository that can't be seen.

    Raises:
        ForgeAnswerError: If the repository is there and the object is not.
        ForgeRefusedError: If the repository is not there.
    """
    if answer.status in _ABSENT:
        api.get_repository()
        raise ForgeAnswerError(f"the repository has no object {name}")
