"""The sweep: silent sessions are closed, and content is let go that no session can use any more.

Serves `hacp sweep` and the look around. What may be closed is for `hacp` to say, and what is free
for `catalog.replaced`; nothing is credited, since every post is counted when it comes.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import current_app

import hacp.store
from catalog import replaced
from catalog.shelf import Shelf
from launcher import config
from launcher.db import read, transact

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


def let_go_of_content(*, now: datetime) -> int:
    """Take content off the shelf that updates have replaced; return how many. Safe any time.

    Whoever launched the course before the update works with it until the session is over, by the
    clock alone. A process that ends in between has taken it away and says so again.
    """
    shelf = Shelf(config.current().content_root)
    before = now - config.current().session_policy.lifetime
    gone = 0
    while due := read(partial(replaced.due, before=before)):
        for one in due:
            if one.free:
                shelf.discard(one.content_key)
                gone += 1
            transact(partial(replaced.forget, seen=one))
    return gone
