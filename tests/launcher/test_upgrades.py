"""The history of the tables ends at the models, on both databases, and goes there and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

import catalog.schema
import hacp.schema
import launcher.db
import launcher.schema
from launcher import upgrades
from launcher.app import create_app
from launcher.db import db, read


@pytest.fixture
def empty_app(settings, database_url) -> Iterator[Flask]:
    """An application, entered, whose database is empty."""
    app = create_app(replace(settings, database_url=database_url))
    with app.app_context():
        yield app
        db.engine.dispose()


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
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, models)

    assert read(differences) == []
    assert tables() == {name for metadata in models for name in metadata.tables}


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


def test_a_migration_that_fails_leaves_nothing_half_made(empty_app):
    with db.engine.begin() as connection:
        launcher.schema.Base.metadata.tables["enrolments"].create(connection)
    with pytest.raises(Exception, match="enrolments"):
        upgrades.upgrade()
    assert tables() == {"enrolments"}
    assert not upgrades.is_current()
