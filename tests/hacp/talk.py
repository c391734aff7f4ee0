"""One message to the rules alone: an attempt, a session, and `talk`, which says it.

Serves the tests of `rules`. Knows no table and no wire.
"""

from __future__ import annotations

from datetime import timedelta

from hacp.model import Attempt, Policy, Request, Session, Standing
from hacp.rules import Outcome, converse
from tests.hacp.server import START, ticket

POLICY = Policy()
ATTEMPT = Attempt(
    academy_id=1,
    id=11,
    learner_id=7,
    course_id=3,
    au_id="A1",
    number=1,
    started_at=START,
    last_at=START,
)
SESSION = Session(
    id=21,
    attempt_id=11,
    ticket=ticket(),
    launched_with=Standing(),
    opened_at=START,
    last_at=START,
)


def talk(
    command: str | None,
    aicc_data: str = "",
    *,
    attempt: Attempt = ATTEMPT,
    session: Session = SESSION,
    version: str | None = "4.0",
    **waited: float,
) -> Outcome:
    request = Request(command, "sid", version=version, aicc_data=aicc_data, tolerated=("was so",))
    now = START + timedelta(**waited)
    return converse(attempt, session, request, now=now, exchange_id=99, policy=POLICY)
