"""Decide which records of one node's hour may be billed now; pure but for what it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hero_onboarding.aggregation.accepted_store import Candidate
from hero_onboarding.aggregation.domain import Reason
from hero_onboarding.aggregation.layout import hour_text
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.usage import AHEAD_SECONDS_MAX, Bucket, ChargeRight, cap_of
from hero_onboarding_schema import UsageRecord, refusal_of_charge


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true when records are checked: who exists, who may charge whom, what time it is.

    ``used`` is what the node has charged each user for this hour, in micro-dollars.
    """

    bucket: Bucket
    users: frozenset[str]
    rights: Sequence[ChargeRight]
    used: Mapping[str, int]
    now: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that can't be billed yet, and why."""

    candidate: Candidate
    reason: Reason
    detail: str


def refusal_of(record: UsageRecord, bucket: Bucket) -> tuple[Reason, str] | None:
    """Say why a well-formed record of a bucket's file can never be billed from there, if so."""
    if record.node_id != bucket.node_id:
        return Reason.WRONG_NODE, f"the record is of node {record.node_id}"
    if record.occurred_at.hour != bucket.hour:
        return Reason.WRONG_HOUR, f"the record is of hour {hour_text(record.occurred_at.hour)}"
    refused = refusal_of_charge(record)
    if refused is not None:
        return Reason.WRONG_FIELD, str(refused)
    return None


def sort_out(
    candidates: Sequence[Candidate], situation: Situation
) -> tuple[list[Candidate], list[Waiting]]:
    """Part records into those that are billed now and those that wait, in the order they came."""
    accepted: list[Candidate] = []
    waiting: list[Waiting] = []
    used = dict(situation.used)
    caps: dict[str, int | None] = {}
    ahead_max = unix_seconds(situation.now) + AHEAD_SECONDS_MAX
    for candidate in candidates:
        sid = candidate.record.user_sid
        if sid not in caps:
            caps[sid] = cap_of(situation.rights, situation.bucket.node_id, sid)
        total = used.get(sid, 0) + candidate.amount_micros
        if sid not in situation.users:
            waiting.append(Waiting(candidate, Reason.UNKNOWN_USER, f"no user {sid}"))
        elif candidate.record.occurred_at > ahead_max:
            waiting.append(Waiting(candidate, Reason.IN_FUTURE, "ahead of the clock"))
        elif (problem := _over(caps[sid], total)) is not None:
            waiting.append(Waiting(candidate, *problem))
        else:
            used[sid] = total
            accepted.append(candidate)
    return accepted, waiting


def _over(cap: int | None, total: int) -> tuple[Reason, str] | None:
    """Say whether a charge that brings the hour to ``total`` is beyond the cap."""
    if cap is None or total <= cap:
        return None
    if cap < 0:
        return Reason.NO_RIGHT, "the node has no right to charge this user"
    return Reason.OVER_CAP, f"the hour would come to {total} of {cap} micro-dollars"
