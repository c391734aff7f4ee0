"""Content that an update replaced: free when nobody can use it any more, and never before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from catalog import replaced, versions
from catalog.intake import accept
from catalog.shelf import Shelf
from catalog.store import Transact
from tests.catalog.conftest import CONTENT, MakeZip
from tests.catalog.stock import NOW, stored

LATER = NOW + timedelta(days=7)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def take(transact: Transact, shelf: Shelf, package: Path, *, into: int | None = None) -> list[int]:
    taken = accept([package], academy_id=1, transact=transact, shelf=shelf, now=NOW, into=into)
    return [one.course_id for one in taken]


def free(transact: Transact, *, before: timedelta = timedelta(days=1)) -> list[tuple[str, bool]]:
    found = transact(lambda c: replaced.due(c, before=NOW + before))
    return [(one.content_key, one.free) for one in found]


def package(make_zip: MakeZip, plain: dict[str, bytes], edition: bytes, **other: bytes) -> Path:
    files = {f"course.{suffix}": text for suffix, text in {**plain, **other}.items()}
    return make_zip({**files, **CONTENT, "start.html": edition}, f"{edition.decode()}.zip")


def test_replaced_content_is_free_after_its_time_and_the_new_one_is_not(
    transact: Transact, shelf: Shelf, make_zip: MakeZip, plain: dict[str, bytes]
) -> None:
    (number,) = take(transact, shelf, package(make_zip, plain, b"first"))
    old = stored(transact, number).content_key
    assert free(transact) == []

    take(transact, shelf, package(make_zip, plain, b"second"), into=number)

    assert free(transact, before=timedelta()) == []
    assert free(transact) == [(old, True)]
    assert stored(transact, number).content_key not in (None, old)


def test_what_an_older_version_has_is_not_even_noted(
    transact: Transact, shelf: Shelf, make_zip: MakeZip, plain: dict[str, bytes]
) -> None:
    (number,) = take(transact, shelf, package(make_zip, plain, b"first"))
    other = {name: plain[name].replace(b'"A2"', b'"A9"') for name in ("au", "des", "cst")}

    take(transact, shelf, package(make_zip, plain, b"second", **other), into=number)

    assert stored(transact, number).version == 2
    assert free(transact) == []


def test_an_update_that_is_taken_back_notes_nothing(
    transact: Transact, shelf: Shelf, make_zip: MakeZip, plain: dict[str, bytes]
) -> None:
    (number,) = take(transact, shelf, package(make_zip, plain, b"first"))
    same = stored(transact, number).course

    def change_and_fail(connection: Connection) -> None:
        versions.change(connection, 1, {number: same}, content=("0" * 40, ""), now=NOW)
        raise LookupError

    with pytest.raises(LookupError):
        transact(change_and_fail)
    assert free(transact) == []


def test_content_of_a_package_is_free_when_the_last_of_its_courses_has_other(
    transact: Transact, shelf: Shelf, make_zip: MakeZip, plain: dict[str, bytes]
) -> None:
    files = {f"{name}/c.{suffix}": text for name in "ab" for suffix, text in plain.items()}
    files["b/c.crs"] = files["b/c.crs"].replace(b"SAFETY-101", b"SAFETY-102")
    content = {f"{name}/{path}": text for name in "ab" for path, text in CONTENT.items()}
    first, second = take(transact, shelf, make_zip({**files, **content}))
    shared = stored(transact, first).content_key
    assert shared == stored(transact, second).content_key

    take(transact, shelf, package(make_zip, plain, b"third"), into=first)
    assert free(transact) == [(shared, False)]

    other = plain["crs"].replace(b"SAFETY-101", b"SAFETY-102")
    newer = package(make_zip, plain, b"fourth", crs=other)
    accept([newer], academy_id=1, transact=transact, shelf=shelf, now=LATER, into=second)
    # Whoever launched the second course an hour ago still has it open.
    assert free(transact) == [(shared, False)]
    assert free(transact, before=timedelta(days=8)) == [(shared, True), (shared, True)]


def test_what_was_seen_to_is_forgotten(
    transact: Transact, shelf: Shelf, make_zip: MakeZip, plain: dict[str, bytes]
) -> None:
    (number,) = take(transact, shelf, package(make_zip, plain, b"first"))
    take(transact, shelf, package(make_zip, plain, b"second"), into=number)
    (seen,) = transact(lambda c: replaced.due(c, before=LATER))

    for _ in range(2):
        transact(lambda c: replaced.forget(c, seen))

    assert free(transact) == []
