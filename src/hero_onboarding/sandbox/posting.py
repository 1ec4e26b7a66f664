"""Post to a receiver on this machine, without proxies and without following it elsewhere."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import urlsplit

from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox.loopback import is_loopback_name


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def post_letter(url: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> int:
    """Post a body, and give the status of the answer; 0 if there was none."""
    assert is_loopback_name(urlsplit(url).hostname or ""), url
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the address was taken
        url, body, dict(headers), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    try:
        with opener.open(request, timeout=timeout_seconds) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
    except (OSError, HTTPException):
        return 0
