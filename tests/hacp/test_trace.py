"""Exchanges by their beginnings, and one by one whole: on both databases, each academy alone."""

from __future__ import annotations

import pytest

from hacp import months, trace
from hacp.model import Exchange
from hacp.trace import Glimpse
from tests.hacp.server import ACADEMY, Content, Server

SMALL = "a=1"
BIG = "é" * 5000


def say(server: Server, session_id: str, command: str, suspend_data: str = "") -> None:
    data = f"[core]\r\nlesson_status=i\r\n[core_lesson]\r\n{suspend_data}" if suspend_data else ""
    form = {"command": command, "session_id": session_id, "aicc_data": data}
    reply = server.app().test_client().post(f"/hacp/{ACADEMY}", data=form)
    assert reply.text.startswith("error=0")
    server.clock.wait(seconds=1)


def glimpses(server: Server, session_id: str, *, after: int = 0, most: int = 1000) -> list[Glimpse]:
    attempt_id = server.attempt(session_id).id
    return server.transact(
        lambda c: trace.glimpses_of(
            c, ACADEMY, attempt_id=attempt_id, after=after, limit=10, most=most
        )
    )


def whole(server: Server, session_id: str, exchange_id: int, academy_id: int = ACADEMY):
    attempt_id = server.attempt(session_id).id
    return server.transact(
        lambda c: trace.whole_of(c, academy_id, attempt_id=attempt_id, exchange_id=exchange_id)
    )


def test_what_is_short_is_shown_whole_with_the_suspend_data_in_its_place(server: Server):
    session_id = server.launch()
    say(server, session_id, "PutParam", SMALL)
    say(server, session_id, "GetParam")

    shown = glimpses(server, session_id)

    assert [one.exchange for one in shown] == server.exchanges(session_id)
    assert b"[core_lesson]\r\na=1\r\n[core_vendor]" in shown[1].exchange.reply
    assert [(one.cut, one.left_out) for one in shown] == [(False, None), (False, None)]
    assert shown[1].reply_size == len(shown[1].exchange.reply)


def test_what_is_long_is_cut_and_says_how_long_it_is_and_what_was_left_out(server: Server):
    session_id = server.launch()
    say(server, session_id, "PutParam", BIG)
    say(server, session_id, "GetParam")
    put, get = server.exchanges(session_id)

    first, second = glimpses(server, session_id)

    assert first.exchange.request == put.request[:1000]
    assert (first.request_size, first.cut) == (len(put.request), True)
    assert (second.left_out, second.cut) == (put.id, True)
    assert second.exchange.reply == get.reply.replace(f"{BIG}\r\n".encode(), b"")
    assert whole(server, session_id, get.id) == get
    assert f"[core_lesson]\r\n{BIG}\r\n[core_vendor]".encode() in get.reply


def test_a_reply_that_is_cut_before_its_suspend_data_gets_none(server: Server):
    session_id = server.launch()
    say(server, session_id, "PutParam", SMALL)
    say(server, session_id, "GetParam")

    put, get = glimpses(server, session_id, most=60)

    assert get.exchange.reply == server.exchanges(session_id)[1].reply[:60]
    assert get.left_out == put.exchange.id


def test_a_page_begins_behind_an_exchange_and_the_newest_page_is_found(server: Server):
    session_id = server.launch()
    for _ in range(5):
        say(server, session_id, "GetParam")
    ids = [one.id for one in server.exchanges(session_id)]
    attempt_id = server.attempt(session_id).id

    def ask(question, **facts):
        return server.transact(lambda c: question(c, ACADEMY, attempt_id=attempt_id, **facts))

    assert [one.exchange.id for one in glimpses(server, session_id, after=ids[2])] == ids[3:]
    assert ask(trace.newest_id) == ids[-1]
    assert ask(trace.before_newest, count=2) == ids[2]
    assert ask(trace.before_newest, count=5) == ask(trace.before_newest, count=99) == 0


def test_what_another_academy_or_attempt_has_is_not_there(server: Server):
    session_id, other = server.launch(), server.launch(learner_id=8)
    say(server, session_id, "GetParam")
    (exchange,) = server.exchanges(session_id)

    assert whole(server, session_id, exchange.id) == exchange
    assert whole(server, session_id, exchange.id, academy_id=2) is None
    assert whole(server, other, exchange.id) is None
    assert whole(server, session_id, exchange.id - 1) is None
    attempt_id = server.attempt(other).id
    assert server.transact(lambda c: trace.newest_id(c, ACADEMY, attempt_id=attempt_id)) == 0


def test_records_are_counted_by_kind_and_read_by_page(server: Server, content: Content):
    rows = "".join(f'"q{number}"\r\n' for number in range(5))
    content.send("PutInteractions", f'"interaction_id"\r\n{rows}')
    content.send("PutComments", '"comment"\r\n"Fine"\r\n')
    attempt_id = server.attempt(content.session_id).id

    def page(kind: str, *, limit: int = 2, offset: int = 0):
        return server.transact(
            lambda c: trace.records_of(
                c, ACADEMY, attempt_id=attempt_id, kind=kind, limit=limit, offset=offset
            )
        )

    counts = server.transact(lambda c: trace.count_records(c, ACADEMY, attempt_id=attempt_id))
    assert counts == {"interaction": 5, "comment": 1}
    assert [one.record.interaction_id for one in page("interaction", offset=3)] == ["q3", "q4"]
    assert page("path") == []
    assert server.transact(lambda c: trace.count_records(c, 2, attempt_id=attempt_id)) == {}


@pytest.mark.parametrize("command", ["GetParam", "PutParam"])
def test_an_exchange_by_get_shows_its_query(server: Server, command: str):
    session_id = server.launch()
    server.app().test_client().get(f"/hacp/{ACADEMY}?command={command}&session_id={session_id}")

    (shown,) = glimpses(server, session_id)

    assert isinstance(shown.exchange, Exchange)
    assert shown.exchange.query.startswith(b"command=")
    assert (shown.request_size, shown.exchange.request, shown.cut) == (0, b"", False)


def test_packed_bytes_are_shown_like_those_that_stand_as_they_came(server: Server):
    session_id = server.launch()
    for suspend_data in (SMALL, BIG):
        say(server, session_id, "PutParam", suspend_data)
        say(server, session_id, "GetParam")
    before, whole_before = glimpses(server, session_id), server.exchanges(session_id)

    step = server.transact(lambda c: months.walk(c, first=0, end=2**63 - 1, after=None, limit=9))
    assert len(step.found) == 4
    server.transact(lambda c: months.put(c, months.packed(step.found)))

    assert server.exchanges(session_id) == whole_before
    assert glimpses(server, session_id) == before
