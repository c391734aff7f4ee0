"""The one way in: all sets or none, the same package once, and nothing left behind."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from catalog import store
from catalog.errors import AlreadyStored, PackageRefused
from catalog.files.members import DEFAULT_LIMITS, Limits
from catalog.intake import Accepted, accept
from catalog.schema import CourseTable
from catalog.shelf import Shelf
from catalog.store import Transact

NOW = datetime(2024, 2, 29, tzinfo=UTC)
Members = dict[str, bytes]
MakeZip = Callable[..., Path]
MakeFolder = Callable[..., Path]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def take(transact: Transact, shelf: Shelf) -> Callable[..., list[Accepted]]:
    """Return `take(*paths, academy_id=1)`: accept with everything injected."""

    def taken(*paths: Path, academy_id: int = 1, **more: Any) -> list[Accepted]:
        arguments = {"transact": transact, "shelf": shelf, "now": NOW, **more}
        return accept(paths, academy_id=academy_id, **arguments)

    return taken


Take = Callable[..., list[Accepted]]


def kept(shelf: Shelf) -> list[str]:
    """Return what lies on the shelf, staging included."""
    root = shelf.path_of("0" * 40).parent
    return sorted(path.name for path in root.rglob("*") if len(path.name) == 40)


def count(transact: Transact) -> int:
    query = select(func.count()).select_from(CourseTable)
    return transact(lambda connection: int(connection.execute(query).scalar_one()))


def stored(transact: Transact, course_id: int) -> store.StoredCourse:
    found = transact(lambda connection: store.course(connection, 1, course_id=course_id))
    assert found is not None
    return found


def test_a_package_becomes_a_course_with_its_content(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf, transact: Transact
) -> None:
    (accepted,) = take(make_zip(plain_members))
    assert not accepted.duplicate
    assert accepted.title == "Safety at work"
    assert accepted.reason == f"Imported as course {accepted.course_id}."
    course = stored(transact, accepted.course_id)
    assert course.source == "package.zip"
    assert course.content_key is not None
    assert kept(shelf) == [course.content_key]
    place = shelf.path_of(course.content_key)
    assert (place / "start.html").read_bytes() == b"<p>Start"
    # Course files hold passwords and vendor data; they are not served.
    assert sorted(path.name for path in place.iterdir()) == ["quiz.html", "start.html"]
    address = store.launch_address(course, course.course.units[1], content_url="http://c.example")
    assert address == f"http://c.example/{course.content_key}/quiz.html?n=1"


def test_warnings_are_handed_back(take: Take, make_zip: MakeZip, plain_members: Members) -> None:
    plain_members["Start.html"] = plain_members.pop("start.html")
    (accepted,) = take(make_zip(plain_members))
    assert [warning.file for warning in accepted.warnings] == ["course.au"]


def test_progress_is_told(take: Take, make_zip: MakeZip, plain_members: Members) -> None:
    told: list[tuple[str, int, int]] = []
    take(make_zip(plain_members), on_progress=lambda *step: told.append(step))
    assert told[0] == ("Reading course files", 0, 1)
    assert told[-1] == ("Storing content", 15, 15)


def test_a_course_elsewhere_needs_no_shelf(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf, transact: Transact
) -> None:
    plain_members["course.au"] = b"system_id,file_name\nA1,https://a.example\nA2,https://b.example"
    (accepted,) = take(make_zip(plain_members))
    assert stored(transact, accepted.course_id).content_key is None
    assert kept(shelf) == []


def repacked(path: Path, members: Members) -> Path:
    """Write the same files with other time stamps, another order and no compression."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in reversed(members.items()):
            archive.writestr(zipfile.ZipInfo(name, (1999, 1, 1, 0, 0, 0)), data)
    return path


def test_the_same_package_twice_is_noticed_and_changes_nothing(
    take: Take,
    make_zip: MakeZip,
    make_folder: MakeFolder,
    plain_members: Members,
    shelf: Shelf,
    transact: Transact,
    tmp_path: Path,
) -> None:
    (first,) = take(make_zip(plain_members))
    before = kept(shelf)
    lines = {
        name: data.replace(b"\r\n", b"\n") if name.startswith("course.") else data
        for name, data in plain_members.items()
    }
    wrapped = {f"wrapped/{name}": data for name, data in lines.items()}
    again = [
        repacked(tmp_path / "again.zip", plain_members),
        make_folder(lines),
        make_zip(wrapped, "wrapped.zip"),
    ]
    for path in again:
        (second,) = take(path)
        assert second.duplicate
        assert second.course_id == first.course_id
        assert "imported before, on 2024-02-29" in second.reason
        assert "Nothing was changed" in second.reason
    assert count(transact) == 1
    assert kept(shelf) == before


@pytest.mark.parametrize(
    "change",
    [{"start.html": b"<p>New"}, {"more.css": b""}, {"course.des": b"system_id,title\nA1,New\n"}],
)
def test_a_changed_package_is_another_course(
    take: Take, make_zip: MakeZip, plain_members: Members, transact: Transact, change: Members
) -> None:
    (first,) = take(make_zip(plain_members))
    (second,) = take(make_zip({**plain_members, **change}, "new.zip"))
    assert not second.duplicate
    assert count(transact) == 2
    assert f"Course {first.course_id}" in second.warnings[-1].message


def test_another_academy_has_its_own(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf
) -> None:
    path = make_zip(plain_members)
    take(path)
    (other,) = take(path, academy_id=2)
    assert not other.duplicate
    assert other.warnings == ()
    assert len(kept(shelf)) == 2


def sets(plain_members: Members, *folders: str) -> Members:
    """Return several sets, each with a title and content of its own."""
    return {
        f"{folder}/{name}": data.replace(b"Safety at work", folder.encode())
        for folder in folders
        for name, data in plain_members.items()
    }


def test_all_sets_of_a_package_share_its_content(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf, transact: Transact
) -> None:
    accepted = take(make_zip(sets(plain_members, "one", "two")))
    assert [one.title for one in accepted] == ["one", "two"]
    keys = {stored(transact, one.course_id).content_key for one in accepted}
    assert kept(shelf) == sorted(str(key) for key in keys)
    assert [stored(transact, one.course_id).folder for one in accepted] == ["one", "two"]


def test_a_known_set_among_new_ones_is_noticed(
    take: Take, make_zip: MakeZip, plain_members: Members
) -> None:
    (known,) = take(make_zip(sets(plain_members, "two"), "two.zip"))
    accepted = take(make_zip(sets(plain_members, "one", "two", "three")))
    assert [one.duplicate for one in accepted] == [False, False, True]
    assert accepted[2].course_id == known.course_id


def test_one_set_twice_in_a_package_is_one_course(
    take: Take, make_zip: MakeZip, plain_members: Members, transact: Transact
) -> None:
    twice = {f"{folder}/{name}": data for folder in "ab" for name, data in plain_members.items()}
    assert [one.duplicate for one in take(make_zip(twice))] == [False, True]
    assert count(transact) == 1


def test_a_set_above_another_does_not_own_its_content(
    take: Take, make_zip: MakeZip, plain_members: Members
) -> None:
    inner = sets(plain_members, "inner")
    (alone,) = take(make_zip(plain_members, "alone.zip"))
    assert [one.duplicate for one in take(make_zip({**plain_members, **inner}))] == [True, False]
    assert alone.title == "Safety at work"


def test_a_set_that_launches_from_elsewhere_counts_all_content(
    take: Take, make_zip: MakeZip, plain_members: Members, transact: Transact
) -> None:
    members = sets(plain_members, "one", "two")
    members["one/course.au"] = b"system_id,file_name\nA1,../lib/a.html\nA2,quiz.html"
    take(make_zip({**members, "lib/a.html": b"1"}))
    again = take(make_zip({**members, "lib/a.html": b"2"}, "again.zip"))
    assert [one.duplicate for one in again] == [False, True]


def refused(take: Take, path: Path, **more: Any) -> PackageRefused:
    with pytest.raises(PackageRefused) as caught:
        take(path, **more)
    return caught.value


def test_faults_of_all_sets_are_told_and_none_is_taken(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf, transact: Transact
) -> None:
    members = sets(plain_members, "one", "two", "three")
    del members["one/start.html"], members["two/course.cst"]
    faults = refused(take, make_zip(members)).faults
    assert [fault.file for fault in faults] == ["one/course.au", "two/course.cst"]
    assert count(transact) == 0
    assert kept(shelf) == []


@pytest.mark.parametrize(
    "limits",
    [DEFAULT_LIMITS, Limits(max_member_size=9_000_000), Limits(max_total_size=9_000_000)],
)
def test_a_bomb_leaves_nothing_behind(
    take: Take,
    make_zip: MakeZip,
    plain_members: Members,
    shelf: Shelf,
    transact: Transact,
    limits: Limits,
) -> None:
    path = make_zip({**plain_members, "z/bomb": b"\0" * 12_000_000})
    refused(take, path, limits=limits)
    assert kept(shelf) == []
    assert count(transact) == 0


def test_damage_found_on_the_way_leaves_nothing_behind(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf
) -> None:
    path = make_zip({**plain_members, "x.bin": bytes(range(256)) * 10})
    data = bytearray(path.read_bytes())
    at = data.index(b"x.bin") + 20
    data[at] ^= 0xFF
    path.write_bytes(data)
    assert refused(take, path).faults[0].file == "x.bin"
    assert kept(shelf) == []


def test_a_failed_commit_without_content_is_just_told(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf
) -> None:
    plain_members["course.au"] = b"system_id,file_name\nA1,https://a.example\nA2,https://b.example"

    def fail(unit: Callable[[Connection], Any]) -> Any:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        take(make_zip(plain_members), transact=fail)
    assert kept(shelf) == []


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_a_failed_commit_leaves_nothing_behind(
    take: Take,
    make_zip: MakeZip,
    plain_members: Members,
    shelf: Shelf,
    transact: Transact,
    failure: type[BaseException],
) -> None:
    def fail_at_commit(unit: Callable[[Connection], Any]) -> Any:
        def both(connection: Connection) -> None:
            unit(connection)
            # The content stands in its place before the commit that speaks of it.
            assert len(kept(shelf)) == 1
            raise failure

        return transact(both)

    with pytest.raises(failure):
        take(make_zip(plain_members), transact=fail_at_commit)
    assert kept(shelf) == []
    assert count(transact) == 0


def test_the_same_package_at_once_makes_one_course(
    take: Take, make_zip: MakeZip, plain_members: Members, shelf: Shelf, transact: Transact
) -> None:
    path = make_zip(plain_members)
    ready = threading.Barrier(4)
    answers: list[Accepted] = []

    def run() -> None:
        first_try = iter([ready.wait])

        def together(unit: Callable[[Connection], Any]) -> Any:
            for wait in first_try:
                wait(timeout=30)
            return transact(unit)

        answers.extend(take(path, transact=together))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.duplicate for one in answers) == [False, True, True, True]
    assert len({one.course_id for one in answers}) == 1
    assert count(transact) == 1
    assert len(kept(shelf)) == 1


def test_a_rival_between_look_and_insert_is_found_at_the_second_try(
    take: Take,
    make_zip: MakeZip,
    plain_members: Members,
    shelf: Shelf,
    transact: Transact,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (first,) = take(make_zip(plain_members))
    look = store.course_by_fingerprint
    looks = iter([lambda *_, **__: None, look])
    monkeypatch.setattr(store, "course_by_fingerprint", lambda *a, **k: next(looks)(*a, **k))
    (second,) = take(make_zip(plain_members, "again.zip"))
    assert second.duplicate
    assert second.course_id == first.course_id
    assert len(kept(shelf)) == 1


def test_a_rival_that_is_never_seen_leaves_nothing_behind(
    take: Take,
    make_zip: MakeZip,
    plain_members: Members,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take(make_zip(plain_members))
    before = kept(shelf)
    monkeypatch.setattr(store, "course_by_fingerprint", lambda *_, **__: None)
    with pytest.raises(AlreadyStored):
        take(make_zip(plain_members, "again.zip"))
    assert kept(shelf) == before


def test_a_course_id_that_is_another_courses_number_is_no_namesake(
    take: Take, make_zip: MakeZip, plain_members: Members
) -> None:
    (first,) = take(make_zip(plain_members))
    number = str(first.course_id).encode()
    plain_members["course.crs"] = plain_members["course.crs"].replace(b"SAFETY-101", number)
    (second,) = take(make_zip(plain_members, "new.zip"))
    assert second.warnings == ()
