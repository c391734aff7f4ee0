"""What several causes ask of a case: the parts that a conversation cannot show by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from launcher.explaining.facts import LONGEST_WORD, points_at, short, stamp
from launcher.explaining.said import Line, Said

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def test_what_content_says_is_cut_to_what_a_sentence_holds():
    assert short("x" * LONGEST_WORD) == "x" * LONGEST_WORD
    assert short("x" * (LONGEST_WORD + 1)) == "x" * (LONGEST_WORD - 1) + "…"


def test_evidence_points_at_a_line_where_there_is_one():
    said = Said(5, 2, NOW, "PutParam", 0, lines={"score": Line(3, "score=1", "1")})
    (one,) = points_at(said, "score")
    assert (one.exchange_id, one.number, one.line, one.text) == (5, 2, 3, "score=1")
    (bare,) = points_at(said, "time")
    assert (bare.line, bare.text) == (None, "")
    assert points_at(None) == ()


def test_a_moment_is_a_value():
    assert stamp(NOW) == "2026-05-04T09:30:00+00:00"
