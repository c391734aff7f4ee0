"""Fuzzing without atheris: every target takes its corpus, and what looks at time can tell."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.errors import PackageRefused
from tests.fuzz import linear, targets
from tests.fuzz.__main__ import report
from tests.fuzz.corpus import CORPORA, MOST, write_corpus, write_vocabulary
from tests.fuzz.linear import LONG_ENOUGH, SMALLEST, Measured, Reader, measure
from tests.fuzz.targets import TARGETS


def feed(name: str) -> int:
    """Give a target its corpus; return how much that was."""
    seeds = list(CORPORA[name]())
    for data in seeds:
        TARGETS[name](data[:MOST])
    return len(seeds)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_whole_corpus(name: str) -> None:
    assert feed(name) > 10


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\0", b"\xff" * 100, b"%%au\n%%au\n"])
def test_a_target_takes_what_is_none(name: str, data: bytes) -> None:
    TARGETS[name](data)


BENT = SimpleNamespace(body=b"error=0\nerror_text = Successful\naicc_data=[core]\n")
# (target, what it calls, what comes back instead)
BROKEN = {
    "a request that is none": ("requests", "parse_request", None),
    "a record that does not read back": ("requests", "parse_record", None),
    "an answer in another form": ("requests", "dump_response", BENT),
    "a course that is not the same again": ("courses", "dump_course", {}),
    "a lock that nobody else sees": ("courses", "locks", {"A1": 1, "A2": 1}),
    "a truth of its own": ("scripts", "missing", ("x",)),
}


@pytest.mark.parametrize(("name", "called", "wrong"), BROKEN.values(), ids=BROKEN)
def test_a_target_notices_what_is_wrong(
    name: str, called: str, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, called, lambda *_, **__: wrong)
    with pytest.raises((AssertionError, AttributeError, PackageRefused)):
        feed(name)


def test_corpus_and_vocabulary_are_files_for_the_fuzzer(tmp_path: Path) -> None:
    for name in TARGETS:
        write_corpus(name, tmp_path / name)
        write_vocabulary(name, tmp_path / "words")
        assert len(list((tmp_path / name).iterdir())) > 10
        assert all(
            line.startswith('"\\x') and line.endswith('"')
            for line in (tmp_path / "words").read_text("ascii").splitlines()
        )


class Clock:
    """A clock that reading moves, as a power of the length."""

    def __init__(self, power: float) -> None:
        self.now = 0.0
        self.power = power

    def read(self, data: bytes) -> None:
        self.now += 0.1 * (len(data) / SMALLEST) ** self.power

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("power", "suspicious"), [(1, False), (1.2, False), (2, True), (3, True)])
def test_a_square_is_told_from_a_line(power: float, suspicious: bool) -> None:
    clock = Clock(power)
    measured = measure(Reader("x", clock.read), "letter", clock=clock)
    assert measured.is_suspicious is suspicious
    assert measured.ratio == pytest.approx(2**power)
    # Whatever it is, nobody waits for a square of ten megabytes.
    assert measured.seconds < LONG_ENOUGH * 2**power * 1.1


def test_what_is_too_quick_to_tell_is_not_suspicious() -> None:
    assert not Measured("x", "y", 10, seconds=0.01, ratio=9).is_suspicious


def test_the_report_names_what_is_suspicious(capsys: pytest.CaptureFixture[str]) -> None:
    slow = Measured("a reader", "quote", 1024, seconds=9, ratio=4.2)
    quick = Measured("a reader", "comma", 1024, seconds=1, ratio=2.0)
    assert report([quick, slow])
    said = capsys.readouterr().out
    assert "quote" in said
    assert "SUSPICIOUS" in said
    assert "2 floods, 1 that look worse" in said
    assert not report([quick])


def test_every_reader_has_room_for_several_doublings() -> None:
    assert all(reader.largest >= 8 * SMALLEST for reader in linear.READERS)
