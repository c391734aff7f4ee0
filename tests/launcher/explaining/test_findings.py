"""The words of findings: all there, all with their values, and stored without any."""

from __future__ import annotations

import re

import pytest

from launcher.explaining.findings import WELL, WORDS, Cause, Finding, dump_finding, parse_finding


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_title_a_sentence_and_what_to_do(app, cause):
    values = {
        name: "“Unit” is locked." if name == "why" else "2026-05-04T09:30:00+00:00"
        for part in WORDS[cause]
        for name in re.findall(r"%\((\w+)\)s", str(part))
    }
    with app.app_context():
        finding = Finding(cause, values)
        assert len(finding.title) < 40
        assert "%" not in finding.title
        for text in (finding.sentence, finding.what_to_do):
            assert text[0].isupper() or text[0] in "“2"
            assert text.endswith(".")
            assert "%(" not in text


def test_there_are_more_than_twenty_causes():
    assert len(set(Cause) - WELL) > 25


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_fits_into_its_column(cause):
    assert len(cause) <= 32


def test_a_finding_is_stored_and_read_without_its_evidence():
    finding = Finding(Cause.MISREAD, {"said": "“é”", "taken": "100 %"})
    cause, values = dump_finding(finding)
    assert "é" in values
    assert parse_finding(cause, values) == finding


def test_a_cause_that_this_version_does_not_know_is_no_finding():
    assert parse_finding("of-tomorrow", "{}") is None


def test_moments_are_shown_in_the_words_of_pages(app):
    with app.app_context():
        finding = Finding(Cause.NEVER_CALLED, {"launched_at": "2026-05-04T11:30:00+02:00"})
        assert "4 May 2026, 09:30 UTC" in finding.sentence
