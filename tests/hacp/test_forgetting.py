"""All that is kept of one learner is taken out, and nothing of anybody else's."""

from __future__ import annotations

from sqlalchemy import func, select

from hacp.forgetting import forget
from hacp.schema import Base
from tests.hacp.server import ACADEMY, Content, Server

SAID = (
    "[core]\r\nlesson_status=completed\r\n[comments]\r\nFine\r\n[student_preferences]\r\naudio=1\r\n"
    "[core_lesson]\r\na=1"
)


def rows(server: Server) -> dict[str, int]:
    with server.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }


def converse(server: Server, session_id: str) -> None:
    content = Content(server, session_id)
    assert content.send("PutParam", SAID).startswith(b"error=0")
    server.clock.wait(seconds=1)


def test_a_learner_is_forgotten_with_everything_and_the_others_stay(server: Server):
    converse(server, server.launch(learner_id=8))
    stays = rows(server)
    session_id = server.launch(learner_id=-3)
    converse(server, session_id)
    server.archive()
    Content(server, session_id).send("PutParam", SAID)

    assert server.transact(lambda c: forget(c, ACADEMY, learner_id=-3)) == 1

    assert {**rows(server), "hacp_gates": 0} == {**stays, "hacp_gates": 0}
    assert Content(server, session_id).send("GetParam").startswith(b"error=3")
    assert server.transact(lambda c: forget(c, 2, learner_id=8)) == 0
