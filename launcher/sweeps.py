"""The sweep: sessions whose content fell silent are closed, their transcripts brought up to date.

Serves `hacp sweep`. What it may close is for `hacp` to say; it credits nothing, since every post is
counted when it comes.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import current_app

import hacp.store
from launcher import config
from launcher.db import transact

# How many sessions are closed in one transaction, during which SQLite's other writers wait.
AT_A_TIME = 200


def close_silent_sessions(*, now: datetime) -> int:
    """Close every session that is over by the clock; return how many. Safe anywhere, any time."""
    unit = partial(
        hacp.store.close_silent,
        now=now,
        policy=config.current().session_policy,
        limit=AT_A_TIME,
        # The hall listens to this application's own door.
        sender=current_app.extensions["content_door"],
    )
    total = 0
    while closed := transact(unit):
        total += closed
    return total
