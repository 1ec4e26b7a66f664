"""What three server versions answer when a write is refused."""

from enum import StrEnum
from typing import Literal

import msgspec

ServerName = Literal["forgejo-mid-2025", "forgejo-late", "gitea"]
Races = Literal["blank", "told", "queued"]


class Kind(StrEnum):
    """Why a write did not happen."""

    FILE_EXISTS = "file-exists"
    FILE_MISSING = "file-missing"
    NAME_INVALID = "name-invalid"
    PATH_INVALID = "path-invalid"
    BRANCH_EXISTS = "branch-exists"
    BRANCH_MISSING = "branch-missing"
    SHA_MISMATCH = "sha-mismatch"
    SHA_MISSING = "sha-missing"
    BRANCH_PROTECTED = "branch-protected"
    PATH_PROTECTED = "path-protected"
    PUSH_OUT_OF_DATE = "push-out-of-date"
    PUSH_REJECTED = "push-rejected"
    OTHER = "other"


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the versions differ.

    Attributes:
        version: What ``GET /version`` says.
        wrong_sha: Status of an update or multi-file write with a stale blob id.
        missing_sha: Whether a multi-file update or delete may leave the blob id out.
        missing_file: Status of an update of a path that is not there.
        delete_refused: Status of a delete with a stale blob id, a bad name or a taken branch.
        delete_protected_path: Status of a delete of a protected path.
        update_in_empty: Status of an update in an empty repository.
        races: Two writers at once: both answered by a blank 500, told apart by a 403, or queued.
        batch_blobs: Whether many blobs can be asked for in one call.
        multi_file: Whether many files can be written in one commit.
        more_operations: Whether multi-file writes know ``upload`` and ``rename``.
        force_new_branch: Whether ``force_overwrite_new_branch`` is understood.
        quota: Whether users have quotas.
    """

    version: str
    wrong_sha: Literal[409, 422]
    missing_sha: Literal["accepted", "refused"]
    missing_file: Literal[404, 500]
    delete_refused: Literal[400, 422]
    delete_protected_path: Literal[403, 500]
    update_in_empty: Literal[404, 422]
    races: Races
    batch_blobs: bool
    multi_file: bool
    more_operations: bool
    force_new_branch: bool
    quota: bool


BEHAVIOURS: dict[str, Behaviour] = {
    "forgejo-mid-2025": Behaviour(
        version="12.0.0+gitea-1.22.0",
        wrong_sha=422,
        missing_sha="refused",
        missing_file=500,
        delete_refused=400,
        delete_protected_path=500,
        update_in_empty=422,
        races="blank",
        batch_blobs=False,
        multi_file=True,
        more_operations=False,
        force_new_branch=False,
        quota=True,
    ),
    "forgejo-late": Behaviour(
        version="16.0.3+gitea-1.22.0",
        wrong_sha=409,
        missing_sha="refused",
        missing_file=500,
        delete_refused=400,
        delete_protected_path=403,
        update_in_empty=422,
        races="told",
        batch_blobs=True,
        multi_file=True,
        more_operations=False,
        force_new_branch=True,
        quota=True,
    ),
    "gitea": Behaviour(
        version="1.26.0",
        wrong_sha=422,
        missing_sha="accepted",
        missing_file=404,
        delete_refused=422,
        delete_protected_path=403,
        update_in_empty=404,
        races="queued",
        batch_blobs=False,
        multi_file=True,
        more_operations=True,
        force_new_branch=True,
        quota=False,
    ),
}


def write_status(kind: Kind, behaviour: Behaviour) -> int:
    """Give the status of a refused create, update or multi-file write."""
    statuses = {
        Kind.FILE_EXISTS: 422,
        Kind.FILE_MISSING: behaviour.missing_file,
        Kind.NAME_INVALID: 422,
        Kind.PATH_INVALID: 422,
        Kind.BRANCH_EXISTS: 422,
        Kind.BRANCH_MISSING: 404,
        Kind.SHA_MISMATCH: behaviour.wrong_sha,
        Kind.SHA_MISSING: 422,
        Kind.BRANCH_PROTECTED: 403,
        Kind.PATH_PROTECTED: 403,
        Kind.PUSH_REJECTED: 403 if behaviour.races == "told" else 500,
    }
    return statuses.get(kind, 500)


def delete_status(kind: Kind, behaviour: Behaviour) -> int:
    """Give the status of a refused delete of a single file."""
    statuses = {
        Kind.FILE_MISSING: 404,
        Kind.NAME_INVALID: behaviour.delete_refused,
        Kind.PATH_INVALID: behaviour.delete_refused,
        Kind.BRANCH_EXISTS: behaviour.delete_refused,
        Kind.BRANCH_MISSING: 404,
        Kind.SHA_MISMATCH: behaviour.delete_refused,
        Kind.SHA_MISSING: behaviour.delete_refused,
        Kind.BRANCH_PROTECTED: 403,
        Kind.PATH_PROTECTED: behaviour.delete_protected_path,
    }
    return statuses.get(kind, 500)
