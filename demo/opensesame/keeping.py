"""The state of the pretend OpenSesame as a JSON file, so that it survives a restart.

Serves `pretend`. Holds all of the state and no rule about it; what is gone with the process is not
in it: tokens, calls and faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from demo.files import write_private
from demo.opensesame.customers import Customer, Raw
from demo.opensesame.growing import Growth
from demo.opensesame.model import (
    ActiveAs,
    Answered,
    Client,
    Course,
    Delivery,
    Entry,
    Launch,
    Licence,
    Opening,
    Variant,
)

# Older ones are forgotten: the whole file is written after each change.
MOST_DELIVERIES = 200
MOST_LAUNCHES = 2000

T = TypeVar("T")


class Unreadable(Exception):
    """The file is not what `write` wrote; the text says what to do."""


@dataclass
class State:
    """Everything that lasts, in the order it came."""

    clients: dict[str, Client] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    launches: dict[str, Launch] = field(default_factory=dict)


def read(path: Path) -> State:
    """Read what `write` wrote; an empty state where there is no file; raises Unreadable."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return State()
    try:
        return _parse(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"{path} cannot be read ({type(error).__name__}: {error}): move it away, and the "
            "pretend OpenSesame begins anew."
        ) from error


def write(path: Path, state: State) -> None:
    """Write the state, readable by its owner only: the secrets are in it."""
    kept = {
        "clients": [asdict(client) for client in state.clients.values()],
        "customers": [_dump_customer(customer) for customer in state.customers.values()],
        "deliveries": [asdict(one) for one in list(state.deliveries.values())[-MOST_DELIVERIES:]],
        "launches": [asdict(one) for one in list(state.launches.values())[-MOST_LAUNCHES:]],
    }
    write_private(path, json.dumps(kept, indent=1, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _dump_customer(customer: Customer) -> dict[str, Any]:
    kept = asdict(customer)
    kept["entries"] = list(kept["entries"].values())
    kept["grown"] = list(kept["grown"].items())
    return kept


def _parse(kept: Mapping[str, Any]) -> State:
    clients = [_client(one) for one in kept["clients"]]
    customers = [_customer(one) for one in kept["customers"]]
    deliveries = [_delivery(one) for one in kept["deliveries"]]
    launches = [_launch(one) for one in kept["launches"]]
    return State(
        {one.id: one for one in clients},
        {one.ciid: one for one in customers},
        {one.id: one for one in deliveries},
        {one.id: one for one in launches},
    )


def _client(kept: Mapping[str, Any]) -> Client:
    return Client(kept["id"], kept["secret"], _maybe(kept["ciids"], frozenset))


def _customer(kept: Mapping[str, Any]) -> Customer:
    entries = [_entry(one) for one in kept["entries"]]
    return Customer(
        **{
            **kept,
            "entries": {entry.course.id.lower(): entry for entry in entries},
            "growth": Growth(**kept["growth"]),
            "grown": {number: _entry(one) for number, one in kept["grown"]},
            "raw": [Raw(one["value"]) for one in kept["raw"]],
        }
    )


def _entry(kept: Mapping[str, Any]) -> Entry:
    course, opening = _course(kept["course"]), Opening(kept["opening"])
    return Entry(course, kept["sent_as"], kept["retired"], opening)


def _course(kept: Mapping[str, Any]) -> Course:
    licences = [
        Licence(one["type"], one["seats"], _maybe(one["until"], date.fromisoformat))
        for one in kept["licences"]
    ]
    return Course(
        **{
            **kept,
            **{name: tuple(kept[name]) for name in ("languages", "categories", "points")},
            "licences": tuple(licences),
            "active_as": ActiveAs(kept["active_as"]),
            "variant": Variant(kept["variant"]),
            "updated_at": _maybe(kept["updated_at"], datetime.fromisoformat),
        }
    )


def _delivery(kept: Mapping[str, Any]) -> Delivery:
    answers = [
        Answered(datetime.fromisoformat(one["at"]), one["status"], one["text"])
        for one in kept["answers"]
    ]
    courses = tuple((id_, kind) for id_, kind in kept["courses"])
    at = datetime.fromisoformat(kept["at"])
    return Delivery(kept["id"], kept["ciid"], at, courses, tuple(answers))


def _launch(kept: Mapping[str, Any]) -> Launch:
    at = datetime.fromisoformat(kept["at"])
    return Launch(**{**kept, "at": at, "opening": Opening(kept["opening"])})


def _maybe(value: Any, read_value: Callable[[Any], T]) -> T | None:
    return None if value is None else read_value(value)
