"""What the ids in a course mean: the titles behind them, and scripts that call them by their names.

Serves `structure`, `prerequisites`, `openings` and the pages. Pure. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.files.tree import ROOT, Ids
from catalog.model import Course
from catalog.script import Script, ScriptFault, parse_script


class Names:
    """The elements of a course by id: units, blocks, objectives, and `root`, the course itself."""

    def __init__(self, course: Course) -> None:
        self.titles: Mapping[str, str] = {
            **{one.system_id: one.title for one in course.objectives},
            **{one.system_id: one.title for one in course.blocks},
            **{one.system_id: one.title for one in course.units},
            ROOT: course.title,
        }
        self._ids = Ids(self.titles)

    def title(self, element: str) -> str:
        """Return what an element is called; an id that the course does not have, as it is."""
        return self.titles.get(element, element)

    def script(self, text: str) -> Script | None:
        """Parse a script of the course, with ids spelled as the course spells them.

        None for one that does not parse. The import refuses those; a course that an older release
        stored may have one, and then it is as if nothing had been written.
        """
        try:
            return parse_script(text).renamed(self._ids.find)
        except ScriptFault:
            return None
