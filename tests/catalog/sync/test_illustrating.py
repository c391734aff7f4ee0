"""Pictures are fetched once, after the courses; one that cannot be had harms nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.picture_shelf import PictureShelf
from catalog.provider.errors import NotListening
from catalog.provider.pictures import Picture
from catalog.schema import CourseTable
from catalog.sync.illustrating import Fetched, fetch_due
from demo.opensesame.faults import Fault
from demo.opensesame.journal import Place
from tests.catalog.world import World

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
PASSWORDS = "0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302"


@pytest.fixture
def pictures(tmp_path: Path) -> PictureShelf:
    return PictureShelf(tmp_path / "pictures")


def fetch(world: World, pictures: PictureShelf) -> Fetched:
    with world.client() as client:
        return fetch_due(1, client=client, transact=world.transact, shelf=pictures)


def names(world: World) -> dict[str, str]:
    query = select(CourseTable.title, CourseTable.picture)
    return {
        found.title: found.picture for found in world.transact(lambda c: c.execute(query).all())
    }


def test_pictures_come_after_the_courses_and_once(world: World, pictures: PictureShelf) -> None:
    world.pretend.send(HIPAA, PASSWORDS)
    world.sync()
    assert world.pretend.calls(Place.PICTURE) == ()
    assert set(names(world).values()) == {""}

    assert fetch(world, pictures) == Fetched(kept=2, failed=0, left=0)

    for name in names(world).values():
        assert pictures.path_of(name).read_bytes().startswith(b"\x89PNG")
    world.sync()
    assert fetch(world, pictures) == Fetched(0, 0, 0)
    assert len(world.pretend.calls(Place.PICTURE)) == 2
    assert not any(call.authorization for call in world.pretend.calls(Place.PICTURE))


def test_a_picture_that_cannot_be_had_is_tried_three_times_and_its_course_is_well(
    world: World, pictures: PictureShelf
) -> None:
    world.pretend.send(HIPAA)
    world.sync()
    world.pretend.faults.switch_on(Fault.SERVER_ERROR, place=Place.PICTURE)
    results = [fetch(world, pictures) for _ in range(4)]
    assert results == [
        Fetched(0, 1, 1),
        Fetched(0, 1, 1),
        Fetched(0, 1, 0),
        Fetched(0, 0, 0),
    ]
    assert world.titles() == ["HIPAA in Everyday Work"]


def test_who_does_not_answer_is_left_alone(world: World, pictures: PictureShelf) -> None:
    class Faker:
        def picture(self, _url: str) -> Picture:
            raise NotListening(host="content.example.org")

    world.pretend.grow(8)
    world.sync()
    result = fetch_due(1, client=Faker(), transact=world.transact, shelf=pictures)
    # After five that do not answer the rest is left for the next time.
    assert result == Fetched(kept=0, failed=5, left=8)


def test_a_picture_whose_file_is_gone_is_fetched_again(
    world: World, pictures: PictureShelf
) -> None:
    world.pretend.send(HIPAA, PASSWORDS)
    world.sync()
    fetch(world, pictures)
    before = names(world)
    pictures.path_of(before["HIPAA in Everyday Work"]).unlink()

    assert fetch(world, pictures) == Fetched(kept=1, failed=0, left=0)

    assert names(world) == before
    assert all(pictures.path_of(name).exists() for name in before.values())


def test_a_picture_that_is_gone_for_good_is_tried_three_times_and_shown_no_more(
    world: World, pictures: PictureShelf
) -> None:
    world.pretend.send(HIPAA)
    world.sync()
    fetch(world, pictures)
    (name,) = names(world).values()
    pictures.path_of(name).unlink()
    world.pretend.faults.switch_on(Fault.SERVER_ERROR, place=Place.PICTURE)

    results = [fetch(world, pictures) for _ in range(4)]

    assert [one.left for one in results] == [1, 1, 0, 0]
    assert results[-1] == Fetched(0, 0, 0)
    assert set(names(world).values()) == {""}


def test_everything_again_does_not_fetch_pictures_that_are_there(
    world: World, pictures: PictureShelf
) -> None:
    world.pretend.send(HIPAA)
    world.sync()
    fetch(world, pictures)
    world.pretend.change(HIPAA, title="HIPAA at Work")
    world.sync()
    assert fetch(world, pictures) == Fetched(0, 0, 0)
    assert names(world)["HIPAA at Work"]
