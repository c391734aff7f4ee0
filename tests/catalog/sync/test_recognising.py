"""Uploaded packages that carry an OpenSesame id: linked at once, and never made to lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from catalog.intake import Accepted, accept
from catalog.provider.provided import item_hash
from catalog.shelf import Shelf
from catalog.store import Transact
from catalog.supply import connections, decisions, items
from catalog.supply.model import DuplicatePolicy, ItemState, Origin
from catalog.sync.recognising import link_accepted
from tests.catalog.conftest import CONTENT, MakeZip
from tests.catalog.stock import NOW, bring, item, key, stored
from tests.catalog.world import open_academy

Upload = Callable[..., Accepted]


@pytest.fixture
def package(make_zip: MakeZip, plain: dict[str, bytes]) -> Callable[[str], Path]:
    """Return `package(course_id)`: a package with this Course_ID, of two units."""

    def made(course_id: str, name: str = "package.zip") -> Path:
        files = {f"course.{suffix}": text for suffix, text in plain.items()}
        files["course.crs"] = files["course.crs"].replace(b"SAFETY-101", course_id.encode())
        return make_zip({**files, **CONTENT}, name)

    return made


@pytest.fixture
def take(transact: Transact, tmp_path: Path, package: Callable[..., Path]) -> Upload:
    """Return `take(course_id)`: a package taken in as an upload is."""

    def taken(course_id: str, **more: object) -> Accepted:
        def link(connection: Connection, accepted: list[Accepted]) -> None:
            link_accepted(connection, 1, accepted, now=NOW)

        arguments = {"transact": transact, "shelf": Shelf(tmp_path / "shelf"), "now": NOW, **more}
        name = f"{course_id}.zip"
        (one,) = accept([package(course_id, name)], academy_id=1, also=link, **arguments)
        return one

    return taken


def know(transact: Transact, *numbers: int, state: ItemState = ItemState.SKIPPED) -> None:
    """Have items without a course, as a sync leaves duplicates."""
    kept = [(item(number, "By OpenSesame"), item_hash(item(number))) for number in numbers]
    transact(lambda c: items.keep(c, 1, kept, course_ids=[None] * len(kept), state=state, now=NOW))


def linked(transact: Transact, number: int) -> int | None:
    found = transact(lambda c: items.stored(c, 1, [key(number)])).get(key(number))
    return found.course_id if found is not None else None


@pytest.mark.parametrize("state", [ItemState.SKIPPED, ItemState.WAITING, ItemState.FAILED])
def test_an_upload_with_a_known_id_becomes_that_course(
    transact: Transact, take: Upload, state: ItemState
) -> None:
    open_academy(transact, ciid="ciid")
    know(transact, 1, 2, state=state)

    one = take(key(1).upper())

    assert (linked(transact, 1), linked(transact, 2)) == (one.course_id, None)
    assert stored(transact, one.course_id).title == "By OpenSesame"
    (kept,) = transact(lambda c: decisions.trail(c, 1, key=key(1)))
    assert (kept.choice, kept.course_id) == (DuplicatePolicy.UPDATE, one.course_id)
    assert kept.question.origin is Origin.UPLOAD
    assert key(1) in kept.question.reason


def test_without_a_connection_nothing_is_linked(transact: Transact, take: Upload) -> None:
    open_academy(transact, ciid="ciid")
    know(transact, 1)
    transact(lambda c: connections.activate(c, 1, activated=False, now=NOW))

    one = take(key(1))

    assert linked(transact, 1) is None
    assert stored(transact, one.course_id).title == "Safety at work"


def test_an_id_that_nobody_knows_and_one_that_has_its_course_link_nothing(
    transact: Transact, take: Upload
) -> None:
    open_academy(transact, ciid="ciid")
    (other,) = bring(transact, item(1))

    unknown, known = take(key(7)), take(key(1))

    assert linked(transact, 1) == other
    for one in (unknown, known):
        found = transact(lambda c, number=one.course_id: items.provided(c, 1, course_id=number))
        assert found is None


def test_a_package_for_a_linked_course_changes_its_units_and_not_what_the_provider_owns(
    transact: Transact, take: Upload
) -> None:
    open_academy(transact, ciid="ciid")
    (number,) = bring(transact, item(1, "By OpenSesame", description="Told by OpenSesame"))

    take("SAFETY-102", into=number)

    after = stored(transact, number)
    assert (after.title, after.course.title) == ("By OpenSesame", "By OpenSesame")
    assert after.course.description == "Told by OpenSesame"
    assert [unit.system_id for unit in after.course.units] == ["A1", "A2"]
    assert linked(transact, 1) == number
