"""Which pictures are due, and what is noted of them."""

from __future__ import annotations

from sqlalchemy import select

from catalog.schema import CourseTable
from catalog.store import Transact
from catalog.supply import item_pictures
from catalog.supply.item_pictures import DuePicture
from tests.catalog.stock import bring, item, key


def due(transact: Transact, after: str = "", limit: int = 50) -> list[DuePicture]:
    return transact(lambda c: item_pictures.due(c, 1, after=after, limit=limit))


def url(number: int) -> str:
    return f"https://pictures.example.org/{number}.png"


def test_pictures_are_due_once_their_courses_are_there(transact: Transact) -> None:
    bring(transact, *(item(n, picture_url=url(n)) for n in (1, 2, 3)), item(4))
    bring(transact, item(9, picture_url=url(9)), academy_id=2)
    assert due(transact) == [DuePicture(key(n), url(n), 0) for n in (1, 2, 3)]
    assert due(transact, after=key(1), limit=1) == [DuePicture(key(2), url(2), 0)]
    assert transact(lambda c: item_pictures.count_due(c, 1)) == 3


def test_what_was_fetched_stands_with_the_course_and_is_not_due(transact: Transact) -> None:
    (number, _) = bring(transact, *(item(n, picture_url=url(n)) for n in (1, 2)))
    transact(lambda c: item_pictures.note(c, 1, {key(1): "abc.png", key(2): ""}))
    assert due(transact) == []
    query = select(CourseTable.picture).order_by(CourseTable.id)
    assert list(transact(lambda c: c.execute(query).scalars().all())) == ["abc.png", ""]
    # One that cannot be had later does not take the picture away.
    transact(lambda c: item_pictures.note(c, 1, {key(1): ""}))
    assert transact(lambda c: c.execute(query).scalars().first()) == "abc.png"
    assert number


def test_tries_are_counted(transact: Transact) -> None:
    bring(transact, item(1, picture_url=url(1)))
    for _ in range(2):
        transact(lambda c: item_pictures.note(c, 1, {}, again=[key(1)]))
    assert due(transact) == [DuePicture(key(1), url(1), 2)]


def test_a_newly_signed_address_is_kept_only_while_it_is_due(transact: Transact) -> None:
    bring(transact, item(1, picture_url=url(1)))
    transact(lambda c: item_pictures.renew(c, 1, {key(1): f"{url(1)}?sig=2"}))
    assert due(transact) == [DuePicture(key(1), f"{url(1)}?sig=2", 0)]
    transact(lambda c: item_pictures.note(c, 1, {key(1): "abc.png"}))
    transact(lambda c: item_pictures.renew(c, 1, {key(1): f"{url(1)}?sig=3"}))
    assert due(transact) == []
