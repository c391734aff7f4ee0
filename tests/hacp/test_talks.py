"""The busiest questions and writes: for one session as for many, and bound to an academy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hacp import talks
from hacp.model import Phase
from hacp.talks import MOST, Change
from tests.hacp.server import ACADEMY, Content, Server


@pytest.mark.parametrize("count", [1, 3, 8, MOST])
@pytest.mark.parametrize("lock", [True, False])
def test_many_sessions_are_found_at_once(server: Server, count: int, lock: bool) -> None:
    sids = [server.launch(learner_id=number) for number in range(1, count + 1)]
    found = server.transact(lambda c: talks.find(c, ACADEMY, session_ids=sids, lock=lock))
    assert [found[sid][0].learner_id for sid in sids] == list(range(1, count + 1))


def test_a_session_of_another_academy_is_not_found(server: Server) -> None:
    own, other = server.launch(), server.launch(academy_id=2)
    asked = [own, other, "0" * 40]
    found = server.transact(lambda c: talks.find(c, ACADEMY, session_ids=asked, lock=False))
    assert list(found) == [own]


def test_several_changes_are_written_each_as_far_as_asked(server: Server) -> None:
    sids = [server.launch(learner_id=number) for number in (1, 2, 3)]
    changes = []
    for number, sid in enumerate(sids):
        attempt, session = server.conversation(sid)
        attempt = replace(attempt, location=f"{number}", suspend_data="x", suspend_from=number)
        changes.append(Change(attempt, session, suspend_data=number > 0))
    server.transact(lambda c: talks.keep(c, changes))
    kept = [server.attempt(sid) for sid in sids]
    assert [one.location for one in kept] == ["0", "1", "2"]
    assert [one.suspend_data for one in kept] == ["", "x", "x"]


def test_a_question_that_is_stored_late_takes_nothing_back(server: Server) -> None:
    content = Content(server, server.launch())
    client = server.app().test_client()
    asked = server.clock()
    client.post(content.path, data={"command": "GetParam", "session_id": content.session_id})
    server.clock.wait(seconds=1)
    content_door, server.doors = server.doors, []
    content.send("ExitAU")
    left = server.clock()
    server.doors = content_door
    server.flush()
    attempt, session = server.conversation(content.session_id)
    assert attempt.last_at == session.last_at == left == asked + timedelta(seconds=1)
    assert (session.phase, session.exited_at) == (Phase.EXITED, left)
    assert [one.command for one in server.exchanges(content.session_id)] == ["GetParam", "ExitAU"]


def test_a_question_moves_the_session_on(server: Server) -> None:
    content = Content(server, server.launch())
    server.clock.wait(hours=2)
    content.send("GetParam")
    attempt, session = server.conversation(content.session_id)
    assert attempt.last_at == session.last_at == server.clock()
    assert session.phase is Phase.TALKING
