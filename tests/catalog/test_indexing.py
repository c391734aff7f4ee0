"""What an older release left is indexed by the next one, and found from then on."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from catalog import indexing, search
from catalog.duplicates import marks_of_course
from catalog.marks import match
from catalog.schema import CourseTable, LanguageTable, MarkTable
from catalog.search import Asked
from catalog.store import Transact
from tests.catalog.stock import HOSTS, bring, course, item, upload


def leave_as_an_older_release(connection: Connection) -> None:
    """Take everything away that a course is found by, and say so in its row."""
    search.drop(connection, 1, range(1, 100))
    connection.execute(delete(MarkTable))
    connection.execute(delete(LanguageTable))
    connection.execute(update(CourseTable).values(index_edition=0, title_key=""))


def test_courses_of_an_older_release_are_found_again(transact: Transact) -> None:
    uploaded = upload(transact, course("UP-1", "Wärme"))
    (brought,) = bring(
        transact, item(1, "Kälte", languages=("de",), categories=(("Physics", "Heat"),))
    )
    transact(leave_as_an_older_release)
    assert transact(lambda c: search.search(c, 1, Asked("warme"))).total == 0

    counted = [transact(lambda c: indexing.refresh(c, limit=1)) for _ in range(3)]

    assert counted == [1, 1, 0]

    def found(text: str) -> list[int]:
        return [hit.id for hit in transact(lambda c: search.search(c, 1, Asked(text))).hits]

    assert found("warme up-1") == [uploaded]
    assert found("kalte heat") == [brought]
    assert [hit.id for hit in transact(lambda c: search.search(c, 1, Asked())).hits] == [
        brought,
        uploaded,
    ]
    assert transact(lambda c: search.languages(c, 1)) == [("de", 1)]
    asked = marks_of_course(course("UP-1", "Wärme"), hosts=HOSTS)
    (verdict,) = transact(lambda c: match(c, 1, [asked], hosts=HOSTS, linked=True))
    assert verdict is not None
    assert verdict.course_ids == (uploaded,)


def test_what_is_up_to_date_is_left_alone(transact: Transact) -> None:
    upload(transact, course())
    bring(transact, item(1))
    assert transact(indexing.refresh) == 0
