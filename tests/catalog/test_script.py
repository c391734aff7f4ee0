"""The AICC script: what it means, where it breaks, and that no depth or length hurts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import ResultStatus
from catalog.script import ScriptFault, parse_script, parse_status

STATUSES = {
    "A1": ResultStatus.PASSED,
    "A2": ResultStatus.FAILED,
    "A3": ResultStatus.INCOMPLETE,
    "B1": ResultStatus.COMPLETED,
}

TRUE = [
    # A bare id is true when it is passed or completed.
    "A1",
    "B1",
    "",
    "   ",
    # ~ binds tighter than &, & tighter than |.
    "~A2",
    "~~A1",
    "A1 & B1",
    "A1 | A2 & A3",
    "~A2 & A1",
    "~(A1 & A2)",
    "(A2 | A1) & B1",
    # At least so many of a set; members may be expressions, and blanks stand anywhere.
    "2*{A1,A2,B1}",
    "2 * { A1 & B1 , (A2|A3) , B1 }",
    "1*{2*{A1,B1},A2}",
    # A status by its word, its first letter, in any case and quotes.
    "A2=failed",
    "A2 = F",
    "A2='Failed'",
    'A2="f"',
    "A3=i",
    "A2<>passed",
    "A9=not attempted",
    "~A9",
    # XML escapes of an authoring tool.
    "A1 &amp; B1",
    "A2 &lt;&gt; passed",
]
FALSE = [
    "A2",
    "A3",
    "A9",
    "A1&A2",
    "(A1|A2)&A3",
    "3*{A1,A2,B1}",
    "A1=completed",
    "A1<>p",
    "~A1|A3",
    "A1 &amp; A2",
    "A1 &lt;&gt; passed",
]

FAULTS = [
    ("A1 &", 5, "the script ends where an element's id belongs"),
    ("& A1", 1, "`&` stands where an element's id belongs"),
    ("A1 && A2", 5, "`&` stands where an element's id belongs"),
    ("(A1", 1, "`(` is never closed"),
    ("A1 | (A2", 6, "`(` is never closed"),
    ("2*{A1", 1, "`{` is never closed"),
    ("A1)", 3, "`)` closes nothing"),
    ("(A1}", 4, "`}` closes nothing"),
    ("2*{A1)", 6, "`)` closes nothing"),
    ("A1,A2", 3, "`,` stands outside of a set such as `2*{A1, A2}`"),
    ("(A1,A2)", 4, "`,` stands outside of a set such as `2*{A1, A2}`"),
    ("2*{}", 4, "`}` stands where an element's id belongs"),
    ("{A1}", 1, "`{` stands where an element's id belongs"),
    ("A1 (A2)", 4, "`(` stands where `&` or `|` belongs"),
    ("A1 'A2'", 4, "`A2` stands where `&` or `|` belongs"),
    ("A1 = ", 6, "nothing stands behind `=`"),
    ("A1 = &", 6, "`&` stands behind `=`"),
    (
        "A1 = done",
        6,
        "`done` stands behind `=`; expected one of not attempted, browsed, incomplete, failed, "
        "completed, passed",
    ),
    ('"A1', 1, '`"` has no meaning here'),
]


@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "`~` binds tighter than `&`, and `&` tighter than `|`.",
    grade="A",
    case="A1 | A2 & A3",
)
@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "`2*{A1,A2,B1}` asks for two of the set.",
    grade="A",
    case="2*{A1,A2,B1}",
)
@pytest.mark.conforms(
    "Rules of a course",
    "Moodle",
    "Members of a set may be expressions, with blanks.",
    grade="C",
    case="2 * { A1 & B1 , (A2|A3) , B1 }",
)
@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "A status is a full word or its first letter, in any case, quoted or not, with `=` or `<>`.",
    grade="A",
    case="A2 = F",
)
@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "A bare id is true when the element is passed or completed.",
    grade="A",
    case="B1",
)
@pytest.mark.conforms(
    "Rules of a course",
    "Moodle",
    "An id that has no result counts as not attempted.",
    grade="D",
    case="~A9",
)
@pytest.mark.conforms(
    "Rules of a course",
    "authoring tools",
    "`&amp;` is `&`.",
    grade="C",
    case="A1 &amp; B1",
)
@pytest.mark.parametrize("text", TRUE)
def test_a_script_that_holds(text: str) -> None:
    assert parse_script(text).holds(STATUSES)


@pytest.mark.parametrize("text", FALSE)
def test_a_script_that_does_not_hold(text: str) -> None:
    assert not parse_script(text).holds(STATUSES)


@pytest.mark.conforms(
    "Rules of a course",
    "Moodle (eval)",
    "A script that does not parse is refused with its place; nothing is ever evaluated as code.",
    grade="D",
)
@pytest.mark.parametrize(("text", "column", "message"), FAULTS)
def test_a_script_that_does_not_parse_says_where(text: str, column: int, message: str) -> None:
    with pytest.raises(ScriptFault) as caught:
        parse_script(text)
    assert caught.value.column == column
    assert caught.value.message.startswith(message)
    assert str(caught.value) == caught.value.message


def test_it_names_its_elements_once_and_in_order() -> None:
    assert parse_script("B2 & (A1 | ~B2) & 1*{A3=p}").elements == ("B2", "A1", "A3")


def test_its_ids_are_spelled_as_somebody_else_spells_them() -> None:
    script = parse_script("~a1 & 1*{a1=p, A9}").renamed({"a1": "A1"}.get)
    assert script == parse_script("~A1 & 1*{A1=p, A9}")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("passed", ResultStatus.PASSED),
        (" P ", ResultStatus.PASSED),
        ("Not Attempted", ResultStatus.NOT_ATTEMPTED),
        ("done", None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_status_is_known_by_its_first_letter(text: str, status: ResultStatus | None) -> None:
    assert parse_status(text) is status


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "A1" + ")" * 50_000,
        "~" * 50_000 + "A1",
        "A1&" * 50_000 + "A1",
        "1*{" * 50_000 + "A1" + "}" * 50_000,
    ],
    ids=["parentheses", "negations", "a chain", "sets"],
)
def test_no_depth_exhausts_anything(text: str) -> None:
    assert parse_script(text).holds(STATUSES)


@pytest.mark.conforms(
    "Security",
    "Moodle (eval)",
    "Any text as a prerequisite is parsed or refused, and runs nothing.",
    grade="B",
)
@given(st.text(alphabet="A1 |&~(){},=<>*2\"'pé", max_size=40))
def test_any_text_parses_or_says_why_not(text: str) -> None:
    try:
        script = parse_script(text)
    except ScriptFault as fault:
        assert 1 <= fault.column <= len(text) + 1
    else:
        assert script.holds(STATUSES) in {True, False}


names = st.sampled_from(sorted(STATUSES))
expressions = st.recursive(
    names.map(lambda name: (name, STATUSES[name] in {"passed", "completed"})),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"~({one[0]})", not one[1])),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) & ({two[1][0]})", two[0][1] and two[1][1])
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) | ({two[1][0]})", two[0][1] or two[1][1])
        ),
        st.tuples(st.integers(0, 4), st.lists(inner, min_size=1, max_size=4)).map(
            lambda it: (
                f"{it[0]}*{{{','.join(one[0] for one in it[1])}}}",
                sum(one[1] for one in it[1]) >= it[0],
            )
        ),
    ),
    max_leaves=12,
)


@pytest.mark.conforms(
    "Rules of a course",
    "CMI001 v4, prerequisites",
    "Any expression has the truth that is worked out beside it.",
    grade="A",
)
@given(expressions)
def test_it_agrees_with_a_truth_worked_out_beside_it(expression: tuple[str, bool]) -> None:
    text, truth = expression
    assert parse_script(text).holds(STATUSES) is truth
