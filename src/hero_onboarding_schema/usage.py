"""UsageRecord and UsageBatch: what a node says a user used, and what it costs."""

from hashlib import blake2b
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from hero_onboarding_schema.otime import OTime

Extra = str | int | bool
"""A value that an unknown key may have."""

REQUIRED_FIELDS: Final = (
    "node_id",
    "user_sid",
    "amount_cents",
    "resource_kind",
    "idempotency_key",
    "occurred_at",
)
OPTIONAL_FIELDS: Final = ("quantity", "unit", "begins_at", "ends_at", "assignment", "corrects")
KNOWN_FIELDS: Final = REQUIRED_FIELDS + OPTIONAL_FIELDS

NODE_FORM: Final = r"[a-z0-9][a-z0-9-]{0,62}"
SID_FORM: Final = r"[a-z0-9_-]{1,64}"
KIND_FORM: Final = r"[a-z][a-z0-9_.-]{0,63}"
# Categories Cc, Zl and Zp, and the surrogates, which are no scalar values.
KEY_FORM: Final = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]{1,200}"
EXTRA_NAME_FORM: Final = r"[A-Za-z0-9_-]{1,64}"

AMOUNT_CENTS_MAX: Final = 10**9
LABEL_CHARACTERS_MAX: Final = 64
EXTRAS_MAX: Final = 16
EXTRA_CHARACTERS_MAX: Final = 1_000
INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

_DIGEST_BYTES = 16

_Node = Annotated[str, Meta(pattern=f"^{NODE_FORM}$", description="The node of the use.")]
_Sid = Annotated[str, Meta(pattern=f"^{SID_FORM}$", description="The user who is charged.")]
_Cents = Annotated[
    int, Meta(ge=0, le=AMOUNT_CENTS_MAX, description="The charge, in hundredths of a US dollar.")
]
_Kind = Annotated[str, Meta(pattern=f"^{KIND_FORM}$", description="What was used.")]
_Key = Annotated[
    str, Meta(pattern=f"^{KEY_FORM}$", description="Made by the caller; one record for each key.")
]
_Corrected = Annotated[
    str, Meta(pattern=f"^{KEY_FORM}$", description="The key of an earlier record.")
]
_Quantity = Annotated[int, Meta(ge=INT64_MIN, le=INT64_MAX, description="In base units.")]
_Label = Annotated[str, Meta(min_length=1, max_length=LABEL_CHARACTERS_MAX)]


class UsageRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One use of one resource by one user on one node (contract section 2).

    ``amount_cents`` is the charge in hundredths of a US dollar. ``quantity`` counts base units,
    named by ``unit``. ``extras`` holds the keys that the contract does not name, as they came;
    they are no part of what makes two records the same. Making one directly checks nothing:
    what comes from outside goes through ``read_usage_record``.
    """

    node_id: _Node
    user_sid: _Sid
    amount_cents: _Cents
    resource_kind: _Kind
    idempotency_key: _Key
    occurred_at: OTime
    quantity: _Quantity | None = None
    unit: _Label | None = None
    begins_at: OTime | None = None
    ends_at: OTime | None = None
    assignment: _Label | None = None
    corrects: _Corrected | None = None
    extras: dict[str, Extra] = {}

    @property
    def is_bare(self) -> bool:
        """Whether it has the required fields alone, as most records have."""
        return (
            self.quantity is None
            and self.unit is None
            and self.begins_at is None
            and self.ends_at is None
            and self.assignment is None
            and self.corrects is None
            and not self.extras
        )

    def same_content(self, other: "UsageRecord") -> bool:
        """Whether all named fields are equal; unknown keys do not count."""
        return named_values(self) == named_values(other)


class UsageBatch(msgspec.Struct, frozen=True):
    """The records of one node and one UTC hour."""

    records: tuple[UsageRecord, ...] = ()


def named_values(record: UsageRecord) -> tuple[str | int | None, ...]:
    """List the values of the named fields in the order of the contract, None where absent."""
    return (
        record.node_id,
        record.user_sid,
        record.amount_cents,
        record.resource_kind,
        record.idempotency_key,
        record.occurred_at,
        record.quantity,
        record.unit,
        record.begins_at,
        record.ends_at,
        record.assignment,
        record.corrects,
    )


def normalised_digest(record: UsageRecord) -> bytes:
    """Digest what makes two records the same, in 16 bytes.

    The BLAKE2b hash, 16 bytes long, of a MessagePack array of the twelve named fields in the
    order of the contract: nil where a field is absent, times as counts of seconds, every value
    in its shortest MessagePack form. Unknown keys do not count.
    """
    encoded = msgspec.msgpack.encode(named_values(record), enc_hook=int)
    return blake2b(encoded, digest_size=_DIGEST_BYTES).digest()
