"""Servers that say byte for byte what a test has them say, as slowly and as much as it likes.

Serves the tests of the one client and of the commands that call with it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

Say = Callable[[bytes], None]


class Street:
    """Any number of such servers, each for one call; all are gone when the context ends."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for line in list(self._sockets):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for line in self._sockets:
            line.close()

    def serve(self, answer: Callable[[Say], None]) -> tuple[str, list[bytes]]:
        """Return the address of a new server, and what it will have heard.

        `answer` is called with the way to say something, which fails when the client has gone.
        """
        listener = socket.create_server(("127.0.0.1", 0))
        self._sockets.append(listener)
        heard: list[bytes] = []
        self._threads.append(threading.Thread(target=self._one, args=(listener, answer, heard)))
        self._threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/x", heard

    def _one(
        self, listener: socket.socket, answer: Callable[[Say], None], heard: list[bytes]
    ) -> None:
        with suppress(OSError):
            line, _ = listener.accept()
            self._sockets.append(line)
            heard.append(line.recv(65536))
            while b"ontent-Length" in heard[0] and heard[0].endswith(b"\r\n\r\n"):
                heard[0] += line.recv(65536)
            answer(line.sendall)
            line.shutdown(socket.SHUT_RDWR)


def forever(head: bytes, piece: bytes, *, pause: float) -> Callable[[Say], None]:
    """Say `head`, and then `piece` again and again until nobody listens."""

    def answer(say: Say) -> None:
        say(head)
        waits = threading.Event()
        while not waits.wait(pause):
            say(piece)

    return answer
