"""Sets of course files: every quirk that was seen is read, and all faults are told at once."""

from __future__ import annotations

import codecs
import csv
import io
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import PackageRefused
from catalog.files.address import Contents
from catalog.files.course import CourseFiles, ParsedCourse, dump_course, parse_course
from catalog.model import AssignableUnit, Block, Completion, Course, Fault, Objective
from tests.catalog.made import courses

MakeFiles = Callable[..., CourseFiles]
Refusal = Callable[[Callable[[], object]], tuple[Fault, ...]]


@pytest.mark.conforms(
    "Course files",
    "CMI001 v3.5; Siebel, WisdomMaster",
    "A set of .crs, .au, .des and .cst is read whole.",
    grade="B",
)
def test_a_plain_course_is_read_whole(make_files: MakeFiles) -> None:
    parsed = parse_course(make_files())
    assert parsed == ParsedCourse(
        Course(
            course_id="SAFETY-101",
            title="Safety at work",
            units=(
                AssignableUnit(
                    "A1",
                    "Start",
                    "start.html",
                    description="The first, short unit",
                    developer_id="d1",
                    type="lesson",
                    max_score=Decimal(100),
                    mastery_score=Decimal(80),
                ),
                AssignableUnit(
                    "A2",
                    "Quiz",
                    "quiz.html?n=1",
                    description='Say "when"',
                    developer_id="d2",
                    type="lesson",
                    max_score=Decimal(100),
                    max_time_allowed="0000:30:00",
                    time_limit_action="exit,no message",
                    core_vendor="a=1\r\nb=2",
                    web_launch="q=2",
                ),
            ),
            members=("B1",),
            blocks=(Block("B1", "All of it", ("A1", "A2"), developer_id="d3"),),
            description="How to stay in one piece.",
            creator="Example",
            system="By hand",
            level="1",
            version="4.0",
            max_normal=99,
        )
    )


def same_as_plain(make_files: MakeFiles, **changes: bytes) -> bool:
    return parse_course(make_files(**changes)) == parse_course(make_files())


@pytest.mark.conforms(
    "Course files",
    "version control, Moodle",
    "CRLF, LF and CR end lines: Moodle finds nothing in a file with LF.",
    grade="B",
)
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_line_ends_make_no_difference(
    make_files: MakeFiles, plain: dict[str, bytes], end: bytes
) -> None:
    turned = {name: data.replace(b"\r\n", end) for name, data in plain.items()}
    assert same_as_plain(make_files, **turned)


def test_mixed_line_ends_make_no_difference(make_files: MakeFiles, plain: dict[str, bytes]) -> None:
    assert same_as_plain(make_files, au=plain["au"].replace(b"\r\n", b"\r", 1))


@pytest.mark.conforms("Course files", "common", "The last line need not be ended.", grade="B")
def test_a_missing_last_newline_makes_no_difference(
    make_files: MakeFiles, plain: dict[str, bytes]
) -> None:
    assert same_as_plain(make_files, **{name: data.rstrip() for name, data in plain.items()})


@pytest.mark.conforms(
    "Course files",
    "common",
    "Blank lines at the top are passed over.",
    grade="B",
)
def test_blank_first_lines_make_no_difference(
    make_files: MakeFiles, plain: dict[str, bytes]
) -> None:
    assert same_as_plain(make_files, **{name: b"\r\n \n" + data for name, data in plain.items()})


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_makes_no_difference(
    make_files: MakeFiles, plain: dict[str, bytes], mark: bytes, encoding: str
) -> None:
    turned = {name: mark + data.decode().encode(encoding) for name, data in plain.items()}
    assert same_as_plain(make_files, **turned)


def test_windows_1252_is_read_with_a_warning(
    make_files: MakeFiles, plain: dict[str, bytes]
) -> None:
    parsed = parse_course(make_files(des=plain["des"].replace(b"Start", b"Gr\xf6\xdfe \x96 1")))
    assert parsed.course.units[0].title == "Größe \N{EN DASH} 1"
    assert "Windows-1252" in parsed.faults[0].message


@pytest.mark.conforms(
    "Course files",
    "common",
    "Counts (Total_AUs, Max_Fields_CST) are often wrong and are not believed.",
    grade="B",
)
def test_counts_that_lie_are_ignored(make_files: MakeFiles, plain: dict[str, bytes]) -> None:
    lies = plain["crs"].replace(b"Total_AUs=2", b"Total_AUs=77").replace(b"CST=3", b"CST=one")
    assert same_as_plain(make_files, crs=lies)


@pytest.mark.conforms(
    "Course files",
    "common",
    "Values are quoted or bare, rows may be shorter or have commas behind: Moodle needs every "
    "value quoted.",
    grade="B",
)
def test_bare_values_and_trailing_commas_are_read(make_files: MakeFiles) -> None:
    parsed = parse_course(
        make_files(au=b"FILE_NAME,System_ID,Max_Score\nstart.html,A1,100,,\nquiz.html,A2\n")
    )
    assert [unit.file_name for unit in parsed.course.units] == ["start.html", "quiz.html"]
    assert parsed.faults == ()


def test_9999_59_59_is_no_limit(make_files: MakeFiles, plain: dict[str, bytes]) -> None:
    parsed = parse_course(make_files(au=plain["au"].replace(b"00:30:00", b"9999:59:59")))
    assert parsed.course.units[1].max_time_allowed is None


@pytest.mark.conforms(
    "Course files",
    "OpenSesame, common",
    "File_Name may be an absolute address.",
    grade="B",
)
def test_a_course_may_lie_on_another_host(make_files: MakeFiles) -> None:
    au = b"system_id,file_name\nA1,https://content.example.org/1?x=1\nA2,http://example.org/2\n"
    parsed = parse_course(make_files(au=au, members=()))
    assert parsed.course.units[0].file_name == "https://content.example.org/1?x=1"


def test_file_names_are_seen_from_the_folder_of_the_set(make_files: MakeFiles) -> None:
    members = ("sub/start.html", "quiz.html")
    parsed = parse_course(make_files(folder="sub", members=members))
    assert [unit.file_name for unit in parsed.course.units] == ["start.html", "../quiz.html?n=1"]


def test_a_file_name_in_another_case_is_mended_with_a_warning(make_files: MakeFiles) -> None:
    parsed = parse_course(make_files(members=("Start.html", "quiz.html")))
    assert parsed.course.units[0].file_name == "Start.html"
    (warning,) = parsed.faults
    assert (warning.file, warning.line, warning.column) == ("course.au", 2, "file_name")


@pytest.mark.conforms(
    "Course files",
    "common",
    "An element without a row in .des is called by its id.",
    grade="B",
)
def test_a_unit_without_a_description_is_called_by_its_id(make_files: MakeFiles) -> None:
    parsed = parse_course(make_files(des=b"system_id,title\nA1,Start\nB1,\n"))
    assert [unit.title for unit in parsed.course.units] == ["Start", "A2"]
    assert parsed.course.blocks[0].title == "B1"
    assert [(fault.line, fault.column) for fault in parsed.faults] == [
        (None, "title"),
        (3, "title"),
    ]


def test_the_only_unit_without_a_description_is_called_like_the_course(
    make_files: MakeFiles,
) -> None:
    parsed = parse_course(
        make_files(
            au=b"system_id,file_name\nA1,start.html\n",
            des=b"system_id,title\n",
            cst=b"block,member\nroot,A1\n",
        )
    )
    assert parsed.course.units[0].title == "Safety at work"


@pytest.mark.conforms(
    "Course files",
    "common",
    "The root of .cst is root, Root or ROOT.",
    grade="B",
)
@pytest.mark.parametrize("root", [b"root", b"Root", b"ROOT"])
def test_the_root_is_written_in_any_case(
    make_files: MakeFiles, plain: dict[str, bytes], root: bytes
) -> None:
    assert same_as_plain(make_files, cst=plain["cst"].replace(b"root", root))


def test_what_no_row_reaches_is_appended_with_a_warning(make_files: MakeFiles) -> None:
    parsed = parse_course(make_files(cst=b"block,member\nroot,A2\n", des=b"system_id,title\n"))
    assert parsed.course.members == ("A2", "A1")
    assert any("No row reaches" in fault.message for fault in parsed.faults)


@pytest.mark.conforms(
    "Course files",
    "CMI001 v4",
    "The optional .ort, .pre and .cmp are read.",
    grade="B",
)
def test_objectives_prerequisites_and_completions_are_read(make_files: MakeFiles) -> None:
    parsed = parse_course(
        make_files(
            des=b"system_id,title\nA1,Start\nA2,Quiz\nB1,All\nJ1,Know it\nJ2,Do it\n",
            ort=b'"course_element","member","member"\n"A1","J1","J2"\n',
            pre=b"'prerequisite','structure_element'\n'A1=\"passed\" & 2*{A1, J1}','a2'\n'','B1'\n",
            cmp=b'structure_element,requirement,result,next,return\nB1,"A1|A2",passed,,A1\n'
            b"root,A1,completed\n",
        )
    )
    assert parsed.course.objectives == (Objective("J1", "Know it"), Objective("J2", "Do it"))
    assert parsed.course.objective_members == {"A1": ("J1", "J2")}
    assert parsed.course.prerequisites == {"A2": 'A1="passed" & 2*{A1, J1}'}
    assert parsed.course.completions == (
        Completion("B1", "A1|A2", "passed", "", "A1"),
        Completion("root", "A1", "completed"),
    )
    assert [fault.message for fault in parsed.faults] == ['"a2" was taken for "A2".']


def test_a_prerequisite_said_twice_the_same_is_no_fault(make_files: MakeFiles) -> None:
    pre = b"structure_element,prerequisite\nA2,A1\nA2,A1\n"
    assert parse_course(make_files(pre=pre)).course.prerequisites == {"A2": "A1"}


@pytest.mark.conforms(
    "Course files",
    "Siebel",
    "All four are needed; which one is missing is said.",
    grade="B",
)
@pytest.mark.parametrize("extension", ["crs", "au", "des", "cst"])
def test_a_missing_file_is_one_fault_that_says_what_to_do(
    make_files: MakeFiles, refusal: Refusal, extension: str
) -> None:
    (fault,) = refusal(lambda: parse_course(make_files(**{extension: None})))
    assert fault.file == f"course.{extension}"
    assert "missing" in fault.message
    assert fault.remedy.startswith("Add it: it holds")


def test_a_file_under_another_name_is_hinted_at(refusal: Refusal, plain: dict[str, bytes]) -> None:
    del plain["cst"]
    files = CourseFiles("s", "course", plain, hints={"cst": "s/structure.cst"})
    fault = refusal(lambda: parse_course(files))[0]
    assert fault.file == "s/course.cst"
    assert 'rename "s/structure.cst" to course.cst' in fault.remedy


def test_all_faults_are_told_at_once(make_files: MakeFiles, refusal: Refusal) -> None:
    faults = refusal(
        lambda: parse_course(
            make_files(
                crs=b"[Course]\nCourse_Title=T\n",
                au=b"system_id,file_name,mastery_score\nA1,javascript:x,high\nA1,start.html,\n"
                b"A2,gone.html,\n",
                des=b"system_id,title\nA1,One\nA1,Two\n",
                cst=b"block,member\nroot,A1,A7\n",
                pre=b"structure_element,prerequisite\nA7,A1\nA2,A1\nA2,A7\n",
                cmp=b"structure_element,requirement,result\n,A1,passed\n",
                ort=b"course_element,member\nA7,J1\n",
            )
        )
    )
    errors = [(fault.file, fault.line, fault.column) for fault in faults]
    for expected in [
        ("course.crs", None, "Course_ID"),
        ("course.au", 2, "file_name"),
        ("course.au", 2, "mastery_score"),
        ("course.au", 3, "system_id"),
        ("course.au", 4, "file_name"),
        ("course.des", 3, "system_id"),
        ("course.cst", 2, 9),
        ("course.pre", 2, "structure_element"),
        ("course.pre", 4, "structure_element"),
        ("course.cmp", 2, "structure_element"),
        ("course.ort", 2, "course_element"),
    ]:
        assert expected in errors


@pytest.mark.conforms(
    "Course files",
    "CMI001 v3.5; WisdomMaster",
    "Of the .au file system_id and file_name are needed; all other columns may be missing.",
    grade="D",
)
def test_a_table_that_cannot_be_read_drags_no_others_behind(
    make_files: MakeFiles, refusal: Refusal
) -> None:
    faults = refusal(lambda: parse_course(make_files(au=b"A1,start.html\nA2,quiz.html\n")))
    assert [(fault.file, fault.column) for fault in faults] == [
        ("course.au", "system_id"),
        ("course.au", "file_name"),
    ]


def test_a_nul_is_refused(make_files: MakeFiles, refusal: Refusal) -> None:
    faults = refusal(lambda: parse_course(make_files(des=b"system_id,title\nA1,a\0b\n")))
    assert (faults[0].file, faults[0].line, faults[0].column) == ("course.des", 2, 5)


def test_a_row_without_a_file_name_is_a_fault(make_files: MakeFiles, refusal: Refusal) -> None:
    faults = refusal(lambda: parse_course(make_files(au=b"system_id,file_name\nA1\nA2,quiz.html")))
    assert [(fault.line, fault.message) for fault in faults] == [(2, "File_Name is empty.")]


# Whole courses, written in a random dialect.


def in_dialect(data: bytes, dice: random.Random) -> bytes:
    """Write a file as another tool might: line ends, mark, encoding, blank lines, last newline."""
    text = data.decode().replace("\r\n", dice.choice(["\r\n", "\n", "\r"]))
    if dice.random() < 0.5:
        text = text.rstrip("\r\n")
    if dice.random() < 0.3:
        text = "\r\n" + text
    encoding = dice.choice(["utf-8", "utf-8-sig", "utf-16"])
    return text.encode(encoding)


def in_columns(data: bytes, dice: random.Random) -> bytes:
    """Write a table of known columns with the columns shuffled and in another case."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    order = dice.sample(range(len(rows[0])), len(rows[0]))
    rows[0] = [dice.choice([str.upper, str.title, str.lower])(name) for name in rows[0]]
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    if dice.random() < 0.5:
        writer = csv.writer(written, quoting=csv.QUOTE_MINIMAL)
    writer.writerows([row[one] for one in order] for row in rows)
    return written.getvalue().encode()


@pytest.mark.conforms(
    "Course files",
    "common",
    "Any course in any of these dialects is read back as the same course.",
    grade="B",
)
@settings(max_examples=60)
@given(courses(), st.randoms(use_true_random=False))
def test_a_course_written_in_any_dialect_is_read_back(course: Course, dice: random.Random) -> None:
    written = dump_course(course)
    for extension in ("au", "des", "pre", "cmp"):
        if extension in written:
            written[extension] = in_columns(written[extension], dice)
    files = {name: in_dialect(data, dice) for name, data in written.items()}
    assert parse_course(CourseFiles("", "c", files)).course == course


@pytest.mark.conforms(
    "Course files",
    "anybody",
    "Any bytes are read or refused with a reason.",
    grade="D",
)
@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(["crs", "au", "des", "cst", "ort", "pre", "cmp"]),
        st.binary(max_size=60)
        | st.text("\"',\r\n aA1B{}&|~*=", max_size=60).map(str.encode)
        | st.sampled_from([b"system_id,file_name\nA1,x\n", b"block,member\nroot,A1,root\n"]),
    )
)
def test_nothing_but_a_refusal_comes_of_any_bytes(contents: dict[str, bytes]) -> None:
    try:
        parse_course(CourseFiles("", "c", contents, members=Contents(["x"])))
    except PackageRefused as refused:
        assert refused.faults
