"""Records, objectives and earlier attempts as JSON text, and back without any loss.

Serves `rows`, `store` and `archive`. Pure: each `dump_x` has its `parse_x`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from hacp.fields import dump_score, parse_score
from hacp.model import Objective, Score, Standing, Status
from hacp.records import (
    Achievement,
    Comment,
    Interaction,
    Performance,
    Question,
    Record,
    Try,
    Verdict,
    Visit,
)

KINDS: dict[str, type[Record]] = {
    "comment": Comment,
    "interaction": Interaction,
    "objective": Achievement,
    "path": Visit,
    "performance": Performance,
    "try": Try,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
# How a field reads back, by its name; all others are texts and whole numbers.
_READERS: dict[str, Callable[[Any], Any]] = {
    "at": datetime.fromisoformat,
    "cells": lambda cells: tuple((name, text) for name, text in cells),
    "latency": Decimal,
    "points": Decimal,
    "question": Question,
    "score": parse_score,
    "seconds": Decimal,
    "status": Status,
    "verdict": Verdict,
    "weighting": Decimal,
}
DIGEST_BYTES = 16


def kind_of(record: Record) -> str:
    """Return the name that a record is filed under."""
    return _NAMES[type(record)]


def dump_record(record: Record) -> str:
    """Write a record without what was not said; see `parse_record`."""
    said = {
        field.name: _plain(value)
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default
    }
    return _json(said)


def parse_record(kind: str, text: str) -> Record:
    """Read a record; see `dump_record`."""
    said = json.loads(text)
    return KINDS[kind](**{name: _READERS.get(name, _same)(said[name]) for name in said})


def digest_of(record: Record) -> bytes | None:
    """Return what tells a record that was sent again, or None where the same may be said twice.

    The groups of PutParam bring every comment and try again and again; a row of a table that has
    its own date and time is one event. An answer without a time may be given twice.
    """
    if record.at is None and not isinstance(record, Comment | Try):
        return None
    written = f"{kind_of(record)}\n{dump_record(record)}"
    return hashlib.sha256(written.encode("utf-8", "replace")).digest()[:DIGEST_BYTES]


def dump_objectives(objectives: tuple[Objective, ...]) -> str:
    """Write the objectives of an attempt; none are the empty text. See `parse_objectives`."""
    if not objectives:
        return ""
    return _json([[one.objective_id, _plain(one.score), _plain(one.status)] for one in objectives])


def parse_objectives(text: str) -> tuple[Objective, ...]:
    """Read the objectives of an attempt; see `dump_objectives`."""
    if not text:
        return ()
    return tuple(
        Objective(
            objective_id,
            parse_score(score) if score is not None else None,
            Status(status) if status is not None else None,
        )
        for objective_id, score, status in json.loads(text)
    )


def dump_earlier(earlier: tuple[tuple[int, Standing], ...]) -> str:
    """Write the attempts before one, without their times. See `parse_earlier`."""
    if not earlier:
        return ""
    return _json([[number, str(one.status), _plain(one.score)] for number, one in earlier])


def parse_earlier(text: str) -> tuple[tuple[int, Standing], ...]:
    """Read the attempts before one; see `dump_earlier`."""
    if not text:
        return ()
    return tuple(
        (number, Standing(Status(status), parse_score(score) if score is not None else None))
        for number, status, score in json.loads(text)
    )


def dump_preferences(preferences: tuple[tuple[str, str], ...]) -> str:
    """Write a learner's preferences; see `parse_preferences`."""
    return _json(dict(preferences))


def parse_preferences(text: str | None) -> tuple[tuple[str, str], ...]:
    """Read a learner's preferences, of which there may be none; see `dump_preferences`."""
    return tuple(json.loads(text).items()) if text is not None else ()


def _plain(value: Any) -> Any:
    if isinstance(value, Score):
        return dump_score(value, integer=False)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else value


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
