"""What is fuzzed: bytes in, and an exception where the product does anything but read or refuse.

Serves `make fuzz`; each target is also fed its corpus by the ordinary tests. Beside raising nothing
of its own accord, a target asks that what was read can be stored, answered and written again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from catalog.errors import PackageRefused
from catalog.files.address import Contents
from catalog.files.course import CourseFiles, dump_course, parse_course
from catalog.model import Course, Result, ResultStatus
from catalog.needs import missing, plain
from catalog.prerequisites import locks, may_launch
from catalog.script import ScriptFault, parse_script
from catalog.structure import outline, roll_up, roll_up_blocks
from hacp.documents import (
    digest_of,
    dump_objectives,
    dump_preferences,
    dump_record,
    kind_of,
    parse_objectives,
    parse_preferences,
    parse_record,
)
from hacp.errors import HacpError
from hacp.fields import dump_score
from hacp.messages import dump_response, parse_request
from hacp.model import Attempt, Command, Policy, Request, Session, Standing
from hacp.records import Record
from hacp.redaction import redactor
from hacp.replies import parse_handed, parse_response
from hacp.rules import converse
from tests.hacp.server import START, ticket

Target = Callable[[bytes], None]

KINDS = (
    "",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=----WebKitFormBoundaryq0bA7cEJ8mJzXw2d",
    "text/plain",
)
ATTEMPT = Attempt(1, 11, 7, 3, "A1", 1, START, START)
SESSION = Session(21, 11, ticket(), Standing(), START, START)
NOW = START + timedelta(hours=1)
# The widest column for a score.
MOST_SCORE = 128


COMMANDS = tuple(Command)


def read_request(data: bytes) -> None:
    """A request: its first byte chooses content type and a command, the rest is the body.

    It is read and told to the rules, once as what it says and once as that command; what it left is
    handed out.
    """
    first, body = data[0] if data else 0, data[1:]
    kind, command = KINDS[first % len(KINDS)], COMMANDS[first // len(KINDS) % len(COMMANDS)]
    request = parse_request(body, query=body[:64], content_type=kind)
    redactor(request)(body)
    text = request.aicc_data or ""
    assert "\0" not in text
    text.encode()
    for said in {request.command, str(command)}:
        _converse(Request(said, "s1", aicc_data=text))


def _converse(request: Request) -> None:
    try:
        outcome = converse(ATTEMPT, SESSION, request, now=NOW, exchange_id=1, policy=Policy())
    except HacpError:
        return
    attempt, session = outcome.attempt, outcome.session
    for score in (attempt.score, attempt.last_score, attempt.best_score):
        assert score is None or len(dump_score(score, integer=False)) <= MOST_SCORE
    for record in outcome.records:
        _reads_back(record)
    assert parse_objectives(dump_objectives(attempt.objectives)) == attempt.objectives
    assert parse_preferences(dump_preferences(session.preferences)) == session.preferences
    _is_handed_out(attempt, session)


def _reads_back(record: Record) -> None:
    written = dump_record(record)
    assert parse_record(kind_of(record), written) == record
    written.encode()
    digest_of(record)


def _is_handed_out(attempt: Attempt, session: Session) -> None:
    """Whatever content said, our answer keeps to its form, and the place comes back."""
    asked = Request(str(Command.GET_PARAM), "s1", version="4.0")
    reply = converse(attempt, session, asked, now=NOW, exchange_id=2, policy=Policy()).reply
    response = parse_response(dump_response(reply).body)
    assert response.departures == (), response.departures
    handed = parse_handed(response)
    assert handed.lesson_location == attempt.location
    assert handed.suspend_data == attempt.suspend_data
    assert (handed.status, handed.score) == (
        session.launched_with.status,
        session.launched_with.score,
    )


_FILE = re.compile(rb"%%(crs|au|des|cst|ort|pre|cmp)\n")
CONTENTS = Contents(["start.html", "quiz.html", "a/b.html", "My File.html"])


def read_course(data: bytes) -> None:
    """A set of course files, each behind a line such as `%%au`.

    A course that is read can be shown, rolled up and locked, and what is written of it is the same
    course again.
    """
    head, *parts = _FILE.split(data)
    files = {parts[at].decode(): parts[at + 1] for at in range(0, len(parts), 2)}
    try:
        course = parse_course(CourseFiles(head[:8].hex(), "c", files, members=CONTENTS)).course
    except PackageRefused as refused:
        assert refused.faults
        assert all(fault.message for fault in refused.faults)
        return
    _can_be_taken(course)
    again = parse_course(CourseFiles(head[:8].hex(), "c", dump_course(course), members=CONTENTS))
    assert again.course == course


def _can_be_taken(course: Course) -> None:
    outline(course)
    nothing: dict[str, Result] = {}
    everything = {unit.system_id: Result(ResultStatus.PASSED) for unit in course.units}
    for results in (nothing, everything):
        roll_up(course, results)
        roll_up_blocks(course, results)
        locked = locks(course, results)
        for unit in course.units:
            assert (may_launch(course, results, unit.system_id) is None) is (
                unit.system_id not in locked
            )


STATUSES = {
    "A1": ResultStatus.PASSED,
    "A2": ResultStatus.FAILED,
    "A3": ResultStatus.INCOMPLETE,
    "B1": ResultStatus.COMPLETED,
}


def read_script(data: bytes) -> None:
    """A prerequisite: its parse, its truth, its plain form and what is missing to it agree."""
    text = data.decode("utf-8", "replace")
    try:
        script = parse_script(text)
    except ScriptFault as fault:
        assert 1 <= fault.column <= len(text) + 1
        return
    for statuses in ({}, STATUSES):
        assert (missing(script, statuses) == ()) is script.holds(statuses)
    plain(script)


TARGETS: dict[str, Target] = {
    "requests": read_request,
    "courses": read_course,
    "scripts": read_script,
}
