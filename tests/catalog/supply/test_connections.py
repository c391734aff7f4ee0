"""Connections: settings that last, one academy a CIID, secrets nobody reads, and what is due."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from catalog.errors import CiidTaken, NotConnected
from catalog.store import Transact
from catalog.supply import connections, deliveries, runs
from catalog.supply.model import (
    Branding,
    ConnectionState,
    Due,
    DuplicatePolicy,
    ProviderConnection,
    RunKind,
    RunState,
)
from catalog.supply.schema import ConnectionTable
from catalog.sync import doubts

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CHOSEN: dict[str, Any] = {
    "enabled": True,
    "ciid": "Ciid-1",
    "branding": Branding.CUSTOM,
    "client_id": "client",
    "client_secret": b"\x00sealed",
    "policy": DuplicatePolicy.UPDATE,
    "daily_at": 90,
    "poll_minutes": 5,
}


def activate(transact: Transact, *academies: int) -> None:
    for academy_id in academies:
        transact(
            lambda connection, one=academy_id: connections.activate(
                connection, one, activated=True, now=NOW
            )
        )


def save(transact: Transact, academy_id: int = 1, **changes: Any) -> None:
    chosen = {**CHOSEN, **changes}
    transact(
        lambda connection: connections.save_settings(connection, academy_id, now=NOW, **chosen)
    )


def ask(transact: Transact, academy_id: int = 1) -> ProviderConnection:
    found = transact(lambda connection: connections.connection_of(connection, academy_id))
    assert found is not None
    return found


def test_an_academy_begins_with_nothing_but_the_operators_word(transact: Transact) -> None:
    activate(transact, 1)
    begun = ask(transact)
    assert (begun.activated, begun.enabled, begun.ready) == (True, False, False)
    assert begun.policy is DuplicatePolicy.ASK
    assert begun.state is ConnectionState.NEVER


def test_what_an_admin_chose_is_kept(transact: Transact) -> None:
    activate(transact, 1)
    save(transact)
    kept = ask(transact)
    assert {name: getattr(kept, name) for name in CHOSEN} == CHOSEN
    assert kept.ready


def test_taking_the_provider_back_keeps_the_settings(transact: Transact) -> None:
    activate(transact, 1)
    save(transact)
    transact(lambda connection: connections.activate(connection, 1, activated=False, now=LATER))
    kept = ask(transact)
    assert not kept.ready
    assert (kept.ciid, kept.client_secret) == ("Ciid-1", b"\x00sealed")


def test_a_secret_that_is_not_given_stays(transact: Transact) -> None:
    activate(transact, 1)
    save(transact)
    save(transact, client_secret=None, client_id="other")
    assert (ask(transact).client_id, ask(transact).client_secret) == ("other", b"\x00sealed")


def test_a_secret_under_another_key_replaces_only_the_one_it_was_made_of(
    transact: Transact,
) -> None:
    activate(transact, 1)
    save(transact, client_secret=b"typed in meanwhile")

    def replace(before: bytes) -> bool:
        return transact(
            lambda connection: connections.replace_client_secret(
                connection, 1, before=before, after=b"another key"
            )
        )

    assert not replace(b"\x00sealed")
    assert ask(transact).client_secret == b"typed in meanwhile"
    assert replace(b"typed in meanwhile")
    assert ask(transact).client_secret == b"another key"


def test_settings_need_the_operators_word(transact: Transact) -> None:
    with pytest.raises(NotConnected):
        save(transact)
    assert transact(lambda connection: connections.connection_of(connection, 1)) is None


@pytest.mark.parametrize("same", ["Ciid-1", "CIID-1", "  ciid-1\n"])
def test_a_ciid_belongs_to_one_academy(transact: Transact, same: str) -> None:
    activate(transact, 1, 2)
    save(transact)
    with pytest.raises(CiidTaken):
        save(transact, 2, ciid=same)
    assert ask(transact, 2).ciid == ""


def test_academies_without_a_ciid_are_not_in_each_others_way(transact: Transact) -> None:
    activate(transact, 1, 2)
    save(transact, ciid=" ")
    save(transact, 2, ciid="")
    assert ask(transact, 2).policy is DuplicatePolicy.UPDATE


def test_an_operator_lets_a_ciid_be_shared_and_both_are_told(transact: Transact) -> None:
    activate(transact, 1, 2)
    save(transact)
    transact(lambda connection: connections.share_ciid(connection, 2, ciid="ciid-1", now=NOW))
    save(transact, 2, ciid="CIID-1")
    both = [transact(lambda c, one=one: connections.sharers(c, one)) for one in (1, 2)]
    assert both == [[2], [1]]
    assert ask(transact, 2).ciid_shared


def test_another_ciid_ends_the_permission(transact: Transact) -> None:
    activate(transact, 1, 2)
    save(transact)
    transact(lambda connection: connections.share_ciid(connection, 2, ciid="Ciid-1", now=NOW))
    save(transact, 2, ciid="Ciid-2")
    with pytest.raises(CiidTaken):
        save(transact, 2, ciid="Ciid-1")
    assert transact(lambda connection: connections.sharers(connection, 1)) == []


def test_two_academies_that_save_one_ciid_at_once_get_it_once(
    transact: Transact, catalog_engine: Engine
) -> None:
    activate(transact, 1, 2)
    start, refused = threading.Barrier(2), []

    def attempt(academy_id: int) -> None:
        start.wait()
        try:
            save(transact, academy_id)
        except CiidTaken:
            refused.append(academy_id)

    threads = [threading.Thread(target=attempt, args=(one,)) for one in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sum(bool(ask(transact, one).ciid) for one in (1, 2)) == 1


def test_a_push_secret_opens_its_academy_and_is_not_stored(
    transact: Transact, catalog_engine: Engine
) -> None:
    activate(transact, 1, 2)
    secret = transact(lambda connection: connections.new_push_secret(connection, 1, now=NOW))
    known = transact(lambda connection: connections.connection_by_secret(connection, secret=secret))
    assert known is not None
    assert known.academy_id == 1
    assert known.has_push_secret
    with catalog_engine.connect() as connection:
        rows = connection.execute(select(ConnectionTable)).all()
    assert not any(secret in str(row) for row in rows)


@pytest.mark.parametrize("wrong", ["", "x", "\ud800", "\0"])
def test_a_wrong_push_secret_opens_nothing(transact: Transact, wrong: str) -> None:
    activate(transact, 1)
    assert (
        transact(lambda connection: connections.connection_by_secret(connection, secret=wrong))
        is None
    )


def test_a_new_push_secret_ends_the_old_one(transact: Transact) -> None:
    activate(transact, 1)
    old = transact(lambda connection: connections.new_push_secret(connection, 1, now=NOW))
    new = transact(lambda connection: connections.new_push_secret(connection, 1, now=NOW))
    assert old != new
    found = [
        transact(lambda c, one=one: connections.connection_by_secret(c, secret=one))
        for one in (old, new)
    ]
    assert [one is not None for one in found] == [False, True]


def test_what_was_never_activated_has_no_secret_and_shares_nothing(transact: Transact) -> None:
    with pytest.raises(NotConnected):
        transact(lambda connection: connections.new_push_secret(connection, 1, now=NOW))
    with pytest.raises(NotConnected):
        transact(lambda connection: connections.share_ciid(connection, 1, ciid="C", now=NOW))


def test_failures_are_counted_until_it_goes_well(transact: Transact) -> None:
    activate(transact, 1)

    def note(failure: str | None) -> int:
        return transact(
            lambda connection: connections.note_result(connection, 1, failure=failure, now=LATER)
        )

    assert [note("Nobody answered."), note("Nobody answered.")] == [1, 2]
    failing = ask(transact)
    assert (failing.state, failing.sentence) == (ConnectionState.FAILING, "Nobody answered.")
    assert failing.succeeded_at is None
    assert note(None) == 0
    well = ask(transact)
    assert (well.state, well.sentence, well.succeeded_at) == (ConnectionState.WELL, "", LATER)


def due(transact: Transact, now: datetime = NOW) -> list[Due]:
    return transact(lambda connection: connections.due(connection, now=now))


def test_a_fresh_connection_is_due_at_once_and_then_by_its_times(transact: Transact) -> None:
    activate(transact, 1)
    save(transact)
    assert due(transact) == [Due(1, RunKind.DAILY)]
    transact(
        lambda connection: connections.schedule(
            connection, 1, next_daily_at=NOW + timedelta(days=1), next_poll_at=LATER
        )
    )
    assert due(transact) == []
    assert due(transact, LATER) == [Due(1, RunKind.POLL)]
    assert due(transact, NOW + timedelta(days=1)) == [Due(1, RunKind.DAILY)]


def test_a_delivery_is_due_before_everything_else(transact: Transact) -> None:
    activate(transact, 1, 2)
    save(transact)
    save(transact, 2, ciid="Ciid-2")
    transact(
        lambda connection: deliveries.receive(connection, 2, delivery_id="d", courses=[], now=NOW)
    )
    assert due(transact) == [Due(2, RunKind.DELIVERY), Due(1, RunKind.DAILY)]


def test_a_confirmed_listing_is_read_with_the_next_poll(transact: Transact) -> None:
    activate(transact, 1)
    save(transact)
    key = transact(lambda c: runs.claim(c, 1, kind=RunKind.DAILY, owner="me", now=NOW))
    values = {"pages": 1, "items": 1, "counts": {}, "now": NOW}
    transact(lambda c: runs.finish(c, key, state=RunState.WAITING, **values))
    transact(lambda c: connections.schedule(c, 1, next_daily_at=LATER, next_poll_at=LATER))
    transact(lambda c: doubts.confirm(c, 1, run_id=key.run_id, by=7, now=NOW))
    assert due(transact) == []
    assert due(transact, LATER) == [Due(1, RunKind.CONFIRMED)]


@pytest.mark.parametrize("off", [{"enabled": False}, {"ciid": ""}])
def test_a_connection_that_is_not_ready_is_never_due(
    transact: Transact, off: dict[str, Any]
) -> None:
    activate(transact, 1)
    save(transact, **off)
    assert due(transact) == []


def test_all_connections_are_listed_for_the_operator(transact: Transact) -> None:
    activate(transact, 2, 1)
    listed = transact(connections.connections)
    assert [one.academy_id for one in listed] == [1, 2]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("A-1", " a-1", True), ("A-1", "A-2", False), ("", "", False), ("A", "", False)],
)
def test_ciids_are_compared_folded(one: str, other: str, same: bool) -> None:
    assert connections.same_ciid(one, other) is same
