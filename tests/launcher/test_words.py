"""How pages say what is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel

from catalog.model import Archived, ArchiveReason
from launcher import words


@pytest.fixture(autouse=True)
def app():
    app = Flask(__name__)
    Babel(app)
    words.teach(app)
    with app.test_request_context():
        yield app


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (None, "0 s"),
        (9.9, "9 s"),
        (Decimal("250.5"), "4 min 10 s"),
        (7500, "2 h 5 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_a_length_of_time_is_said_with_its_two_largest_units(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (Decimal("80"), "80"),
        (Decimal("100"), "100"),
        (66.666, "66.67"),
        (0.5, "0.5"),
        (0, "0"),
    ],
)
def test_a_score_is_written_without_zeros_that_say_nothing(value, said):
    assert words.number(value) == said


def test_no_score_is_a_dash():
    assert words.percent(None) == "–"
    assert words.percent(80.0) == "80 %"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            ArchiveReason.REMOVED,
            "OpenSesame took it off the list; archived on 1 Mar 2026, 00:30 UTC.",
        ),
        (ArchiveReason.INACTIVE, "its licence ended; archived on 1 Mar 2026, 00:30 UTC."),
        (ArchiveReason.ADMIN, "Admin, Ada archived it on 1 Mar 2026, 00:30 UTC."),
    ],
)
def test_why_a_course_is_archived_is_told_with_its_day(reason, said):
    archived = Archived(reason, datetime(2026, 3, 1, 0, 30, tzinfo=UTC))
    assert words.archived_words(archived, "Admin, Ada").endswith(said)


def test_who_archived_on_the_command_line_has_no_name():
    archived = Archived(ArchiveReason.ADMIN, datetime(2026, 3, 1, 0, 30, tzinfo=UTC))
    assert words.archived_words(archived).startswith("An administrator archived it on ")


def test_a_moment_is_told_in_utc_with_the_zone_said():
    somewhere = timezone(timedelta(hours=2))

    told = words.moment(datetime(2026, 3, 1, 0, 30, tzinfo=somewhere))

    assert told == "28 Feb 2026, 22:30 UTC"
    assert words.moment_exact(datetime(2026, 3, 1, 7, 5, 9, tzinfo=UTC)).endswith("07:05:09 UTC")
    assert words.moment(None) == ""
    assert words.moment_exact(None) == ""


@pytest.mark.parametrize(
    ("name", "letters", "greeted"),
    [("Lane, Robin", "RL", "Robin"), ("Cher", "C", "Cher"), (" , ", "?", ""), ("", "?", "")],
)
def test_a_name_is_shortened_for_a_greeting_and_a_round_picture(name, letters, greeted):
    assert words.initials(name) == letters
    assert words.first_name(name) == greeted


@pytest.mark.parametrize("say", [words.status_words, words.exit_words, words.phase_words])
def test_a_word_nobody_planned_for_is_shown_as_it_is(say):
    assert say("sideways") == "sideways"


def test_statuses_exits_and_phases_are_plain_words():
    assert words.status_words("not attempted") == "Not started"
    assert words.exit_words("time-out") == "Time ran out"
    assert words.phase_words("exited") == "Exited"


def test_templates_know_the_filters_and_the_language(app):
    page = render_template_string("{{ 1|tries }}, {{ 2|tries }}, {{ get_locale() }}")

    assert page == "1 attempt, 2 attempts, en"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=25), "25 minutes"),
        (timedelta(hours=1, minutes=5, seconds=59), "65 minutes"),
        (timedelta(seconds=20), "1 minute"),
        (None, ""),
    ],
)
def test_how_long_a_course_takes_is_said_in_minutes(length, said):
    assert words.in_minutes(length) == said


@pytest.mark.parametrize(("count", "said"), [(0, "0"), (999, "999"), (40_014, "40,014")])
def test_large_numbers_are_marked_by_thousands(count, said):
    assert words.whole(count) == said
