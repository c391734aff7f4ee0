"""What an archiving has to do with a case: the parts that a conversation cannot show by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from launcher.explaining.archived import archived
from launcher.explaining.facts import Case
from launcher.explaining.findings import Cause

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def test_a_course_that_is_not_archived_is_no_cause():
    assert archived(Case("Unit", whole_course=True)) is None


def test_a_course_that_was_done_without_any_attempt_lacks_nothing():
    assert archived(Case("Unit", whole_course=True, course_done=True, archived_at=NOW)) is None


def test_held_messages_that_are_no_longer_in_reach_are_counted_without_evidence():
    finding = archived(Case("Unit", whole_course=True, archived_at=NOW, held=3))
    assert finding is not None
    assert (finding.cause, finding.values["held"], finding.evidence) == (Cause.HELD, "3", ())
