"""What the database is asked, caught at the driver, and by which indexes it finds the answers.

Serves the tests of query plans. On PostgreSQL a few rows are found fastest by reading them all, so
it is told to go by an index wherever it can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

# Tables that grow with learners. The others hold courses and settings.
GROWING = (
    "accounts",
    "enrolments",
    "hacp_attempts",
    "hacp_exchanges",
    "hacp_held",
    "hacp_preferences",
    "hacp_records",
    "hacp_sessions",
    "hacp_statuses",
    "memberships",
    "progress",
)
_NO_QUERY = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|INSERT|SET|SHOW)", re.I)


@dataclass
class Asked:
    """The statements that were run, once each."""

    dialect: str
    statements: dict[str, Any] = field(default_factory=dict)

    def plans(self, engine: Engine) -> Iterator[tuple[str, str]]:
        """Yield each statement with its plan."""
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            if self.dialect == "postgresql":
                for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                    raw.execute(f"SET enable_{way} = off")
            explain = "EXPLAIN " if self.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
            for statement, values in self.statements.items():
                found = raw.execute(explain + statement, values)
                yield statement, "\n".join(str(row[-1]) for row in found)


@contextmanager
def asked(engine: Engine) -> Iterator[Asked]:
    """Catch what the engine's drivers are asked in this block."""
    caught = Asked(engine.dialect.name)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
            note(str(query), params)
            return super().execute(query, params, **more)

    def note(statement: str, values: Any = ()) -> None:
        if statement.strip(" ;") and not _NO_QUERY.match(statement):
            caught.statements.setdefault(statement, values or ())

    def listen(raw: Any, *_more: Any) -> None:
        if caught.dialect == "sqlite":
            # SQLite tells the statement with its values filled in.
            raw.set_trace_callback(note)
        else:
            raw.cursor_factory = Noting

    engine.dispose()
    event.listen(engine, "connect", listen)
    yield caught
    event.remove(engine, "connect", listen)
    engine.dispose()


def reads_too_much(plan: str, dialect: str) -> list[str]:
    """Return the lines of a plan that read a growing table by less than a key within an academy."""
    if dialect == "sqlite":
        return [line for line in plan.splitlines() if _sqlite_reads_too_much(line)]
    return _postgresql_reads_too_much(plan)


def sorts_too_much(plan: str, dialect: str) -> list[str]:
    """Return the lines of a list's plan that read a growing table whole, or read and sort it.

    A list may walk an academy in the order of an index, since it stops after a page.
    """
    if dialect == "sqlite":
        whole = re.compile(rf"SCAN ({'|'.join(GROWING)})\b")
        sort = re.compile("USE TEMP B-TREE FOR (ORDER BY|GROUP BY|DISTINCT)")
    else:
        whole = re.compile(r"Seq Scan on ")
        sort = re.compile(r"(^|-> +)Sort  \(cost")
    faults = [line for line in plan.splitlines() if whole.search(line)]
    sorted_by = [line for line in plan.splitlines() if sort.search(line)]
    return faults + (sorted_by if reads_too_much(plan, dialect) else [])


def _sqlite_reads_too_much(line: str) -> bool:
    """`SEARCH progress USING INDEX progress_1 (academy_id=? AND ...)` is what it should be."""
    found = re.match(r"(SCAN|SEARCH) (\w+)(.*)", line)
    if found is None or found[2] not in GROWING:
        return False
    return found[1] == "SCAN" or not re.search(r"rowid=|phase=| AND ", found[3])


def _postgresql_reads_too_much(plan: str) -> list[str]:
    """An index scan of a growing table is followed by an `Index Cond` of more than the academy."""
    faults = []
    lines = plan.splitlines()
    for number, line in enumerate(lines):
        found = re.search(r"(Seq Scan|Index Scan|Index Only Scan)(?: Backward)?.* on (\w+)", line)
        if found is None or found[2] not in GROWING:
            continue
        condition = lines[number + 1] if number + 1 < len(lines) else ""
        keys = set(re.findall(r"\b(\w+) (?:=|>|<)", condition)) - {"academy_id"}
        if "Index Cond" not in condition or not keys:
            faults.append(f"{line.strip()} {condition.strip()}")
    return faults
