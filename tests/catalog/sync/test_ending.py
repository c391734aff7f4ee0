"""The end of a listing: what is to be archived is, and one that cannot be stops no other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text

from catalog import archive
from catalog.signals import course_archived
from catalog.supply.model import Outcome, RunState
from catalog.sync import ending
from tests.catalog.world import World

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"


def test_one_that_cannot_be_archived_stops_no_other(world: World) -> None:
    world.pretend.send()
    world.sync()
    for key in (HIPAA, PASSWORDS):
        world.pretend.retire(key)
    stubborn = world.course_id(HIPAA)

    def listen(_sender: object, *, course_id: int, **_told: Any) -> None:
        if course_id == stubborn:
            raise RuntimeError("somebody sits on it")

    with course_archived.connected_to(listen):
        report = world.sync()

    assert report.state is RunState.DONE
    assert world.told() == {
        "HIPAA in Everyday Work": "failed",
        "Passwords & Passkeys": "archived",
    }
    # Nothing of the one that failed was written, so the next run tries it again.
    assert world.ask(archive.archived, course_id=stubborn) is None
    world.sync()
    assert world.told() == {"HIPAA in Everyday Work": "archived"}


def test_whoever_listens_is_told_in_the_same_transaction(world: World) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.retire(HIPAA)
    heard: list[tuple[int, bool]] = []

    def listen(_sender: object, *, connection: Any, course_id: int, **_told: Any) -> None:
        there = archive.archived(connection, 1, course_id=course_id)
        heard.append((course_id, there is not None))

    with course_archived.connected_to(listen):
        world.sync()
    assert heard == [(world.course_id(HIPAA), True)]


def test_many_are_archived_portion_by_portion(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "_AT_ONCE", 3)
    world.pretend.grow(20)
    world.sync()
    world.pretend.grow(12)
    world.sync()
    report = world.sync()
    assert report.counts == {Outcome.ARCHIVED: 8, Outcome.UNCHANGED: 12}
    assert len(world.titles()) == 12
    assert [entry.title for entry in world.entries()] == sorted(
        (entry.title for entry in world.entries()),
        key=lambda title: int(title.rsplit(" ", 1)[1]),
    )


def test_after_many_new_courses_the_database_knows_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "_MANY", 3)
    world.pretend.send()
    world.sync()

    def known(connection: Connection) -> bool:
        if connection.dialect.name == "sqlite":
            return True
        query = text("SELECT count(*) FROM pg_stats WHERE tablename = 'catalog_search'")
        return bool(connection.execute(query).scalar_one())

    assert world.transact(known)
