"""What is asked of the elements of a reply: the third part of the table in `checks`.

Serves `checks` and `checks_session`. Knows neither HTTP nor the layout of a reply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from hacp.model import Entry, Mode, Status
from hacp.probe import Check, Fault, Heard, Played, Step, Weight

NEEDED, WANTED = Weight.NEEDED, Weight.WANTED
Judge = Callable[[Played], list[Fault] | None]

MUST_SUCCEED = (Step.GET, Step.PUT, Step.AGAIN, Step.EXIT)
# As the Rustici driver tests it (UtilityFunctions), which in turn is CMITimespan with leave.
_TIME = re.compile(r"\d{1,4}:\d{1,2}:\d{1,2}(?:\.\d{1,2})?")
_STUDENT_ID = re.compile(r"[A-Za-z0-9_:-]{1,255}")
# From this version on content sends decimals, maximum and minimum of a score.
FULL_SCORES = 3


def core(heard: Heard, name: str) -> str | None:
    """Return a keyword of [core] as it was written."""
    return heard.response.keywords.get("core", {}).get(name)


def _given(saw: Callable[[Heard], str]) -> Judge:
    """Judge every reply that hands out elements."""

    def judge(played: Played) -> list[Fault] | None:
        given = [heard for heard in played.heard.values() if heard.hands_out]
        faults = [Fault(heard.step, seen) for heard in given if (seen := saw(heard))]
        return faults if given else None

    return judge


def judge_replies(steps: Iterable[Step], saw: Callable[[Heard], str]) -> Judge:
    """Judge the replies to these steps; `saw` returns what is wrong with one, or nothing."""
    wanted = tuple(steps)

    def judge(played: Played) -> list[Fault] | None:
        replies = [played.heard[step] for step in wanted if step in played.heard]
        replies = [heard for heard in replies if heard.is_reply]
        faults = [Fault(heard.step, seen) for heard in replies if (seen := saw(heard))]
        return faults if replies else None

    return judge


def _no_group(name: str) -> Callable[[Heard], str]:
    def saw(heard: Heard) -> str:
        there = name in heard.response.texts or name in heard.response.keywords
        return "" if there else f"no [{name}]"

    return saw


def _no_name(*names: str) -> Callable[[Heard], str]:
    def saw(heard: Heard) -> str:
        missing = [name for name in names if core(heard, name) is None]
        return f"no {', '.join(missing)}" if missing else ""

    return saw


def failed(heard: Heard) -> str:
    """Say what stands in place of error=0."""
    return "" if heard.response.error == 0 else error_of(heard)


def error_of(heard: Heard) -> str:
    """Write the error of a reply for people."""
    text = heard.response.error_text
    number = "no error=" if heard.response.error is None else f"error={heard.response.error}"
    return f"{number} {text}" if text else number


def _error_text(heard: Heard) -> str:
    text = heard.response.error_text
    fine = heard.response.error != 0 or text is None or text.lower() in {"", "successful"}
    return "" if fine else f"error_text={text}"


def _version(heard: Heard) -> str:
    version = heard.response.version
    if version is None:
        return "no version"
    return "" if _leading_number(version) is not None else f"version={version}"


def _old_version(heard: Heard) -> str:
    number = _leading_number(heard.response.version or "")
    return f"version={number}" if number is not None and number < FULL_SCORES else ""


def _leading_number(text: str) -> Decimal | None:
    """Read a number as JavaScript's parseFloat does, which is what clients have."""
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text)
    return Decimal(found[0]) if found else None


def _no_status(heard: Heard) -> str:
    said = core(heard, "lesson_status")
    return f"lesson_status={said}" if said is not None and heard.handed.status is None else ""


def _short_status(heard: Heard) -> str:
    word = (core(heard, "lesson_status") or "").partition(",")[0].strip()
    short = heard.handed.status is not None and word not in set(Status)
    return f"lesson_status={word}" if short else ""


def _no_entry(heard: Heard) -> str:
    handed, said = heard.handed, core(heard, "lesson_status")
    normal = handed.mode in {None, Mode.NORMAL}
    return f"lesson_status={said}" if normal and handed.entry is Entry.NONE else ""


def _odd_entry(heard: Heard) -> str:
    said = core(heard, "lesson_status") or ""
    flag = said.partition(",")[2]
    fine = not flag or flag in set(Entry)
    return "" if fine and " ," not in said else f"lesson_status={said}"


def _unreadable(name: str, attribute: str) -> Callable[[Heard], str]:
    def saw(heard: Heard) -> str:
        said = core(heard, name)
        unread = said and getattr(heard.handed, attribute) is None
        return f"{name}={said}" if unread else ""

    return saw


def _odd_time(heard: Heard) -> str:
    said = core(heard, "time")
    return "" if said is None or _TIME.fullmatch(said) else f"time={said}"


def _odd_score(heard: Heard) -> str:
    said = core(heard, "score")
    blank = said is not None and (not said or " " in said)
    return f"score={said}" if blank else ""


def _empty_options(heard: Heard) -> str:
    student = heard.response.keywords.get("student_data", {})
    optional = ("mastery_score", "max_time_allowed", "time_limit_action")
    return " ".join(f"{name}=" for name in optional if student.get(name) == "")


def _odd_student_id(heard: Heard) -> str:
    said = core(heard, "student_id")
    return "" if said is None or _STUDENT_ID.fullmatch(said) else f"student_id={said}"


def _odd_name(heard: Heard) -> str:
    said = core(heard, "student_name")
    return "" if said is None or "," in said else f"student_name={said}"


def _braces(heard: Heard) -> str:
    said = heard.handed.course_id or ""
    return f"course_id={said}" if said.startswith("{") else ""


ELEMENTS = [
    Check("error=0 where all is well", NEEDED, "all content", judge_replies(MUST_SUCCEED, failed)),
    Check(
        "error_text is Successful, or left out",
        NEEDED,
        "e-LfH (Adapt) takes any other for a failure",
        judge_replies(Step, _error_text),
    ),
    Check(
        "version is a number",
        WANTED,
        "Rustici's driver reads it as one and says it in its next requests",
        judge_replies(Step, _version),
    ),
    Check(
        f"version is {FULL_SCORES} or more",
        WANTED,
        "Rustici's driver rounds scores to integers and leaves out their maximum",
        judge_replies(Step, _old_version),
    ),
    Check(
        "GetParam hands out aicc_data",
        NEEDED,
        "all content",
        judge_replies(
            (Step.GET, Step.AGAIN), lambda heard: "" if heard.hands_out else "no aicc_data"
        ),
    ),
    Check("[core] is there", NEEDED, "all content", _given(_no_group("core"))),
    Check(
        "[core_lesson] is there, even if empty",
        NEEDED,
        "CourseLab fails without it",
        _given(_no_group("core_lesson")),
    ),
    Check(
        "[core_vendor] is there, even if empty",
        NEEDED,
        "South River cuts the suspend data there",
        _given(_no_group("core_vendor")),
    ),
    Check(
        "lesson_location and lesson_status are there",
        NEEDED,
        "UGS and ScoXAPI show an alert; all content resumes by them",
        _given(_no_name("lesson_location", "lesson_status")),
    ),
    Check(
        "student_id, student_name and time are there",
        NEEDED,
        "mandatory by CMI001 table 2; ScoXAPI shows an alert",
        _given(_no_name("student_id", "student_name", "time")),
    ),
    Check(
        "credit and lesson_mode are there",
        WANTED,
        "credit is mandatory by CMI001 table 2; where they are absent content assumes the usual",
        _given(_no_name("credit", "lesson_mode")),
    ),
    Check(
        "student_id is letters, digits, `-`, `_` and `:`",
        NEEDED,
        "Skillsoft refuses any other (MDL-46805)",
        _given(_odd_student_id),
    ),
    Check(
        "student_name is `Last, First`",
        WANTED,
        "the standard's form; content that greets by the first name",
        _given(_odd_name),
    ),
    Check("lesson_status is readable", NEEDED, "all content", _given(_no_status)),
    Check(
        "lesson_status is a full word in lower case",
        WANTED,
        "content that compares whole words",
        _given(_short_status),
    ),
    Check(
        "an entry flag stands behind the status",
        NEEDED,
        "Rustici's driver (Storyline, Rise) reports a review and records nothing",
        _given(_no_entry),
    ),
    Check(
        "the entry flag is ab-initio or resume, without a blank",
        NEEDED,
        "Rustici's driver (Storyline, Rise) reports a review for `, resume`",
        _given(_odd_entry),
    ),
    Check(
        "credit is readable", WANTED, "credit is assumed", _given(_unreadable("credit", "credit"))
    ),
    Check(
        "lesson_mode is readable",
        WANTED,
        "a normal launch is assumed",
        _given(_unreadable("lesson_mode", "mode")),
    ),
    Check(
        "time is HHHH:MM:SS",
        NEEDED,
        "Rustici's driver (Storyline, Rise) refuses any other",
        _given(_odd_time),
    ),
    Check("score is a number", WANTED, "the score is lost", _given(_unreadable("score", "score"))),
    Check(
        "score is left out while there is none, and has no blanks",
        WANTED,
        "Rustici's driver sets an error number for an empty one",
        _given(_odd_score),
    ),
    Check(
        "optional elements are left out while they are empty",
        WANTED,
        "Rustici's driver sets an error number for an empty one",
        _given(_empty_options),
    ),
    Check(
        "course_id has no braces",
        WANTED,
        "Rustici's driver copies it into its interactions; they are typography in the standard",
        _given(_braces),
    ),
]
