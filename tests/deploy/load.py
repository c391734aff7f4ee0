"""Posts at a fixed rate, each on a connection of its own: what happens to every one is counted.

Serves tests/deploy. The schedule does not wait for answers, as browsers do not wait for each other.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus

ANSWER_SECONDS = 60


@dataclass
class Load:
    """PutParams to `address` of many sessions, `rate` a second, from `start` to `stop`.

    `last` is the last bookmark that was answered `error=0`, by session; `faults` says what
    happened to every post that was not.
    """

    address: tuple[str, int]
    host: str
    path: str
    session_ids: Sequence[str]
    rate: float
    answered: int = 0
    last: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """One thread a session, since a session's posts have an order; they take turns."""
        began = time.monotonic()
        for number, session_id in enumerate(self.session_ids):
            thread = threading.Thread(target=self._post, args=(session_id, began, number))
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Send no more, and wait for the answers to what was sent."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _post(self, session_id: str, began: float, number: int) -> None:
        every = len(self.session_ids) / self.rate
        due = began + every * number / len(self.session_ids)
        page = 0
        while not self._stopping.wait(max(due - time.monotonic(), 0)):
            page += 1
            try:
                reply = self._call(session_id, page)
            except OSError as fault:
                reply = repr(fault).encode()
            with self._lock:
                if b"\r\n\r\nerror=0\r\n" in reply:
                    self.answered += 1
                    self.last[session_id] = page
                else:
                    self.faults.append(reply[:300].decode("latin-1"))
            due += every

    def _call(self, session_id: str, page: int) -> bytes:
        data = quote_plus(f"[core]\r\nlesson_location={page}\r\nlesson_status=i\r\n")
        body = f"command=PutParam&version=4.0&session_id={session_id}&aicc_data={data}"
        request = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        with socket.create_connection(self.address, timeout=ANSWER_SECONDS) as wire:
            wire.sendall(request.encode())
            pieces = []
            while piece := wire.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)
