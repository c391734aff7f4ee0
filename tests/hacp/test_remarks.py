"""The groups of PutParam beside its report: comments, objectives, tries, preferences."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hacp.groups import dump_groups, parse_groups
from hacp.model import Objective, Score, Status
from hacp.records import Achievement, Comment, Try
from hacp.remarks import MOST, MOST_TAGS, Remarks, dump_objectives, parse_remarks


def remarks(text: str) -> Remarks:
    return parse_remarks(parse_groups(text))


COMMENTS = {
    # realistic
    "the standard's own sample": (
        "<1><L.Slide#2> This slide has the fuel listed in the wrong units <e.1>",
        [Comment("This slide has the fuel listed in the wrong units", "Slide#2", 1)],
    ),
    "both ends of the sample": (
        "<1>one<1.e><2>two<e.2>",
        [Comment("one", number=1), Comment("two", number=2)],
    ),
    "of several lines": (
        "<1>a\r\nb<e.1>\r\n<2>c<e.2>",
        [Comment("a\r\nb", number=1), Comment("c", number=2)],
    ),
    "nothing": ("", []),
    "no text": ("<1><e.1><2> <L.here> <2.e>", []),
    # sloppy
    "no tags": ("just so", [Comment("just so")]),
    "no end": ("<1>one", [Comment("one", number=1)]),
    "no end before the next": (
        "<1>one<2>two<e.2>",
        [Comment("one", number=1), Comment("two", number=2)],
    ),
    "a number inside": ("<1>see <2> there<e.1>", [Comment("see <2> there", number=1)]),
    "capital letters": ("<1><l.x>a<E.1>", [Comment("a", "x", 1)]),
    # hostile
    "an end without a beginning": ("<e.1>a", []),
    "another's end inside": ("<1>a<e.2>b<e.1>", [Comment("a<e.2>b", number=1)]),
    "a location that is not closed": ("<1><L.x a<e.1>", [Comment("<L.x a", number=1)]),
    "a number that is none": ("<12345>a<e.12345>", [Comment("<12345>a<e.12345>")]),
    "digits of elsewhere": ("<١>a<e.١>", [Comment("<١>a<e.١>")]),
}


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "A comment ends in `<1.e>` or `<e.1>`; both stand in the standard's sample.",
    grade="A",
    case="both ends of the sample",
)
@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "`<L.Slide#2>` is a comment's location.",
    grade="A",
    case="the standard's own sample",
)
@pytest.mark.parametrize(("text", "wanted"), COMMENTS.values(), ids=COMMENTS)
def test_comments_are_read_by_their_tags(text, wanted):
    assert list(remarks(f"[comments]\r\n{text}").comments) == wanted


@pytest.mark.parametrize("flood", ["<1>", "<1>a", "<1>a<2>", "<e.1>", "<L.", "<1>a<e.1>", "<"])
def test_a_flood_of_tags_is_read_in_linear_time_and_cut(flood):
    assert len(remarks(f"[comments]\n{flood * 100_000}").comments) <= MOST


def test_behind_so_many_tags_nothing_is_read():
    many = remarks("[comments]\n<1>one<1.e>" + "<2.e>" * MOST_TAGS + "<3>three")
    assert many.comments == (Comment("one", number=1),)
    fewer = remarks("[comments]\n<1>one<1.e>" + "<2.e>" * (MOST_TAGS - 4) + "<3>three")
    assert fewer.comments == (Comment("one", number=1), Comment("three", number=3))


@pytest.mark.conforms(
    "Data",
    "Rustici",
    "J_ID.n, J_Score.n and J_Status.n belong together; of several scores apart by `;` the first "
    "is the newest.",
    grade="B",
)
def test_objectives_are_gathered_by_their_numbers():
    said = remarks(
        "[objectives_status]\r\nJ_ID.1=fire\r\nJ_Score.1=40,100,0;20\r\nJ_Status.1=F\r\n"
        "J_Status.12=c\r\nJ_ID.12=water\r\nJ_ID.3=air\r\nJ_Score.3=\r\nother.3=x\r\nj_id=none"
    )
    assert said.achievements == (
        Achievement("fire", Score(Decimal(40), Decimal(100), Decimal(0)), Status.FAILED),
        Achievement("water", status=Status.COMPLETED),
        Achievement("air"),
    )
    assert said.tolerated == ()


def test_results_without_an_objective_are_noted_once():
    said = remarks("[objectives_status]\nj_score.1=4\nj_status.2=p\nj_id.3=\nwhat.4=5")
    assert said.achievements == ()
    assert said.tolerated == ("objectives without a J_ID were passed over: 2",)


def test_a_report_brings_so_many_objectives_and_no_more():
    lines = "\n".join(f"j_id.{number}=o{number}" for number in range(MOST + 50))
    assert len(remarks(f"[objectives_status]\n{lines}").achievements) == MOST


@pytest.mark.conforms(
    "Data",
    "ULearning",
    "tries_during_lesson, try_score.n, try_status.n and try_time.n are kept.",
    grade="C",
)
def test_tries_are_counted_and_each_is_read():
    said = remarks(
        "[student_data]\ntries_during_lesson=3\ntry_score.1=50\ntry_status.1=f\ntry_time.1=00:01:00"
        "\ntry_status.2=p\ntry_score.3=x\nattempt_number=1\nlesson_status.1=p"
    )
    assert said.tries == (
        Try(count=3),
        Try(1, Score(Decimal(50)), Status.FAILED, Decimal(60)),
        Try(2, status=Status.PASSED),
    )


PREFERENCES = {
    # realistic
    "Storyline": (
        "Audio=0\nLanguage=\nSpeed=0\nText=0",
        [("audio", "0"), ("speed", "0"), ("text", "0")],
    ),
    "all": (
        "audio=-1\nlanguage=pt\nlesson_type=x\nspeed=-100\ntext=-1\ntext_color=red\n"
        "text_location=top\ntext_size=12\nvideo=256\nwindow.1=0,0,10,10",
        [
            *(("audio", "-1"), ("language", "pt"), ("lesson_type", "x"), ("speed", "-100")),
            *(("text", "-1"), ("text_color", "red"), ("text_location", "top")),
            *(("text_size", "12"), ("video", "256"), ("window.1", "0,0,10,10")),
        ],
    ),
    # sloppy
    "unknown": ("telephone=1\nwindow.x=1\nwindow.123=1", []),
    "empty": ("audio=\nlanguage=", []),
}


@pytest.mark.conforms(
    "Data",
    "Rustici",
    "All preferences of the standard are kept and handed back.",
    grade="B",
    case="all",
)
@pytest.mark.parametrize(("text", "wanted"), PREFERENCES.values(), ids=PREFERENCES)
def test_preferences_are_kept_as_they_were_written(text, wanted):
    said = remarks(f"[student_preferences]\n{text}")
    assert list(said.preferences) == wanted
    assert said.tolerated == ()


@pytest.mark.conforms(
    "Data",
    "scorm-again",
    "A preference out of its bounds (audio -1 to 100, speed -100 to 100, text -1 to 1) is passed "
    "over.",
    grade="B",
)
@pytest.mark.parametrize(
    "line",
    [
        "audio=101",
        "audio=-2",
        "audio=1.5",
        "audio=x",
        "speed=-101",
        "text=2",
        "language=" + "x" * 256,
    ],
)
def test_a_preference_out_of_bounds_is_noted(line):
    said = remarks(f"[student_preferences]\n{line}")
    assert said.preferences == ()
    assert said.tolerated == (
        f"`{line[: line.index('=') + 65]}` is no such preference and was passed over",
    )


def test_windows_are_limited():
    lines = "\n".join(f"window.{number}=1" for number in range(60))
    assert len(remarks(f"[student_preferences]\n{lines}").preferences) == 20


def test_a_report_without_these_groups_says_nothing_more():
    assert remarks("[core]\nlesson_status=c\n[core_lesson]\nx") == Remarks()
    assert remarks("[comments]\n\n[objectives_status]\n\n[core_lesson]\nx") == Remarks()


@pytest.mark.conforms(
    "Data",
    "CMI001 v4, section 6",
    "GetParam hands objectives out, numbered from 1.",
    grade="B",
)
def test_objectives_are_numbered_and_what_is_not_known_has_no_line():
    written = dump_objectives(
        [
            Objective("a", Score(Decimal("66.6"), Decimal(100), Decimal(0)), Status.FAILED),
            Objective("b", status=Status.PASSED),
            Objective("c", Score(Decimal(1))),
        ],
        integer=False,
    )
    assert written == {
        "j_id.1": "a",
        "j_score.1": "66.6,100,0",
        "j_status.1": "failed",
        "j_id.2": "b",
        "j_status.2": "passed",
        "j_id.3": "c",
        "j_score.3": "1",
    }
    whole = dump_objectives([Objective("a", Score(Decimal("66.6")))], integer=True)
    assert whole == {"j_id.1": "a", "j_score.1": "67"}


OBJECTIVE = st.builds(
    Objective,
    st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    st.none() | st.builds(Score, st.integers(0, 100).map(Decimal)),
    st.none() | st.sampled_from(Status),
)


@given(st.lists(OBJECTIVE, max_size=9))
def test_what_is_handed_out_of_objectives_reads_back(objectives):
    text = dump_groups([("objectives_status", dump_objectives(objectives, integer=False))])
    read = [
        Objective(one.objective_id, one.score, one.status) for one in remarks(text).achievements
    ]
    assert read == objectives


@given(st.text())
def test_no_text_at_all_is_too_much(text):
    remarks(f"[comments]\n{text}\n[objectives_status]\n{text}\n[student_preferences]\n{text}")
