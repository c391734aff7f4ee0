"""Faults are met by the requests they were meant for, as often as was asked."""

from __future__ import annotations

import threading

import pytest

from demo.opensesame.faults import MEANING, Fault, Faults, Switched, places_of
from demo.opensesame.journal import Place


@pytest.fixture
def faults() -> Faults:
    return Faults()


def test_a_fault_is_met_so_many_times_and_then_no_more(faults: Faults) -> None:
    faults.switch_on(Fault.SERVER_ERROR, times=2)

    met = [Fault.SERVER_ERROR in faults.take(Place.CONTENT) for _ in range(3)]

    assert met == [True, True, False]
    assert faults.switched() == ()


def test_without_a_number_it_is_met_until_it_is_switched_off(faults: Faults) -> None:
    faults.switch_on(Fault.EMPTY)
    assert all(faults.take(Place.CONTENT) for _ in range(5))

    faults.switch_off(Fault.EMPTY)

    assert not faults.take(Place.CONTENT)


def test_it_waits_for_its_page_and_its_place(faults: Faults) -> None:
    faults.switch_on(Fault.TRUNCATED, from_page=2, times=1)
    faults.switch_on(Fault.TRUNCATED, place=Place.TOKEN)

    assert not faults.take(Place.CONTENT, page=1)
    assert faults.take(Place.CONTENT, page=3)
    assert faults.take(Place.TOKEN)
    assert not faults.take(Place.PACKAGE)
    assert [one.place for one in faults.switched()] == [Place.TOKEN]


def test_several_faults_come_together_and_all_end_at_once(faults: Faults) -> None:
    faults.switch_on(Fault.SLOW, seconds=0.5)
    faults.switch_on(Fault.DUPLICATE_IDS)

    met = faults.take(Place.CONTENT)

    assert set(met) == {Fault.SLOW, Fault.DUPLICATE_IDS}
    assert met[Fault.SLOW] == Switched(Fault.SLOW, seconds=0.5)
    faults.switch_off()
    assert faults.switched() == ()


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (Fault.EMPTY, Place.TOKEN),
        (Fault.MOVING_ITEMS, Place.PACKAGE),
        (Fault.TRUNCATED, Place.PICTURE),
        (Fault.UNAUTHORIZED, Place.PICTURE),
        (Fault.SLOW, Place.LAUNCH),
    ],
)
def test_what_cannot_happen_there_is_refused(faults: Faults, fault: Fault, place: Place) -> None:
    with pytest.raises(ValueError, match=f"{fault} cannot happen at {place}"):
        faults.switch_on(fault, place=place)


@pytest.mark.parametrize("settings", [{"times": 0}, {"times": -1}, {"from_page": 0}])
def test_numbers_that_mean_nothing_are_refused(faults: Faults, settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        faults.switch_on(Fault.SLOW, **settings)


def test_each_fault_has_a_meaning_and_a_place() -> None:
    assert set(MEANING) == set(Fault)
    assert all(Place.CONTENT in places_of(fault) for fault in Fault)


def test_many_threads_meet_it_exactly_as_often_as_was_asked(faults: Faults) -> None:
    faults.switch_on(Fault.SERVER_ERROR, times=100)
    met: list[int] = []

    def ask() -> None:
        met.append(sum(bool(faults.take(Place.CONTENT)) for _ in range(50)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(met) == 100
