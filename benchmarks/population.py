"""An academy to measure in: courses, people, what they have done so far, and sessions to talk in.

Serves the runs. The grown part is made by the database itself, a million attempts in a minute or
so; courses come in by `catalog.intake`, as everywhere.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, case, insert, select, text, update

from catalog.intake import accept
from catalog.schema import CourseTable
from catalog.shelf import Shelf
from hacp.ids import first_id
from hacp.model import Attempt, LaunchTicket, Phase, Session, Standing, Status
from hacp.rows import micros, new_attempt_columns, new_session_columns
from hacp.schema import AttemptRow, SessionRow
from launcher import config, upgrades
from launcher.db import db, transact
from launcher.people import academies, accounts, finding
from launcher.schema import Account, Enrolment, Membership, Progress, Role

COURSES = 10
UNITS = 3
# Attempts of a grown database lie this far back, so that new ones stand between old ones.
PAST = timedelta(days=365)
# The hall hears of time alone once a minute and session: of content that reports every ten seconds
# with every sixth report.
EVERY_SIXTH = 6
ADMIN = "admin@example.org"
_BULK = 5000
_SLICES = 20
# What each grown exchange holds: a report without much suspend data.
_RAW = b"command=PutParam&version=4.0&session_id=sid-0badc0de&aicc_data=" + b"%5Bcore%5D" * 20


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions to talk in: `running` ones have reported before, `fresh` ones were just launched."""

    running: list[str]
    fresh: list[str]


def found_academy(app: Flask) -> None:
    """Migrate an empty database; add the academy 1 with an admin and its courses."""
    now = datetime.now(UTC)
    with app.app_context(), tempfile.TemporaryDirectory() as folder:
        upgrades.upgrade()
        transact(lambda connection: _found(connection, now))
        for number in range(1, COURSES + 1):
            accept(
                [_package(Path(folder) / str(number), number)],
                academy_id=1,
                transact=transact,
                shelf=Shelf(config.current().content_root),
                now=now,
            )
        db.engine.dispose()


def _found(connection: Connection, now: datetime) -> None:
    academies.add_academy(connection, name="Measured", slug="measured", now=now)
    accounts.add_member(
        connection, academy_id=1, email=ADMIN, name="Admin, Ada", role=Role.ADMIN, now=now
    )


def _package(folder: Path, number: int) -> Path:
    folder.mkdir()
    units = [f"A{unit}" for unit in range(1, UNITS + 1)]
    files = {
        "c.crs": f"[Course]\r\nCourse_ID=C{number}\r\nCourse_Title=Course {number}\r\n",
        "c.au": "system_id,file_name,mastery_score\r\n"
        + "".join(f'"{unit}","https://content.example/{unit}",80\r\n' for unit in units),
        "c.des": "system_id,title\r\n" + "".join(f'"{unit}","Unit {unit}"\r\n' for unit in units),
        "c.cst": "block,member\r\n" + "".join(f'"root","{unit}"\r\n' for unit in units),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode())
    return folder


def open_sessions(app: Flask, *, running: int, fresh: int, seed: int = 1) -> Sessions:
    """Launch for so many new learners, each in unit A1 of one course.

    Their attempts' ids lie scattered over the past, as those of people who work beside each other.
    """
    now, dice = datetime.now(UTC), random.Random(seed)
    sids = [secrets.token_hex(20) for _ in range(running + fresh)]
    ids = sorted(
        dice.sample(range(first_id(now - PAST), first_id(now - timedelta(days=1))), len(sids))
    )
    dice.shuffle(ids)
    with app.app_context():
        for start in range(0, len(sids), _BULK):
            some = range(start, min(start + _BULK, len(sids)))
            talks = [(sids[n], ids[n], n < running) for n in some]
            transact(partial(_launch, talks=talks, now=now))
        _take_stock()
        db.engine.dispose()
    return Sessions(sids[:running], sids[running:])


def _launch(
    connection: Connection,
    talks: Sequence[tuple[str, int, bool]],
    *,
    now: datetime,
) -> None:
    learners = _add_learners(connection, len(talks), now=now)
    course_ids = sorted(row.id for row in connection.execute(select(CourseTable.id)))
    attempts, sessions, progress, enrolments = [], [], [], []
    for learner_id, (sid, number, has_reported) in zip(learners, talks, strict=True):
        course_id = course_ids[learner_id % len(course_ids)]
        attempt, session = _begun(learner_id, course_id, number, now=now)
        key = {"academy_id": 1, "learner_id": learner_id, "course_id": course_id}
        if has_reported:
            attempt, session = _reported(attempt, session)
        attempts.append(new_attempt_columns(attempt))
        digest = hashlib.sha256(sid.encode()).digest()
        sessions.append(new_session_columns(session, sid_hash=digest))
        progress.append(
            {
                **key,
                "status": str(attempt.status),
                "attempts": 1,
                "version": 1,
                "first_at": now,
                "last_at": now,
            }
        )
        enrolments.append({**key, "created_at": now})
    connection.execute(insert(AttemptRow), attempts)
    connection.execute(insert(SessionRow), sessions)
    connection.execute(insert(Progress), progress)
    connection.execute(insert(Enrolment), enrolments)


def _add_learners(connection: Connection, count: int, *, now: datetime) -> list[int]:
    known = connection.execute(text("SELECT max(id) FROM accounts")).scalar_one()
    numbers = range(known + 1, known + 1 + count)
    connection.execute(
        insert(Account),
        [
            {
                "id": number,
                "email": f"learner-{number}@example.org",
                "active": True,
                "fs_uniquifier": secrets.token_hex(16),
                "created_at": now,
            }
            for number in numbers
        ],
    )
    members = [
        finding.Named(
            number, f"Doe-{number % 9973}, Jane", f"learner-{number}@example.org", f"s{number}"
        )
        for number in numbers
    ]
    connection.execute(
        insert(Membership),
        [
            {
                "id": one.member_id,
                "academy_id": 1,
                "account_id": one.member_id,
                "role": str(Role.LEARNER),
                "student_id": one.student_id,
                "name": one.name,
                "name_key": finding.name_key(one.name),
                "created_at": now,
            }
            for one in members
        ],
    )
    finding.note(connection, 1, members)
    return list(numbers)


def _begun(
    learner_id: int, course_id: int, number: int, *, now: datetime
) -> tuple[Attempt, Session]:
    ticket = LaunchTicket(
        academy_id=1,
        learner_id=learner_id,
        student_id=f"s{learner_id}",
        student_name=f"Doe-{learner_id % 9973}, Jane",
        course_id=course_id,
        aicc_course_id=f"C{course_id}",
        au_id="A1",
        mastery_score=Decimal(80),
    )
    attempt = Attempt(1, number, learner_id, course_id, "A1", 1, started_at=now, last_at=now)
    return attempt, Session(number + 1, number, ticket, Standing(), opened_at=now, last_at=now)


def _reported(attempt: Attempt, session: Session) -> tuple[Attempt, Session]:
    """Return the two as they stand after a first report, of which the hall has heard."""
    # Launched an hour ago, so that an hour of time is believed.
    opened_at = session.opened_at - timedelta(hours=1)
    attempt = Attempt(
        1,
        attempt.id,
        attempt.learner_id,
        attempt.course_id,
        attempt.au_id,
        1,
        started_at=opened_at,
        last_at=attempt.last_at,
        status=Status.INCOMPLETE,
        said=Status.INCOMPLETE,
        location="page-1",
        seconds=Decimal("1.00"),
        writer=session.id,
    )
    session = Session(
        session.id,
        attempt.id,
        session.ticket,
        Standing(),
        opened_at=opened_at,
        last_at=attempt.last_at,
        phase=Phase.TALKING,
        seconds=Decimal("1.00"),
        told_at=session.opened_at,
    )
    return attempt, session


def tell_the_hall(app: Flask) -> None:
    """Let every session's next report of time be told to the hall in one case of six."""
    now = micros(datetime.now(UTC))
    told_at = case((SessionRow.id % EVERY_SIXTH == 0, 0), else_=now)
    with app.app_context():
        transact(lambda connection: connection.execute(update(SessionRow).values(told_at=told_at)))
        db.engine.dispose()


def grow(app: Flask, *, attempts: int, exchanges: int) -> None:
    """Add so many attempts with a session and so many exchanges each, ten to a learner."""
    with app.app_context():
        for statement, facts in _growth(attempts, exchanges, now=datetime.now(UTC)):
            transact(partial(_run, statement=statement, facts=facts))
        _take_stock()
        db.engine.dispose()


def _run(connection: Connection, statement: str, facts: dict[str, object]) -> None:
    connection.execute(text(statement), facts)


def _growth(
    attempts: int, exchanges: int, *, now: datetime
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the statements with their values; one transaction each keeps SQLite's log short."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    first = first_id(now - PAST)
    facts: dict[str, object] = {
        "first": first,
        "step": (first_id(now - timedelta(days=1)) - first) // attempts,
        "learners": attempts // COURSES,
        "attempts": attempts,
        "exchanges": exchanges,
        "now": now.replace(tzinfo=None).isoformat(" ") if on_sqlite else now,
        "began": int((now - PAST).timestamp() * 1e6),
        "gap": int(PAST.total_seconds() * 1e6) // attempts,
        "raw": _RAW,
        "reply": b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n",
        "ticket": _TICKET,
    }
    hash_of = "randomblob(32)" if on_sqlite else "sha256(CAST(CAST(n AS text) AS bytea))"
    unique_of = "hex(randomblob(16))" if on_sqlite else "md5(random()::text)"
    at = "datetime(:began / 1000000 + n * :gap / 1000000, 'unixepoch')"
    if not on_sqlite:
        at = "to_timestamp((:began + n * :gap) / 1000000.0)"
    for statement in _GROWTH:
        filled = statement.format(hash=hash_of, unique=unique_of, at=at)
        slices = _SLICES if ":slice" in filled else 1
        for number in range(slices):
            known = {**facts, "slice": number, "slices": slices}
            yield filled, {name: known[name] for name in known if f":{name}" in filled}


# The n-th attempt is of the learner n / 10 and the course n % 10, so that each has ten.
_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT CAST(0 AS BIGINT)"
    " UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {})"
)
_PEOPLE = _NUMBERS.format(":learners")
_ATTEMPTS = _NUMBERS.format(":attempts")
_FAMILY = "n * 7919 % 100003"
# One in ten is called like this, one in a thousand like that.
_GIVEN = "CASE WHEN n % 1000 = 7 THEN 'zelda' WHEN n % 10 = 3 THEN 'maria' ELSE 'given' END"
_LEARNER = "1000000 + n / 10"
_COURSE = "1 + n % 10"
_STATUS = (
    "CASE n % 5 WHEN 0 THEN 'incomplete' WHEN 1 THEN 'failed' WHEN 2 THEN 'completed'"
    " ELSE 'passed' END"
)
_SCORE = "CASE n % 5 WHEN 0 THEN NULL ELSE 50 + n % 51 END"
_TICKET = (
    '{"academy_id":1,"learner_id":1,"student_id":"s1","student_name":"Doe, Jane","course_id":1,'
    '"aicc_course_id":"C1","au_id":"A1","mode":"normal","credit":"credit","mastery_score":"80",'
    '"max_time_allowed":null,"time_limit_action":null,"vendor_data":"","objectives":[]}'
)
_GROWTH = (
    f"""INSERT INTO accounts (id, email, active, fs_uniquifier, created_at) {_PEOPLE}
        SELECT 1000000 + n, 'grown-' || n || '@example.org', true, {{unique}}, :now FROM numbers""",
    f"""INSERT INTO memberships
            (id, academy_id, account_id, role, student_id, name, name_key, created_at) {_PEOPLE}
        SELECT 1000000 + n, 1, 1000000 + n, 'learner', 'g' || n,
            'Name ' || ({_FAMILY}) || ', ' || {_GIVEN},
            'name ' || ({_FAMILY}) || ', ' || {_GIVEN}, :now FROM numbers""",
    f"""INSERT INTO member_words (academy_id, word, member_id) {_PEOPLE}
        SELECT 1, 'name', 1000000 + n FROM numbers
        UNION SELECT 1, CAST({_FAMILY} AS VARCHAR(64)), 1000000 + n FROM numbers
        UNION SELECT 1, {_GIVEN}, 1000000 + n FROM numbers
        UNION SELECT 1, 'grown', 1000000 + n FROM numbers
        UNION SELECT 1, CAST(n AS VARCHAR(64)), 1000000 + n FROM numbers
        UNION SELECT 1, 'example', 1000000 + n FROM numbers
        UNION SELECT 1, 'org', 1000000 + n FROM numbers
        UNION SELECT 1, 'g' || n, 1000000 + n FROM numbers""",
    f"""INSERT INTO enrolments (academy_id, learner_id, course_id, created_at) {_ATTEMPTS}
        SELECT 1, {_LEARNER}, {_COURSE}, :now FROM numbers""",
    f"""INSERT INTO progress (academy_id, learner_id, course_id, status, percent, seconds,
            attempts, version, first_at, last_at, completed_at, cause, cause_values, cause_attempt,
            cause_seen, by_hand) {_ATTEMPTS}
        SELECT 1, {_LEARNER}, {_COURSE}, {_STATUS}, {_SCORE}, n % 3600, 1, 1, {{at}}, {{at}},
            CASE WHEN n % 5 > 1 THEN {{at}} END, 'incomplete',
            '{{{{"said": "incomplete", "exited_at": "2026-01-01T00:00:00+00:00"}}}}',
            :first + n * :step, :first + n * :step + 1 + :exchanges, false FROM numbers""",
    f"""INSERT INTO hacp_attempts (academy_id, id, learner_id, course_id, au_id, number, started_at,
            last_at, status, said, exit, score, location, suspend_data, seconds, completed_at,
            objectives) {_ATTEMPTS}
        SELECT 1, :first + n * :step, {_LEARNER}, {_COURSE}, 'A1', 1, :began + n * :gap,
            :began + n * :gap, {_STATUS}, 'incomplete', '',
            CASE n % 5 WHEN 0 THEN NULL ELSE CAST(50 + n % 51 AS VARCHAR(8)) END, 'page-7',
            'bookmark=7;visited=1,2,3,4,5,6,7', '600', NULL, '' FROM numbers""",
    f"""INSERT INTO hacp_sessions (academy_id, id, sid_hash, attempt_id, ticket, opened_at, last_at,
            phase, seconds, exited_at, start_status, start_seconds, earlier) {_ATTEMPTS}
        SELECT 1, :first + n * :step + 1, {{hash}}, :first + n * :step, :ticket,
            :began + n * :gap, :began + n * :gap, 'closed', '600', :began + n * :gap,
            'not attempted', '0', '' FROM numbers""",
    """INSERT INTO hacp_exchanges (academy_id, attempt_id, id, session_id, at, command, error,
            method, content_type, origin, query, request, reply, tolerated)
        WITH RECURSIVE tries(k) AS
            (SELECT 1 UNION ALL SELECT k + 1 FROM tries WHERE k < :exchanges)
        SELECT 1, hacp_attempts.id, hacp_attempts.id + k, hacp_attempts.id + 1,
            hacp_attempts.started_at, 'PutParam', 0, 'POST', 'application/x-www-form-urlencoded',
            'https://content.example', :raw, :raw, :reply, ''
        FROM hacp_attempts CROSS JOIN tries WHERE hacp_attempts.learner_id >= 1000000
            AND hacp_attempts.learner_id % :slices = :slice""",
)


def _take_stock() -> None:
    """Let the planner know the tables, as PostgreSQL's autovacuum and SQLite's users do."""
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))
