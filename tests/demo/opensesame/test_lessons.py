"""A lesson begins with what the course is about and ends by saying so."""

from __future__ import annotations

from demo.opensesame.catalogue import COURSES
from demo.opensesame.growing import Growth
from demo.opensesame.lessons import lesson_of


def test_each_point_has_a_page_between_the_first_and_the_end() -> None:
    lesson = lesson_of(COURSES[0])

    assert [page.id for page in lesson.pages] == [
        "page-1",
        "page-2",
        "page-3",
        "page-4",
        "page-end",
    ]
    assert lesson.pages[0].heading == COURSES[0].title
    assert [page.text for page in lesson.pages[1:-1]] == list(COURSES[0].points)


def test_a_course_without_points_has_a_beginning_and_an_end() -> None:
    assert len(lesson_of(Growth(1).course(0)).pages) == 2


def test_a_bookmark_is_found_and_an_unknown_one_means_the_beginning() -> None:
    lesson = lesson_of(COURSES[0])

    assert [lesson.number_of(id_) for id_ in ("page-3", "page-end", "", "page-99")] == [2, 4, 0, 0]
