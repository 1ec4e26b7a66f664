"""Records to test with: one plain one, its text in a file, and arbitrary ones."""

import re

from hypothesis import strategies as st

from hero_onboarding_schema import KEY_FORM, OTime, UsageRecord

FIELDS: dict[str, object] = {
    "node_id": "node-a",
    "user_sid": "usr1",
    "amount_cents": 125,
    "resource_kind": "cpu",
    "idempotency_key": "k1",
    "occurred_at": "2026-03-01 10:15:00",
}


def table(key: str = "k1", **changes: str | None) -> str:
    """Write one table as TOML; a change is a raw TOML value, None leaves the field out."""
    raw = {
        name: f'"{value}"' if isinstance(value, str) else str(value)
        for name, value in FIELDS.items()
    }
    raw["idempotency_key"] = f'"{key}"'
    lines = {**raw, **changes}.items()
    return "[[records]]\n" + "".join(f"{n} = {v}\n" for n, v in lines if v is not None)


TIMES = st.integers(0, 2**32 - 1).map(OTime)
INT64 = st.integers(-(2**63), 2**63 - 1)
# Not st.characters with categories: building its tables takes a second in every fresh process.
SCALARS = st.sampled_from(
    'aZ0 "\\\t\n\r\x00\x1f\x7f\x80\x9f\u2028é\ufeff\uffff\U0001f600'
) | st.integers(0, 0x10FFFF - 0x800).map(
    lambda place: chr(place if place < 0xD800 else place + 0x800)
)
KEYS = st.text(SCALARS.filter(re.compile(f"(?:{KEY_FORM})").fullmatch), min_size=1, max_size=20)
LABELS = st.text(SCALARS, min_size=1, max_size=20)
NAMES = st.text("azAZ09-_", min_size=1, max_size=12) | st.sampled_from(["extras", "-", "0", "true"])
EXTRAS = st.dictionaries(
    NAMES, st.one_of(st.text(SCALARS, max_size=20), INT64, st.booleans()), max_size=4
)


@st.composite
def usage_records(draw: st.DrawFn, keys: st.SearchStrategy[str] = KEYS) -> UsageRecord:
    """Draw a well-formed record; half of them have the six required fields alone."""
    required = UsageRecord(
        node_id="n" + draw(st.text("az09-", max_size=62)),
        user_sid=draw(st.text("az09-_", min_size=1, max_size=64)),
        amount_cents=draw(st.integers(0, 10**9)),
        resource_kind="k" + draw(st.text("az09-_.", max_size=63)),
        idempotency_key=draw(keys),
        occurred_at=draw(TIMES),
    )
    if draw(st.booleans()):
        return required
    return UsageRecord(
        **{name: getattr(required, name) for name in FIELDS},
        quantity=draw(st.none() | INT64),
        unit=draw(st.none() | LABELS),
        begins_at=draw(st.none() | TIMES),
        ends_at=draw(st.none() | TIMES),
        assignment=draw(st.none() | LABELS),
        corrects=draw(st.none() | KEYS),
        extras=draw(EXTRAS),
    )


def batches(keys: st.SearchStrategy[str] = KEYS) -> st.SearchStrategy[list[UsageRecord]]:
    """Draw records under different keys."""
    return st.lists(usage_records(keys), max_size=5, unique_by=lambda r: r.idempotency_key)
