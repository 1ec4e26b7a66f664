"""Check that a notice is ClickPesa's, and read what it is about. Pure."""

import hashlib
import re
from typing import Final

from hero_onboarding.payments.errors import ForgedNoticeError, MalformedNoticeError
from hero_onboarding.payments.ports import SHORT_NOTICE_BYTES_MAX, Delivery, Notice
from hero_onboarding.payments.providers.clickpesa.checksum import checked_text, is_authentic
from hero_onboarding.payments.providers.clickpesa.wire import Fields, is_text, read_json

_HEADERS: Final = ("x-clickpesa-signature", "x-clickpesa-checksum", "checksum")
_OF_CONCERN: Final = re.compile(r"PAYMENT[ _-]", re.IGNORECASE)


def read_delivery(delivery: Delivery, key: str) -> Notice | None:
    """Read a notice; None for an authentic one that is about no payment.

    ClickPesa gives events no id: the digest of what the checksum covers is one, so that the same
    notice in another spelling is the same.

    Raises:
        ForgedNoticeError: If the checksum is missing or wrong.
        MalformedNoticeError: If it is no object of JSON, or names no payment.
    """
    members = _read_members(delivery.body)
    shown = members.get("checksum") or _header(delivery)
    try:
        is_ours = is_authentic(members, shown, key)
        covered = checked_text(members)
    except RecursionError:
        raise _malformed("is nested too deeply") from None
    if not is_ours:
        what = "is wrong" if shown else "is missing"
        raise ForgedNoticeError(
            f"the checksum {what}; check HERO_ONBOARDING_CLICKPESA_CHECKSUM_KEY and that"
            " checksums are switched on at ClickPesa"
        )
    kind, data = members.get("event") or members.get("eventType"), members.get("data")
    if not isinstance(kind, str) or not is_text(kind) or not isinstance(data, dict):
        raise _malformed("has no event or no data")
    if _OF_CONCERN.match(kind) is None:
        return None
    named = (data.get("orderReference"), data.get("id"), data.get("paymentId"))
    references = tuple(dict.fromkeys(str(one) for one in named if is_text(one)))
    if not references:
        raise _malformed("names no payment")
    return Notice(hashlib.sha256(covered.encode()).hexdigest(), kind, references)


def _read_members(body: bytes) -> Fields:
    if len(body) > SHORT_NOTICE_BYTES_MAX:
        raise _malformed(f"is over {SHORT_NOTICE_BYTES_MAX} bytes")
    try:
        members = read_json(body)
    except ValueError:
        raise _malformed("is no JSON that can be read in one way") from None
    if not isinstance(members, dict):
        raise _malformed("is no object")
    return members


def _header(delivery: Delivery) -> str | None:
    return next((delivery.headers[name] for name in _HEADERS if name in delivery.headers), None)


def _malformed(problem: str) -> MalformedNoticeError:
    return MalformedNoticeError(f"the notice {problem}; nothing was stored")
