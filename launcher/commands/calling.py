"""What `hacp probe` and `hacp replay` share: the server that is meant, and the way to it.

Serves both. Reads no setting and opens no database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from hacp.calls import Target, parse_target
from launcher.caller import TIMEOUT

T = TypeVar("T")

# Controls of C0 as their pictures, those of C1 as unreadable: a terminal obeys both.
_DRAWN = str.maketrans(
    {sign: chr(0x2400 + sign) for sign in range(0x20)}
    | {0x7F: "␡"}
    | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
)


def timeout_option(command: Callable[..., T]) -> Callable[..., T]:
    """Add `--timeout`."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0.1, max=600),
        default=TIMEOUT,
        show_default=True,
        metavar="SECONDS",
        help="How long one answer may take.",
    )(command)


def the_target(url: str, session_id: str | None) -> Target:
    """Return the session that is meant: of a launch URL, or of an address and `--sid`."""
    try:
        return parse_target(url, session_id)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def drawn(text: str) -> str:
    """Make what a foreign server said fit for a terminal."""
    return text.encode("utf-8", "replace").decode().translate(_DRAWN)
