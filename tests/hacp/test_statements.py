"""The statements of the busy ways: what they look for, and what they leave alone."""

from __future__ import annotations

from hacp.model import Phase
from hacp.statements import DUE_SESSIONS, KEEP_ATTEMPT


def test_the_sweep_looks_for_every_phase_that_is_not_over():
    words = DUE_SESSIONS.compile(compile_kwargs={"literal_binds": False}).params
    (phases,) = [value for value in words.values() if isinstance(value, (list, tuple))]
    assert set(phases) == {str(phase) for phase in (Phase.LAUNCHED, Phase.TALKING, Phase.EXITED)}


def test_a_plain_report_writes_nothing_large():
    columns = {
        key: {column.name for column in statement.table.columns} & set(statement.compile().params)
        for key, statement in KEEP_ATTEMPT.items()
    }
    plain = columns[False, False]
    assert not {"suspend_data", "suspend_from", "objectives"} & plain
    assert columns[True, True] - plain == {"suspend_data", "suspend_from", "objectives"}
    assert columns[True, False] - plain == {"suspend_data", "suspend_from"}
    assert columns[False, True] - plain == {"objectives"}
