"""`python -m demo`, which is `make run`: see `demo.run`.

Serves the Makefile. Holds nothing of its own.
"""

from __future__ import annotations

import os
import sys

from demo.run import main

sys.exit(main(os.environ))
