"""The archive on both databases: records once, each academy alone, few statements for a post."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import event

from hacp import archive, store
from hacp.model import Status
from hacp.prepared import Prepared
from hacp.records import Achievement, Comment, Interaction, Performance, Try, Visit
from tests.hacp.server import ACADEMY, START, Content, Server

AT = datetime(2026, 3, 2, 9, 0)
READERS = {
    store.comments_of: Comment("x"),
    store.interactions_of: Interaction("q1"),
    store.objectives_of: Achievement("o1"),
    store.path_of: Visit("p1"),
    store.performance_of: Performance((("a", "1"),)),
    store.tries_of: Try(1),
}


def keep(server: Server, session_id: str, *records, exchange_id: int) -> None:
    attempt = server.attempt(session_id)
    server.transact(
        lambda c: archive.keep_records(
            c, attempt, records, exchange_id=exchange_id, now=server.clock()
        )
    )


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_each_reader_finds_its_own_kind_with_its_exchange(server: Server, read):
    session_id = server.launch()
    keep(server, session_id, *READERS.values(), exchange_id=5)
    (kept,) = server.records(read, session_id)
    assert (kept.exchange_id, kept.at, kept.record) == (5, START, READERS[read])
    assert kept.place == list(READERS).index(read)
    other = server.launch(learner_id=8)
    assert server.records(read, other) == []
    attempt_id = server.attempt(session_id).id
    assert server.transact(lambda c: read(c, 2, attempt_id=attempt_id)) == []


@pytest.mark.conforms(
    "Tables",
    "Rustici",
    "A row that is sent again with its date and time is one event.",
    grade="C",
)
def test_what_is_sent_again_is_kept_once_and_what_may_be_said_twice_is_not(server: Server):
    session_id = server.launch()
    event_ = Interaction("q1", at=AT)
    keep(server, session_id, Comment("x"), event_, Interaction("q2"), Comment("x"), exchange_id=5)
    keep(server, session_id, Comment("x"), event_, Interaction("q2"), exchange_id=6)
    keep(server, session_id, Comment("x"), exchange_id=7)
    assert len(server.records(store.comments_of, session_id)) == 1
    answers = server.records(store.interactions_of, session_id)
    assert [(one.exchange_id, one.place, one.record) for one in answers] == [
        (5, 1, event_),
        (5, 2, Interaction("q2")),
        (6, 2, Interaction("q2")),
    ]


@pytest.mark.conforms(
    "Tables",
    "everybody",
    "What is kept typed is kept raw too, and names its exchange.",
    grade="D",
)
def test_a_record_names_the_exchange_that_is_kept_raw(server: Server, content: Content):
    content.send("PutInteractions", "interaction_id,student_response\r\nq1,secret\r\n")
    (kept,) = server.records(store.interactions_of, content.session_id)
    (exchange,) = server.exchanges(content.session_id)
    assert kept.exchange_id == exchange.id
    assert b"secret" in exchange.request


def test_steps_of_the_status_are_kept_in_order(server: Server, content: Content):
    for line in ("lesson_status=i", "lesson_location=2", "lesson_status=c", "lesson_status=i"):
        content.put(line)
        server.clock.wait(minutes=1)
    steps = server.records(store.statuses_of, content.session_id)
    assert [(one.before, one.status, one.said) for one in steps] == [
        (Status.NOT_ATTEMPTED, Status.INCOMPLETE, Status.INCOMPLETE),
        (Status.INCOMPLETE, Status.COMPLETED, Status.COMPLETED),
    ]
    _, session = server.conversation(content.session_id)
    assert {one.session_id for one in steps} == {session.id}
    kept = {exchange.id: exchange.at for exchange in server.exchanges(content.session_id)}
    assert [kept[one.exchange_id] for one in steps] == [one.at for one in steps]


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "Preferences belong to the learner: the next course hears of them, other learners do not.",
    grade="B",
)
def test_preferences_are_the_learners_in_one_academy(server: Server, content: Content):
    content.send("PutParam", "[student_preferences]\naudio=5\nlanguage=é概😀")
    read = archive.preferences_of
    own = server.transact(lambda c: read(c, ACADEMY, learner_id=7))
    assert own == (("audio", "5"), ("language", "é概😀"))
    assert server.transact(lambda c: read(c, ACADEMY, learner_id=8)) == ()
    assert server.transact(lambda c: read(c, 2, learner_id=7)) == ()
    content.send("PutParam", "[student_preferences]\naudio=6")
    own = server.transact(lambda c: read(c, ACADEMY, learner_id=7))
    assert own == (("audio", "6"), ("language", "é概😀"))


def test_preferences_that_another_post_has_just_written_are_written_over(server: Server):
    attempt = server.attempt(server.launch())

    def write(connection, value):
        said = (("audio", value),)
        archive.keep_preferences(connection, attempt, said, exchange_id=1, now=START)

    def unit(connection):
        write(connection, "1")
        write(connection, "2")
        return archive.preferences_of(connection, ACADEMY, learner_id=7)

    assert server.transact(unit) == (("audio", "2"),)


def test_preferences_that_two_courses_write_first_at_once_end_with_the_last(server: Server):
    attempt = server.attempt(server.launch())
    other = server.attempt(server.launch(course_id=4))

    def write(connection, whose, value):
        said = (("audio", value),)
        archive.keep_preferences(connection, whose, said, exchange_id=1, now=START)

    second = threading.Thread(target=lambda: server.transact(lambda c: write(c, other, "2")))

    def write_while_another_waits(connection):
        write(connection, attempt, "1")
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()

    server.transact(write_while_another_waits)
    second.join()
    read = archive.preferences_of
    assert server.transact(lambda c: read(c, ACADEMY, learner_id=7)) == (("audio", "2"),)


@contextmanager
def statements(server: Server) -> Iterator[list[str]]:
    """Write down every statement, the driver's own too, the transaction's left out."""
    seen: list[str] = []
    prepared_for = Prepared._for

    def note_prepared(self, connection):
        compiled = prepared_for(self, connection)
        seen.append(compiled.text.split()[0])
        return compiled

    def note(connection, cursor, statement, parameters, context, many):
        if not statement.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement.split()[0])

    event.listen(server.engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Prepared, "_for", note_prepared)
            yield seen
    finally:
        event.remove(server.engine, "before_cursor_execute", note)


STORYLINE = (
    "[Core]\r\nLesson_Location=8\r\nLesson_Status=I\r\nScore=\r\nTime=0000:00:01\r\n[Comments]\r\n\r\n"
    "[Objectives_Status]\r\n\r\n[Student_Preferences]\r\nAudio=0\r\nLanguage=\r\nSpeed=0\r\nText=0\r\n"
    "[Core_Lesson]\r\ndata"
)


def test_a_plain_post_takes_four_statements_whatever_stands_in_its_empty_groups(
    server: Server, content: Content
):
    content.send("PutParam", STORYLINE)
    for sent in (STORYLINE, "[core]\r\nlesson_location=9\r\n[core_lesson]\r\nmore"):
        with statements(server) as seen:
            content.send("PutParam", sent)
        assert seen == ["SELECT", "UPDATE", "UPDATE", "INSERT"]
    with statements(server) as seen:
        content.send("ExitAU")
    assert len(seen) == 4


def test_only_what_is_said_beside_costs_more(server: Server, content: Content):
    with statements(server) as seen:
        content.put("lesson_status=c")
    assert seen == ["SELECT", "UPDATE", "UPDATE", "INSERT", "INSERT"]
    with statements(server) as seen:
        content.send("PutInteractions", "interaction_id\r\nq1\r\nq2\r\n")
    assert seen == ["SELECT", "UPDATE", "UPDATE", "INSERT", "INSERT"]
    with statements(server) as seen:
        content.send("PutParam", "[comments]\r\n<1>x<e.1>")
    assert seen == ["SELECT", "UPDATE", "UPDATE", "INSERT", "SELECT", "INSERT"]
    with statements(server) as seen:
        content.send("PutParam", "[comments]\r\n<1>x<e.1>")
    assert seen == ["SELECT", "UPDATE", "UPDATE", "INSERT", "SELECT"]
