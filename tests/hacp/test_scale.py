"""Every statement of a conversation names the academy, so that the tables can be spread by it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from hacp.prepared import Prepared
from tests.hacp.server import Content, Server

# Tables are named in these places of a statement.
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(hacp_\w+)", re.IGNORECASE)
# An academy that is compared with something, or a column that is filled.
NAMES_ACADEMY = re.compile(r"academy_id\s*=|INSERT INTO \w+ \([^)]*\bacademy_id\b", re.IGNORECASE)

LESSON = "[core]\r\nlesson_location=7\r\nlesson_status=c\r\nscore=90\r\n[core_lesson]\r\nabc"
ANSWERS = (
    '"course_id","student_id","lesson_id","date","time","interaction_id","type_interaction",'
    '"student_response","result"\r\n"c","s","l","2026/03/02","09:00:00","i1","C","a","C"'
)


@pytest.fixture
def statements(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is executed from here on, by SQLAlchemy or on the driver itself."""
    seen: list[str] = []
    prepared_for = Prepared._for

    def note_prepared(self, connection):
        compiled = prepared_for(self, connection)
        seen.append(compiled.text)
        return compiled

    monkeypatch.setattr(Prepared, "_for", note_prepared)

    def note(_connection, _cursor, statement, _parameters, _context, _many):
        seen.append(statement)

    event.listen(server.engine, "before_cursor_execute", note)
    yield seen
    event.remove(server.engine, "before_cursor_execute", note)


def without_academy(statements: list[str]) -> list[str]:
    return [one for one in statements if TABLE.search(one) and not NAMES_ACADEMY.search(one)]


def test_a_conversation_asks_for_nothing_without_its_academy(server: Server, statements: list[str]):
    content = Content(server, server.launch())
    content.send("GetParam")
    content.send("PutParam", f"{LESSON}\r\n[student_preferences]\r\naudio=5")
    content.send("PutInteractions", ANSWERS)
    content.send("PutComments", "")
    content.send("ExitAU")
    Content(server, server.launch(new_attempt=True)).send("ExitParam", LESSON)

    assert without_academy(statements) == []
    named = {name for one in statements for name in TABLE.findall(one)}
    assert named >= {
        "hacp_attempts",
        "hacp_exchanges",
        "hacp_preferences",
        "hacp_records",
        "hacp_sessions",
        "hacp_statuses",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM hacp_sessions WHERE sid_hash = ?",
        "UPDATE hacp_attempts SET status = ? WHERE id = ?",
        "INSERT INTO hacp_exchanges (id, request) VALUES (?, ?)",
    ],
)
def test_a_statement_without_it_is_noticed(statement: str):
    assert without_academy([statement]) == [statement]
