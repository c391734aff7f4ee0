"""A pretend OpenSesame whose clock stands still, and somebody who reads its API.

Serves the tests beside it. The reader is as plain as can be, and forgives nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from demo.opensesame.app import create_app
from demo.opensesame.pretend import Pretend


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class Reader:
    """Reads the API; keeps one token."""

    def __init__(self, pretend: Pretend, http: FlaskClient) -> None:
        self.pretend = pretend
        self.http = http
        self.bearer = ""

    def ask_token(self, client: Any = None, **form: str) -> Any:
        asked = client or self.pretend.client
        answer = self.http.post(
            "/oauth/token",
            auth=(asked.id, asked.secret),
            data={"grant_type": "client_credentials", "scope": "content", **form},
        )
        self.bearer = (answer.json or {}).get("access_token", "") if answer.is_json else ""
        return answer

    def get(self, url: str, **query: object) -> Any:
        headers = {"Authorization": f"Bearer {self.bearer}"}
        return self.http.get(url, query_string=query or None, headers=headers)

    def page(self, number: int = 1, **query: object) -> Any:
        asked = {"customerIntegrationId": self.pretend.ciid, "limit": 50, "page": number}
        return self.get("/v1/content", **{**asked, **query})

    def items(self) -> list[Any]:
        """Read all pages by their links, from the first to the last."""
        self.ask_token()
        answer = self.page()
        found = list(answer.json["data"])
        while answer.json["paging"]["next"]:
            answer = self.get(answer.json["paging"]["next"])
            found += answer.json["data"]
        return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pretend(clock: Clock) -> Pretend:
    return Pretend(clock=clock)


@pytest.fixture
def http(pretend: Pretend) -> FlaskClient:
    return create_app(pretend).test_client()


@pytest.fixture
def reader(pretend: Pretend, http: FlaskClient) -> Reader:
    return Reader(pretend, http)


class Desk:
    """Somebody at the customer's pages without a browser; posts with the token of the page."""

    def __init__(self, pretend: Pretend, http: FlaskClient) -> None:
        self.pretend = pretend
        self.http = http
        self.home = f"/customers/{pretend.ciid}"

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"{self.home}{path}", query_string=query)

    def post(self, path: str, **form: Any) -> Any:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/integration").text)
        assert found
        form["csrf_token"] = found[1]
        return self.http.post(f"{self.home}{path}", data=form)


@pytest.fixture
def desk(pretend: Pretend, http: FlaskClient) -> Desk:
    return Desk(pretend, http)
