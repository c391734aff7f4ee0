"""The loop that hears all connections, for waitress: it looks only at those of which there is news.

Serves `server`. waitress itself asks each connection at every turn what it waits for, so that
browsers that are silent cost as much as those that talk, and wakes the loop for every answer. Here
the kernel is told of each once, and an answer leaves from the thread that has made it.
"""

from __future__ import annotations

import select
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from waitress import wasyncore
from waitress.channel import ClientDisconnected, HTTPChannel

# What is shorter waits for the end of its answer: waitress would send the head by itself and then
# the body, each with a call of the system.
SEND_BYTES = 18_000


class Loop(dict[int, Any]):
    """What waitress calls its map: all that is open, by the number of its file.

    Only `call` is for any thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoll = select.epoll()
        # What the kernel was asked to tell of each. Of what stands at nothing it was asked nothing:
        # it would tell of a connection that is broken again and again.
        self._asked: dict[int, int] = {}
        self._listening: list[Any] = []
        self._called: deque[Any] = deque()
        # Servers of which the silent connections are due to be closed.
        self._due: deque[Any] = deque()

    def __setitem__(self, number: int, one: Any) -> None:
        super().__setitem__(number, one)
        self._asked[number] = 0
        self._ask(number, select.EPOLLIN)

    def __delitem__(self, number: int) -> None:
        self._ask(number, 0)
        del self._asked[number]
        super().__delitem__(number)

    def adopt(self, server: Any) -> None:
        """Let a server of waitress, which has this for its map, make connections for this loop."""
        server.adj.send_bytes = SEND_BYTES
        server.channel_class = _Connection
        server.pull_trigger = _send_or_call
        server.maintenance = partial(self._note_due, server, server.maintenance)
        self._listening.append(server)

    def call(self, one: Any) -> None:
        """Have something looked at in the next turn; the caller wakes the loop."""
        self._called.append(one)

    def turn(self, seconds: float) -> None:
        """Wait so long for news, and let those act of whom there is some."""
        # One that has as many connections as it may listens again when there is room.
        for one in self._listening:
            self.look_at(one)
        for number, events in self._epoll.poll(seconds):
            one = self.get(number)
            if one is not None:
                self._tell(one, events)
        while self._called:
            self.look_at(self._called.popleft())
        while self._due:
            self._close_silent(*self._due.popleft())

    def look_at(self, one: Any) -> None:
        """Ask the kernel for what something waits for now; what is closed waits for nothing."""
        number = one._fileno
        if number not in self:
            return
        # Set before it is asked: who ends a request behind this calls, who did before it is seen.
        one.unheard = True
        wanted = 0
        if one.readable():
            one.unheard = False
            wanted = select.EPOLLIN
        if one.writable() and not one.accepting:
            wanted |= select.EPOLLOUT
        self._ask(number, wanted)

    def close(self) -> None:
        """Close everything that is open; behind all connections the pipe by which threads call."""
        for one in reversed(list(self.values())):
            with suppress(OSError):
                one.close()
        self._epoll.close()

    def _note_due(self, server: Any, mark_silent: Callable[[float], None], now: float) -> None:
        """Stand where waitress marks what was silent for too long, which may be amid the news."""
        self._due.append((server, mark_silent, now))

    def _close_silent(self, server: Any, mark_silent: Callable[[float], None], now: float) -> None:
        """Close what was silent for too long, whether or not it can be written to.

        It is marked when all news is taken in, and closed at once: no post comes in between.
        """
        mark_silent(now)
        for one in list(server.active_channels.values()):
            if one.will_close and not one.requests:
                one.handle_close()

    def _tell(self, one: Any, events: int) -> None:
        if not events & select.EPOLLOUT and not one.readable():
            # It is busy, and hears when it has answered.
            self.look_at(one)
            return
        if events & select.EPOLLIN:
            # What came before the end is taken in first; of the end the kernel tells again.
            events &= ~(select.EPOLLHUP | select.EPOLLERR)
        wasyncore.readwrite(one, events)
        # What it may have to say by itself is `100 Continue`, which need not go out at once.
        if events & select.EPOLLOUT or getattr(one, "total_outbufs_len", 0):
            self.look_at(one)

    def _ask(self, number: int, wanted: int) -> None:
        asked, self._asked[number] = self._asked[number], wanted
        if wanted == asked:
            return
        if not wanted:
            self._epoll.unregister(number)
        elif not asked:
            self._epoll.register(number, wanted)
        else:
            self._epoll.modify(number, wanted)


class _Connection(HTTPChannel):  # type: ignore[misc]
    """A connection whose answers are sent by the thread that makes them. Only the loop closes it.

    `unheard` says that the loop listens to it no more, and is to be called at the end of a request.
    """

    unheard = False

    def service(self) -> None:
        """Answer one request."""
        _in_hand.connection = self
        super().service()

    def handle_close(self) -> None:
        """Close in the loop; a thread that answers calls it at the end of the request."""
        if _in_hand.connection is None:
            super().handle_close()
        else:
            self.will_close = True

    def writable(self) -> bool:
        """Tell the loop whether there is anything to send, or an end to be made.

        Of an answer that is not done yet, what is little waits for the rest.
        """
        done = not self.requests
        if self.total_outbufs_len and (done or self.total_outbufs_len >= SEND_BYTES):
            return True
        return bool(self.will_close or self.close_when_flushed)

    def handle_write(self) -> None:
        """Send in the loop what did not go out at once."""
        with self.outbuf_lock:
            super().handle_write()

    def send_or_call(self) -> None:
        """Send what is there; the loop sends what is left, and only the loop closes and listens."""
        with self.outbuf_lock:
            if self.connected:
                self._flush_exception(self._flush_some, do_close=False)
        ends = self.will_close or self.close_when_flushed
        if self.total_outbufs_len or ends or self.unheard:
            self._map.call(self)
            self.server.trigger.pull_trigger()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Wait until there is room for more of a long answer; raise `ClientDisconnected` where its
        reader takes nothing for as long as one may be silent.

        waitress would wait whether or not waking its loop, which here sends, has made some.
        """
        with self.outbuf_lock:
            while self._is_full():
                self.send_or_call()
                left = self.total_outbufs_len
                if not self._is_full() or self.outbuf_lock.wait(self.adj.channel_timeout):
                    continue
                if self.total_outbufs_len == left:
                    # A reader who has stopped must not keep a thread of all the others'.
                    self.will_close = True
                    raise ClientDisconnected

    def _is_full(self) -> bool:
        return bool(self.connected and self.total_outbufs_len > self.adj.outbuf_high_watermark)


class _InHand(threading.local):
    """The connection that a thread is answering."""

    connection: _Connection | None = None


_in_hand = _InHand()


def _send_or_call() -> None:
    """Stand where waitress wakes its loop, which it does in the thread that is answering."""
    if _in_hand.connection is not None:
        _in_hand.connection.send_or_call()
