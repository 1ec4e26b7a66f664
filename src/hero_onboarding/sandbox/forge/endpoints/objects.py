"""Trees and blobs by id."""

import pygit2

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge import names
from hero_onboarding.sandbox.forge.context import Call, RepositoryCall
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, not_found
from hero_onboarding.sandbox.forge.repositories import Item, find_commit, find_object
from hero_onboarding.sandbox.forge.wire import Json, blob_json, readable

_SUBMODULE = "commit"


def show_tree(call: Call) -> Answer:
    """``GET .../git/trees/{name}``: a page of a tree's entries.

    Two things surprise and are kept: ``truncated`` is true on every page of a tree that has more
    than one, and a commit that was asked for is echoed as ``sha`` in place of its tree.
    """
    found = call.repository()
    repository, name = found.open(), call.parameter("name")
    sha, tree = _find_tree(repository, name)
    entries = _list_entries(tree, is_recursive=call.query_flag("recursive", default=False))
    most = call.forge.switches.settings.default_git_trees_per_page
    per_page = call.query_number("per_page")
    per_page = per_page if 0 < per_page <= most else most
    page = max(call.query_number("page"), 1)
    start = per_page * (page - 1)
    cut = entries[start : start + per_page]
    shown = {
        "sha": sha,
        "url": f"{found.api}/git/trees/{sha}",
        "tree": [_describe_entry(found, path, entry) for path, entry in cut] or None,
        "truncated": len(entries) > per_page and start < len(entries),
        "page": page,
        "total_count": len(entries),
    }
    return json_answer(shown, headers=(("X-Total-Count", str(len(entries))),))


def show_blob(call: Call) -> Answer:
    """``GET .../git/blobs/{sha}``."""
    found = call.repository()
    return json_answer(_describe_blob(found, found.open(), call.parameter("sha")))


def show_blobs(call: Call) -> Answer:
    """``GET .../git/blobs?shas=``: many at once, where the server can."""
    found = call.repository()
    if not call.forge.switches.behaviour.batch_blobs:
        raise not_found()
    wanted = [name for name in call.query("shas").split(",") if name]
    most = call.forge.switches.settings.max_response_items
    if not wanted or len(wanted) > most:
        raise ForgeAnswerError(400, f"between 1 and {most} blob ids are needed")
    repository = found.open()
    return json_answer([_describe_blob(found, repository, name) for name in wanted])


def blob_bytes(call: Call, blob: pygit2.Blob) -> bytes:
    """Return a blob's bytes, spoiled if a fault says so."""
    content = blob.data
    if call.forge.switches.take("corrupt-blob", call.request.method, call.request.path) is None:
        return content
    return bytes([content[0] ^ 1]) + content[1:] if content else b"\0"


def _describe_blob(found: RepositoryCall, repository: pygit2.Repository, name: str) -> Json:
    blob = find_object(repository, name)
    if not isinstance(blob, pygit2.Blob):
        shown = name if names.is_text(name) else "?"
        raise ForgeAnswerError(400, f"object does not exist [id: {shown}, rel_path: ]")
    size_max = found.forge.switches.settings.default_max_blob_size
    return blob_json(str(blob.id), blob_bytes(found.call, blob), found.api, size_max)


def _find_tree(repository: pygit2.Repository, name: str) -> tuple[str, pygit2.Tree]:
    commit = find_commit(repository, name)
    if commit is not None:
        return str(commit.id), commit.tree
    tree = find_object(repository, name)
    if not isinstance(tree, pygit2.Tree):
        shown = name if names.is_text(name) else "?"
        raise ForgeAnswerError(400, f"sha not found [{shown}]")
    return str(tree.id), tree


def _list_entries(tree: pygit2.Tree, *, is_recursive: bool) -> list[tuple[str, Item]]:
    listed: list[tuple[str, Item]] = []
    for entry in tree:
        name = readable(entry.raw_name or b"")
        listed.append((name, entry))
        if is_recursive and isinstance(entry, pygit2.Tree):
            inner = _list_entries(entry, is_recursive=True)
            listed.extend((f"{name}/{path}", item) for path, item in inner)
    return listed


def _describe_entry(found: RepositoryCall, path: str, entry: Item) -> Json:
    kind = entry.type_str
    url = "" if kind == _SUBMODULE else f"{found.api}/git/{kind}s/{entry.id}"
    return {
        "path": path,
        "mode": f"{entry.filemode:06o}",
        "type": kind,
        "size": entry.size if isinstance(entry, pygit2.Blob) else 0,
        "sha": str(entry.id),
        "url": url,
    }
