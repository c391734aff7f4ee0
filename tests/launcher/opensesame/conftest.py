"""A pretend OpenSesame on a real port, and an installation that knows where it is.

Serves the tests beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from demo.opensesame.app import create_app
from demo.opensesame.pretend import Pretend
from launcher.config import Settings


@dataclass(frozen=True)
class Provider:
    """The other side: where it is, and the state by which a test steers it."""

    url: str
    pretend: Pretend

    def known_by(self, settings: Settings) -> Settings:
        """Return the settings of an installation whose client it has."""
        return replace(
            settings,
            opensesame_api_url=self.url,
            opensesame_token_url=f"{self.url}/oauth/token",
            opensesame_client_id=self.pretend.client.id,
            opensesame_client_secret=self.pretend.client.secret,
            allow_loopback=True,
        )


@pytest.fixture
def provider(serve) -> Provider:
    pretend = Pretend()
    return Provider(serve(create_app(pretend), host="localhost"), pretend)
