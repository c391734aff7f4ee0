"""A page is the same whether its order is walked or what fits is gathered and sorted."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import insert, select

import catalog.store
from catalog.model import AssignableUnit, Course, ResultStatus
from launcher.people import accounts, finding
from launcher.records import listing, transcripts
from launcher.records.listing import SORTS, Filters
from launcher.schema import Progress, Role

STATUSES = [status.value for status in ResultStatus]


@pytest.fixture
def academy_id(connection, add_people, now) -> int:
    """Four learners in five courses, with equal values, and with none."""
    people = add_people(connection)
    learners = [
        accounts.add_member(
            connection,
            academy_id=people.academy_id,
            email=f"l{n}@example.org",
            name=name,
            role=Role.LEARNER,
            now=now,
        )[0].id
        for n, name in enumerate(["Kim", "adler", "Zoë", "Kim"])
    ]
    courses = [
        catalog.store.add_course(
            connection,
            people.academy_id,
            course=Course(f"C{n}", title, (AssignableUnit("A1", "U", "u"),), ("A1",)),
            source="",
            fingerprint=str(n),
            content_key=None,
            folder="",
            now=now,
        )
        for n, title in enumerate(["Fire", "aid", "Éric", "Fire", "Kim's way"])
    ]
    connection.execute(
        insert(Progress),
        [
            {
                "academy_id": people.academy_id,
                "learner_id": learner_id,
                "course_id": course_id,
                "status": STATUSES[n % len(STATUSES)],
                "percent": None if n % 3 == 0 else float(n % 4),
                "seconds": float(n % 5),
                "attempts": n % 2,
                "first_at": None if n % 4 == 0 else now - timedelta(days=n % 6),
                "last_at": None if n % 4 == 0 else now + timedelta(days=n % 3),
            }
            for n, (learner_id, course_id) in enumerate(
                (learner_id, course_id) for learner_id in learners for course_id in courses
            )
        ],
    )
    return people.academy_id


def pages(connection, academy_id, filters, *, sort, size):
    """Read all pages one after another."""
    found, page = [], True
    while page:
        page = listing.keys(
            connection, academy_id, filters, sort=sort, limit=size, offset=len(found)
        )
        found += page
    return found


def asked_for(now, course_id):
    """Every order without a filter, and every filter in three of them."""
    yield from ((sign + name, Filters()) for name in sorted(SORTS) for sign in ("", "-"))
    filters = [
        Filters(status="passed"),
        Filters(course_id=course_id),
        Filters(search="kim"),
        Filters(search="fire kim"),
        Filters(search="nobody"),
        Filters(since=now, until=now + timedelta(days=2)),
    ]
    yield from product(("last", "-status", "learner"), filters)


def test_walking_and_gathering_give_the_same_pages(
    connection, academy_id, now, monkeypatch
) -> None:
    course_id = connection.scalar(select(Progress.course_id).limit(1))
    for sort, filters in asked_for(now, course_id):
        facts = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
        whole = [
            (row.learner_id, row.course_id)
            for row in transcripts.each(connection, academy_id, sort=sort, **facts)
        ]
        with monkeypatch.context() as walking:
            walking.setattr(listing, "FEW", -1)
            walking.setattr(finding, "FEW", 0)
            walking.setattr(listing, "FEW_COURSES", 0)
            assert pages(connection, academy_id, filters, sort=sort, size=7) == whole
        gathered = listing.keys(connection, academy_id, filters, sort=sort, limit=20, offset=0)
        assert gathered == whole
        assert listing.count(connection, academy_id, filters, most=2) == min(2, len(whole))


def test_a_page_far_behind_the_end_is_empty(connection, academy_id) -> None:
    for sort in ("last", "status", "learner"):
        keys = listing.keys(
            connection, academy_id, Filters(), sort=sort, limit=50, offset=10_000_000
        )
        assert keys == []
