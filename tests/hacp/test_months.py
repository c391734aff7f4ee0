"""The log by months: what is packed is read as before, what is dropped is gone, nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from hacp import ids, months, store
from hacp.ids import first_id
from hacp.months import Month, month_of
from hacp.packing import DEFLATED
from hacp.schema import Base
from tests.hacp.server import ACADEMY, START, Content, Server

LESSON = (
    "[core]\r\nlesson_location=page-7\r\nlesson_status=i\r\n[core_lesson]\r\na=1;b=2 " + "x" * 99
)


def exchanges(server: Server, session_id: str):
    attempt_id = server.attempt(session_id).id
    return server.transact(lambda c: store.exchanges_of(c, ACADEMY, attempt_id=attempt_id))


def say(server: Server, session_id: str, command: str, aicc_data: str = "") -> None:
    assert Content(server, session_id).send(command, aicc_data).startswith(b"error=0")


def all_steps(server: Server, month: Month, *, limit: int = 3):
    """Walk through the log and yield what each step found in the month."""
    after = None
    while True:
        step = server.transact(
            lambda c, key=after: months.walk(
                c, first=month.first, end=month.end, after=key, limit=limit
            )
        )
        yield step.found
        after = step.next
        if after is None:
            return


def pack_all(server: Server, month: Month) -> int:
    count = 0
    for found in all_steps(server, month):
        small = months.packed(found)
        server.transact(lambda c, some=small: months.put(c, some))
        count += len(small)
    return count


@pytest.fixture(autouse=True)
def _ids_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids grow in a process whatever its clock says; the clocks of other tests are ahead."""
    monkeypatch.setattr(ids, "_last", 0)


@pytest.fixture
def postgresql_only(postgresql_url: str) -> Iterator[Server]:
    """A server whose log has no month of its own yet."""
    engine = create_engine(postgresql_url)
    Base.metadata.create_all(engine)
    yield Server(engine)
    engine.dispose()


@pytest.fixture
def talked(server: Server) -> str:
    """A session that was used in March and again in April 2026; its id."""
    session_id = server.launch()
    say(server, session_id, "GetParam")
    say(server, session_id, "PutParam", LESSON)
    server.clock.now = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    again = server.launch()
    say(server, again, "GetParam")
    server.clock.now = datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC)
    say(server, again, "PutParam", LESSON.replace("page-7", "page-8"))
    return again


@given(st.datetimes(datetime(2024, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_an_exchange_belongs_to_the_month_in_which_it_came(moment):
    month = month_of(moment)

    assert month.first <= first_id(moment) < month.end
    assert month.end == month.moved(1).first
    assert month.moved(14).moved(-14) == month


@pytest.mark.parametrize(
    ("month", "moved", "expected"),
    [
        (Month(2026, 12), 1, "2027-01"),
        (Month(2026, 1), -1, "2025-12"),
        (Month(2026, 3), -15, "2024-12"),
        (Month(2026, 3), 0, "2026-03"),
    ],
)
def test_months_are_counted_over_the_end_of_a_year(month, moved, expected):
    assert str(month.moved(moved)) == expected


def test_packed_exchanges_are_read_as_before(server: Server, talked: str):
    before = exchanges(server, talked)

    assert pack_all(server, Month(2026, 3)) == 3
    assert exchanges(server, talked) == before
    forms = [one.form for found in all_steps(server, Month(2026, 3)) for one in found]
    assert forms == [DEFLATED] * 3
    # A reply refers to suspend data that an exchange of another month has brought.
    assert b"a=1;b=2" in before[2].reply


def test_packing_again_changes_nothing_and_other_months_stay_as_they_came(
    server: Server, talked: str
):
    pack_all(server, Month(2026, 3))

    assert pack_all(server, Month(2026, 3)) == 0
    forms = {one.form for found in all_steps(server, Month(2026, 4)) for one in found}
    assert forms == {months.PLAIN}


def test_a_month_that_is_dropped_is_gone_and_what_it_amounted_to_is_not(
    server: Server, talked: str
):
    attempt = server.attempt(talked)
    first, end = 0, Month(2026, 4).first
    for found in all_steps(server, Month(2026, 3)):
        assert server.transact(lambda c, some=found: months.remove(c, some)) == len(found)

    step = server.transact(lambda c: months.walk(c, first=first, end=end, after=None, limit=9))
    assert step.found == ()
    assert [one.command for one in exchanges(server, talked)] == ["PutParam"]
    assert server.attempt(talked) == attempt


@pytest.mark.postgresql
def test_months_stand_ready_and_take_in_what_came_before_them(postgresql_only: Server):
    server = postgresql_only
    session_id = server.launch()
    say(server, session_id, "GetParam")
    before = exchanges(server, session_id)

    made = server.transact(lambda c: months.prepare(c, now=START))
    say(server, session_id, "PutParam", LESSON)

    assert [str(month) for month in made] == ["2026-03", "2026-04", "2026-05"]
    assert server.transact(lambda c: months.prepare(c, now=START)) == []
    assert exchanges(server, session_id)[:1] == before
    assert counts(server) == {
        "hacp_exchanges_2026_03": 2,
        "hacp_exchanges_2026_04": 0,
        "hacp_exchanges_2026_05": 0,
        "hacp_exchanges_rest": 0,
    }


@pytest.mark.postgresql
def test_a_month_without_a_partition_is_kept_with_the_rest(postgresql_only: Server):
    server = postgresql_only
    server.transact(lambda c: months.prepare(c, now=START - timedelta(days=90)))
    session_id = server.launch()
    say(server, session_id, "GetParam")

    assert counts(server)["hacp_exchanges_rest"] == 1
    assert server.transact(lambda c: months.drop_partitions(c, before=Month(2026, 1))) == [
        "hacp_exchanges_2025_12"
    ]
    assert len(exchanges(server, session_id)) == 1


@pytest.mark.postgresql
def test_a_busy_table_is_left_alone_for_now(postgresql_only: Server, monkeypatch):
    server = postgresql_only
    monkeypatch.setattr(months, "LOCK_SECONDS", 0.1)
    with server.engine.begin() as busy:
        busy.execute(text("LOCK TABLE hacp_exchanges IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            server.transact(lambda c: months.prepare(c, now=START))

    assert set(counts(server)) == {"hacp_exchanges_rest"}


def counts(server: Server) -> dict[str, int]:
    """How many exchanges each partition holds."""
    names = [
        name
        for name in inspect(server.engine).get_table_names()
        if name.startswith("hacp_exchanges_")
    ]
    with server.engine.connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in sorted(names)
        }
