"""Courses that come as packages: taken in like an upload, linked, renewed, or told why not."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog import intake
from catalog.supply import items
from catalog.supply.model import DuplicatePolicy, ItemState, Outcome, RunKind
from demo.opensesame.faults import Fault
from demo.opensesame.journal import Place
from tests.catalog.conftest import CONTENT, PLAIN
from tests.catalog.stock import stored
from tests.catalog.world import World

ERGONOMICS = "38f5b7e0-c6d1-4a29-a074-9e2b51d8c308"
HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"


class Stocked:
    """The real client, whose downloads are packages that the test made."""

    def __init__(self, client: Any, package: Path) -> None:
        self.pages = client.pages
        self.package = package
        self.asked: list[str] = []

    def download(self, url: str, into: Path) -> int:
        self.asked.append(url)
        shutil.copyfile(self.package, into)
        return into.stat().st_size


@pytest.fixture
def two_units(make_zip: Callable[..., Path]) -> Path:
    """Return a package with two units and content of its own."""
    return make_zip({**{f"course.{name}": data for name, data in PLAIN.items()}, **CONTENT})


def sync_stocked(
    world: World, package: Path, kind: RunKind = RunKind.DAILY, **more: Any
) -> Stocked:
    with world.client() as client:
        stocked = Stocked(client, package)
        world.sync_with(stocked, kind, **more)
    return stocked


def test_a_course_without_an_address_comes_as_a_package(world: World) -> None:
    world.pretend.send(ERGONOMICS)
    world.sync()
    assert world.told() == {"Ergonomics at the Desk": "new"}
    number = world.course_id(ERGONOMICS)
    made = stored(world.transact, number)
    assert made.title == "Ergonomics at the Desk"
    assert made.course.units[0].file_name.startswith(world.url)
    assert [call.query["standard"] for call in world.pretend.calls(Place.PACKAGE)] == ["aicc"]
    assert world.sync().counts == {Outcome.UNCHANGED: 1}
    assert len(world.pretend.calls(Place.PACKAGE)) == 1


def test_its_content_lies_on_the_shelf(world: World, two_units: Path) -> None:
    world.pretend.send(ERGONOMICS)
    sync_stocked(world, two_units)
    made = stored(world.transact, world.course_id(ERGONOMICS))
    assert [unit.system_id for unit in made.course.units] == ["A1", "A2"]
    assert made.content_key is not None
    assert (world.shelf.path_of(made.content_key) / "start.html").read_bytes() == b"<p>Start"


def test_a_new_title_needs_no_download_and_a_moved_package_does(
    world: World, two_units: Path, make_zip: Callable[..., Path]
) -> None:
    world.pretend.send(ERGONOMICS)
    assert len(sync_stocked(world, two_units).asked) == 1
    world.pretend.change(ERGONOMICS, title="Ergonomics, second edition")
    assert sync_stocked(world, two_units).asked == []
    assert world.titles() == ["Ergonomics, second edition"]


def test_everything_again_renews_the_package_and_learners_keep_their_units(
    world: World, two_units: Path, make_zip: Callable[..., Path]
) -> None:
    world.pretend.send(ERGONOMICS)
    sync_stocked(world, two_units)
    number = world.course_id(ERGONOMICS)
    old_key = stored(world.transact, number).content_key
    other = make_zip(
        {
            "course.crs": PLAIN["crs"],
            "course.au": PLAIN["au"].replace(b'"A2"', b'"A9"'),
            "course.des": PLAIN["des"].replace(b'"A2"', b'"A9"'),
            "course.cst": PLAIN["cst"].replace(b'"A2"', b'"A9"'),
            **CONTENT,
        },
        "other.zip",
    )
    sync_stocked(world, other, RunKind.EVERYTHING)
    now, before = stored(world.transact, number), stored(world.transact, number, version=1)
    assert (now.version, [unit.system_id for unit in now.course.units]) == (2, ["A1", "A9"])
    assert [unit.system_id for unit in before.course.units] == ["A1", "A2"]
    assert before.content_key == old_key != now.content_key
    assert old_key is not None
    assert (world.shelf.path_of(old_key) / "quiz.html").exists()
    # The same once more changes nothing.
    sync_stocked(world, other, RunKind.EVERYTHING)
    assert stored(world.transact, number) == now


def test_a_package_that_cannot_be_had_is_that_courses_failure_alone(world: World) -> None:
    world.pretend.send(ERGONOMICS, HIPAA)
    world.pretend.faults.switch_on(Fault.SERVER_ERROR, place=Place.PACKAGE)
    report = world.sync()
    assert report.counts == {Outcome.NEW: 1, Outcome.FAILED: 1}
    (failed,) = world.entries(outcome=Outcome.FAILED)
    assert failed.title == "Ergonomics at the Desk"
    assert world.titles() == ["HIPAA in Everyday Work"]
    world.pretend.faults.switch_off()
    assert world.sync(RunKind.POLL).counts == {Outcome.UNCHANGED: 2}
    assert world.sync().counts == {Outcome.NEW: 1, Outcome.UNCHANGED: 1}


@pytest.mark.parametrize("spoilt", ["empty", "no course", "two courses"])
def test_a_package_that_is_no_course_is_told_and_leaves_nothing(
    world: World, tmp_path: Path, spoilt: str
) -> None:
    path = tmp_path / "spoilt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        if spoilt == "no course":
            archive.writestr("readme.txt", "Nothing here")
        if spoilt == "two courses":
            for folder in "ab":
                for name, data in PLAIN.items():
                    archive.writestr(f"{folder}/course.{name}", data)
                for name, data in CONTENT.items():
                    archive.writestr(f"{folder}/{name}", data)
    world.pretend.send(ERGONOMICS)
    sync_stocked(world, path)
    (failed,) = world.entries()
    assert failed.outcome is Outcome.FAILED
    assert failed.reason
    assert world.titles() == []
    assert world.ask(items.stored, keys=[ERGONOMICS])[ERGONOMICS].state is ItemState.FAILED
    kept = world.shelf.path_of("0" * 40).parent
    assert not [one for one in kept.glob("*") if len(one.name) == 40]


def take_in_by_hand(world: World, package: Path) -> int:
    (accepted,) = intake.accept(
        [package], academy_id=1, transact=world.transact, shelf=world.shelf, now=world.clock()
    )
    return accepted.course_id


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        (DuplicatePolicy.UPDATE, Outcome.UPDATED),
        (DuplicatePolicy.SKIP, Outcome.SKIPPED),
        (DuplicatePolicy.ASK, Outcome.WAITING),
        # The same files twice cannot be kept.
        (DuplicatePolicy.KEEP, Outcome.WAITING),
    ],
)
def test_a_package_that_was_uploaded_before_is_a_duplicate(
    world: World, two_units: Path, policy: DuplicatePolicy, outcome: Outcome
) -> None:
    number = take_in_by_hand(world, two_units)
    world.pretend.send(ERGONOMICS)
    sync_stocked(world, two_units, policy=policy)
    (entry,) = world.entries()
    assert (entry.outcome, entry.matched_id) == (outcome, number)
    assert "same files" in entry.reason
    assert len(world.titles()) == 1


def test_a_package_that_another_item_brought_is_told(world: World, two_units: Path) -> None:
    second = "00000000-0000-4000-8000-00000000000e"
    world.pretend.send(ERGONOMICS)
    sync_stocked(world, two_units)
    world.pretend.add(replace(world.pretend.entry(ERGONOMICS).course, id=second))
    world.pretend.send(second)
    sync_stocked(world, two_units)
    (failed,) = world.entries()
    assert failed.outcome is Outcome.FAILED
    assert f"course {world.course_id(ERGONOMICS)}" in failed.reason
