"""A site and the application of its methods, in process."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from hero_onboarding.http import SECRET_HEADER
from tests.api.served import SECRET, Api

OPEN = {SECRET_HEADER: SECRET}
"""What opens every method in the sandbox."""


@dataclass(frozen=True)
class Caller:
    """Calls the methods of a site."""

    api: Api
    client: TestClient[Litestar]

    def send(self, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        """Post bytes as they are."""
        return self.client.post("/rpc", content=body, headers=OPEN if headers is None else headers)

    def ask(self, message: object) -> Any:  # noqa: ANN401 - JSON
        """Send a message and return what is answered with status 200."""
        return answered(self.send(json.dumps(message).encode()))

    def call(self, method: str, params: object = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """Call a method; return its answer, which is a good one in every respect."""
        shown = {name.replace("_", "-"): value for name, value in headers.items()} or OPEN
        message = {"jsonrpc": "2.0", "id": 7, "method": method}
        if params is not None:
            message["params"] = params
        answer = answered(self.send(json.dumps(message).encode(), shown))
        assert answer.keys() in ({"jsonrpc", "result", "id"}, {"jsonrpc", "error", "id"})
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return answer

    def result(self, method: str, params: object = None) -> Any:  # noqa: ANN401 - JSON
        answer = self.call(method, params)
        assert "result" in answer, answer
        return answer["result"]

    def refused(self, method: str, params: object = None, **headers: str) -> tuple[int, str]:
        """Call a method that refuses, with a problem; return its code and the problem's."""
        return refusal(self.call(method, params, **headers))


def answered(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def refusal(answer: dict[str, Any]) -> tuple[int, str]:
    """Return the code of an error that is one in every respect, and its problem's."""
    error = answer["error"]
    assert set(error) == {"code", "message", "data"}, error
    assert error["message"]
    problem = error["data"]
    assert {"type", "title", "status", "code", "detail"} <= set(problem), problem
    return error["code"], problem["code"]
