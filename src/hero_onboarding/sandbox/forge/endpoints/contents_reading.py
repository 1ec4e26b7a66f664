"""Files and folders by path."""

import base64
import re

import pygit2
from pygit2.enums import FileMode

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.context import Call, RepositoryCall
from hero_onboarding.sandbox.forge.endpoints.objects import blob_bytes
from hero_onboarding.sandbox.forge.failures import invalid, not_found
from hero_onboarding.sandbox.forge.history import last_commit_touching
from hero_onboarding.sandbox.forge.repositories import Item, find_commit, find_entry, is_empty
from hero_onboarding.sandbox.forge.wire import Json, escape, readable, time_of

_TARGET_BYTES_MAX = 1024
_ETAG = re.compile(r'"([^"]*)"')


def show(call: Call) -> Answer:
    """``GET .../contents`` and ``GET .../contents/{path}``: a file, or a folder's entries."""
    found = call.repository()
    repository = found.open()
    if is_empty(repository):
        return json_answer([])
    path = call.request.parameters.get("path", "").removesuffix("/")
    commit = _find_commit(found, repository)
    entry = _find_entry(commit, path)
    if not isinstance(entry, pygit2.Tree):
        return json_answer(describe(found, commit, path, entry, is_whole=True))
    listed = []
    for inner in entry:
        inner_path = f"{path}/{readable(inner.raw_name or b'')}".strip("/")
        listed.append(describe(found, commit, inner_path, inner))
    return json_answer(listed)


def show_raw(call: Call) -> Answer:
    """``GET .../raw/{path}`` and ``GET .../media/{path}``: bytes, with the blob id as ``ETag``."""
    found = call.repository()
    repository = found.open()
    if is_empty(repository):
        raise not_found()
    path = call.parameter("path")
    commit = _find_commit(found, repository)
    blob = _find_entry(commit, path)
    if not isinstance(blob, pygit2.Blob):
        raise not_found()
    touched = last_commit_touching(commit, path)
    tag = f'"{blob.id}"'
    headers = (
        ("ETag", tag),
        ("Last-Modified", time_of(touched.committer)),
        ("X-Forgejo-Object-Type", "blob"),
        ("X-Gitea-Object-Type", "blob"),
    )
    if str(blob.id) in _ETAG.findall(call.request.headers.get("if-none-match", "")):
        return Answer(304, headers=headers)
    content_type = ("Content-Type", "text/plain; charset=utf-8")
    return Answer(200, blob_bytes(call, blob), (content_type, *headers))


def describe(
    found: RepositoryCall,
    commit: pygit2.Commit,
    path: str,
    entry: Item,
    *,
    is_whole: bool = False,
) -> Json:
    """Describe one entry as the contents API does; the whole file only if it is asked for alone."""
    reference = found.call.query("ref") or found.record.default_branch
    url = f"{found.api}/contents/{escape(path)}?ref={escape(reference)}"
    page = f"{found.page}/src/branch/{escape(reference)}/{escape(path)}"
    touched = last_commit_touching(commit, path)
    git_url = f"{found.api}/git/{entry.type_str}s/{entry.id}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": str(entry.id),
        "last_commit_sha": str(touched.id),
        "last_commit_when": time_of(touched.committer),
        "type": _kind_of(entry),
        "size": entry.size if isinstance(entry, pygit2.Blob) else 0,
        "encoding": None,
        "content": None,
        "target": None,
        "url": url,
        "html_url": page,
        "git_url": git_url,
        "download_url": None,
        "submodule_git_url": None,
        "_links": {"self": url, "git": git_url, "html": page},
        **_describe_bytes(found, path, entry, reference, is_whole=is_whole),
    }


def _describe_bytes(
    found: RepositoryCall, path: str, entry: Item, reference: str, *, is_whole: bool
) -> Json:
    if not isinstance(entry, pygit2.Blob):
        return {}
    shown: Json = {"download_url": f"{found.page}/raw/branch/{escape(reference)}/{escape(path)}"}
    if entry.filemode == FileMode.LINK:
        shown["target"] = readable(entry.data[:_TARGET_BYTES_MAX])
    elif is_whole:
        most = found.forge.switches.settings.default_max_blob_size
        content = blob_bytes(found.call, entry) if entry.size <= most else b""
        shown["encoding"] = "base64"
        shown["content"] = base64.b64encode(content).decode()
    return shown


def _kind_of(entry: Item) -> str:
    if isinstance(entry, pygit2.Tree):
        return "dir"
    if isinstance(entry, pygit2.Commit):
        return "submodule"
    return "symlink" if entry.filemode == FileMode.LINK else "file"


def _find_commit(found: RepositoryCall, repository: pygit2.Repository) -> pygit2.Commit:
    reference = found.call.query("ref") or found.record.default_branch
    commit = find_commit(repository, reference)
    if commit is None:
        raise not_found(f"object does not exist [id: {escape(reference)}, rel_path: ]")
    return commit


def _find_entry(commit: pygit2.Commit, path: str) -> Item:
    if path != "" and not names.is_file_path(path):
        raise invalid(f"path contains a malformed path component [path: {escape(path)}]")
    entry = find_entry(commit.tree, path)
    if entry is None:
        raise not_found(f"object does not exist [id: , rel_path: {path}]")
    return entry
