"""The columns of the tables, as CMI001 and real files name them."""

from __future__ import annotations

import pytest

from catalog.errors import Findings
from catalog.files.layouts import AU, CMP, CST, DES, ORT, PRE
from catalog.files.tables import Layout, parse_table
from catalog.model import AssignableUnit, Severity


@pytest.mark.parametrize("layout", [AU, DES, CST, ORT, PRE, CMP])
def test_every_column_is_named_once(layout: Layout) -> None:
    assert len(set(layout.columns)) == len(layout.columns)


def test_every_column_of_au_is_a_field_of_a_unit() -> None:
    assert set(AU.columns) <= set(AssignableUnit.__slots__)


@pytest.mark.conforms(
    "Rules of a course",
    "Moodle",
    "The columns of .pre may be swapped and spelt otherwise.",
    grade="B",
)
@pytest.mark.parametrize(
    "header", ["structure_element,prerequisite", "Prerequisites,Course_Element"]
)
def test_prerequisites_may_swap_and_respell_their_columns(header: str) -> None:
    rows = parse_table(f"{header}\nx,y", PRE, file="a.pre", findings=Findings())
    assert rows is not None
    assert set(rows[0].cells) == {"structure_element", "prerequisite"}


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (PRE, "structure_element,prerequisite\nA3,2*{A1,A2}"),
        (CMP, "structure_element,requirement,result,next,return\nB1,2*{A1,A2},passed,,,x"),
    ],
)
def test_a_script_cut_by_its_own_comma_is_an_error(layout: Layout, text: str) -> None:
    findings = Findings()
    parse_table(text, layout, file="a.pre", findings=findings)
    assert [fault.severity for fault in findings.errors()] == [Severity.ERROR]
