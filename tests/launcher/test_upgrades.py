"""The history of the tables ends at the models, on both databases, and goes there and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, select, update

import catalog.schema
import catalog.store
import hacp.schema
import launcher.db
import launcher.schema
from catalog import search
from catalog.model import AssignableUnit, Course
from launcher import upgrades
from launcher.app import create_app
from launcher.db import db, read, transact
from launcher.people import academies, accounts
from launcher.records import recounts
from launcher.schema import Progress, Role
from tests.launcher.stage import Stage


@pytest.fixture
def empty_app(settings, database_url) -> Iterator[Flask]:
    """An application, entered, whose database is empty."""
    app = create_app(replace(settings, database_url=database_url))
    with app.app_context():
        yield app
        db.engine.dispose()


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """The index of words is each database's own, and a partition is part of its table."""
    own = ("catalog_search", "hacp_exchanges_")
    return kind != "table" or not str(name).startswith(own)


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_migrating_an_empty_database_makes_exactly_the_models(empty_app):
    assert not upgrades.is_current()
    assert upgrades.upgrade()
    models = [
        launcher.schema.Base.metadata,
        hacp.schema.Base.metadata,
        catalog.schema.Base.metadata,
    ]

    def differences(connection):
        options = {"compare_type": True, "include_name": is_modelled}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, models)

    assert read(differences) == []
    made = {name for name in tables() if is_modelled(name, "table", None)}
    assert made == {name for metadata in models for name in metadata.tables}
    assert tables() > made


def test_migrating_twice_is_harmless(empty_app):
    upgrades.upgrade()
    assert upgrades.is_current()
    assert not upgrades.upgrade()


def test_going_back_takes_every_table_away(empty_app):
    upgrades.upgrade()
    upgrades.downgrade()
    assert tables() == set()
    assert not upgrades.is_current()
    assert upgrades.upgrade()


def test_courses_of_an_older_release_are_found_after_the_upgrade(empty_app):
    upgrades.upgrade()
    unit = AssignableUnit("A1", "One", "https://content.example.org/")
    course_id = transact(
        lambda connection: catalog.store.add_course(
            connection,
            1,
            course=Course("C-1", "Wärme", (unit,), ("A1",)),
            source="",
            fingerprint="f",
            content_key=None,
            folder="",
            now=datetime(2026, 3, 1, tzinfo=UTC),
        )
    )
    command.downgrade(upgrades._config(), "0002")

    assert upgrades.upgrade()

    found = read(lambda connection: search.search(connection, 1, search.Asked("warme")))
    assert [hit.id for hit in found.hits] == [course_id]


def test_people_of_an_older_release_are_found_after_the_upgrade(empty_app):
    upgrades.upgrade()
    now = datetime(2026, 3, 1, tzinfo=UTC)

    def unit(connection):
        academy = academies.add_academy(connection, name="School", slug="school", now=now)
        people = {"email": "zoe@example.org", "name": "Adler, Zoë", "role": Role.LEARNER}
        accounts.add_member(connection, academy_id=academy.id, **people, now=now)
        return academy.id

    academy_id = transact(unit)
    command.downgrade(upgrades._config(), "0015")

    assert upgrades.upgrade()

    found = read(lambda connection: accounts.members(connection, academy_id, search="zoe"))
    assert [one.name for one in found] == ["Adler, Zoë"]


@pytest.fixture
def two_versions(either_stage: Stage) -> tuple[Stage, Stage]:
    """Somebody in the middle of a course as it was first, and somebody who completed the second."""
    either_stage.course("A1", "A2")
    first = either_stage.launch("A1")
    first.put("lesson_status=i")
    first.renew("B1")
    second = first.another("Second").launch("B1")
    second.put("lesson_status=c", "score=90")
    return first, second


def versions_of(stage: Stage) -> dict[int, int]:
    query = select(Progress.learner_id, Progress.version).where(Progress.version.is_not(None))
    return {row.learner_id: row.version for row in stage.read(lambda c: c.execute(query).all())}


def test_whoever_was_in_the_newest_version_of_a_course_stays_in_it(two_versions):
    _first, second = two_versions
    with second.app.app_context():
        command.stamp(upgrades._config(), "head")
        command.downgrade(upgrades._config(), "0011")
        upgrades.upgrade()
    second.refresh()

    # Until then everybody took the version in force.
    assert set(versions_of(second).values()) == {2}
    assert (second.row().status, second.row().percent) == ("completed", 90)


def test_results_that_an_upgrade_put_into_the_wrong_version_come_back(two_versions):
    first, second = two_versions
    by_hand = first.another("Set")
    by_hand.set_by_hand("passed", "B1")
    open_yet = first.another("Open")
    open_yet.refresh()
    misled = update(Progress).where(Progress.version == 2).values(version=1)
    second.transact(lambda c: c.execute(misled))
    second.refresh()
    assert second.row().status == "not attempted"

    with second.app.app_context():
        command.stamp(upgrades._config(), "0017")
        assert upgrades.upgrade()
        assert recounts.recount_all() == 1

    assert versions_of(first) == {first.learner.id: 1, second.learner.id: 2, by_hand.learner.id: 2}
    assert (second.row().status, second.row().percent) == ("completed", 90)
    assert (by_hand.row().status, first.row().status) == ("passed", "incomplete")


def test_a_migration_that_fails_leaves_nothing_half_made(empty_app):
    with db.engine.begin() as connection:
        launcher.schema.Base.metadata.tables["enrolments"].create(connection)
    with pytest.raises(Exception, match="enrolments"):
        upgrades.upgrade()
    assert tables() == {"enrolments"}
    assert not upgrades.is_current()
