"""Enrolments one by one and by file, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

import catalog.store
from catalog import archive
from catalog.intake import accept
from catalog.model import ArchiveReason
from catalog.shelf import Shelf
from launcher.people import academies, accounts, enrolments, passwords
from launcher.people.enrolments import EnrolmentRefused
from launcher.schema import Account, Enrolment, Membership, Progress, Role

CRS = "[Course]\r\nCourse_ID={id}\r\nCourse_Title={id} title\r\nTotal_AUs=1\r\n"
AU = 'system_id,file_name,type\r\n"A1","https://content.example/{id}/start.html","lesson"\r\n'
DES = 'system_id,title,description\r\n"A1","Unit","-"\r\n'
CST = 'block,member\r\n"root","A1"\r\n'


@pytest.fixture
def school(connection, now):
    return academies.add_academy(connection, name="School", now=now).id


@pytest.fixture
def other(connection, now):
    return academies.add_academy(connection, name="Other", now=now).id


@pytest.fixture
def add_course(connection, tmp_path, now):
    """Return `add_course(academy_id, aicc_id) -> course_id`: taken in as a package is."""

    def _add(academy_id: int, aicc_id: str) -> int:
        folder = Path(tmp_path / f"{academy_id}-{aicc_id}")
        folder.mkdir()
        for suffix, text in (("crs", CRS), ("au", AU), ("des", DES), ("cst", CST)):
            (folder / f"course.{suffix}").write_bytes(text.format(id=aicc_id).encode())
        (accepted,) = accept(
            [folder],
            academy_id=academy_id,
            transact=lambda unit: unit(connection),
            shelf=Shelf(tmp_path / "content"),
            now=now,
        )
        return accepted.course_id

    return _add


@pytest.fixture
def learner(connection, school, now):
    member, _ = accounts.add_member(
        connection,
        academy_id=school,
        email="jane@example.org",
        name="Doe, Jane",
        role=Role.LEARNER,
        student_id="s1",
        now=now,
    )
    return member


def test_a_learner_is_enrolled_once_and_shown_as_not_attempted(
    connection, school, learner, add_course, now
):
    course_id = add_course(school, "C1")
    key = {"academy_id": school, "learner_id": learner.id, "course_id": course_id}
    assert enrolments.enrol(connection, **key, now=now)
    assert not enrolments.enrol(connection, **key, now=now)
    assert enrolments.enrolled_courses(connection, school, learner_id=learner.id) == [course_id]
    assert enrolments.enrolled_learners(connection, school, course_id=course_id) == [learner]
    assert enrolments.count_enrolled(connection, school, course_id=course_id) == 1
    assert connection.execute(select(Progress.status)).scalars().all() == ["not attempted"]


def test_withdrawing_ends_it_and_says_whether_there_was_anything(
    connection, school, learner, add_course, now
):
    course_id = add_course(school, "C1")
    key = {"academy_id": school, "learner_id": learner.id, "course_id": course_id}
    enrolments.enrol(connection, **key, now=now)
    assert enrolments.withdraw(connection, **key)
    assert not enrolments.withdraw(connection, **key)
    assert enrolments.enrolled_courses(connection, school, learner_id=learner.id) == []
    assert connection.execute(select(Progress.status)).all() == []


def test_what_was_begun_stays_on_record_after_withdrawing(
    connection, school, learner, add_course, now
):
    course_id = add_course(school, "C1")
    key = {"academy_id": school, "learner_id": learner.id, "course_id": course_id}
    enrolments.enrol(connection, **key, now=now)
    connection.execute(update(Progress).values(attempts=1, status="incomplete"))
    enrolments.withdraw(connection, **key)
    assert connection.execute(select(Progress.status)).scalars().all() == ["incomplete"]


def test_nobody_is_enrolled_in_an_archived_course_but_who_is_stays_so(
    connection, school, learner, add_course, now
):
    course_id = add_course(school, "C1")
    other, _ = accounts.add_member(
        connection,
        academy_id=school,
        email="joe@example.org",
        name="Doe, Joe",
        role=Role.LEARNER,
        now=now,
    )
    key = {"academy_id": school, "course_id": course_id, "now": now}
    assert enrolments.enrol(connection, learner_id=learner.id, **key)
    archive.archive(
        connection, school, course_id=course_id, reason=ArchiveReason.ADMIN, by=None, now=now
    )

    with pytest.raises(EnrolmentRefused, match='"C1 title", is archived'):
        enrolments.enrol(connection, learner_id=other.id, **key)
    assert not enrolments.enrol(connection, learner_id=learner.id, **key)
    ids = [one.id for one in enrolments.enrolled_learners(connection, school, course_id=course_id)]
    assert ids == [learner.id]


def test_a_file_that_names_an_archived_course_says_the_line_and_changes_nothing(
    connection, school, learner, add_course, now
):
    course_id = add_course(school, "C1")
    archive.archive(
        connection, school, course_id=course_id, reason=ArchiveReason.ADMIN, by=None, now=now
    )

    report = enrolments.import_csv(
        connection,
        academy_id=school,
        text="email,name,course\nnew@example.org,New,\njane@example.org,,C1\n",
        now=now,
    )

    (fault,) = report.faults
    assert (fault.line, fault.column) == (3, "course")
    assert "is archived: nobody can begin it" in fault.message
    assert accounts.find_member(connection, school, text="new@example.org") is None


def test_nobody_is_enrolled_across_academies(connection, school, other, learner, add_course, now):
    own, foreign = add_course(school, "C1"), add_course(other, "C2")
    for academy_id, course_id in ((school, foreign), (other, foreign), (other, own), (school, 99)):
        with pytest.raises(EnrolmentRefused):
            enrolments.enrol(
                connection,
                academy_id=academy_id,
                learner_id=learner.id,
                course_id=course_id,
                now=now,
            )
    assert connection.execute(select(func.count()).select_from(Enrolment)).scalar_one() == 0


def test_a_file_adds_people_and_enrols_them(connection, school, learner, add_course, now):
    one, two = add_course(school, "C1"), add_course(school, "C2")
    text = (
        "course,email,name,student_id\n"
        'c1,new@example.org,"New, Nora",n-1\n'
        f"{two},new@example.org,,\n"
        "C1,jane@example.org,,s1\n"
        "C1,jane@example.org,,\n"
        ',alone@example.org,"Alone, Al",\n'
    )
    report = enrolments.import_csv(connection, academy_id=school, text=text, now=now)
    assert report.faults == ()
    assert [member.email for member, _ in report.added] == ["new@example.org", "alone@example.org"]
    assert (report.enrolled, report.unchanged) == (3, 1)
    new, password = report.added[0]
    account = accounts.account_by_email(connection, email="new@example.org")
    assert account is not None
    assert passwords.matches(account.password, str(password))
    assert new.student_id == "n-1"
    assert set(enrolments.enrolled_courses(connection, school, learner_id=new.id)) == {one, two}
    again = enrolments.import_csv(connection, academy_id=school, text=text, now=now)
    assert (again.added, again.enrolled, again.unchanged) == ((), 0, 5)


def test_a_file_with_faults_names_all_of_them_and_changes_nothing(
    connection, school, other, learner, add_course, now
):
    add_course(school, "C1")
    add_course(other, "C9")
    text = (
        "email,name,student_id,course\n"
        "fine@example.org,Fine,,C1\n"
        "broken,Name,,C1\n"
        "new@example.org,,,C1\n"
        "jane@example.org,,other-id,C1\n"
        "jane@example.org,,,C9\n"
        "taken@example.org,Name,s1,\n"
    )
    before = _counts(connection)
    report = enrolments.import_csv(connection, academy_id=school, text=text, now=now)
    assert [(fault.line, fault.column) for fault in report.faults] == [
        (3, "email"),
        (4, "name"),
        (5, "student_id"),
        (6, "course"),
        (7, "student_id"),
    ]
    assert report.added == ()
    assert _counts(connection) == before


def test_a_course_id_that_two_courses_share_must_be_named_by_id(
    connection, school, learner, add_course, now
):
    one = add_course(school, "C1")
    two = add_course(school, "c1")
    assert one != two
    text = "email,course\njane@example.org,C1\n"
    report = enrolments.import_csv(connection, academy_id=school, text=text, now=now)
    assert f"{one}, {two}" in report.faults[0].message
    assert catalog.store.find(connection, school, text=str(one))


def test_a_wrong_file_is_refused_before_anything_is_looked_up(connection, school, now):
    report = enrolments.import_csv(connection, academy_id=school, text="PK\x03\x04", now=now)
    assert [fault.column for fault in report.faults] == ["pk\ufffd\ufffd", "email"]


def test_faults_end_somewhere(connection, school, now):
    text = "email\n" + "wrong\n" * 1500
    report = enrolments.import_csv(connection, academy_id=school, text=text, now=now)
    assert len(report.faults) == 200


def _counts(connection):
    return [
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (Account, Membership, Enrolment, Progress)
    ]
