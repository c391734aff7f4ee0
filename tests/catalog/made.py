"""Courses that nobody wrote: any tree of units and blocks, for hypothesis.

Serves the tests that write a course and read it back.
"""

from __future__ import annotations

import string
from decimal import Decimal

from hypothesis import strategies as st

from catalog.model import AssignableUnit, Block, Completion, Course, Objective

IDS = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=3)
LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=8
)
TITLE = LINE.filter(lambda text: text.strip() == text != "")


@st.composite
def courses(draw: st.DrawFn) -> Course:
    units = [f"A{one}" for one in draw(st.lists(IDS, min_size=1, max_size=4, unique=True))]
    blocks = [f"B{one}" for one in draw(st.lists(IDS, max_size=3, unique=True))]
    goals = [f"J{one}" for one in draw(st.lists(IDS, max_size=2, unique=True))]
    # Each element goes below an earlier block or the root: a tree of any shape.
    members: dict[str, list[str]] = {"": [], **{block: [] for block in blocks}}
    for number, block in enumerate(blocks):
        members[draw(st.sampled_from(["", *blocks[:number]]))].append(block)
    for unit in units:
        members[draw(st.sampled_from(["", *blocks]))].append(unit)
    order: list[str] = []
    ahead = list(reversed(members[""]))
    while ahead:
        order.append(ahead.pop())
        ahead.extend(reversed(members.get(order[-1], [])))
    score = st.none() | st.integers(0, 100).map(Decimal)
    made = {
        name: AssignableUnit(
            name,
            draw(TITLE),
            "https://content.example.org/x",
            description=draw(LINE).strip(),
            mastery_score=draw(score),
            core_vendor=draw(st.sampled_from(["", "a=1\r\nb=2"])),
            max_time_allowed=draw(st.sampled_from([None, "0001:30:00"])),
        )
        for name in units
    }
    return Course(
        course_id=draw(IDS),
        title=draw(TITLE.filter(lambda text: '"' not in text)),
        units=tuple(made[name] for name in order if name in made),
        members=tuple(members[""]),
        blocks=tuple(
            Block(name, draw(TITLE), tuple(members[name])) for name in order if name in members
        ),
        objectives=tuple(Objective(name, draw(TITLE)) for name in goals),
        max_normal=draw(st.integers(0, 99)),
        prerequisites={units[0]: "A1 & 2*{A2, A3}"} if draw(st.booleans()) else {},
        completions=(Completion(units[0], 'A1 | "x"', "passed"),) if draw(st.booleans()) else (),
        objective_members={units[0]: tuple(goals)} if goals else {},
    )
