"""`make fuzz`: searches for inputs that break the readers, and for such as take them too long.

Serves whoever changes a reader. What it finds is kept in .fuzz/ (not in the repository): a corpus
that grows from run to run, and a file for each crash. It needs `atheris`, which only this needs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.fuzz.corpus import CORPORA, write_corpus, write_vocabulary
from tests.fuzz.linear import Measured, measure_all

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / ".fuzz"
# An input that takes longer than this many seconds is a finding.
TIMEOUT = 20
MEGABYTES = 2048


def main() -> int:
    """Run what was asked for; return 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long to fuzz, in all")
    parser.add_argument("--only", default="", help="one of: linear, " + ", ".join(CORPORA))
    chosen = parser.parse_args()
    found = False
    names = [name for name in CORPORA if chosen.only in ("", name)]
    for name in names:
        found |= fuzz(name, seconds=max(1, chosen.seconds // len(names)))
    if chosen.only in ("", "linear"):
        found |= report(measure_all())
    return int(found)


def fuzz(name: str, *, seconds: int) -> bool:
    """Fuzz one target; tell whether it crashed, hung or ate memory."""
    corpus, crashes = KEPT / "corpus" / name, KEPT / "crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    write_corpus(name, corpus)
    vocabulary = KEPT / f"{name}.dict"
    write_vocabulary(name, vocabulary)
    print(f"{name}: {seconds} seconds", flush=True)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={TIMEOUT}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-artifact_prefix={crashes}/{name}-",
        f"-dict={vocabulary}",
        "-print_final_stats=1",
    ]
    command = [sys.executable, "-m", "tests.fuzz.target", name, *options, str(corpus)]
    log = KEPT / f"{name}.log"
    with log.open("wb") as said:
        code = subprocess.run(command, cwd=ROOT, stdout=said, stderr=said).returncode
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
    print("\n".join(f"  {line}" for line in tail), flush=True)
    if code:
        print(f"  FOUND: the input stands in {crashes}, the whole log in {log}", flush=True)
    return code != 0


def report(measured: Iterable[Measured]) -> bool:
    """Print the slowest flood of each reader, and all that look worse than linear; tell of any."""
    print("Floods: bytes, seconds, and how much longer than half of it took")
    count, suspicious = 0, 0
    for _, floods in groupby(measured, lambda one: one.reader):
        slowest, *others = sorted(floods, key=lambda one: one.seconds / one.size, reverse=True)
        told = [slowest, *(one for one in others if one.is_suspicious)]
        count, suspicious = (
            count + 1 + len(others),
            suspicious + sum(one.is_suspicious for one in told),
        )
        for one in told:
            mark = "  SUSPICIOUS" if one.is_suspicious else ""
            print(
                f"  {one.reader:18} {one.flood:14} {one.size:>10,} {one.seconds:8.2f} s"
                f" {one.ratio:6.2f}{mark}",
                flush=True,
            )
    print(f"  {count} floods, {suspicious} that look worse than linear", flush=True)
    return suspicious > 0


if __name__ == "__main__":
    sys.exit(main())
