"""A course as a JSON text, and back.

Serves `store`. Scores are written as texts, so that no digit is lost. Knows no table.
"""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from catalog.model import AssignableUnit, Block, Completion, Course, Objective

# Raise it with every change that an older reader would misread.
FORMAT = 1
# Reports are rolled up in the courses that are being taken just now; a large one has some hundred
# units, of a few hundred bytes each.
COURSES_REMEMBERED = 128

_JSON = json.JSONEncoder(default=str, separators=(",", ":"))


def dump_document(course: Course) -> str:
    """Write a course as JSON; `parse_document` reads it."""
    document = {"format": FORMAT, **_flat(course)}
    for name in ("units", "blocks", "objectives", "completions"):
        document[name] = [_flat(one) for one in document[name]]
    return _JSON.encode(document)


@lru_cache(maxsize=COURSES_REMEMBERED)
def parse_document(text: str) -> Course:
    """Read what `dump_document` wrote. Raises `ValueError` for a format of a newer release.

    What was read once is right for ever: the same text is the same course.
    """
    document: dict[str, Any] = json.loads(text)
    written = document.pop("format")
    if written != FORMAT:
        raise ValueError(f"a course document of format {written!r}; this release reads {FORMAT}")
    document["units"] = tuple(_unit(unit) for unit in document["units"])
    document["blocks"] = tuple(
        Block(**{**block, "members": tuple(block["members"])}) for block in document["blocks"]
    )
    document["objectives"] = tuple(Objective(**one) for one in document["objectives"])
    document["completions"] = tuple(Completion(**one) for one in document["completions"])
    document["members"] = tuple(document["members"])
    document["objective_members"] = {
        name: tuple(members) for name, members in document["objective_members"].items()
    }
    return Course(**document)


def _flat(value: Course | AssignableUnit | Block | Objective | Completion) -> dict[str, Any]:
    """`dataclasses.asdict` copies every value deeply, which takes most of the time of a dump."""
    names, values = _FIELDS[type(value)]
    return dict(zip(names, values(value), strict=True))


_FIELDS = {
    kind: (names := [one.name for one in dataclasses.fields(kind)], attrgetter(*names))
    for kind in (Course, AssignableUnit, Block, Objective, Completion)
}


def _unit(values: dict[str, Any]) -> AssignableUnit:
    scores = {
        name: None if values[name] is None else Decimal(values[name])
        for name in ("max_score", "mastery_score")
    }
    return AssignableUnit(**{**values, **scores})
