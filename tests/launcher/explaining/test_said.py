"""One exchange in compact form: its words, its lines, and what the wing understood of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote_plus

import pytest

from hacp.model import Exchange, Status
from launcher.explaining.said import said_of

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def exchange(aicc_data: str, *, command: str = "PutParam", **facts: object) -> Exchange:
    body = f"command={command}&version=3.5&aicc_data={quote_plus(aicc_data)}"
    values = {
        "id": 1,
        "at": NOW,
        "method": "POST",
        "content_type": "application/x-www-form-urlencoded",
        "origin": "https://content.example.org",
        "request": body.encode(),
        "reply": b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\n",
        "error": 0,
        "command": command,
    }
    return Exchange(**(values | facts))


def test_a_report_has_what_was_understood_and_the_lines_it_stood_on():
    said = said_of(
        exchange("\r\n; x=1\r\n[ Core ]\r\nLesson_Status = C , s\r\nscore=\r\n"), number=7
    )
    assert (said.number, said.version, said.error_text) == (7, Decimal("3.5"), "Successful")
    assert said.report.status is Status.COMPLETED
    assert said.lines["lesson_status"].number == 4
    assert said.lines["lesson_status"].text == "Lesson_Status = C , s"
    assert (said.value("lesson_status"), said.value("score"), said.value("time")) == (
        "C , s",
        "",
        "",
    )


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_are_counted_at_every_line_end_seen(end):
    said = said_of(exchange(f"[core]{end}time=00:00:01{end}{end}score=5"), number=1)
    assert (said.lines["time"].number, said.lines["score"].number) == (2, 4)


def test_the_first_of_a_name_counts_and_suspend_data_is_not_read():
    data = "[core]\r\nscore=1\r\nscore=2\r\n[core_lesson]\r\nscore=3\r\n[x]\r\n[core]\r\nscore=4"
    said = said_of(exchange(data), number=1)
    assert (said.value("score"), said.report.score.raw) == ("1", 1)


def test_keywords_before_any_group_count_as_core():
    said = said_of(exchange("score=1\r\n[core]\r\nscore=2\r\nno pair"), number=1)
    assert (said.value("score"), said.report.score.raw) == ("1", 1)


def test_what_only_asks_reports_nothing():
    said = said_of(exchange("[core]\r\nscore=1", command="GetParam", reply=b""), number=1)
    assert (said.puts, said.lines, said.error_text) == (False, {}, "")


def test_a_request_that_was_cut_is_read_as_far_as_it_goes():
    whole = exchange("[core]\r\nlesson_status=c\r\n[core_lesson]\r\n" + "é" * 100)
    said = said_of(exchange("", request=whole.request[:120]), number=1)
    assert said.report.status is Status.COMPLETED
