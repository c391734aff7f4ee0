"""`python -m benchmarks NAME [OPTIONS]`: runs one measurement; see `docs/performance.md`."""

from __future__ import annotations

import sys

from benchmarks import hacp, long, processes, scale

RUNS = {
    "hacp": hacp.main,
    "long": long.main,
    "processes": processes.main,
    "scale": scale.main,
}


def main() -> None:
    """Run what is named first; the rest are its options."""
    if len(sys.argv) < 2 or sys.argv[1] not in RUNS:
        raise SystemExit(f"usage: python -m benchmarks {{{','.join(RUNS)}}} [--help]")
    RUNS[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
