"""Bucket files: the text form of a node's hour, read with suspicion and written exactly."""

from hero_onboarding.otoml.decoding import (
    DecodedFile,
    RefusedRecord,
    RepeatedKey,
    decode_file,
)
from hero_onboarding.otoml.encoding import blob_id, encode_batch, encoded_size
from hero_onboarding.otoml.errors import FileRefusedError
from hero_onboarding.otoml.merging import Merge, merge
from hero_onboarding.otoml.parsing import BYTES_MAX

__all__ = [
    "BYTES_MAX",
    "DecodedFile",
    "FileRefusedError",
    "Merge",
    "RefusedRecord",
    "RepeatedKey",
    "blob_id",
    "decode_file",
    "encode_batch",
    "encoded_size",
    "merge",
]
