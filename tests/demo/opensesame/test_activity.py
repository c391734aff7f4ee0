"""The activity report counts people by the ids it was given, and says what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime

from demo.opensesame.activity import Row, report
from demo.opensesame.model import Launch, Opening

AT = datetime(2025, 6, 2, tzinfo=UTC)


def launch(course: str, learner: str | None = None, **more: object) -> Launch:
    return Launch("id", "ciid", course, AT, student_id=learner, **more)  # type: ignore[arg-type]


def test_a_learner_counts_once_however_often_they_launch() -> None:
    launches = [
        launch("A", "k3v9q2"),
        launch("B", "k3v9q2"),
        launch("A", "k3v9q2", completed=True),
        launch("A", "p7x1m4"),
        launch("A"),
        launch("A", opening=Opening.NO_SEAT),
        launch("A", opening=Opening.EXPIRED),
    ]

    assert report(launches) == (
        Row("A", 6, ("k3v9q2", "p7x1m4"), ("k3v9q2",), unknown=1, refused=2),
        Row("B", 1, ("k3v9q2",), (), unknown=0, refused=0),
    )


def test_without_launches_there_is_nothing_to_report() -> None:
    assert report([]) == ()
