"""What a server has made when it begins to serve is not looked at again."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from launcher.heap import keep_for_good

LOADED = """
import gc, launcher.app
from launcher.heap import keep_for_good
keep_for_good()
made = [[] for _ in range(9)]
print(len(gc.get_objects()), gc.get_freeze_count())
"""


def test_a_later_search_looks_only_at_what_was_made_since() -> None:
    # In a process of its own: what is kept is kept for good.
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    looked_at, kept = map(int, done.stdout.split())
    assert looked_at < 1000 < 50_000 < kept


def test_what_is_garbage_by_then_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: done.append("collect"))
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    keep_for_good()
    assert done == ["collect", "freeze"]
