"""The JSON that the forge's clients read."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pygit2

from hero_onboarding.sandbox.forge.accounts import (
    Hook,
    Permission,
    RepositoryRecord,
    User,
)

Json = dict[str, object]


def spell_time(moment: datetime) -> str:
    """Spell an instant as RFC 3339 to the second, with ``Z`` for UTC."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def time_of(signature: pygit2.Signature) -> str:
    """Spell the instant in a commit's signature."""
    zone = timezone(timedelta(minutes=signature.offset)) if signature.offset else UTC
    return spell_time(datetime.fromtimestamp(signature.time, tz=zone))


def readable(text: bytes) -> str:
    """Turn bytes from a repository into text; what is not UTF-8 shows as a replacement mark."""
    return text.decode("utf-8", "replace")


def escape(path: str) -> str:
    """Escape a path for a URL and keep its slashes."""
    return quote(path, safe="/", errors="surrogateescape")


def user_json(user: User, root: str) -> Json:
    """Describe a user or an organisation."""
    return {
        "id": user.id,
        "login": user.name,
        "login_name": "",
        "full_name": "",
        "email": user.email,
        "avatar_url": f"{root}/avatars/{user.id}",
        "html_url": f"{root}/{user.name}",
        "username": user.name,
        "is_admin": False,
        "active": True,
    }


def repository_json(
    record: RepositoryRecord, owner: User, permission: Permission, root: str, *, empty: bool
) -> Json:
    """Describe a repository as one user sees it."""
    page = f"{root}/{record.full_name}"
    return {
        "id": record.id,
        "owner": user_json(owner, root),
        "name": record.name,
        "full_name": record.full_name,
        "description": record.description,
        "empty": empty,
        "private": record.private,
        "fork": False,
        "template": False,
        "mirror": False,
        "archived": record.archived,
        "default_branch": record.default_branch,
        "object_format_name": "sha1",
        "url": f"{root}/api/v1/repos/{record.full_name}",
        "html_url": page,
        "clone_url": f"{page}.git",
        "created_at": spell_time(record.created_at),
        "updated_at": spell_time(record.created_at),
        "permissions": {
            "admin": permission == "admin",
            "push": permission in {"admin", "write"},
            "pull": True,
        },
    }


def person_json(signature: pygit2.Signature) -> Json:
    """Describe an author or committer."""
    name, email = readable(signature.raw_name), readable(signature.raw_email)
    return {"name": name, "email": email, "date": time_of(signature)}


def verification_json() -> Json:
    """Describe the signature of a commit: there never is one."""
    return {
        "verified": False,
        "reason": "gpg.error.not_signed_commit",
        "signature": "",
        "signer": None,
        "payload": "",
    }


def parents_json(commit: pygit2.Commit, api: str) -> list[Json]:
    """Describe what a commit follows."""
    return [
        {
            "url": f"{api}/git/commits/{parent.id}",
            "sha": str(parent.id),
            "created": time_of(parent.committer),
        }
        for parent in commit.parents
    ]


def commit_json(commit: pygit2.Commit, api: str, page: str) -> Json:
    """Describe a commit in a list of commits.

    The tree's ``sha`` holds the commit's id, as the real servers have it.
    """
    name, created = str(commit.id), time_of(commit.committer)
    return {
        "url": f"{api}/git/commits/{name}",
        "sha": name,
        "created": created,
        "html_url": f"{page}/commit/{name}",
        "commit": {
            "url": f"{api}/git/commits/{name}",
            "author": person_json(commit.author),
            "committer": person_json(commit.committer),
            "message": readable(commit.raw_message),
            "tree": {"url": f"{api}/git/trees/{name}", "sha": name, "created": created},
        },
        "author": None,
        "committer": None,
        "parents": parents_json(commit, api),
    }


def written_commit_json(commit: pygit2.Commit, api: str, page: str) -> Json:
    """Describe the commit that a write made; its tree is a tree."""
    name, created = str(commit.id), time_of(commit.committer)
    return {
        "url": f"{api}/git/commits/{name}",
        "sha": name,
        "created": created,
        "html_url": f"{page}/commit/{name}",
        "author": person_json(commit.author),
        "committer": person_json(commit.committer),
        "parents": parents_json(commit, api),
        "message": readable(commit.raw_message),
        "tree": {
            "url": f"{api}/git/trees/{commit.tree_id}",
            "sha": str(commit.tree_id),
            "created": created,
        },
    }


def payload_commit_json(commit: pygit2.Commit, page: str) -> Json:
    """Describe a commit as branches and webhooks do."""
    return {
        "id": str(commit.id),
        "message": readable(commit.raw_message),
        "url": f"{page}/commit/{commit.id}",
        "author": _payload_person(commit.author),
        "committer": _payload_person(commit.committer),
        "verification": verification_json(),
        "timestamp": time_of(commit.committer),
        "added": None,
        "removed": None,
        "modified": None,
    }


def blob_json(name: str, content: bytes, api: str, size_max: int) -> Json:
    """Describe a file's bytes, without them if there are too many."""
    shown = b"" if len(content) > size_max else content
    return {
        "content": base64.b64encode(shown).decode(),
        "encoding": "base64",
        "url": f"{api}/git/blobs/{name}",
        "sha": name,
        "size": len(content),
    }


def hook_json(hook: Hook) -> Json:
    """Describe a webhook without its secret."""
    return {
        "id": hook.id,
        "type": hook.type,
        "config": {"url": hook.url, "content_type": hook.content_type},
        "events": list(hook.events),
        "branch_filter": hook.branch_filter,
        "active": hook.active,
        "authorization_header": hook.authorization_header,
        "created_at": spell_time(hook.created_at),
        "updated_at": spell_time(hook.created_at),
    }


def _payload_person(signature: pygit2.Signature) -> Json:
    name, email = readable(signature.raw_name), readable(signature.raw_email)
    return {"name": name, "email": email, "username": ""}
