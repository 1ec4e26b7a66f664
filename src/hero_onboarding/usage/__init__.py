"""Usage records: the journal of what happened here, and who may charge whom."""

from hero_onboarding.usage.domain import (
    AHEAD_SECONDS_MAX,
    Bucket,
    ChangedBucket,
    ChargeRight,
    Intake,
    Outcome,
    cap_of,
    require_recordable,
)
from hero_onboarding.usage.errors import (
    BucketFullError,
    IngestBusyError,
    KeyConflictError,
    RightNotFoundError,
    TooManyRecordsError,
    WrongRecordError,
    WrongRightError,
)
from hero_onboarding.usage.group_commit import GroupCommit
from hero_onboarding.usage.service import give_right, record_usage, take_right
from hero_onboarding.usage.store import (
    count_journal,
    find_rights,
    list_bucket_records,
    list_buckets,
    list_rights,
    mark_pushed,
    pack_rest,
    raise_size,
    unpack_rest,
)
from hero_onboarding.usage.views import LocalPush, count_unpushed, list_local_pushes

__all__ = [
    "AHEAD_SECONDS_MAX",
    "Bucket",
    "BucketFullError",
    "ChangedBucket",
    "ChargeRight",
    "GroupCommit",
    "IngestBusyError",
    "Intake",
    "KeyConflictError",
    "LocalPush",
    "Outcome",
    "RightNotFoundError",
    "TooManyRecordsError",
    "WrongRecordError",
    "WrongRightError",
    "cap_of",
    "count_journal",
    "count_unpushed",
    "find_rights",
    "give_right",
    "list_bucket_records",
    "list_buckets",
    "list_local_pushes",
    "list_rights",
    "mark_pushed",
    "pack_rest",
    "raise_size",
    "record_usage",
    "require_recordable",
    "take_right",
    "unpack_rest",
]
