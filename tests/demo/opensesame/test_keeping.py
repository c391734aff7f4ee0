"""The state survives a restart, whole and private."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from demo.opensesame import keeping
from demo.opensesame.catalogue import COURSES
from demo.opensesame.model import Client, Licence, Opening
from demo.opensesame.pretend import Pretend

HIPAA, FEEDBACK = COURSES[0].id, COURSES[4].id


def lived_in(path: Path, clock) -> Pretend:
    """A state with something of everything in it."""
    pretend = Pretend(file=path, clock=clock)
    pretend.add_client(Client("own", "secret", frozenset({"other"})))
    pretend.add_customer("other", courses=COURSES[:2])
    pretend.connect("http://127.0.0.1:9/deliveries", "the secret")
    pretend.deliver(HIPAA, FEEDBACK, licences={FEEDBACK: "Seats"})
    pretend.change(HIPAA, title="職場", licences=(Licence("Seats", 3, date(2030, 1, 1)),))
    pretend.open_launches(HIPAA, Opening.NO_SEAT)
    pretend.grow(10, retired=0.5)
    pretend.retire(pretend.grown().id_of(3))
    pretend.list_raw({"id": None}, "text")
    pretend.turn()
    launch = pretend.note_launch(HIPAA, Opening.OPEN, ciid=pretend.ciid)
    pretend.note_learner(launch.id, "k3v9q2", completed=True)
    return pretend


def test_what_was_written_is_read_back_equal(tmp_path: Path, clock) -> None:
    path = tmp_path / "opensesame.json"
    before = lived_in(path, clock)
    after = Pretend(file=path, clock=clock)

    assert keeping.read(path) == before._state
    assert after.ciids() == before.ciids()
    assert after.client == before.client
    assert after.entries() == before.entries()
    assert after.listed(0, 99, ciid=after.ciid) == before.listed(0, 99, ciid=before.ciid)
    assert after.deliveries() == before.deliveries()
    assert after.launches() == before.launches()
    assert after.connection() == ("http://127.0.0.1:9/deliveries", "the secret")


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "opensesame.json"
    Pretend(file=path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in tmp_path.iterdir()] == ["opensesame.json"]


def test_where_there_is_no_file_it_begins_anew(tmp_path: Path) -> None:
    assert keeping.read(tmp_path / "nothing") == keeping.State()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"clients": []}', '{"clients": [7]}'])
def test_a_file_that_cannot_be_read_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "opensesame.json"
    path.write_text(text)

    with pytest.raises(keeping.Unreadable, match="move it away"):
        Pretend(file=path)
    assert path.read_text() == text


def test_the_file_does_not_grow_without_end(tmp_path: Path, clock) -> None:
    path = tmp_path / "opensesame.json"
    pretend = lived_in(path, clock)
    (delivery,) = pretend._state.deliveries.values()
    (launch,) = pretend._state.launches.values()
    for number in range(keeping.MOST_LAUNCHES + 5):
        pretend._state.launches[f"L{number}"] = replace(launch, id=f"L{number}")
        pretend._state.deliveries[f"D{number}"] = replace(delivery, id=f"D{number}")
    pretend.grow(0)

    kept = json.loads(path.read_text())

    assert len(kept["launches"]) == keeping.MOST_LAUNCHES
    assert len(kept["deliveries"]) == keeping.MOST_DELIVERIES
    assert kept["launches"][-1]["id"] == f"L{keeping.MOST_LAUNCHES + 4}"
