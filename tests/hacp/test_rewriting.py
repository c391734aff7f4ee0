"""A packed month is written anew: its room is free, and nobody who reads or posts waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from hacp import ids, months, rewriting
from hacp.months import Month
from hacp.schema import Base
from tests.hacp.server import START, Server
from tests.hacp.test_months import LESSON, counts, exchanges, pack_all, say

MARCH = Month(2026, 3)


@pytest.fixture
def talked(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, str]]:
    """A server whose log has months, and a session with forty reports that are packed."""
    monkeypatch.setattr(ids, "_last", 0)
    engine = create_engine(postgresql_url)
    Base.metadata.create_all(engine)
    server = Server(engine)
    server.transact(lambda c: months.prepare(c, now=START))
    session_id = server.launch()
    for _ in range(40):
        say(server, session_id, "PutParam", LESSON)
    pack_all(server, MARCH)
    yield server, session_id
    engine.dispose()


def size(server: Server, name: str) -> int:
    return server.transact(
        lambda c: c.execute(text(f"SELECT pg_relation_size('{name}')")).scalar_one()
    )


def never() -> None:
    raise AssertionError("nobody was in the way")


@pytest.mark.postgresql
def test_a_month_gives_its_room_back_and_takes_in_what_comes(talked: tuple[Server, str]) -> None:
    server, session_id = talked
    before, large = exchanges(server, session_id), size(server, "hacp_exchanges_2026_03")

    for _ in range(2):
        assert server.transact(lambda c: rewriting.rewrite_month(c, MARCH, pause=never))

    assert size(server, "hacp_exchanges_2026_03") <= 16 * 1024 < large
    assert exchanges(server, session_id) == before
    say(server, session_id, "PutParam", LESSON)
    assert counts(server) == {
        "hacp_exchanges_2026_03": 41,
        "hacp_exchanges_2026_04": 0,
        "hacp_exchanges_2026_05": 0,
        "hacp_exchanges_rest": 0,
    }
    assert not server.transact(lambda c: rewriting.rewrite_month(c, Month(2026, 9), pause=never))


def test_sqlite_uses_the_room_by_itself(server: Server) -> None:
    assert not server.transact(lambda c: rewriting.rewrite_month(c, MARCH, pause=never))
    assert server.transact(rewriting.end_of_before) is None


@pytest.mark.postgresql
def test_while_a_backup_reads_posts_are_answered_and_the_month_waits(
    talked: tuple[Server, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, session_id = talked
    monkeypatch.setattr(rewriting, "SWAP_SECONDS", 0.05)
    backup = server.engine.connect()
    backup.execute(text("LOCK TABLE hacp_exchanges IN ACCESS SHARE MODE"))
    pauses = []

    def pause() -> None:
        # Nothing that the log's readers and writers would wait for is locked between two tries.
        session = server.launch()
        say(server, session, "PutParam", LESSON)
        assert exchanges(server, session_id)
        pauses.append(session)
        if len(pauses) == 3:
            backup.close()

    assert server.transact(lambda c: rewriting.rewrite_month(c, Month(2026, 4), pause=pause))

    assert len(pauses) == 3
    assert counts(server)["hacp_exchanges_2026_03"] == 43


@pytest.mark.postgresql
def test_a_log_that_is_read_all_the_time_stays_as_it_is(
    talked: tuple[Server, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _session_id = talked
    monkeypatch.setattr(rewriting, "SWAP_SECONDS", 0.05)
    monkeypatch.setattr(rewriting, "SWAP_TRIES", 2)
    before, large = counts(server), size(server, "hacp_exchanges_2026_03")
    with server.engine.begin() as backup:
        backup.execute(text("LOCK TABLE hacp_exchanges IN ACCESS SHARE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            server.transact(lambda c: rewriting.rewrite_month(c, MARCH, pause=lambda: None))

    assert (counts(server), size(server, "hacp_exchanges_2026_03")) == (before, large)


@pytest.mark.postgresql
def test_what_was_there_before_the_months_is_written_anew_once(talked: tuple[Server, str]) -> None:
    server, session_id = talked
    before = exchanges(server, session_id)
    for statement in (
        "ALTER TABLE hacp_exchanges DETACH PARTITION hacp_exchanges_2026_03",
        "ALTER TABLE hacp_exchanges_2026_03 RENAME TO hacp_exchanges_before",
        "ALTER TABLE hacp_exchanges ATTACH PARTITION hacp_exchanges_before"
        f" FOR VALUES FROM (MINVALUE) TO ({MARCH.end})",
    ):
        server.transact(lambda c, one=statement: c.execute(text(one)))
    large = size(server, "hacp_exchanges_before")
    assert server.transact(rewriting.end_of_before) == MARCH.end

    assert server.transact(lambda c: rewriting.rewrite_before(c, pause=never))

    assert size(server, "hacp_exchanges_before_packed") <= 16 * 1024 < large
    assert exchanges(server, session_id) == before
    assert server.transact(rewriting.end_of_before) is None
    assert not server.transact(lambda c: rewriting.rewrite_before(c, pause=never))
    assert server.transact(lambda c: months.drop_partitions(c, before=Month(2026, 4))) == [
        "hacp_exchanges_before_packed"
    ]
