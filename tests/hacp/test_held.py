"""Held and credited, on both databases: what an archived course answers, keeps and makes good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from structlog.testing import capture_logs

from hacp import archive, held, store
from hacp.model import Attempt, Phase, Score, Status
from hacp.rules import HELD
from hacp.signals import attempt_changed
from tests.hacp.server import ACADEMY, MASTERY, Content, Server
from tests.hacp.test_endpoint import NO_SESSION, OK

COURSE = 3


@pytest.fixture
def begun(server: Server) -> Content:
    """A session whose content has asked and reported, of a course that was archived then."""
    content = Content(server, server.launch(mastery_score=MASTERY))
    content.send("GetParam")
    server.clock.wait(minutes=1)
    content.put("lesson_status=i", "lesson_location=1", suspend_data="one")
    server.archive()
    return content


def foreseen(server: Server, session_id: str) -> Attempt:
    attempt = server.attempt(session_id)
    return server.transact(lambda c: held.foresee(c, ACADEMY, attempt=attempt))


def test_what_is_held_moves_nothing_of_attempt_and_session(server: Server, begun: Content):
    before = server.conversation(begun.session_id)
    server.clock.wait(minutes=5)
    for command, data in (
        ("PutParam", "[core]\r\nlesson_status=c\r\nscore=90\r\n[comments]\r\n<1>A<1.e>"),
        ("PutComments", '"comment"\r\n"B"'),
        ("PutObjectives", '"objective_id","status"\r\n"o","p"'),
        ("PutPath", '"element_location"\r\n"p"'),
        ("PutPerformance", '"a"\r\n"b"'),
        ("ExitParam", "[core]\r\nlesson_location=9"),
        ("ExitAU", ""),
    ):
        assert begun.send(command, data) == OK
    assert server.conversation(begun.session_id) == before
    assert server.waiting() == 7
    for read in (store.comments_of, store.objectives_of, store.path_of, store.performance_of):
        assert server.records(read, begun.session_id) == []
    assert len(server.records(store.statuses_of, begun.session_id)) == 1


def test_what_is_held_is_kept_raw_and_says_so(server: Server, begun: Content):
    begun.put("lesson_location=2", suspend_data="two")
    kept = server.exchanges(begun.session_id)[-1]
    assert b"lesson_location%3D2" in kept.request
    assert (kept.error, kept.reply) == (0, OK)
    assert kept.tolerated == (HELD,)


def test_getparam_is_answered_from_what_was_recorded_then(server: Server, begun: Content):
    before = begun.send("GetParam")
    begun.put("lesson_location=2", "lesson_status=c", suspend_data="two")
    assert begun.send("GetParam") == before
    assert b"lesson_location=1\r\n" in before
    assert server.exchanges(begun.session_id)[-1].reply == before


def test_a_session_that_had_not_begun_is_refused_and_loses_nothing_else(server: Server):
    content = Content(server, server.launch())
    server.archive()
    assert content.send("GetParam") == NO_SESSION
    assert content.put("lesson_status=c") == NO_SESSION
    assert server.waiting() == 0
    server.reactivate()
    assert content.send("GetParam").startswith(b"error=0\r\n")
    assert server.attempt(content.session_id).status is Status.NOT_ATTEMPTED


def test_an_unknown_command_is_told_so_while_held_and_is_not_held(server: Server, begun: Content):
    assert begun.send("Drop").startswith(b"error=1\r\n")
    assert server.waiting() == 0


def test_only_the_archived_course_is_held(server: Server, begun: Content):
    elsewhere = Content(server, server.launch(course_id=4))
    abroad = Content(server, server.launch(academy_id=2), path="/hacp/2")
    for content, academy_id in ((elsewhere, 1), (abroad, 2)):
        content.put("lesson_location=5")
        assert server.attempt(content.session_id, academy_id).location == "5"
    assert server.waiting() == 0


def test_reactivation_credits_in_order_as_of_the_moment_of_each(server: Server, begun: Content):
    server.clock.wait(minutes=5)
    begun.put("lesson_status=i", "lesson_location=2", "time=00:06:00", suspend_data="two")
    server.clock.wait(minutes=5)
    begun.put("lesson_status=c", "score=90", "lesson_location=3", "time=00:11:00")
    begun.send("ExitAU")
    completed = server.clock()
    server.clock.wait(days=30)
    assert server.reactivate(at_a_time=2) == 3
    attempt, session = server.conversation(begun.session_id)
    assert (attempt.status, attempt.score) == (Status.PASSED, Score(Decimal(90)))
    assert (attempt.location, attempt.suspend_data) == ("3", "two")
    assert attempt.completed_at == attempt.last_at == session.last_at == completed
    assert attempt.seconds == Decimal(660)
    assert (session.exited_at, session.phase) == (completed, Phase.EXITED)
    steps = server.records(store.statuses_of, begun.session_id)
    assert [(step.status, step.at) for step in steps][1:] == [(Status.PASSED, completed)]
    kept = server.exchanges(begun.session_id)
    assert steps[1].exchange_id == kept[-2].id
    assert attempt.suspend_from == kept[-3].id


def test_a_session_that_talked_while_held_is_alive_afterwards(server: Server, begun: Content):
    for _ in range(4):
        server.clock.wait(hours=20)
        assert begun.put("lesson_status=i") == OK
    server.reactivate()
    server.clock.wait(hours=20)
    assert begun.put("lesson_location=end") == OK
    assert server.attempt(begun.session_id).location == "end"


def test_nothing_is_credited_twice(server: Server, begun: Content):
    begun.put("lesson_status=c", "time=00:01:00")
    assert server.reactivate() == 1
    assert server.reactivate() == 0
    server.archive()
    assert server.reactivate() == 0
    assert server.attempt(begun.session_id).seconds == Decimal(60)


def test_archived_and_reactivated_again_and_again(server: Server, begun: Content):
    for number in range(5):
        begun.put(f"lesson_location={number}")
        assert server.reactivate() == 1
        assert server.attempt(begun.session_id).location == str(number)
        server.archive()


def test_what_is_credited_ahead_leaves_the_gate_shut(server: Server, begun: Content):
    for number in range(5):
        begun.put(f"lesson_location={number}")
    unit = partial(held.credit, academy_id=ACADEMY, course_id=COURSE, limit=3)
    assert server.transact(unit) == 3
    assert server.attempt(begun.session_id).location == "2"
    assert begun.put("lesson_location=5") == OK
    assert server.transact(unit) == 3
    assert server.transact(unit) == 0
    begun.put("lesson_location=6")
    assert server.attempt(begun.session_id).location == "5"
    assert server.reactivate() == 1
    assert server.attempt(begun.session_id).location == "6"


def test_the_hall_hears_of_each_attempt_once_a_transaction_and_not_before(
    server: Server, begun: Content
):
    told: list[tuple[object, Attempt]] = []

    def listener(sender: object, *, connection: object, attempt: Attempt, **_: object) -> None:
        told.append((sender, attempt))

    with attempt_changed.connected_to(listener):
        begun.put("lesson_status=c", "score=1")
        begun.put("lesson_status=c", "score=90")
        assert told == []
        server.transact(
            lambda c: held.reopen(c, ACADEMY, course_id=COURSE, at_a_time=9, sender="hall")
        )
    assert told == [("hall", server.attempt(begun.session_id))]


def test_several_windows_of_several_learners_are_each_credited(server: Server):
    contents = [
        Content(server, server.launch(learner_id=learner, au_id=au))
        for learner in (7, 8, 9)
        for au in ("A1", "A2")
        for _window in (1, 2)
    ]
    for content in contents:
        content.send("GetParam")
    server.archive()
    for turn in (1, 2):
        for number, content in enumerate(contents):
            content.put(f"lesson_location={number}-{turn}", "lesson_status=i")
    # Of each two windows the older one wrote until the newer did.
    assert server.reactivate(at_a_time=5) == 18
    for number, content in enumerate(contents):
        newer = number | 1
        assert server.attempt(content.session_id).location == f"{newer}-2"


def test_preferences_are_held_too_and_give_way_to_what_another_course_has_said_since(
    server: Server, begun: Content
):
    def preferred() -> dict[str, str]:
        return dict(server.transact(lambda c: archive.preferences_of(c, ACADEMY, learner_id=7)))

    elsewhere = Content(server, server.launch(course_id=4))
    elsewhere.send("PutParam", "[student_preferences]\r\naudio=1")
    begun.send("PutParam", "[student_preferences]\r\naudio=50\r\nspeed=20")
    assert preferred() == {"audio": "1"}
    server.clock.wait(minutes=1)
    elsewhere.send("PutParam", "[student_preferences]\r\naudio=2")
    begun.send("PutParam", "[student_preferences]\r\ntext=1")
    server.reactivate()
    assert preferred() == {"audio": "2", "speed": "20", "text": "1"}


def test_preferences_that_only_the_archived_course_has_said_are_its_last_ones(
    server: Server, begun: Content
):
    for audio in ("1", "2"):
        begun.send("PutParam", f"[student_preferences]\r\naudio={audio}")
    server.reactivate()
    assert dict(server.transact(lambda c: archive.preferences_of(c, ACADEMY, learner_id=7))) == {
        "audio": "2"
    }


def test_what_will_be_credited_can_be_foreseen(server: Server, begun: Content):
    recorded = server.attempt(begun.session_id)
    assert foreseen(server, begun.session_id) == recorded
    server.clock.wait(minutes=2)
    begun.put("lesson_status=c", "score=90", "time=00:03:00", suspend_data="two")
    begun.send("ExitAU")
    promised = foreseen(server, begun.session_id)
    assert (promised.status, promised.seconds) == (Status.PASSED, Decimal(180))
    assert server.attempt(begun.session_id) == recorded
    server.reactivate()
    assert server.attempt(begun.session_id) == promised


def test_the_sweep_leaves_a_session_alone_of_which_something_is_held(
    server: Server, begun: Content
):
    silent = Content(server, server.launch(learner_id=8, course_id=4))
    silent.send("GetParam")
    begun.put("lesson_status=c")
    server.clock.wait(days=2)
    assert server.sweep() == 1
    assert server.conversation(begun.session_id)[1].phase is Phase.TALKING
    server.reactivate()
    assert server.attempt(begun.session_id).status is Status.COMPLETED
    assert server.sweep() == 1
    assert server.conversation(begun.session_id)[1].phase is Phase.EXPIRED


def test_the_sweep_closes_a_session_that_said_nothing_while_held(server: Server, begun: Content):
    server.clock.wait(days=2)
    assert server.sweep() == 1
    assert begun.put("lesson_status=c") == NO_SESSION
    assert server.waiting() == 0


def test_a_session_id_inside_a_bookmark_is_credited_as_it_was_sent(server: Server, begun: Content):
    begun.put(f"lesson_location=page?sid={begun.session_id}")
    assert begun.session_id.encode() not in server.kept_bytes()
    server.reactivate()
    assert server.attempt(begun.session_id).location == f"page?sid={begun.session_id}"


def test_a_shorter_policy_at_the_reactivation_takes_nothing_back(server: Server, begun: Content):
    server.clock.wait(hours=5)
    begun.put("lesson_status=c")
    begun.send("ExitAU")
    server.clock.wait(minutes=9)
    begun.put("score=90")
    server.policy = replace(server.policy, silence=timedelta(0), grace=timedelta(0))
    assert server.reactivate() == 3
    assert server.attempt(begun.session_id).status is Status.PASSED


def test_a_newer_window_that_was_under_way_during_the_archiving_has_taken_over(
    server: Server, begun: Content
):
    # Its post read the gate while that was open, and came to its attempt after one that was held.
    server.reactivate()
    newer = Content(server, server.launch())
    newer.send("GetParam")
    server.archive()
    begun.put("lesson_location=held")
    attempt, session = server.conversation(newer.session_id)
    server.transact(
        lambda c: store.keep(
            c, replace(attempt, writer=session.id, location="new"), session, suspend_data=False
        )
    )
    with capture_logs() as lines:
        assert server.reactivate() == 1
    assert server.attempt(begun.session_id).location == "new"
    assert [line["event"] for line in lines] == ["hacp_held_refused"]


def test_a_retake_takes_over_from_older_windows_while_its_course_is_archived(server: Server):
    older = Content(server, server.launch())
    newer = Content(server, server.launch(new_attempt=True))
    for window in (older, newer):
        window.send("GetParam")
    server.archive()
    assert older.put("lesson_location=old").startswith(b"error=0")
    assert newer.put("lesson_location=new").startswith(b"error=0")

    assert older.put("lesson_location=late").startswith(b"error=3")
    server.reactivate()

    assert older.put("lesson_location=later").startswith(b"error=3")
    assert server.attempt(older.session_id).location == "old"
    assert server.attempt(newer.session_id).location == "new"
