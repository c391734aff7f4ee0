"""From the files of one set to a course, with everything that is wrong with them at once.

Serves `intake`. Gives each file to its reader and brings the rows together; `.pre` and `.cmp`
scripts are checked and kept as text, nothing is evaluated. Opens no file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog.errors import Findings, quote_value
from catalog.files.address import NO_CONTENTS, BadAddress, Contents, parse_file_name
from catalog.files.crs import CrsFile, dump_crs, parse_crs
from catalog.files.decoding import decode
from catalog.files.elements import Described, read_descriptions, read_objectives, read_units
from catalog.files.layouts import AU, CMP, CST, DES, ORT, PRE
from catalog.files.requirements import (
    Elements,
    read_completions,
    read_prerequisites,
    warn_of_closed,
)
from catalog.files.tables import Cell, Layout, Row, dump_table, parse_table
from catalog.files.tree import ROOT, Ids, Tree, build_tree
from catalog.model import AssignableUnit, Block, Course, Fault, Objective

REQUIRED = ("crs", "au", "des", "cst")
OPTIONAL = ("ort", "pre", "cmp")

_PURPOSES = {
    "crs": "the course's title and id",
    "au": "the assignable units and their addresses",
    "des": "the titles",
    "cst": "the order of units and blocks",
}


@dataclass(frozen=True, slots=True)
class CourseFiles:
    """One set of course structure files: those of one base name in one folder of a package.

    `contents` and `names` are keyed by extension (`crs`, `au`, `des`, `cst`, `ort`, `pre`, `cmp`);
    `names` are paths in the package as written, for messages. `members` are the package's content
    files, among which a relative File_Name must be found. `hints` are file names that may be the
    missing ones under another name, by extension.
    """

    folder: str
    base: str
    contents: Mapping[str, bytes]
    names: Mapping[str, str] = field(default_factory=dict)
    members: Contents = NO_CONTENTS
    hints: Mapping[str, str] = field(default_factory=dict)

    def name(self, extension: str) -> str:
        """Return the path of a file of the set, also of one that is missing."""
        missing = posixpath.join(self.folder, f"{self.base}.{extension}")
        return self.names.get(extension, missing)


@dataclass(frozen=True, slots=True)
class ParsedCourse:
    """A course, and in `faults` the warnings about what was tolerated in its files."""

    course: Course
    faults: tuple[Fault, ...] = ()


def parse_course(files: CourseFiles) -> ParsedCourse:
    """Read a set; `dump_course` writes one. Raises `PackageRefused` with all faults and warnings.

    A table that cannot be read is not held against the others, so that one fault does not drag a
    hundred behind it.
    """
    return _CourseReader(files).read()


def dump_course(course: Course) -> dict[str, bytes]:
    """Write the files of a set by extension, in UTF-8; `parse_course` reads them.

    Optional files are written only where the course has something to say in them.
    """
    crs = CrsFile(
        course_id=course.course_id,
        title=course.title,
        creator=course.creator,
        system=course.system,
        level=course.level,
        version=course.version,
        max_normal=course.max_normal,
        description=course.description,
    )
    described: list[AssignableUnit | Block | Objective] = [
        *course.units,
        *course.blocks,
        *course.objectives,
    ]
    rows: dict[str, list[tuple[str, ...]]] = {
        "au": [_au_row(unit) for unit in course.units],
        "des": [(one.system_id, one.developer_id, one.title, one.description) for one in described],
        "cst": [
            (ROOT, *course.members),
            *((block.system_id, *block.members) for block in course.blocks),
        ],
        "ort": [(name, *members) for name, members in course.objective_members.items()],
        "pre": list(course.prerequisites.items()),
        "cmp": [
            (one.element, one.requirement, one.result, one.next, one.return_to)
            for one in course.completions
        ],
    }
    written = {"crs": dump_crs(crs)}
    for extension, layout in _LAYOUTS.items():
        if rows[extension] or extension in REQUIRED:
            written[extension] = dump_table(layout.columns, rows[extension])
    return {extension: text.encode() for extension, text in written.items()}


_LAYOUTS = {"au": AU, "des": DES, "cst": CST, "ort": ORT, "pre": PRE, "cmp": CMP}


def _au_row(unit: AssignableUnit) -> tuple[str, ...]:
    values = {name: getattr(unit, name, None) for name in AU.columns}
    values["core_vendor"] = unit.core_vendor.replace("\r\n", "<CR>")
    return tuple("" if value is None else str(value) for value in values.values())


class _CourseReader:
    """One reading of one set: the files, what was found so far, and the tables as rows."""

    def __init__(self, files: CourseFiles) -> None:
        self.files = files
        self.findings = Findings()
        self.texts = {
            extension: decode(data, file=files.name(extension), findings=self.findings)
            for extension, data in files.contents.items()
        }

    def read(self) -> ParsedCourse:
        """Read all files, then see how they fit together."""
        self._miss_files()
        crs = CrsFile("", "")
        if "crs" in self.texts:
            crs = parse_crs(self.texts["crs"], file=self._name("crs"), findings=self.findings)
        tables = {
            extension: self._table(extension, layout) for extension, layout in _LAYOUTS.items()
        }
        units = self._units(tables["au"])
        # Without units or their tree every id would be unknown.
        if not units or tables["cst"] is None or tables["des"] is None:
            self.findings.raise_if_refused()
        course = self._course(crs, units, {name: rows or [] for name, rows in tables.items()})
        self.findings.raise_if_refused()
        return ParsedCourse(course, self.findings.warnings())

    def _name(self, extension: str) -> str:
        return self.files.name(extension)

    def _miss_files(self) -> None:
        for extension in REQUIRED:
            if extension in self.texts:
                continue
            remedy = f"Add it: it holds {_PURPOSES[extension]}."
            hint = self.files.hints.get(extension)
            if hint:
                remedy = (
                    f"All files of a course have one base name; rename {quote_value(hint)} "
                    f"to {self.files.base}.{extension} if it is the one."
                )
            self.findings.error(
                f"The .{extension} file of the course is missing.",
                remedy,
                file=self._name(extension),
            )

    def _table(self, extension: str, layout: Layout) -> list[Row] | None:
        if extension not in self.texts:
            return None
        return parse_table(
            self.texts[extension], layout, file=self._name(extension), findings=self.findings
        )

    def _units(self, rows: list[Row] | None) -> dict[str, AssignableUnit]:
        if rows is None:
            return {}
        cells: dict[str, Row] = {}
        units = read_units(rows, cells, file=self._name("au"), findings=self.findings)
        return {
            name: replace(unit, file_name=self._address(cells[name]))
            for name, unit in units.items()
        }

    def _address(self, row: Row) -> str:
        cell = row.cells.get("file_name", Cell("", row.line, 0))
        au = self._name("au")
        try:
            address, warning = parse_file_name(
                cell.text, folder=self.files.folder, contents=self.files.members
            )
        except BadAddress as bad:
            self.findings.error(
                bad.message, bad.remedy, file=au, line=cell.line, column="file_name"
            )
            return ""
        if warning:
            self.findings.warn(
                warning,
                "Write it as the file is called.",
                file=au,
                line=cell.line,
                column="file_name",
            )
        return address

    def _course(
        self, crs: CrsFile, units: dict[str, AssignableUnit], tables: Mapping[str, list[Row]]
    ) -> Course:
        tree = build_tree(tables["cst"], units, file=self._name("cst"), findings=self.findings)
        described = read_descriptions(
            tables["des"],
            [*units, *tree.members],
            file=self._name("des"),
            findings=self.findings,
        )
        named = Ids([*units, *tree.members])
        objectives, related = read_objectives(
            tables["ort"], described, named, file=self._name("ort"), findings=self.findings
        )
        elements = Elements({*units, *tree.members}, {one.system_id for one in objectives})
        alone = crs.title if len(units) == 1 else ""
        course = Course(
            course_id=crs.course_id,
            title=crs.title,
            units=tuple(self._titled(units[name], described, alone) for name in tree.units),
            members=tree.top,
            blocks=tuple(self._block(name, tree, described) for name in tree.blocks),
            objectives=objectives,
            description=crs.description,
            creator=crs.creator,
            system=crs.system,
            level=crs.level,
            version=crs.version,
            max_normal=crs.max_normal,
            prerequisites=read_prerequisites(
                tables["pre"], elements, **self._origin("pre"), findings=self.findings
            ),
            completions=read_completions(
                tables["cmp"], elements, **self._origin("cmp"), findings=self.findings
            ),
            objective_members=related,
        )
        # In a tree that did not come about, nothing can be opened.
        if not self.findings.refused:
            warn_of_closed(
                course, tables["pre"], elements, file=self._name("pre"), findings=self.findings
            )
        return course

    def _origin(self, extension: str) -> dict[str, str]:
        """Return what a reader of rows must know of the file they stood in."""
        return {"text": self.texts.get(extension, ""), "file": self._name(extension)}

    def _titled(
        self, unit: AssignableUnit, described: Mapping[str, Described], alone: str
    ) -> AssignableUnit:
        """Give a unit its row of .des. A unit without a title is called after itself, or, when it
        is the only one, after the course.
        """
        known = self._described(unit.system_id, described)
        return replace(
            unit,
            title=known.title or alone or unit.system_id,
            description=known.description,
            developer_id=known.developer_id,
        )

    def _block(self, name: str, tree: Tree, described: Mapping[str, Described]) -> Block:
        known = self._described(name, described)
        return Block(
            name, known.title or name, tree.members[name], known.description, known.developer_id
        )

    def _described(self, name: str, described: Mapping[str, Described]) -> Described:
        known = described.get(name, Described())
        if not known.title:
            self.findings.warn(
                f"There is no title for {quote_value(name)}.",
                "Add a row with its title.",
                file=self._name("des"),
                line=known.line,
                column="title",
            )
        return known
