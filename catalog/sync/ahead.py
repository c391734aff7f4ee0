"""Reading ahead: the next page of a listing is fetched while the last one is applied.

Serves the sync, whose claim has to be renewed while a slow provider is waited for. Knows no page
and no provider.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

# One page waits while one is applied and one is fetched; more would only be memory.
_READY = 1
# How long whoever puts waits before it looks whether anybody still wants what it has.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Came(Generic[T]):
    """One element, or what ended the source: an error, or None for its end."""

    element: T | None = None
    error: BaseException | None = None
    ended: bool = False


def ahead(
    source: Iterator[T], *, idle: Callable[[], None], idle_seconds: float
) -> Generator[T, None, None]:
    """Yield what the source yields, which runs in a thread of its own, a little ahead.

    `idle` is called whenever nothing has come for so many seconds. An error of the source is raised
    here, after everything that came before it. Closing the generator stops the source after what it
    is at; nobody waits for that.
    """
    ready: queue.Queue[_Came[T]] = queue.Queue(_READY)
    unwanted = threading.Event()
    thread = threading.Thread(target=_read, args=(source, ready, unwanted), daemon=True)
    thread.start()
    try:
        while True:
            try:
                came = ready.get(timeout=idle_seconds)
            except queue.Empty:
                idle()
                continue
            if came.error is not None:
                raise came.error
            if came.ended:
                return
            # Only an end or an error comes without an element.
            yield came.element  # type: ignore[misc]
    finally:
        unwanted.set()


def _read(source: Iterator[T], ready: queue.Queue[_Came[T]], unwanted: threading.Event) -> None:
    try:
        for element in source:
            if not _put(ready, _Came(element), unwanted):
                return
        last: _Came[T] = _Came(ended=True)
    except BaseException as error:
        last = _Came(error=error)
    _put(ready, last, unwanted)


def _put(ready: queue.Queue[_Came[T]], came: _Came[T], unwanted: threading.Event) -> bool:
    """Put where there is room; return False as soon as nobody wants it any more."""
    while not unwanted.is_set():
        try:
            ready.put(came, timeout=_LOOK_SECONDS)
        except queue.Full:
            continue
        return True
    return False
