"""`hacp exchanges`: the log of raw exchanges by months, and looking after it now.

Serves operators. What is due is for `launcher.log_keeping` to say; the workers do it every night.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import click

from launcher import log_keeping
from launcher.commands.door import in_application, json_option, say, write_json, write_table
from launcher.db import read
from launcher.records import log_months
from launcher.records.log_months import Kept

MIB = 1024 * 1024


@click.group()
def exchanges() -> None:
    """Look after the log of raw exchanges, month by month.

    The settings say after how many months they are packed and dropped.
    """


@exchanges.command("list")
@json_option
@in_application
def list_months(as_json: bool) -> None:
    """List the months of the log of exchanges and what has become of them."""
    kept = read(partial(log_months.months, now=datetime.now(UTC)))
    if as_json:
        write_json([{"month": str(one.month), "state": _state(one)} for one in kept])
    else:
        write_table(("MONTH", "STATE"), [(str(one.month), _state(one)) for one in kept])


@exchanges.command("tidy")
@in_application
def tidy() -> None:
    """Make the next months ready, pack old exchanges, drop what is kept no longer."""
    done = log_keeping.tidy(now=datetime.now(UTC))
    say(f"Dropped: {', '.join(done.dropped) or 'nothing'}.")
    say(
        f"Packed: {', '.join(done.packed) or 'nothing'}; {done.exchanges} exchanges, "
        f"{done.before / MIB:.1f} MiB became {done.after / MIB:.1f} MiB."
    )


def _state(one: Kept) -> str:
    if one.dropped_at is not None:
        return "dropped"
    return "packed" if one.packed_at is not None else "as it came"
