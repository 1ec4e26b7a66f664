"""The helper as one file to take along: Python runs it, and it needs nothing else."""

import hashlib
import io
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from litestar import Response, get

from hero_onboarding.http.security_headers import COMMON_HEADERS

NAME: Final = "hero_login.pyz"
_SHEBANG: Final = b"#!/usr/bin/env python3\n"
_DATE: Final = (2026, 1, 1, 0, 0, 0)
_MODE: Final = 0o644 << 16
_MAIN: Final = "import sys\n\nfrom hero_onboarding.helper.program import main\n\nsys.exit(main())\n"


@dataclass(frozen=True, slots=True)
class HelperFile:
    """A program of one file, and the digest that tells it from another."""

    content: bytes
    sha256: str


def make_helper_file() -> HelperFile:
    """Pack the helper's modules as a zip archive that Python runs; equal modules, equal bytes."""
    folder = files("hero_onboarding.helper")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".py"))
    packed = io.BytesIO(_SHEBANG)
    packed.seek(len(_SHEBANG))
    with ZipFile(packed, "a", ZIP_DEFLATED) as archive:
        _add(archive, "__main__.py", _MAIN.encode())
        _add(archive, "hero_onboarding/__init__.py", b"")
        for name in names:
            _add(archive, f"hero_onboarding/helper/{name}", (folder / name).read_bytes())
    content = packed.getvalue()
    return HelperFile(content, hashlib.sha256(content).hexdigest())


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    entry = ZipInfo(name, _DATE)
    entry.external_attr = _MODE
    entry.compress_type = ZIP_DEFLATED
    archive.writestr(entry, content)


HELPER: Final = make_helper_file()


@get(f"/{NAME}", name="helper_file", sync_to_thread=False)
def show_helper_file() -> Response[bytes]:
    """Answer with the helper, to be kept as a file."""
    headers: dict[str, Any] = {
        **COMMON_HEADERS,
        "Content-Disposition": f'attachment; filename="{NAME}"',
        "Cache-Control": "no-cache",
        "ETag": f'"{HELPER.sha256}"',
    }
    return Response(HELPER.content, media_type="application/zip", headers=headers)
