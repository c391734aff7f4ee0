"""How an academy stands with OpenSesame, in one word, and when somebody should look."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from catalog.supply.model import RunState
from launcher.opensesame import connecting
from launcher.opensesame.standing import Condition, standing
from launcher.people import academies
from tests.launcher.opensesame.supplied import CIID, Supplied


@pytest.fixture
def supplied(connection: Connection, now) -> Supplied:
    academy = academies.add_academy(connection, name="Night School", now=now)
    return Supplied(lambda unit: unit(connection), academy.id, now)


@pytest.fixture
def find(connection, supplied):
    return lambda: standing(connection, supplied.academy_id)


def test_nobody_has_offered_it(find, supplied):
    assert (find().condition, find().offered) == (Condition.NOT_OFFERED, False)
    supplied.connect()
    supplied.activate(activated=False)
    assert (find().condition, find().offered) == (Condition.NOT_OFFERED, False)


def test_offered_it_is_off_until_an_admin_connects(find, supplied):
    supplied.activate()
    assert (find().condition, find().offered) == (Condition.OFF, True)
    supplied.connect()
    assert find().condition is Condition.NEVER
    supplied.connect(enabled=False)
    assert find().condition is Condition.OFF


def test_what_goes_well_asks_for_nobody(find, supplied):
    supplied.connect()
    supplied.ran()
    supplied.note()
    assert find().condition is Condition.WELL
    assert not find().calls_for_somebody
    supplied.begin()
    assert find().condition is Condition.RUNNING
    assert find().running is not None
    assert not find().calls_for_somebody


def test_a_failure_is_told_with_the_next_try(find, supplied):
    supplied.connect()
    supplied.note("Nobody answered.", times=2)
    found = find()
    assert found.condition is Condition.FAILING
    assert found.calls_for_somebody
    assert (found.next_try - supplied.now).total_seconds() == 120


def test_a_run_that_waits_comes_before_everything_else(find, supplied):
    supplied.connect()
    waiting = supplied.ran(state=RunState.WAITING)
    supplied.note("Nobody answered.")
    assert find().condition is Condition.WAITING
    assert find().waiting.id == waiting
    assert find().calls_for_somebody


def test_a_question_calls_for_somebody_though_all_is_well(find, supplied):
    supplied.connect()
    supplied.note()
    supplied.ask()
    assert (find().condition, find().questions) == (Condition.WELL, 1)
    assert find().calls_for_somebody


def test_who_shares_the_ciid_is_named_on_both_sides(connection, find, supplied, now):
    supplied.connect()
    other = academies.add_academy(connection, name="Day School", now=now)
    theirs = Supplied(supplied.transact, other.id, now)
    theirs.activate()
    connecting.share_ciid(connection, other.id, ciid=CIID, now=now)
    assert find().shared_with == ("Day School",)
    assert standing(connection, other.id).shared_with == ("Night School",)
