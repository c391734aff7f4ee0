"""The signals: one and the same for the module that sends and the hall that listens."""

from __future__ import annotations

from catalog import archive, signals


def test_archiving_and_reactivating_send_the_signals_that_the_hall_hears():
    assert archive.course_archived is signals.course_archived
    assert archive.course_reactivated is signals.course_reactivated
