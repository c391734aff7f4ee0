"""The words of a provider's supply: what makes a connection ready."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.catalog.stock import READY


def test_a_connection_that_has_everything_is_ready() -> None:
    assert READY.ready


@pytest.mark.parametrize("lacking", [{"activated": False}, {"enabled": False}, {"ciid": ""}])
def test_a_connection_that_lacks_something_is_not_ready(lacking: dict[str, Any]) -> None:
    assert not replace(READY, **lacking).ready
