"""The store on both databases: sessions are opened, found, kept and read, each academy alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select

from hacp import store
from hacp.messages import dump_response
from hacp.model import Exchange, Exit, Objective, Phase, Reply, Score, Standing, Status
from hacp.schema import AttemptRow, ExchangeRow, SessionRow
from tests.hacp.server import ACADEMY, START, Content, Server, ticket


def columns_of(server: Server, table: type) -> list[bytes]:
    with server.engine.connect() as connection:
        rows = connection.execute(select(table.__table__)).all()
    return [
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    ]


@pytest.mark.conforms(
    "Launch",
    "CMI001 v4, chapter 9 (CMIIdentifier)",
    "A session id has no blank and nothing unprintable: 40 lower-case hexadecimal digits, new for"
    " each launch.",
    grade="A",
)
def test_a_session_id_is_40_lower_case_hexadecimal_digits_and_new_each_time(server: Server):
    ids = {server.launch() for _ in range(20)}
    assert len(ids) == 20
    assert all(len(one) == 40 and set(one) <= set("0123456789abcdef") for one in ids)


@pytest.mark.conforms(
    "Security",
    "SAP, wizBank, Dokeos",
    "A session id is 160 random bits, of which only a hash is stored; nobody can guess it or read"
    " it.",
    grade="B",
)
def test_a_session_id_is_stored_nowhere(server: Server):
    session_id = server.launch()
    for table in (AttemptRow, SessionRow, ExchangeRow):
        assert session_id.encode() not in b" ".join(columns_of(server, table))
        assert bytes.fromhex(session_id) not in b" ".join(columns_of(server, table))


def test_a_first_launch_begins_attempt_1_and_a_later_one_continues_it(server: Server):
    first = server.launch()
    server.clock.wait(days=3)
    second = server.launch()
    attempt, session = server.conversation(second)
    assert server.attempt(first) == attempt
    assert (attempt.number, attempt.started_at, attempt.status) == (
        1,
        START,
        Status.NOT_ATTEMPTED,
    )
    assert (session.opened_at, session.phase) == (START + timedelta(days=3), Phase.LAUNCHED)


@pytest.mark.parametrize(
    "other", [{"learner_id": 8}, {"course_id": 4}, {"au_id": "A2"}, {"academy_id": 2}]
)
def test_another_learner_course_unit_or_academy_is_another_attempt(server: Server, other):
    one, two = server.launch(), server.launch(**other)
    academy = other.get("academy_id", ACADEMY)
    assert server.attempt(one).id != server.attempt(two, academy).id
    assert server.attempt(two, academy).number == 1


def test_a_launch_keeps_the_ticket_and_what_was_recorded_then(server: Server):
    content = Content(server, server.launch())
    server.clock.wait(minutes=10)
    content.put("lesson_status=i", "score=66.6,100", "time=00:10:00.5")
    wanted = ticket(mastery_score=Decimal(80), objectives=("o1",), vendor_data="é\r\nb")
    session_id = server.transact(
        lambda connection: store.open_session(connection, wanted, now=server.clock())
    )
    _, session = server.conversation(session_id)
    assert session.ticket == wanted
    assert session.launched_with == Standing(
        Status.INCOMPLETE, Score(Decimal("66.6"), Decimal(100), Decimal(0)), Decimal("600.5")
    )


@pytest.mark.conforms(
    "Security",
    "tenants",
    "A session id opens its own academy and no other.",
    grade="D",
)
def test_a_session_is_found_in_its_own_academy_alone(server: Server):
    session_id = server.launch()
    server.launch(academy_id=2)
    find = store.conversation_for
    for academy_id, sid in ((2, session_id), (0, session_id), (1, ""), (1, session_id[:-1])):
        assert server.transact(lambda c, a=academy_id, s=sid: find(c, a, session_id=s)) is None
    assert server.transact(lambda c: find(c, 1, session_id="\ud800\0")) is None


FULL = {
    "status": Status.PASSED,
    "said": Status.COMPLETED,
    "exit": Exit.SUSPEND,
    "score": Score(Decimal("90.5"), Decimal(100), Decimal(-10)),
    "last_score": Score(Decimal("-0.000000000000001")),
    "best_score": Score(Decimal("999999999999999.999999999999999")),
    "location": "page é概😀\t;[=]",
    "suspend_data": "a\r\n\x01b",
    "suspend_from": 2**62,
    "seconds": Decimal("35999999.99"),
    "writer": 2**62,
    "over_time_at": START,
    "objectives": (
        Objective("é", Score(Decimal("1.5")), Status.FAILED),
        Objective("b"),
    ),
}


def test_what_is_kept_reads_back_equal(server: Server):
    attempt, session = server.conversation(server.launch())
    later = START + timedelta(days=1, microseconds=7)
    attempt = replace(attempt, last_at=later, completed_at=later, **FULL)
    session = replace(
        session,
        last_at=later,
        phase=Phase.EXITED,
        seconds=Decimal("0.01"),
        told_at=later,
        exited_at=later,
    )
    server.transact(lambda c: store.keep(c, attempt, session, suspend_data=True, objectives=True))
    read = server.transact(lambda c: store.attempt(c, ACADEMY, attempt_id=attempt.id))
    assert read == attempt
    assert server.transact(lambda c: store.sessions_of(c, ACADEMY, attempt_id=attempt.id)) == [
        session
    ]


def test_suspend_data_is_written_only_where_asked(server: Server):
    attempt, session = server.conversation(server.launch())
    changed = replace(
        attempt, suspend_data="x", suspend_from=1, location="y", objectives=(Objective("o"),)
    )
    server.transact(lambda c: store.keep(c, changed, session, suspend_data=False))
    read = server.transact(lambda c: store.attempt(c, ACADEMY, attempt_id=attempt.id))
    assert (read.suspend_data, read.suspend_from, read.location) == ("", None, "y")
    assert read.objectives == ()


def test_keeping_one_session_touches_no_other(server: Server):
    mine, other = server.launch(), server.launch(learner_id=8)
    foreign = server.launch(academy_id=2)
    untouched = server.conversation(other), server.conversation(foreign, 2)
    Content(server, mine).put("lesson_status=p", "score=1")
    assert (server.conversation(other), server.conversation(foreign, 2)) == untouched


def test_attempts_and_sessions_are_listed_for_their_academy_in_order(server: Server):
    for unit in ("B", "A", "C"):
        server.launch(au_id=unit)
        server.clock.wait(hours=1)
    last = server.launch(au_id="A")
    server.launch(learner_id=8)
    server.launch(course_id=9)
    server.launch(academy_id=2)
    listed = server.transact(
        lambda c: store.attempts_in_course(c, ACADEMY, learner_id=7, course_id=3)
    )
    assert [attempt.au_id for attempt in listed] == ["A", "B", "C"]
    attempt = server.attempt(last)
    sessions = server.transact(lambda c: store.sessions_of(c, ACADEMY, attempt_id=attempt.id))
    assert [session.opened_at for session in sessions] == [
        START + timedelta(hours=1),
        START + timedelta(hours=3),
    ]
    elsewhere = [
        lambda c: store.attempts_in_course(c, 3, learner_id=7, course_id=3),
        lambda c: store.sessions_of(c, 2, attempt_id=attempt.id),
        lambda c: store.exchanges_of(c, 2, attempt_id=attempt.id),
    ]
    assert [server.transact(unit) for unit in elsewhere] == [[], [], []]
    assert server.transact(lambda c: store.attempt(c, 2, attempt_id=attempt.id)) is None


def test_exchanges_come_in_order_and_in_pages(server: Server):
    content = Content(server, server.launch())
    for number in range(5):
        content.put(f"lesson_location={number}")
    attempt_id = server.attempt(content.session_id).id

    def page(**where: int) -> list[Exchange]:
        return server.transact(
            lambda c: store.exchanges_of(c, ACADEMY, attempt_id=attempt_id, **where)
        )

    everything = page()
    assert [exchange.command for exchange in everything] == ["PutParam"] * 5
    assert page(limit=2) == everything[:2]
    assert page(limit=2, after=everything[1].id) == everything[2:4]
    assert page(after=everything[4].id) == []


# Suspend data byte for byte, and kept once.

SUSPEND_DATA = {
    "one line": "a=1;b=2",
    "JSON": '[1,2,[3]] {"a":"[core]"}',
    "literal escapes": "%41 %u0041 %5Bcore%5D + %2B 100%",
    "unicode": "é ü – 概要 😀 \u200b \ufeff",
    "inner line ends": "a\r\nb\nc\rd\r\n\r\ne",
    "inner blanks": "a  \t b\x0bc\x0c\xa0",
    "lines like keywords": "score=5\r\nlesson_status=passed\r\n; no comment",
    "lines like groups": "[page]\r\n[1]\r\n[core]x",
    "64 KiB": "0123456789abcdef" * 4096,
    "500 KiB of everything": ("[é]%41+&=;\r\n😀 " + "0123456789abcdef" * 4) * 6250,
}


@pytest.mark.conforms(
    "Replies",
    "CMI001 v4, section 6",
    "Suspend data comes back byte for byte, its inner line ends as they came.",
    grade="A",
)
@pytest.mark.parametrize("text", SUSPEND_DATA.values(), ids=SUSPEND_DATA)
def test_suspend_data_comes_back_byte_for_byte_and_its_trace_too(server: Server, text):
    wanted = text.strip(" \t\r\n")
    content = Content(server, server.launch())
    content.put("lesson_status=i", suspend_data=text)
    answer = content.send("GetParam")
    assert b"[core_lesson]\r\n" + wanted.encode() + b"\r\n[core_vendor]\r\n" in answer
    assert server.attempt(content.session_id).suspend_data == wanted
    # Resumed in another session, and asked for again.
    resumed = Content(server, server.launch())
    for again in (resumed.send("GetParam"), resumed.send("GetParam")):
        assert wanted.encode() in again
        assert server.exchanges(content.session_id)[-1].reply == again
    kept = server.exchanges(content.session_id)
    assert kept[1].reply == answer
    assert {exchange.suspend_from for exchange in kept[1:]} == {kept[0].id}


def test_a_reply_keeps_a_reference_to_suspend_data_and_no_copy(server: Server):
    content = Content(server, server.launch())
    content.put(suspend_data="x" * 100_000)
    for _ in range(5):
        content.send("GetParam")
    with server.engine.connect() as connection:
        longest = connection.scalar(select(func.max(func.length(ExchangeRow.reply))))
    assert longest < 1000


def test_each_reply_refers_to_the_suspend_data_of_its_own_time(server: Server):
    content = Content(server, server.launch())
    answers = []
    for text in ("one", "two", "", "one"):
        content.put(suspend_data=text)
        answers.append(content.send("GetParam"))
    kept = [one.reply for one in server.exchanges(content.session_id) if one.command == "GetParam"]
    assert kept == answers


def test_a_reply_that_is_logged_whole_reads_back_as_it_was(server: Server):
    attempt, session = server.conversation(server.launch())
    reply = dump_response(Reply()).body
    exchange = Exchange(1, START, "POST", "", "", b"\0\xff", reply, 0, session_id=session.id)
    server.transact(lambda c: store.log(c, ACADEMY, exchange, attempt_id=attempt.id))
    assert server.exchanges(server.launch()) == [exchange]


def test_a_unit_that_fails_keeps_nothing(server: Server):
    attempt, session = server.conversation(server.launch())

    def unit(connection):
        store.keep(connection, replace(attempt, location="x"), session, suspend_data=True)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        server.transact(unit)
    assert server.transact(lambda c: store.attempt(c, 1, attempt_id=attempt.id)) == attempt


# Retakes


@pytest.mark.conforms(
    "Attempts",
    "CMI001 v4, section 6",
    "A retake is an attempt of its own, without what the one before left.",
    grade="B",
)
def test_a_retake_begins_the_next_attempt_and_leaves_the_others(server: Server):
    first = server.launch()
    content = Content(server, first)
    content.put("lesson_status=f", "score=40", "lesson_location=end", suspend_data="x")
    before = server.attempt(first)
    server.clock.wait(hours=1)
    again = server.launch(new_attempt=True)
    attempt, session = server.conversation(again)
    assert (attempt.number, attempt.status, attempt.started_at) == (
        2,
        Status.NOT_ATTEMPTED,
        server.clock(),
    )
    assert (attempt.location, attempt.suspend_data, attempt.seconds) == ("", "", Decimal(0))
    assert session.launched_with == Standing()
    assert session.earlier == ((1, Standing(Status.FAILED, Score(Decimal(40)))),)
    assert server.attempt(first) == before
    # A launch continues the newest, and knows no less of the earlier ones.
    _, resumed = server.conversation(server.launch())
    assert (resumed.attempt_id, resumed.earlier) == (attempt.id, session.earlier)


def test_a_retake_of_nothing_is_the_first_attempt(server: Server):
    attempt, session = server.conversation(server.launch(new_attempt=True))
    assert (attempt.number, session.earlier) == (1, ())


def test_a_launch_tells_of_so_many_earlier_attempts(server: Server):
    for _ in range(store.MOST_EARLIER + 3):
        last = server.launch(new_attempt=True)
    server.launch(au_id="A2", new_attempt=True)
    numbers = [number for number, _ in server.conversation(last)[1].earlier]
    assert numbers == list(range(3, store.MOST_EARLIER + 3))


def test_a_retake_of_an_attempt_that_has_been_retaken_continues_that(server: Server):
    def numbers(behind: int | None) -> tuple[int, int]:
        def unit(connection: Connection) -> str:
            return store.open_session(
                connection, ticket(), now=server.clock(), new_attempt=True, behind=behind
            )

        session_id = server.transact(unit)
        attempt = server.attempt(session_id)
        return attempt.number, len(server.conversation(session_id)[1].earlier)

    assert [numbers(behind) for behind in (None, 1, 1, 2, None)] == [
        (1, 0),
        (2, 1),
        (2, 1),
        (3, 2),
        (4, 3),
    ]


def test_the_window_of_an_older_attempt_writes_to_it_until_the_newer_one_is_written_to(
    server: Server,
):
    older = Content(server, server.launch())
    newer = Content(server, server.launch(new_attempt=True))
    assert older.put("lesson_location=old").startswith(b"error=0")
    assert newer.put("lesson_location=new").startswith(b"error=0")
    assert older.put("lesson_location=late").startswith(b"error=3")
    assert server.attempt(older.session_id).location == "old"
    assert server.attempt(newer.session_id).location == "new"


# The sweep


def phases(server: Server, session_id: str) -> list[Phase]:
    attempt_id = server.attempt(session_id).id
    sessions = server.transact(lambda c: store.sessions_of(c, ACADEMY, attempt_id=attempt_id))
    return [session.phase for session in sessions]


@pytest.mark.conforms(
    "Sessions",
    "iSpring, Storyline 2",
    "A session whose window was closed without a word is closed by the clock, with what it sent "
    "last.",
    grade="T",
)
def test_the_sweep_closes_what_is_over_and_nothing_else(server: Server):
    silent, left, young = (Content(server, server.launch(learner_id=n)) for n in (1, 2, 3))
    silent.put("time=00:01:00")
    left.send("ExitAU")
    server.clock.wait(hours=12)
    young.put("lesson_status=i")
    never = server.launch(learner_id=4)
    server.clock.wait(hours=12, seconds=1)
    before = server.attempt(silent.session_id)
    assert server.sweep() == 2
    assert phases(server, silent.session_id) == [Phase.EXPIRED]
    assert phases(server, left.session_id) == [Phase.CLOSED]
    assert phases(server, young.session_id) == [Phase.TALKING]
    assert phases(server, never) == [Phase.LAUNCHED]
    assert server.attempt(silent.session_id) == before
    assert server.sweep() == 0


def test_the_sweep_ends_a_session_that_only_ever_beats(server: Server):
    content = Content(server, server.launch())
    for _ in range(7):
        server.clock.wait(hours=24)
        content.send("GetParam")
    assert server.sweep() == 0
    server.clock.wait(seconds=1)
    assert server.sweep() == 1
    assert phases(server, content.session_id) == [Phase.EXPIRED]


def test_the_sweep_takes_as_many_as_it_is_told_the_oldest_first(server: Server):
    ids = [server.launch(learner_id=number, academy_id=1 + number % 2) for number in range(5)]
    server.clock.wait(days=2)
    assert [server.sweep(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert {server.conversation(sid, 1 + n % 2)[1].phase for n, sid in enumerate(ids)} == {
        Phase.EXPIRED
    }


def test_the_hall_hears_once_of_each_attempt_that_the_sweep_closed(server: Server):
    heard = []
    me = object()

    def listener(sender, *, connection, attempt, **_more):
        heard.append((sender, attempt.learner_id, attempt.seconds))

    for learner in (9, 8, 8):
        content = Content(server, server.launch(learner_id=learner))
        server.clock.wait(minutes=1)
        content.put("time=00:00:50")
    server.clock.wait(days=2)
    with store.attempt_changed.connected_to(listener):
        assert server.sweep(sender=me) == 3
        assert server.sweep() == 0
    assert heard == [(me, 8, Decimal(100)), (me, 9, Decimal(50))]


def test_what_the_sweep_has_closed_the_rules_may_open_again(server: Server):
    content = Content(server, server.launch())
    server.clock.wait(hours=25)
    assert server.sweep() == 1
    server.policy = replace(server.policy, silence=timedelta(days=3))
    patient = Content(server, content.session_id)
    assert patient.put("lesson_location=back").startswith(b"error=0")
    assert phases(server, content.session_id) == [Phase.TALKING]
    assert server.sweep() == 0
