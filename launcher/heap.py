"""What a server has made by the time it serves, which lives as long as it does.

Serves `hacp serve` and `wsgi`.
"""

from __future__ import annotations

import gc


def keep_for_good() -> None:
    """Let no later search for garbage look at what is there now.

    Of a loaded server it takes 70 ms, for which every answer waits.
    """
    gc.collect()
    gc.freeze()
