"""A fault reads as one line; a flood of faults is cut and counted."""

from __future__ import annotations

import pytest

from catalog.errors import MAX_FAULTS, Findings, PackageRefused, dump_fault, quote_value
from catalog.model import Fault, Severity


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.au", "It is bad.", "Mend it.", 3, "title"), "a.au, line 3, column title: "),
        (Fault("a.au", "It is bad.", "Mend it."), "a.au: "),
        (Fault("", "It is bad.", "Mend it."), ""),
    ],
)
def test_a_fault_says_where_what_and_what_to_do(fault: Fault, text: str) -> None:
    assert dump_fault(fault) == f"{text}It is bad. Mend it."


def test_a_warning_is_called_one() -> None:
    fault = Fault("a.au", "It is odd.", "", severity=Severity.WARNING)
    assert dump_fault(fault) == "a.au: warning: It is odd."


def test_a_refusal_reads_as_one_line_for_each_fault() -> None:
    faults = (Fault("a.au", "One.", "Mend."), Fault("a.cst", "Two.", "Mend."))
    assert str(PackageRefused(faults)) == "a.au: One. Mend.\na.cst: Two. Mend."


def test_a_foreign_value_is_cut_and_made_printable() -> None:
    assert quote_value("a\x1b[31m") == '"a\N{REPLACEMENT CHARACTER}[31m"'
    assert quote_value("x" * 1000) == f'"{"x" * 60}..."'


def test_errors_come_before_warnings() -> None:
    findings = Findings()
    findings.warn("Odd.", "", file="a")
    findings.error("Bad.", "", file="a")
    with pytest.raises(PackageRefused) as caught:
        findings.raise_if_refused()
    assert [fault.message for fault in caught.value.faults] == ["Bad.", "Odd."]


def test_warnings_alone_refuse_nothing() -> None:
    findings = Findings()
    findings.warn("Odd.", "", file="a")
    findings.raise_if_refused()
    assert not findings.refused
    assert len(findings.warnings()) == 1


def test_a_flood_of_faults_is_cut_and_counted() -> None:
    findings = Findings()
    for _ in range(MAX_FAULTS + 7):
        findings.error("Bad.", "", file="a")
        findings.warn("Odd.", "", file="a")
    assert len(findings.errors()) == len(findings.warnings()) == MAX_FAULTS + 1
    assert findings.errors()[-1].message == "There are 7 more faults."
    assert findings.warnings()[-1].message == "There are 7 more warnings."
