"""Fixtures for the wing alone: tables in both databases, and a server on them.

Serves the tests of this folder, which are many and small: they share one PostgreSQL database and
empty it, since making one takes longer than most of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Engine

from hacp.schema import Base
from tests.hacp.server import Content, Server

DATABASE = "hacp_wing"


@pytest.fixture(scope="session")
def wing_database(postgresql_server: Any) -> str:
    """Make the database that the tests of this folder share; it goes with its server."""
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    socket_folder = str(postgresql_server.get_postmaster_info().socket_dir)
    url = URL.create(
        "postgresql+psycopg", username="postgres", database=DATABASE, query={"host": socket_folder}
    )
    return url.render_as_string(hide_password=False)


@pytest.fixture
def postgresql_url(wing_database: str) -> Iterator[str]:
    """Return the address of the shared database; whatever a test left in it is dropped."""
    yield wing_database
    address = wing_database.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    """Make the tables and return a server on them; its clock stands at `server.START`."""
    Base.metadata.create_all(engine)
    server = Server(engine)
    yield server
    server.flush()


@pytest.fixture
def content(server: Server) -> Content:
    """Launch the course of the golden replies; return a client of that session."""
    return Content(server, server.launch())
