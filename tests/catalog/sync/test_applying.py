"""Applying a page: in few statements, course by course where one is bad, and each of them whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from catalog.errors import NothingToDecide
from catalog.provider.provided import Item
from catalog.store import Transact
from catalog.supply import items
from catalog.supply.model import DuplicatePolicy, ItemState, Outcome, RunKind
from catalog.sync import provided_courses
from catalog.sync.applying import Applier
from catalog.sync.judging import Policy, judge_page
from tests.catalog.stock import HOSTS, NOW, item, key, stored_item

APPLIER = Applier(1, None, DuplicatePolicy.ASK)


def apply(transact: Transact, *listed: Item, kind: RunKind = RunKind.DAILY) -> dict[str, Outcome]:
    def unit(connection: Connection) -> dict[str, Outcome]:
        policy = Policy(DuplicatePolicy.ASK, HOSTS)
        works = judge_page(connection, 1, listed, seen=set(), policy=policy, kind=kind)
        applied = APPLIER.page(connection, works, now=NOW)
        return {one.key: one.outcome for one in (*applied.told, *applied.quiet)}

    return transact(unit)


@pytest.fixture
def statements(catalog_engine: Engine) -> Iterator[list[str]]:
    """Return the statements that were made so far."""
    made: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        made.append(statement)

    event.listen(catalog_engine, "before_cursor_execute", note)
    yield made
    event.remove(catalog_engine, "before_cursor_execute", note)


def page(title: str = "") -> list[Item]:
    return [
        item(n, f"{title}{n}", categories=(("Safety", str(n % 3)),), languages=("en",))
        for n in range(50)
    ]


def test_a_new_page_takes_a_few_statements_and_an_unchanged_one_a_single_question(
    transact: Transact, statements: list[str]
) -> None:
    apply(transact, *page())
    new = len(statements)
    statements.clear()
    assert set(apply(transact, *page()).values()) == {Outcome.UNCHANGED}
    asked = [one for one in statements if not one.startswith(("BEGIN", "COMMIT"))]
    assert len(asked) == 1
    statements.clear()
    assert set(apply(transact, *page("Other ")).values()) == {Outcome.UPDATED}
    # Far fewer than one for each course.
    assert max(new, len(statements)) < 35


def test_one_bad_course_is_found_among_many(
    transact: Transact, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = items.keep

    def keep(connection: Any, academy_id: int, kept: Any, **more: Any) -> None:
        if more["state"] is ItemState.LINKED and any(one.key == key(7) for one, _ in kept):
            raise NothingToDecide("not this one")
        real(connection, academy_id, kept, **more)

    monkeypatch.setattr(items, "keep", keep)
    outcomes = apply(transact, *page())
    assert [one for one, outcome in outcomes.items() if outcome is Outcome.FAILED] == [key(7)]
    failed = stored_item(transact, 7)
    assert failed is not None
    assert (failed.state, failed.course_id) == (ItemState.FAILED, None)
    monkeypatch.undo()
    assert apply(transact, *page())[key(7)] is Outcome.NEW


def test_a_lost_connection_is_no_courses_fault(
    transact: Transact, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(connection: Connection, *_: Any, **__: Any) -> list[int]:
        connection.invalidate()
        raise ConnectionError("gone")

    monkeypatch.setattr(provided_courses, "add", lose)
    with pytest.raises(Exception, match=r"gone|invalid"):
        apply(transact, *page())
    monkeypatch.undo()
    assert set(apply(transact, *page()).values()) == {Outcome.NEW}


def test_repeated_items_are_applied_once(transact: Transact) -> None:
    assert apply(transact, item(1, "First"), item(1, "Second")) == {key(1): Outcome.NEW}
    assert apply(transact, item(1, "First")) == {key(1): Outcome.UNCHANGED}
