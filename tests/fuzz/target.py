"""One target in a process of its own, under atheris: it ends at its time, or at the first crash.

Serves tests/fuzz/__main__.py, which starts it; what stands behind the name are libFuzzer's options.
"""

from __future__ import annotations

import sys

import atheris

# What is watched must be imported here first; the tests around it need no watching.
with atheris.instrument_imports(include=["hacp", "catalog"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    name, *options = sys.argv[1:]
    atheris.Setup([f"fuzz-{name}", *options], TARGETS[name])
    atheris.Fuzz()
