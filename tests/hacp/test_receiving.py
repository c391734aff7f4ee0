"""A request as it was taken in, and the exchange that is kept of it: whole, and without its key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hacp.errors import InvalidCommand
from hacp.messages import Dumped, parse_request
from hacp.model import Exchange
from hacp.receiving import (
    MAX_BODY,
    MAX_COMMAND,
    MAX_REFUSED,
    Post,
    Received,
    note_exchange,
    refuse_too_large,
)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SID = "0123456789abcdef0123456789abcdef01234567"
REPLY = Dumped(b"error=0\r\n", b"page 7\r\n", b"[core_vendor]\r\n")


def post_of(body: bytes, *, query: bytes = b"", size: int | None = None) -> Post:
    length = len(body) if size is None else size
    received = Received(1, body, query, "POST", "text/plain", "https://content.example", length)
    return Post(received, parse_request(body, query=query), NOW)


def noted(post: Post, *, session_id: int | None = 7, suspend_from: int | None = None) -> Exchange:
    return note_exchange(
        post,
        REPLY,
        exchange_id=9,
        session_id=session_id,
        error=0,
        tolerated=("a note",),
        suspend_from=suspend_from,
    )


def test_an_exchange_holds_what_came_and_what_was_answered() -> None:
    kept = noted(post_of(b"command=GetParam&version=4.0", query=b"x=1"))
    assert kept.request == b"command=GetParam&version=4.0"
    assert kept.query == b"x=1"
    assert kept.reply == REPLY.body
    assert (kept.id, kept.session_id, kept.at, kept.command) == (9, 7, NOW, "GetParam")
    assert (kept.method, kept.origin, kept.tolerated) == (
        "POST",
        "https://content.example",
        ("a note",),
    )
    assert (kept.suspend_from, kept.suspend_at) == (None, None)


def test_suspend_data_that_is_kept_already_is_referred_to_at_its_place() -> None:
    kept = noted(post_of(b"command=GetParam"), suspend_from=5)
    assert kept.reply == REPLY.before + REPLY.after
    assert (kept.suspend_from, kept.suspend_at) == (5, len(REPLY.before))


def test_no_session_id_is_kept_not_even_half_of_one_where_a_request_is_cut() -> None:
    body = b"command=PutParam&session_id=%b&aicc_data=" % SID.encode()
    body += b"x" * (MAX_REFUSED - len(body) - 20) + SID.encode() + b"y" * 100
    kept = noted(post_of(body, query=b"session_id=%b" % SID.encode()), session_id=None)
    assert len(kept.request) == MAX_REFUSED
    for raw in (kept.request, kept.query):
        assert SID[:8].encode() not in raw


@pytest.mark.parametrize(("session_id", "room"), [(7, MAX_BODY), (None, MAX_REFUSED)])
def test_of_a_request_that_opened_nothing_the_beginning_is_kept(session_id, room) -> None:
    kept = noted(post_of(b"command=Hello&aicc_data=" + b"x" * 2 * MAX_BODY), session_id=session_id)
    assert len(kept.request) == room


def test_a_command_is_kept_as_far_as_there_is_room_for_it() -> None:
    assert noted(post_of(b"command=" + b"A" * 100)).command == "A" * MAX_COMMAND
    assert noted(post_of(b"version=4.0")).command == ""


def test_more_than_is_taken_is_refused_by_what_it_claims_to_be() -> None:
    refuse_too_large(post_of(b"x", size=MAX_BODY).received)
    with pytest.raises(InvalidCommand) as refused:
        refuse_too_large(post_of(b"x", size=MAX_BODY + 1).received)
    assert f"{MAX_BODY + 1} bytes is too large" in refused.value.text
