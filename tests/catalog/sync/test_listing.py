"""The sync against a pretend OpenSesame over real HTTP: courses come, change, go and come back."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import Connection, update

from catalog import archive, search, store
from catalog.errors import AlreadyRunning, NotConnected
from catalog.model import ArchiveReason
from catalog.schema import CourseTable
from catalog.supply import connections, items, runs
from catalog.supply.model import Claim, ConnectionState, Outcome, RunKind, RunState
from catalog.sync import listing as sync
from catalog.sync import provided_courses
from catalog.sync.listing import Progress
from tests.catalog.world import World, open_academy

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"
LOCKOUT = "c7e1a9d0-3b52-4e8f-a3d4-18f06b2e7303"
KITCHEN = "e94d06f7-58a3-4b1c-b2e9-63c0a7d15304"
SPREADSHEETS = "D4A9C3E6-2B70-4F18-9C55-7B0E61F3A309"


def archived_for(world: World, key: str) -> ArchiveReason | None:
    found = world.ask(archive.archived, course_id=world.course_id(key))
    return None if found is None else found.reason


def test_a_first_run_brings_everything_that_was_sent(world: World) -> None:
    sent = world.pretend.send()

    report = world.sync()

    assert (report.state, report.counts) == (RunState.DONE, {Outcome.NEW: len(sent)})
    assert sorted(world.titles()) == sorted(entry.course.title for entry in sent)
    assert set(world.told().values()) == {"new"}
    assert {("Compliance", "Safety"), ("Hospitality", "Safety")} <= set(world.tree())
    assert world.last_run().items == len(sent)
    provided = world.ask(items.provided, course_id=world.course_id(SPREADSHEETS))
    assert provided.item.key == SPREADSHEETS.lower()


def test_whoever_is_told_of_the_claim_may_still_call_it_off(world: World) -> None:
    world.pretend.send()
    told: list[int] = []

    def call_off(connection: Connection, claimed: Claim) -> None:
        told.append(claimed.run_id)
        raise LookupError

    with pytest.raises(LookupError):
        world.sync(begun=call_off)

    assert len(told) == 1
    assert world.ask(runs.runs) == []
    assert world.titles() == []
    assert world.sync().state is RunState.DONE


def test_a_second_run_changes_nothing(world: World) -> None:
    sent = world.pretend.send()
    world.sync()
    before = world.state()

    report = world.sync()

    assert report.counts == {Outcome.UNCHANGED: len(sent)}
    assert world.entries() == []
    assert world.state() == before


def test_what_changed_over_there_changes_here_and_is_told_field_by_field(world: World) -> None:
    world.pretend.send()
    world.sync()
    number = world.course_id(HIPAA)
    world.transact(
        lambda c: c.execute(
            update(CourseTable).where(CourseTable.id == number).values(note="Ask Kim first")
        )
    )
    world.pretend.change(HIPAA, title="HIPAA at Work", categories=("|Health",), duration="00:30:00")

    report = world.sync()

    assert report.counts[Outcome.UPDATED] == 1
    (entry,) = world.entries()
    assert (entry.outcome, entry.course_id, entry.title) == (
        Outcome.UPDATED,
        number,
        "HIPAA at Work",
    )
    assert entry.differences == (
        ("title", "HIPAA in Everyday Work", "HIPAA at Work"),
        ("categories", "|Compliance|HIPAA\n|Industry|Health Care", "|Health"),
        ("duration", "0:25:00", "0:30:00"),
    )
    assert "HIPAA at Work" in world.titles()
    # The renamed branch follows, the emptied ones are gone, what others stand in stays.
    assert ("Health",) in world.tree()
    assert not {("Compliance", "HIPAA"), ("Industry",)} & set(world.tree())
    assert ("Compliance", "Safety") in world.tree()
    note = world.transact(
        lambda c: c.execute(CourseTable.__table__.select().where(CourseTable.id == number)).one()
    )
    assert note.note == "Ask Kim first"


def test_a_retired_course_is_archived_and_comes_back(world: World) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.retire(HIPAA)

    world.sync()

    assert world.told() == {"HIPAA in Everyday Work": "archived"}
    assert archived_for(world, HIPAA) is ArchiveReason.INACTIVE
    (entry,) = world.entries()
    assert entry.reason == "It is inactive at OpenSesame."
    assert world.sync().counts.keys() == {Outcome.UNCHANGED}

    world.pretend.reactivate(HIPAA)
    world.sync()

    assert world.told() == {"HIPAA in Everyday Work": "reactivated"}
    assert archived_for(world, HIPAA) is None


def test_a_removed_course_is_archived_when_two_listings_lack_it(world: World) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.remove(HIPAA)

    world.sync()

    assert world.entries() == []
    assert archived_for(world, HIPAA) is None

    world.sync(RunKind.POLL)

    assert world.told() == {"HIPAA in Everyday Work": "archived"}
    assert archived_for(world, HIPAA) is ArchiveReason.REMOVED
    assert world.sync().counts.keys() == {Outcome.UNCHANGED}

    world.pretend.send(HIPAA)
    world.sync()
    assert archived_for(world, HIPAA) is None


def test_a_course_that_was_missed_once_begins_anew_when_it_is_listed_again(world: World) -> None:
    world.pretend.send()
    world.sync()
    for _ in range(3):
        world.pretend.remove(HIPAA)
        world.sync()
        world.pretend.send(HIPAA)
        world.sync()
    assert archived_for(world, HIPAA) is None


def test_what_an_admin_archived_stays_archived(world: World) -> None:
    world.pretend.send()
    world.sync()
    values = {"course_id": world.course_id(HIPAA), "by": 7, "now": world.clock()}
    world.ask(archive.archive, reason=ArchiveReason.ADMIN, **values)
    world.pretend.retire(HIPAA)
    world.sync()
    world.pretend.reactivate(HIPAA)
    world.sync()
    assert archived_for(world, HIPAA) is ArchiveReason.ADMIN


def test_what_an_admin_reactivated_stands_until_the_flag_changes_again(world: World) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.retire(HIPAA)
    world.sync()
    values = {"course_id": world.course_id(HIPAA), "by": 7, "now": world.clock()}
    assert world.ask(archive.reactivate, **values)

    assert world.sync().counts.keys() == {Outcome.UNCHANGED}
    assert archived_for(world, HIPAA) is None

    world.pretend.reactivate(HIPAA)
    world.sync()
    world.pretend.retire(HIPAA)
    world.sync()
    assert archived_for(world, HIPAA) is ArchiveReason.INACTIVE


def test_an_inactive_course_that_was_never_here_stays_away(world: World) -> None:
    world.pretend.send()
    world.pretend.retire(HIPAA)
    world.sync()
    assert "HIPAA in Everyday Work" not in world.titles(archived=None)
    assert "HIPAA in Everyday Work" not in world.told()


# One bad course


@pytest.fixture
def refuse_hipaa(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let writing one course fail as long as the list is not empty."""
    refusing = [True]
    real = provided_courses.add

    def add(connection: Any, academy_id: int, new: Any, **more: Any) -> list[int]:
        ids = real(connection, academy_id, new, **more)
        if refusing and any(item.key == HIPAA for item, _ in new):
            raise ValueError("no room for it")
        return ids

    monkeypatch.setattr(provided_courses, "add", add)
    return refusing


def test_one_bad_course_does_not_stop_the_night(world: World, refuse_hipaa: list[bool]) -> None:
    sent = world.pretend.send()

    report = world.sync()

    assert report.state is RunState.DONE
    assert report.counts == {Outcome.NEW: len(sent) - 1, Outcome.FAILED: 1}
    (failed,) = world.entries(outcome=Outcome.FAILED)
    assert (failed.title, failed.course_id) == ("HIPAA in Everyday Work", None)
    assert "ValueError" in failed.reason
    assert len(world.titles()) == len(sent) - 1


def test_a_course_that_failed_is_tried_by_the_night_and_by_hand_but_not_by_every_poll(
    world: World, refuse_hipaa: list[bool]
) -> None:
    world.pretend.send()
    world.sync()
    assert world.sync(RunKind.POLL).counts.keys() == {Outcome.UNCHANGED}
    assert world.sync(RunKind.DAILY).counts[Outcome.FAILED] == 1
    refuse_hipaa.clear()
    assert world.sync(RunKind.POLL).counts.keys() == {Outcome.UNCHANGED}
    assert world.sync(RunKind.HAND).counts[Outcome.NEW] == 1
    assert world.sync(RunKind.HAND).counts.keys() == {Outcome.UNCHANGED}


def test_a_course_that_failed_is_tried_by_a_poll_once_it_has_changed(
    world: World, refuse_hipaa: list[bool]
) -> None:
    world.pretend.send()
    world.sync()
    refuse_hipaa.clear()
    world.pretend.change(HIPAA, title="HIPAA, mended")
    world.sync(RunKind.POLL)
    assert world.told() == {"HIPAA, mended": "new"}


def test_a_change_that_fails_leaves_the_course_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pretend.send()
    world.sync()
    for key in (HIPAA, PASSWORDS):
        world.pretend.change(key, title=f"New {key[:4]}")
    real = items.renew

    def renew(connection: Any, academy_id: int, renewed: Any, **more: Any) -> None:
        real(connection, academy_id, renewed, **more)
        if HIPAA in renewed:
            raise ValueError("no")

    monkeypatch.setattr(items, "renew", renew)
    world.sync()
    assert world.told() == {f"New {HIPAA[:4]}": "failed", f"New {PASSWORDS[:4]}": "updated"}
    assert "HIPAA in Everyday Work" in world.titles()
    assert world.sync(RunKind.POLL).counts.keys() == {Outcome.UNCHANGED}


# Kinds of runs


def test_one_course_is_synced_alone(world: World) -> None:
    world.pretend.send()
    world.sync()
    for key in (HIPAA, PASSWORDS):
        world.pretend.change(key, title=f"New {key[:4]}")
    world.pretend.remove(KITCHEN)

    report = world.sync(RunKind.ONE, key=HIPAA)

    assert report.counts == {Outcome.UPDATED: 1}
    assert world.told() == {f"New {HIPAA[:4]}": "updated"}
    assert "Passwords & Passkeys" in world.titles()


def test_one_course_that_is_not_listed_any_more_is_archived_by_the_second_look(
    world: World,
) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.remove(HIPAA)
    world.pretend.remove(KITCHEN)
    world.sync(RunKind.ONE, key=HIPAA)
    assert archived_for(world, HIPAA) is None
    world.sync(RunKind.ONE, key=HIPAA)
    assert archived_for(world, HIPAA) is ArchiveReason.REMOVED
    assert archived_for(world, KITCHEN) is None


def test_one_course_that_is_retired_is_archived_alone(world: World) -> None:
    world.pretend.send()
    world.sync()
    for key in (HIPAA, KITCHEN):
        world.pretend.retire(key)
    world.sync(RunKind.ONE, key=HIPAA)
    assert archived_for(world, HIPAA) is ArchiveReason.INACTIVE
    assert archived_for(world, KITCHEN) is None


def test_everything_again_mends_what_was_changed_by_other_hands(world: World) -> None:
    world.pretend.send()
    world.sync()
    number = world.course_id(HIPAA)
    world.transact(
        lambda c: c.execute(
            update(CourseTable).where(CourseTable.id == number).values(title="Spoilt", publisher="")
        )
    )
    assert world.sync().counts.keys() == {Outcome.UNCHANGED}
    assert "Spoilt" in world.titles()

    report = world.sync(RunKind.EVERYTHING)

    assert report.counts.keys() == {Outcome.UNCHANGED}
    assert "HIPAA in Everyday Work" in world.titles()
    assert "Spoilt" not in world.titles()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(world: World) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.change(HIPAA, title="HIPAA at Work")
    world.pretend.retire(PASSWORDS)
    world.pretend.grow(3)
    before, ran = world.state(), world.ask(runs.count_runs)

    report = world.sync(dry_run=True)

    assert report.run_id is None
    assert report.counts == {
        Outcome.UPDATED: 1,
        Outcome.ARCHIVED: 1,
        Outcome.NEW: 3,
        Outcome.UNCHANGED: len(world.titles()) - 2,
    }
    told = {entry.title: entry.outcome for entry in report.entries}
    assert told["HIPAA at Work"] is Outcome.UPDATED
    assert told["Passwords & Passkeys"] is Outcome.ARCHIVED
    assert world.state() == before
    assert world.ask(runs.count_runs) == ran
    real = world.sync()
    assert real.counts == report.counts


def test_a_dry_run_of_a_course_to_be_downloaded_downloads_nothing(world: World) -> None:
    world.pretend.send("38f5b7e0-c6d1-4a29-a074-9e2b51d8c308")
    report = world.sync(dry_run=True)
    (entry,) = report.entries
    assert (entry.outcome, entry.reason) == (
        Outcome.NEW,
        "Its package would be downloaded.",
    )
    assert world.titles() == []


# Deliveries


def test_a_delivery_is_told_what_became_of_each_course(world: World) -> None:
    world.pretend.send()
    world.sync()
    world.pretend.grow(1)
    new = world.pretend.grown().id_of(0)
    world.pretend.change(HIPAA, title="HIPAA at Work")
    missing = "00000000-0000-4000-8000-000000000000"
    number = world.receive("push-1", HIPAA, PASSWORDS, new, missing)

    world.sync(RunKind.DELIVERY)

    became = world.delivered(number)
    assert {key: one.outcome for key, one in became.items()} == {
        HIPAA: Outcome.UPDATED,
        PASSWORDS: Outcome.UNCHANGED,
        new: Outcome.NEW,
        missing: Outcome.UNLISTED,
    }
    assert became[PASSWORDS].course_id == world.course_id(PASSWORDS)
    assert became[missing].reason
    assert world.titles().count("HIPAA at Work") == 1


def test_any_whole_run_takes_deliveries_along(world: World, refuse_hipaa: list[bool]) -> None:
    world.pretend.send()
    world.sync()
    refuse_hipaa.clear()
    number = world.receive("push-1", HIPAA)
    world.sync(RunKind.POLL)
    assert world.delivered(number)[HIPAA].outcome is Outcome.NEW


def test_a_delivery_names_no_course_and_the_listing_is_pulled_all_the_same(world: World) -> None:
    world.pretend.send(HIPAA)
    world.receive("push-1")
    world.sync(RunKind.DELIVERY)
    assert world.titles() == ["HIPAA in Everyday Work"]


def test_without_any_push_a_poll_brings_the_same(world: World) -> None:
    world.pretend.send(HIPAA)
    world.sync(RunKind.POLL)
    assert world.titles() == ["HIPAA in Everyday Work"]
    assert world.told() == {"HIPAA in Everyday Work": "new"}


# How far it is, and who may run


def test_a_run_says_how_far_it_is_after_every_page(world: World) -> None:
    world.pretend.grow(120)
    world.sync()
    shown: list[Progress] = []
    world.sync(show=shown.append)
    assert [(one.pages, one.items, one.expected) for one in shown] == [
        (1, 50, 120),
        (2, 100, 120),
        (3, 120, 120),
    ]
    assert world.last_run().pages == 3


def test_while_one_runs_another_is_refused_and_nothing_is_read(world: World) -> None:
    world.pretend.grow(60)
    refused: list[type[Exception]] = []

    def intrude(_progress: Progress) -> None:
        with pytest.raises(AlreadyRunning):
            world.sync()
        refused.append(AlreadyRunning)

    world.sync(show=intrude)
    assert refused
    assert world.ask(runs.count_runs) == 1


def test_an_academy_that_is_not_connected_is_not_run(world: World) -> None:
    world.academy_id = 5
    with pytest.raises(NotConnected):
        world.sync()


def test_two_runs_at_once_bring_no_course_twice(world: World) -> None:
    world.pretend.grow(130)
    start, reports, refused = threading.Barrier(4), [], []

    def attempt() -> None:
        start.wait()
        try:
            reports.append(world.sync())
        except AlreadyRunning:
            refused.append(True)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports
    assert len(world.titles()) == len(set(world.titles())) == 130
    assert sum(report.counts.get(Outcome.NEW, 0) for report in reports) == 130


def test_a_run_whose_claim_was_taken_away_applies_nothing_more(world: World) -> None:
    world.pretend.grow(150)

    def sleep_over(progress: Progress) -> None:
        if progress.pages == 1:
            world.clock.advance(hours=1)
            world.transact(lambda c: runs.close_broken(c, now=world.clock()))

    report = world.sync(show=sleep_over)

    assert report.state is RunState.BROKEN
    assert "Another process" in report.sentence
    assert len(world.titles()) == 50
    assert world.last_run().state is RunState.BROKEN
    assert world.sync().counts == {Outcome.UNCHANGED: 50, Outcome.NEW: 100}


def test_how_it_went_stands_with_the_connection(world: World) -> None:
    world.pretend.send()
    world.sync()
    assert world.ask(connections.connection_of).state is ConnectionState.WELL
    with world.client(client_secret="wrong") as client:
        report = world.sync_with(client)
    failing = world.ask(connections.connection_of)
    assert (failing.state, failing.failures) == (ConnectionState.FAILING, 1)
    assert failing.sentence == str(report.error)
    assert report.sentence == f"The listing broke off before its first page: {report.error} " + (
        "What came before is applied. Nothing was archived."
    )


def test_what_is_no_fault_of_the_provider_is_noted_and_raised(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pretend.send()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(sync, "judge_page", fail)
    with pytest.raises(RuntimeError):
        world.sync()
    assert world.last_run().state is RunState.BROKEN
    assert "RuntimeError" in world.last_run().sentence
    monkeypatch.undo()
    assert world.sync().state is RunState.DONE


def test_polls_that_find_nothing_leave_one_row(world: World) -> None:
    world.pretend.send()
    world.sync()
    for _ in range(3):
        world.sync(RunKind.POLL)
    assert world.ask(runs.count_runs) == 2


def test_another_academy_is_not_touched(world: World) -> None:
    open_academy(world.transact, 2, ciid="other")
    world.pretend.send()
    world.sync()
    assert world.transact(lambda c: store.courses(c, 2)) == []
    assert world.transact(lambda c: items.stored(c, 2, [HIPAA])) == {}
    assert world.transact(lambda c: runs.runs(c, 2)) == []
    assert world.transact(lambda c: search.search(c, 2, search.Asked("hipaa"))).total == 0


def test_what_was_brought_is_in_the_search_at_once(world: World) -> None:
    world.pretend.send()
    world.sync()
    found = world.ask(search.search, asked=search.Asked("patient hip"))
    assert [hit.title for hit in found.hits] == ["HIPAA in Everyday Work"]
    world.pretend.retire(HIPAA)
    world.sync()
    assert world.ask(search.search, asked=search.Asked("patient hip")).total == 0
