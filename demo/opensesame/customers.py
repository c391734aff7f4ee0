"""One customer of the pretend OpenSesame: the List, what of it was sent, and the listing's order.

Serves `pretend`, which holds the lock: nothing here is thread-safe by itself. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from demo.opensesame.growing import Growth
from demo.opensesame.model import Course, Entry


class CannotSend(Exception):
    """The course cannot be sent like that; the text says why, for a person."""


class NoSuchCourse(Exception):
    """The customer's List has no course with that id."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An item that is listed as it is, whatever it is."""

    value: object


@dataclass
class Customer:
    """A customer with its List.

    `entries` are keyed by id. `grown` are, by number, the courses of `growth` that differ from what
    is made up for them. `raw` are items that are listed as they are. `turned` is how far the
    listing has moved since it began.
    """

    ciid: str
    push_url: str = ""
    push_secret: str = field(default="", repr=False)
    entries: dict[str, Entry] = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth)
    grown: dict[int, Entry] = field(default_factory=dict)
    raw: list[Raw] = field(default_factory=list)
    turned: int = 0

    def add(self, courses: Iterable[Course]) -> None:
        """Put courses on the List, not sent."""
        for course in courses:
            self.entries[course.id.lower()] = Entry(course)

    def grow(self, growth: Growth) -> None:
        """Have that many made-up courses on the List, all sent, in place of earlier ones."""
        self.growth, self.grown = growth, {}

    def entry(self, course_id: str) -> Entry:
        """Find a course by its GUID, in any case; raises NoSuchCourse."""
        key = course_id.lower()
        if key in self.entries:
            return self.entries[key]
        number = self.growth.number_of(key)
        if number is None:
            raise NoSuchCourse(course_id)
        return self.grown.get(number) or self.growth.entry(number)

    def keep(self, entry: Entry) -> None:
        """Put a changed entry in the place of the one with its id."""
        key = entry.course.id.lower()
        if key in self.entries:
            self.entries[key] = entry
        else:
            number = self.growth.number_of(key)
            if number is None:
                raise NoSuchCourse(key)
            self.grown[number] = entry

    def send(
        self, course_ids: Sequence[str], *, licences: Mapping[str, str], today: date
    ) -> tuple[Entry, ...]:
        """Send these courses, all of them or none; raises CannotSend, NoSuchCourse.

        `licences` names the licence type by course id, where there are several.
        """
        named = {course_id.lower(): kind for course_id, kind in licences.items()}
        sent = [
            self._as_sent(self.entry(course_id), named.get(course_id.lower(), ""), today)
            for course_id in dict.fromkeys(course_ids)
        ]
        for entry in sent:
            self.keep(entry)
        return tuple(sent)

    def _as_sent(self, entry: Entry, kind: str, today: date) -> Entry:
        title = entry.course.title
        types = [licence.type for licence in entry.licences(today)]
        if entry.retired:
            raise CannotSend(f"{title}: its publisher has retired it.")
        if not types:
            raise CannotSend(f"{title}: no licence for it is active.")
        if kind and kind not in types:
            raise CannotSend(f"{title}: there is no active licence {kind!r}.")
        if not kind and len(types) > 1:
            raise CannotSend(f"{title}: choose one of its licences: {', '.join(types)}.")
        return replace(entry, sent_as=kind or types[0])

    def change(self, course_id: str, **fields: Any) -> Entry:
        """Change fields of the course, such as its title; the id stays."""
        entry = self.entry(course_id)
        changed = replace(entry, course=replace(entry.course, **fields))
        if changed.course.id != entry.course.id:
            raise ValueError("the id of a course never changes")
        self.keep(changed)
        return changed

    def listed(self, start: int, stop: int) -> Iterator[Entry | Raw]:
        """Yield what the API lists from `start` to before `stop`, in the present order."""
        named = [entry for entry in self.entries.values() if entry.sent_as is not None]
        numbers = self._numbers()
        total = len(named) + len(numbers) + len(self.raw)
        for at in range(start, min(stop, total)):
            place = (at + self.turned) % total
            if place < len(named):
                yield named[place]
            elif place < len(named) + len(numbers):
                number = numbers[place - len(named)]
                yield self.grown.get(number) or self.growth.entry(number)
            else:
                yield self.raw[place - len(named) - len(numbers)]

    def count(self) -> int:
        """Return how many items the API lists."""
        sent = sum(entry.sent_as is not None for entry in self.entries.values())
        return sent + len(self._numbers()) + len(self.raw)

    def _numbers(self) -> Sequence[int]:
        """Return the numbers of the made-up courses that are listed."""
        gone = {number for number, entry in self.grown.items() if entry.sent_as is None}
        if not gone:
            return range(self.growth.count)
        return [number for number in range(self.growth.count) if number not in gone]
