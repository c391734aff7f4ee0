"""Archiving and reactivating, on both databases: once each, in one academy, told in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from blinker import Signal
from sqlalchemy import Connection, Engine

from catalog import archive, store
from catalog.model import Archived, ArchiveReason, AssignableUnit, Course
from catalog.signals import course_archived, course_reactivated
from catalog.store import Transact

NOW = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
ACADEMY, ADMIN = 7, 42


@pytest.fixture
def course_id(transact: Transact) -> int:
    """A course of academy 7."""
    return add(transact)


@pytest.fixture
def heard(catalog_engine: Engine) -> Iterator[list[tuple[Signal, dict[str, Any]]]]:
    """What a listener to this engine heard, in order."""
    calls: list[tuple[Signal, dict[str, Any]]] = []

    def listener(signal: Signal) -> Callable[..., None]:
        return lambda _sender, **said: calls.append((signal, said))

    kept = {signal: listener(signal) for signal in (course_archived, course_reactivated)}
    for signal, receiver in kept.items():
        signal.connect(receiver, sender=catalog_engine.dialect)
    yield calls
    for signal, receiver in kept.items():
        signal.disconnect(receiver, sender=catalog_engine.dialect)


def add(transact: Transact, title: str = "Safety", *, academy_id: int = ACADEMY) -> int:
    course = Course(title, title, (AssignableUnit("A1", "One", "https://x.example/"),), ("A1",))
    return transact(
        lambda connection: store.add_course(
            connection,
            academy_id,
            course=course,
            source="",
            fingerprint=title,
            content_key=None,
            folder="",
            now=NOW,
        )
    )


def put_away(
    transact: Transact,
    course_id: int,
    *,
    academy_id: int = ACADEMY,
    reason: ArchiveReason = ArchiveReason.ADMIN,
    by: int | None = ADMIN,
    now: datetime = NOW,
) -> bool:
    return transact(
        lambda connection: archive.archive(
            connection, academy_id, course_id=course_id, reason=reason, by=by, now=now
        )
    )


def take_back(transact: Transact, course_id: int, *, academy_id: int = ACADEMY) -> bool:
    return transact(
        lambda connection: archive.reactivate(
            connection, academy_id, course_id=course_id, by=ADMIN, now=LATER
        )
    )


def stored(transact: Transact, course_id: int) -> Archived | None:
    def ask(connection: Connection) -> Archived | None:
        found = store.course(connection, ACADEMY, course_id=course_id)
        row = store.courses_by_ids(connection, ACADEMY, ids=[course_id])[course_id]
        assert found is not None
        assert found.archived == row.archived
        assert found.archived == archive.archived(connection, ACADEMY, course_id=course_id)
        return found.archived

    return transact(ask)


@pytest.mark.parametrize("reason", list(ArchiveReason))
def test_an_archived_course_says_why_since_when_and_by_whom(transact, course_id, reason):
    assert put_away(transact, course_id, reason=reason)

    assert stored(transact, course_id) == Archived(reason, NOW, ADMIN)


def test_a_sync_archives_in_nobodys_name(transact, course_id):
    put_away(transact, course_id, reason=ArchiveReason.REMOVED, by=None)

    assert stored(transact, course_id) == Archived(ArchiveReason.REMOVED, NOW, None)


def test_a_course_that_an_admin_archived_does_not_become_the_providers_to_reactivate(
    transact, course_id
):
    put_away(transact, course_id)

    assert not put_away(transact, course_id, reason=ArchiveReason.INACTIVE, by=None, now=LATER)

    assert stored(transact, course_id) == Archived(ArchiveReason.ADMIN, NOW, ADMIN)


def test_a_reactivated_course_is_as_it_was(transact, course_id):
    before = transact(lambda connection: store.course(connection, ACADEMY, course_id=course_id))
    put_away(transact, course_id)

    assert take_back(transact, course_id)

    after = transact(lambda connection: store.course(connection, ACADEMY, course_id=course_id))
    assert after == before
    assert not take_back(transact, course_id)


@pytest.mark.parametrize("course_id", [0, -1, 404, 2**31, 2**63])
def test_a_course_that_is_none_is_neither_archived_nor_reactivated(transact, heard, course_id):
    assert not put_away(transact, course_id)
    assert not take_back(transact, course_id)
    assert heard == []


def test_another_academy_changes_nothing(transact, course_id):
    assert not put_away(transact, course_id, academy_id=ACADEMY + 1)
    assert stored(transact, course_id) is None

    put_away(transact, course_id)

    assert not take_back(transact, course_id, academy_id=ACADEMY + 1)
    assert stored(transact, course_id) is not None


def test_each_change_is_told_once_and_with_its_connection(transact, course_id, heard):
    put_away(transact, course_id)
    put_away(transact, course_id)
    take_back(transact, course_id)
    take_back(transact, course_id)

    assert [signal for signal, _said in heard] == [course_archived, course_reactivated]
    for (_signal, said), now in zip(heard, (NOW, LATER), strict=True):
        assert isinstance(said.pop("connection"), Connection)
        assert said == {"academy_id": ACADEMY, "course_id": course_id, "by": ADMIN, "now": now}


def test_a_listener_that_fails_undoes_the_archiving(transact, catalog_engine, course_id):
    def fail(_sender: object, **_said: object) -> None:
        raise RuntimeError("nothing may be half done")

    with (
        course_archived.connected_to(fail, sender=catalog_engine.dialect),
        pytest.raises(RuntimeError, match="half done"),
    ):
        put_away(transact, course_id)

    assert stored(transact, course_id) is None


def test_another_applications_listener_hears_nothing(transact, course_id):
    calls: list[object] = []

    def listen(_sender: object, **_said: object) -> None:
        calls.append(_sender)

    with course_archived.connected_to(listen, sender="another dialect"):
        put_away(transact, course_id)

    assert calls == []


def test_lists_can_leave_archived_courses_out_or_show_them_alone(transact, course_id):
    add(transact, "Fire")
    put_away(transact, course_id)

    def titles(archived: bool | None) -> list[str]:
        def ask(connection: Connection) -> list[str]:
            rows = store.courses(connection, ACADEMY, archived=archived)
            assert store.count_courses(connection, ACADEMY, archived=archived) == len(rows)
            return [row.title for row in rows]

        return transact(ask)

    assert titles(None) == ["Fire", "Safety"]
    assert titles(True) == ["Safety"]
    assert titles(False) == ["Fire"]
