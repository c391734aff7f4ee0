"""What a course shows when it runs: a page of what it is about, one for each point, and an end.

Serves `launching`, for both ways of speaking HACP. Plain values; knows no learner.
"""

from __future__ import annotations

from dataclasses import dataclass

from demo.opensesame.model import Course


@dataclass(frozen=True, slots=True)
class Page:
    """One page; its `id` is the bookmark."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A course as a learner sees it."""

    course_id: str
    title: str
    publisher: str
    has_picture: bool
    pages: tuple[Page, ...]

    def number_of(self, page_id: str) -> int:
        """Return the place of a page by its bookmark, 0 where there is no such page."""
        return next((at for at, page in enumerate(self.pages) if page.id == page_id), 0)


def lesson_of(course: Course) -> Lesson:
    """Make the pages of a course."""
    pages = [Page("page-1", course.title, course.description)]
    for number, point in enumerate(course.points, start=1):
        heading = f"{number} of {len(course.points)}"
        pages.append(Page(f"page-{number + 1}", heading, point))
    pages.append(Page("page-end", "That was it", "Finish, and it is recorded as completed."))
    return Lesson(course.id, course.title, course.publisher, course.has_picture, tuple(pages))
