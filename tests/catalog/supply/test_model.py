"""The words of a provider's supply: what makes a connection ready."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.supply.model import (
    OPENSESAME,
    Branding,
    ConnectionState,
    DuplicatePolicy,
    ProviderConnection,
)

READY = ProviderConnection(
    academy_id=1,
    provider=OPENSESAME,
    activated=True,
    enabled=True,
    ciid="C-1",
    ciid_shared=False,
    branding=Branding.DEFAULT,
    client_id="",
    client_secret=None,
    has_push_secret=False,
    policy=DuplicatePolicy.ASK,
    daily_at=0,
    poll_minutes=10,
    state=ConnectionState.NEVER,
    sentence="",
    failures=0,
    tried_at=None,
    succeeded_at=None,
    next_daily_at=None,
    next_poll_at=None,
)


def test_a_connection_that_has_everything_is_ready() -> None:
    assert READY.ready


@pytest.mark.parametrize("lacking", [{"activated": False}, {"enabled": False}, {"ciid": ""}])
def test_a_connection_that_lacks_something_is_not_ready(lacking: dict[str, Any]) -> None:
    assert not replace(READY, **lacking).ready
