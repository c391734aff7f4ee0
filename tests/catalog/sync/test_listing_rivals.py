"""An upload and a sync that meet: the later one sees the other, and no course is there twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from catalog.intake import DuplicateFound, accept
from catalog.supply.model import DuplicatePolicy, Outcome
from catalog.sync import applying
from catalog.sync.recognising import link_accepted
from tests.catalog.conftest import CONTENT, MakeZip
from tests.catalog.world import START, World

T = TypeVar("T")

HIPAA = "5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301"
# Long enough for the other side to come to where it has to wait; nothing is measured by it.
A_MOMENT = 0.3
PATIENCE = 20


@pytest.fixture
def package(make_zip: MakeZip, plain: dict[str, bytes]) -> Path:
    """A package that carries the id of a course of the listing."""
    files = {f"course.{suffix}": text for suffix, text in plain.items()}
    files["course.crs"] = files["course.crs"].replace(b"SAFETY-101", HIPAA.encode())
    return make_zip({**files, **CONTENT})


def take(world: World, package: Path, also: Callable[..., None] | None = None) -> Any:
    """Upload it as the hall does, with one thing more in its transaction."""

    def both(connection: Connection, accepted: Any) -> None:
        link_accepted(connection, 1, accepted, now=START)
        if also is not None:
            also()

    return accept(
        [package],
        academy_id=1,
        transact=world.transact,
        shelf=world.shelf,
        now=START,
        ask=["localhost"],
        also=both,
    )


def test_a_page_that_comes_while_an_upload_is_not_committed_becomes_that_course(
    world: World, package: Path
) -> None:
    world.policy = DuplicatePolicy.UPDATE
    world.pretend.send(HIPAA)
    stored, commit = threading.Event(), threading.Event()

    def wait() -> None:
        stored.set()
        assert commit.wait(PATIENCE)

    with ThreadPoolExecutor(2) as both:
        uploading = both.submit(take, world, package, wait)
        assert stored.wait(PATIENCE)
        syncing = both.submit(world.sync)
        threading.Event().wait(A_MOMENT)
        commit.set()
        (one,), report = uploading.result(PATIENCE), syncing.result(PATIENCE)

    assert report.counts == {Outcome.UPDATED: 1}
    assert world.course_id(HIPAA) == one.course_id
    assert len(world.titles()) == 1


def test_an_upload_that_comes_while_a_page_is_not_committed_is_asked_about(
    world: World, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pretend.send(HIPAA)
    written, commit = threading.Event(), threading.Event()
    page = applying.Applier.page

    def page_and_wait(*given: Any, **more: Any) -> Any:
        applied = page(*given, **more)
        written.set()
        assert commit.wait(PATIENCE)
        return applied

    monkeypatch.setattr(applying.Applier, "page", page_and_wait)
    with ThreadPoolExecutor(2) as both:
        syncing = both.submit(world.sync)
        assert written.wait(PATIENCE)
        uploading = both.submit(take, world, package)
        threading.Event().wait(A_MOMENT)
        commit.set()
        report = syncing.result(PATIENCE)
        with pytest.raises(DuplicateFound, match=HIPAA):
            uploading.result(PATIENCE)

    assert report.counts == {Outcome.NEW: 1}
    assert len(world.titles()) == 1
