"""Who may launch an archived course, and which courses come back by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.availability import may_be_launched, returns_by_itself
from catalog.model import Archived, ArchiveReason

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_a_course_that_is_not_archived_may_be_launched():
    assert may_be_launched(None)


@pytest.mark.parametrize("reason", list(ArchiveReason))
def test_nobody_launches_an_archived_course_whatever_the_reason(reason):
    assert not may_be_launched(Archived(reason, NOW))


@pytest.mark.parametrize(
    ("reason", "returns"),
    [(ArchiveReason.REMOVED, True), (ArchiveReason.INACTIVE, True), (ArchiveReason.ADMIN, False)],
)
def test_only_what_opensesame_said_is_taken_back_by_opensesame(reason, returns):
    assert returns_by_itself(Archived(reason, NOW)) is returns
