"""Records: values that cannot be changed, each with room for the content's own moment."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from hacp.documents import KINDS
from hacp.records import Comment, Kept, Record
from tests.hacp.server import START


def test_every_record_is_of_a_kind_and_may_say_when():
    assert set(KINDS.values()) == set(get_args(Record))
    for kind in get_args(Record):
        assert "at" in {field.name for field in fields(kind)}


def test_a_record_cannot_be_changed():
    kept = Kept(5, START, 0, Comment("x"))
    with pytest.raises(FrozenInstanceError):
        kept.record.text = "y"
