"""What a whole set says about its .pre and .cmp: faults, warnings, and what is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.files.course import CourseFiles, parse_course
from catalog.model import Fault

MakeFiles = Callable[..., CourseFiles]
Refusal = Callable[[Callable[[], object]], tuple[Fault, ...]]


def test_scripts_are_checked_at_import(make_files: MakeFiles, refusal: Refusal) -> None:
    faults = refusal(
        lambda: parse_course(
            make_files(
                pre=b'"structure_element","prerequisite"\r\n"A2","A1 & & A1"\r\n',
                cmp=b"structure_element,requirement,result\nB1,A1,done\nB1,(A1,passed\n",
            )
        )
    )
    assert [(fault.file, fault.line, fault.column) for fault in faults] == [
        ("course.pre", 2, 12),
        ("course.cmp", 2, "result"),
        ("course.cmp", 3, 4),
    ]


def test_elements_that_wait_for_each_other_are_warned_of(make_files: MakeFiles) -> None:
    pre = b"structure_element,prerequisite\nA2,A1\nA1,B1\n"
    warnings = parse_course(make_files(pre=pre)).faults
    assert {(one.file, one.line, one.message) for one in warnings} == {
        ("course.pre", 2, '"A2" can never be opened: it waits for itself, A2 > A1 > B1 > A2.'),
        ("course.pre", 3, '"A1" can never be opened: it waits for itself, A1 > B1 > A1.'),
    }


def test_in_a_broken_tree_nobody_is_said_to_wait(make_files: MakeFiles, refusal: Refusal) -> None:
    faults = refusal(
        lambda: parse_course(
            make_files(
                pre=b"structure_element,prerequisite\nA2,A1\n",
                cst=b"block,member\nroot,B1\nB1,B1,A1,A2\n",
            )
        )
    )
    assert {fault.file for fault in faults} == {"course.cst"}


@pytest.mark.parametrize("extension", ["pre", "cmp"])
def test_scripts_of_a_set_with_any_other_fault_are_checked_too(
    make_files: MakeFiles, refusal: Refusal, extension: str
) -> None:
    header = b"structure_element,prerequisite,requirement,result\n"
    changes = {extension: header + b"A2,A1 &,A1 &,passed\n"}
    faults = refusal(lambda: parse_course(make_files(des=b"system_id\nA1\nA1\n", **changes)))
    assert {fault.file for fault in faults} >= {"course.des", f"course.{extension}"}
