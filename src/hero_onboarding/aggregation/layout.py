"""Where buckets lie in a billing repository: layout ``single`` (contract section 3)."""

import re
from datetime import UTC, datetime
from typing import Final

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.usage import Bucket

NODES: Final = "nodes"
KEPT: Final = "kept"
_NODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FILE: Final = re.compile(r"usage_([0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2})\.otoml")
_HOUR: Final = "%Y-%m-%d-%H"
_SMOKE: Final = "smoke-"


def hour_text(hour: int) -> str:
    """Write an hour as file names have it, ``YYYY-MM-DD-HH`` in UTC."""
    return from_unix(hour * 3600).strftime(_HOUR)


def file_name(hour: int) -> str:
    """Return the name of the file of an hour."""
    return f"usage_{hour_text(hour)}.otoml"


def folder_of(node_id: str) -> str:
    """Return the directory of a node."""
    return f"{NODES}/{node_id}"


def path_of(bucket: Bucket) -> str:
    """Return the path of a bucket's file."""
    return f"{folder_of(bucket.node_id)}/{file_name(bucket.hour)}"


def kept_path_of(bucket: Bucket, blob_id: str) -> str:
    """Return where the bytes of a file are kept that was replaced because it held faults."""
    name = f"usage_{hour_text(bucket.hour)}.{blob_id}.otoml"
    return f"{folder_of(bucket.node_id)}/{KEPT}/{name}"


def read_file_name(name: str) -> int | None:
    """Read the hour of a file name; None when it is no bucket's."""
    match = _FILE.fullmatch(name)
    if match is None:
        return None
    try:
        moment = datetime.strptime(match[1], _HOUR).replace(tzinfo=UTC)
    except ValueError:
        return None
    hour = int(moment.timestamp()) // 3600
    return hour if hour_text(hour) == match[1] else None


def is_node_name(name: str) -> bool:
    """Whether a directory may be a node's."""
    return _NODE.fullmatch(name) is not None


def is_smoke(node_id: str) -> bool:
    """Whether a node exists only for the smoke check; nobody is billed for it."""
    return node_id.startswith(_SMOKE)
