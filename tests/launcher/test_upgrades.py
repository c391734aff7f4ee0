"""The history of the tables ends at the models, on both databases, and goes there and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import delete, inspect, select, text, update

import catalog.schema
import catalog.store
import hacp.schema
import launcher.db
import launcher.schema
from catalog import indexing, search
from catalog.model import AssignableUnit, Course
from catalog.schema import CourseTable, MarkTable
from launcher import tasks, upgrades
from launcher.app import create_app
from launcher.db import db, read, transact
from launcher.people import academies, accounts, finding
from launcher.records import recounts
from launcher.schema import Membership, MemberWord, Progress, Role
from tests.launcher.stage import Stage

SECONDS = 20


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


def add_course_and_learner() -> None:
    """Add a course that is called Wärme and a learner who is called Zoë."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    unit = AssignableUnit("A1", "One", "https://content.example.org/")

    def add(connection):
        academy = academies.add_academy(connection, name="School", slug="school", now=now)
        people = {"email": "zoe@example.org", "name": "Adler, Zoë", "role": Role.LEARNER}
        accounts.add_member(connection, academy_id=academy.id, **people, now=now)
        catalog.store.add_course(
            connection,
            academy.id,
            course=Course("C-1", "Wärme", (unit,), ("A1",)),
            source="",
            fingerprint="f",
            content_key=None,
            folder="",
            now=now,
        )

    transact(add)


def leave_as_an_older_release() -> None:
    """Take away what courses and people are found by, as if an older release had added them."""

    def leave(connection):
        (course_id,) = connection.scalars(select(CourseTable.id))
        search.drop(connection, 1, [course_id])
        for table in (MarkTable, MemberWord):
            connection.execute(delete(table))
        connection.execute(update(CourseTable).values(index_edition=0))
        connection.execute(update(Membership).values(name_key=None))

    transact(leave)


def what_is_found() -> tuple[int, int]:
    """Return how many courses are found by `warme`, and how many people by `zoe`."""
    courses = read(lambda connection: search.search(connection, 1, search.Asked("warme")))
    people = read(lambda connection: accounts.members(connection, 1, search="zoe"))
    return courses.total, len(people)


def in_context(app: Flask, work):
    with app.app_context():
        return work()


def wait_for_a_lock() -> None:
    """Return once somebody waits for what somebody else has locked."""
    for _ in range(SECONDS * 100):
        with db.engine.connect() as asking:
            if asking.execute(
                text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            ).scalar():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("revision", ["0002", "0015"])
def test_courses_and_people_of_an_older_release_are_found_after_the_upgrade(empty_app, revision):
    upgrades.upgrade()
    add_course_and_learner()
    leave_as_an_older_release()
    command.downgrade(upgrades._config(), revision)

    assert upgrades.upgrade()

    assert what_is_found() == (1, 1)


def test_what_a_killed_upgrade_or_an_older_server_left_is_found_after_the_next(empty_app):
    upgrades.upgrade()
    add_course_and_learner()
    leave_as_an_older_release()

    assert upgrades.is_current()
    assert upgrades.upgrade()

    assert what_is_found() == (1, 1)
    assert not upgrades.upgrade()


def test_workers_catch_up_too_with_what_an_older_server_adds_after_the_upgrade(empty_app):
    upgrades.upgrade()
    add_course_and_learner()
    leave_as_an_older_release()

    tasks.of(empty_app).look_around()

    assert what_is_found() == (1, 1)


@pytest.mark.postgresql
def test_two_that_catch_up_at_once_take_turns(postgresql_app):
    with postgresql_app.app_context():
        add_course_and_learner()
        leave_as_an_older_release()
        with db.engine.begin() as slow, ThreadPoolExecutor() as pool:
            assert (indexing.refresh(slow), finding.refresh(slow)) == (1, 1)
            other = pool.submit(in_context, postgresql_app, upgrades.catch_up)
            wait_for_a_lock()
            slow.commit()
            assert other.result() == 0
        assert what_is_found() == (1, 1)


@pytest.mark.postgresql
def test_an_upgrade_waits_for_one_that_is_under_way(settings, postgresql_url):
    app = create_app(replace(settings, database_url=postgresql_url))
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        with db.engine.begin() as first:
            first.execute(text("SELECT pg_advisory_xact_lock(79445139390466)"))
            second = pool.submit(in_context, app, upgrades.upgrade)
            wait_for_a_lock()
        assert second.result(SECONDS)
        assert upgrades.is_current()
        db.engine.dispose()


@pytest.mark.postgresql
def test_tables_that_stay_in_use_are_told_and_left_as_they_are(settings, postgresql_url):
    app = create_app(replace(settings, database_url=postgresql_url))
    with app.app_context():
        upgrades.upgrade()
        command.downgrade(upgrades._config(), "0015")
        with db.engine.begin() as backup:
            backup.execute(text("LOCK TABLE memberships IN ACCESS SHARE MODE"))
            with pytest.raises(upgrades.InUse, match="Run 'hacp migrate' again"):
                upgrades.upgrade()
        assert upgrades.upgrade()
        db.engine.dispose()


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
        command.stamp(upgrades._config(), "head")
        command.downgrade(upgrades._config(), "0017")
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
