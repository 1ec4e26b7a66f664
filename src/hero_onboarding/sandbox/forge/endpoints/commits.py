"""Commits: a list, one, and what lies between two."""

from itertools import islice

import pygit2

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge.context import Call, RepositoryCall
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, not_found
from hero_onboarding.sandbox.forge.history import changed_files, changed_lines, touches, walk
from hero_onboarding.sandbox.forge.paging import Paging, paging_headers, read_paging
from hero_onboarding.sandbox.forge.repositories import find_commit, is_empty
from hero_onboarding.sandbox.forge.wire import Json, commit_json, escape, verification_json

_PATH_LIMIT = 50
_COMPARED_MAX = 10_000


def list_page(call: Call) -> Answer:
    """``GET .../commits``: newest first.

    With ``path`` the page size is 50, whatever ``limit`` says; ``not`` leaves out what an older
    commit reaches.
    """
    found = call.repository()
    repository = found.open()
    if is_empty(repository):
        raise ForgeAnswerError(409, "Git Repository is empty.")
    start = _find(repository, call.query("sha") or found.record.default_branch)
    without = _find(repository, call.query("not")) if call.query("not") else None
    path, paging = call.query("path"), read_paging(call)
    every = list(walk(repository, start, without))
    if path:
        every = [commit for commit in every if touches(commit, path)]
        paging = Paging(paging.page, _PATH_LIMIT)
    shown = [_describe(found, commit) for commit in paging.cut(every)]
    pages = paging.pages(len(every))
    extra = (
        ("X-Page", str(paging.page)),
        ("X-PerPage", str(paging.limit)),
        ("X-Total", str(len(every))),
        ("X-PageCount", str(pages)),
        ("X-HasMore", str(paging.page < pages).lower()),
    )
    return json_answer(shown, headers=(*paging_headers(call, paging, len(every)), *extra))


def show(call: Call) -> Answer:
    """``GET .../git/commits/{name}``."""
    found = call.repository()
    repository = found.open()
    commit = _find(repository, call.parameter("name"))
    return json_answer(_describe(found, commit))


def compare(call: Call) -> Answer:
    """``GET .../compare/{base}...{head}``: commits that the head has and the base lacks."""
    found = call.repository()
    repository = found.open()
    base_name, separator, head_name = call.parameter("range").partition("...")
    if separator == "":
        base_name, separator, head_name = call.parameter("range").partition("..")
    if separator == "":
        raise not_found()
    base, head = _find(repository, base_name), _find(repository, head_name)
    commits = list(islice(walk(repository, head, base), _COMPARED_MAX))
    shown = [_describe(found, commit) for commit in commits]
    files = {path: status for commit in shown for path, status in _files_of(commit)}
    return json_answer(
        {
            "total_commits": len(commits),
            "commits": shown,
            "files": [{"filename": path, "status": status} for path, status in files.items()],
        }
    )


def _files_of(described: Json) -> list[tuple[str, str]]:
    files = described["files"]
    assert isinstance(files, list), files
    return [(file["filename"], file["status"]) for file in files]


def _find(repository: pygit2.Repository, name: str) -> pygit2.Commit:
    commit = find_commit(repository, name)
    if commit is None:
        raise not_found(f"object does not exist [id: {escape(name)}, rel_path: ]")
    return commit


def _describe(found: RepositoryCall, commit: pygit2.Commit) -> Json:
    call = found.call
    shown = commit_json(commit, found.api, found.page)
    inner = shown["commit"]
    assert isinstance(inner, dict), inner
    is_verified = call.query_flag("verification", default=True)
    inner["verification"] = verification_json() if is_verified else None
    shown["files"] = None
    shown["stats"] = None
    if call.query_flag("files", default=True):
        files = changed_files(commit)
        shown["files"] = [{"filename": path, "status": status} for path, status in files]
    if call.query_flag("stat", default=True):
        added, removed = changed_lines(commit)
        shown["stats"] = {"total": added + removed, "additions": added, "deletions": removed}
    return shown
