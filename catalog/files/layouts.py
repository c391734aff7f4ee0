"""Which columns each table of a course has.

Serves `course` and `elements`. The sources are sections of CMI001 as far as they are quoted in
public; spellings beyond them are those of real files. Reads nothing.
"""

from __future__ import annotations

from catalog.files.tables import Layout
from catalog.model import Severity

# CMI001 v3.5, page 179, also asks for command_line and core_vendor; nothing hangs on them.
AU = Layout(
    required=("system_id", "file_name"),
    optional=(
        "type",
        "command_line",
        "max_score",
        "mastery_score",
        "max_time_allowed",
        "time_limit_action",
        "system_vendor",
        "core_vendor",
        "web_launch",
        "au_password",
    ),
)
DES = Layout(required=("system_id",), optional=("developer_id", "title", "description"))
CST = Layout(required=("block",), repeats="member")
ORT = Layout(
    required=("course_element",), aliases={"structure_element": "course_element"}, repeats="member"
)

_ELEMENT = {"course_element": "structure_element", "prerequisites": "prerequisite"}

# A script has commas of its own (`2*{A1,A2,A3}`): when it stands there unquoted it would be cut.
PRE = Layout(
    required=("structure_element", "prerequisite"),
    aliases=_ELEMENT,
    quotes="\"'",
    overflow=Severity.ERROR,
)
CMP = Layout(
    required=("structure_element", "requirement", "result"),
    optional=("next", "return"),
    aliases=_ELEMENT,
    overflow=Severity.ERROR,
)
