"""Whoever comes over the overlay finds their address in the form, and is nobody before a proof."""

import asyncio
from pathlib import Path

import httpx

from tests.api.served import Api, served
from tests.conftest import NewUrl

HERE = "https://hero.example"
ADDRESS = "5ff:b821:c76e:9444:f439:18bf:59a0:1594"


def get(api: Api, path: str, source: str, **headers: str) -> httpx.Response:
    """Ask as from an address of whatever network."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(api.app, client=(source, 40_000))  # type: ignore[arg-type]  # typed otherwise
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            return await client.get(path, headers={"Accept": "text/html", **headers})

    return asyncio.run(ask())


def test_the_source_fills_the_form_in_and_signs_nobody_in(
    engine: str, new_database_url: NewUrl, tmp_path: Path
) -> None:
    settings = {"MODE": "production", "PUBLIC_URL": HERE, "MYCELIUM_API": "http://127.0.0.1:9"}
    with served(new_database_url(engine), tmp_path / "data", **settings) as api:
        before = api.contents()
        over = get(api, "/sign-in", ADDRESS)
        elsewhere = get(api, "/sign-in", "192.0.2.7")
        claimed = get(api, "/sign-in", "192.0.2.7", **{"X-Forwarded-For": ADDRESS})
        me = get(api, "/v1/me", ADDRESS, Accept="application/json")

        assert f'name="address" value="{ADDRESS}"' in over.text
        assert "Set-Cookie" not in over.headers
        for page in (elsewhere, claimed):
            assert 'name="address" value=""' in page.text
        assert me.status_code == 401
        assert api.contents() == before
