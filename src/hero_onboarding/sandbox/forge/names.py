"""Names that may become a folder, a branch or a path in a tree, and all others refused."""

import re

NAME_CHARACTERS_MAX = 100
PATH_CHARACTERS_MAX = 500

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_REPOSITORY_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_RESERVED_ENDINGS = (".git", ".wiki", ".rss", ".atom", ".lock")
_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_IGNORED = re.compile(r"[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def is_owner_name(name: str) -> bool:
    """Say whether a user or organisation may be called so."""
    return (
        len(name) <= NAME_CHARACTERS_MAX
        and _NAME.fullmatch(name) is not None
        and ".." not in name
        and not name.lower().endswith(_RESERVED_ENDINGS)
    )


def is_repository_name(name: str) -> bool:
    """Say whether a repository may be called so."""
    return (
        len(name) <= NAME_CHARACTERS_MAX
        and _REPOSITORY_NAME.fullmatch(name) is not None
        and name.strip(".") != ""
        and ".." not in name
        and not name.lower().endswith(_RESERVED_ENDINGS)
    )


def is_branch_name(name: str) -> bool:
    """Say whether git takes this as the name of a branch."""
    return (
        0 < len(name) <= NAME_CHARACTERS_MAX
        and is_text(name)
        and _REF_FORBIDDEN.search(name) is None
        and not name.startswith(("-", "/"))
        and not name.endswith(("/", "."))
        and all(_is_ref_part(part) for part in name.split("/"))
        and name not in {"@", "HEAD"}
    )


def is_file_path(path: str) -> bool:
    """Say whether a path may be written: relative, UTF-8, and never in or near ``.git``.

    The real servers quietly fold ``..`` away; this one refuses it, so that a client which sends
    one is found out.
    """
    return (
        is_text(path)
        and _CONTROL.search(path) is None
        and "\\" not in path
        and all(_is_path_part(part) for part in path.split("/"))
    )


def is_text(name: str) -> bool:
    """Say whether the bytes that came were UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _is_ref_part(part: str) -> bool:
    return part != "" and not part.startswith(".") and not part.endswith(".lock")


def _is_path_part(part: str) -> bool:
    if part in {"", ".", ".."}:
        return False
    # Some file systems drop these characters, and would open .git by another spelling of it.
    folded = _IGNORED.sub("", part).lower().split(":")[0].rstrip(" .")
    return folded not in {".git", "git~1"}
