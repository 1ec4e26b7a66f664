"""The stylesheet, script and pictures of both applications, served by the hash of their content."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from hero_onboarding.http.failures import EdgeError
from hero_onboarding.http.security_headers import COMMON_HEADERS

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PREFIX: Final = "/static"
_HASH_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, packed once; its served name changes when its content does."""

    served_name: str
    media_type: str
    content: bytes
    packed: bytes

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"{_PREFIX}/{self.served_name}"


def load_static_files() -> Mapping[str, StaticFile]:
    """Read every static file, by its plain name."""
    folder = files("hero_onboarding.http") / "static"
    return {
        entry.name: _load(entry.name, entry.read_bytes())
        for entry in folder.iterdir()
        if _suffix(entry.name) in _MEDIA_TYPES
    }


def _load(name: str, content: bytes) -> StaticFile:
    digest = hashlib.sha256(content).hexdigest()[:_HASH_CHARACTERS]
    stem, suffix = name.removesuffix(_suffix(name)), _suffix(name)
    packed = gzip.compress(content, 9, mtime=0)
    return StaticFile(f"{stem}.{digest}{suffix}", _MEDIA_TYPES[suffix], content, packed)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


@get(f"{_PREFIX}/{{name:str}}", include_in_schema=False, sync_to_thread=False)
def show_static_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Answer with a file for ever: another content has another name.

    Raises:
        EdgeError: 404 when there is no such file.
    """
    served: Mapping[str, StaticFile] = request.app.state["static_files"]
    file = served.get(name)
    if file is None:
        raise EdgeError(404, "request.not_found", "no static file has this name")
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        **COMMON_HEADERS,
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    body = file.packed if is_packed else file.content
    return Response(body, media_type=_plain(file.media_type), headers=headers)


def _plain(media_type: str) -> MediaType | str:
    return media_type
