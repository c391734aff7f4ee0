"""The loop of connections: silent ones cost nothing, and none is left unheard or half answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from launcher.loop import SEND_BYTES, Loop
from launcher.turns import Turns

ASK = b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /%d HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE = 30


class Served:
    """waitress on a loop that a thread keeps turning."""

    def __init__(self, app: Any, **adjustments: Any) -> None:
        self.loop, self.turns = Loop(), Turns(2)
        self.server = create_server(
            app,
            map=self.loop,
            host="127.0.0.1",
            port=0,
            _dispatcher=self.turns,
            **adjustments,
        )
        self.loop.adopt(self.server)
        self.rounds = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self.turn()

    def turn(self) -> None:
        self.loop.turn(0.02)
        self.turns.hurry()
        self.rounds += 1

    def connect(self) -> socket.socket:
        address = ("127.0.0.1", self.server.effective_port)
        return socket.create_connection(address, timeout=PATIENCE)

    def stop_turning(self) -> None:
        self._ended.set()
        self._thread.join()

    def end(self) -> None:
        self.stop_turning()
        self.turns.shutdown()
        with suppress(ValueError):
            # Where a test has closed it.
            self.loop.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(app: Any, **adjustments: Any) -> Served:
        running.append(Served(app, **adjustments))
        return running[-1]

    yield start
    for one in running:
        one.end()


def echo(environ, start_response):
    body = environ["PATH_INFO"].encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Slow:
    """Echoes when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, environ, start_response):
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        return echo(environ, start_response)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def read_all(wire: socket.socket) -> bytes:
    received = bytearray()
    while piece := wire.recv(65536):
        received += piece
    return bytes(received)


def read_answer(wire: socket.socket) -> bytes:
    """Read one answer with a length; return its body."""
    received = bytearray()
    while b"\r\n\r\n" not in received:
        received += wire.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += wire.recv(65536)
    assert len(body) == length
    return bytes(body)


def test_one_that_talks_has_nobody_asked_who_is_silent(serve, monkeypatch):
    asked = []
    readable = HTTPChannel.readable
    monkeypatch.setattr(HTTPChannel, "readable", lambda self: asked.append(self) or readable(self))
    served = serve(echo)
    silent = [served.connect() for _ in range(50)]
    until(lambda: len(served.server.active_channels) == 50)
    asked.clear()
    with served.connect() as wire:
        for number in range(20):
            wire.sendall(ASK % number)
            assert read_answer(wire) == b"/%d" % number
    assert len(set(asked)) == 1
    for one in silent:
        one.close()


def test_requests_that_come_at_once_are_answered_in_their_order(serve):
    served = serve(echo)
    with served.connect() as wire:
        wire.sendall(b"".join(ASK % number for number in range(9)) + LAST % 9)
        answers = read_all(wire)
    places = [answers.index(b"\r\n\r\n/%d" % number) for number in range(10)]
    assert places == sorted(places)


def test_what_comes_while_an_answer_is_in_the_making_is_heard_behind_it(serve):
    slow = Slow()
    served = serve(slow)
    with served.connect() as wire:
        wire.sendall(ASK % 1)
        assert slow.begun.wait(PATIENCE)
        wire.sendall(LAST % 2)
        before = served.rounds
        until(lambda: served.rounds > before + 3)
        slow.go_on.set()
        answers = read_all(wire)
    assert 0 < answers.index(b"\r\n\r\n/1") < answers.index(b"\r\n\r\n/2")


def test_all_connections_that_ask_again_and_again_are_answered(serve):
    served = serve(echo)
    faults = []

    def ask() -> None:
        with served.connect() as wire:
            for number in range(300):
                wire.sendall(ASK % number)
                if read_answer(wire) != b"/%d" % number:
                    faults.append(number)

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert not faults


@pytest.mark.parametrize("size", [SEND_BYTES - 1, SEND_BYTES, 40_000_000])
def test_an_answer_arrives_whole_however_long_and_however_slowly_it_is_read(serve, size):
    body = bytes(range(250)) * (size // 250 + 1)

    def large(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(size))])
        return [body[:size]]

    served = serve(large)
    with served.connect() as wire:
        wire.sendall(ASK % 1)
        time.sleep(0.05)
        assert read_answer(wire) == body[:size]
        wire.sendall(LAST % 2)
        assert read_all(wire).endswith(body[:size])


def test_a_reader_that_goes_away_is_let_go(serve):
    def large(_environ, start_response):
        start_response("200 OK", [("Content-Length", "40000000")])
        return [b"x" * 40_000_000]

    served = serve(large)
    with served.connect() as wire:
        wire.sendall(ASK % 1)
        assert wire.recv(1000)
    until(lambda: not served.server.active_channels)
    with served.connect() as wire:
        wire.sendall(LAST % 1)
        assert len(read_all(wire)) > 40_000_000


def test_one_that_breaks_off_during_its_request_does_not_keep_the_loop_turning(serve):
    slow = Slow()
    served = serve(slow)
    wire = served.connect()
    # Closed with a reset, of which the kernel tells whether or not it was asked to.
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wire.sendall(ASK % 1)
    assert slow.begun.wait(PATIENCE)
    wire.close()
    time.sleep(0.1)
    before = served.rounds
    time.sleep(0.3)
    assert served.rounds - before < 30
    slow.go_on.set()
    until(lambda: not served.server.active_channels)


def test_one_that_is_silent_for_too_long_is_closed_as_soon_as_it_is_found(serve, monkeypatch):
    """A post that came to one that is given up already would be lost."""
    found: list[float] = []

    def note(self, now):
        maintain(self, now)
        if any(one.will_close for one in self.active_channels.values()):
            found.append(time.monotonic())

    maintain = BaseWSGIServer.maintenance
    monkeypatch.setattr(BaseWSGIServer, "maintenance", note)
    served = serve(echo, channel_timeout=1, cleanup_interval=1)
    with served.connect() as wire:
        wire.sendall(ASK % 1)
        assert read_answer(wire) == b"/1"
        assert wire.recv(1) == b""
        assert time.monotonic() - found[0] < 0.8


def test_a_post_that_is_here_already_is_taken_in_before_its_connection_is_judged(serve):
    served = serve(echo)
    with served.connect() as wire:
        wire.sendall(ASK % 1)
        assert read_answer(wire) == b"/1"
        served.stop_turning()
        (channel,) = served.server.active_channels.values()
        channel.last_activity = 0
        served.server.next_channel_cleanup = 0
        wire.sendall(LAST % 2)
        served.turn()
        served.turn()
        assert read_answer(wire) == b"/2"


@pytest.mark.parametrize("pieces", [1, 400], ids=["sent by the loop", "made piece by piece"])
def test_a_reader_who_stops_reading_is_let_go_in_the_end_with_the_thread(serve, pieces):
    def large(_environ, start_response):
        start_response("200 OK", [("Content-Length", "40000000")])
        return (b"x" * (40_000_000 // pieces) for _ in range(pieces))

    served = serve(large, channel_timeout=1, cleanup_interval=1, outbuf_high_watermark=5_000_000)
    with served.connect() as wire:
        wire.sendall(ASK % 1)
        assert wire.recv(1000)
        until(lambda: not served.server.active_channels)
        until(lambda: not served.turns.at_work)


def test_a_post_that_is_followed_by_a_reset_is_taken_in(serve):
    taken = []

    def note(environ, start_response):
        taken.append(environ["PATH_INFO"])
        return echo(environ, start_response)

    served = serve(note)
    for number in range(20):
        wire = served.connect()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.sendall(ASK % number)
        wire.close()
    until(lambda: len(taken) == 20)


def test_a_long_answer_goes_on_where_its_reader_makes_room_while_the_loop_is_called(
    serve, monkeypatch
):
    refused = []
    flush = HTTPChannel._flush_exception

    def refuse_once(self, *arguments, **more):
        if self.total_outbufs_len > self.adj.outbuf_high_watermark and not refused:
            refused.append(self)
            return False, False
        return flush(self, *arguments, **more)

    def stream(_environ, start_response):
        start_response("200 OK", [("Content-Length", "20000000")])
        return (b"x" * 100_000 for _ in range(200))

    monkeypatch.setattr(HTTPChannel, "_flush_exception", refuse_once)
    served = serve(stream, outbuf_high_watermark=50_000)
    with served.connect() as wire:
        wire.sendall(LAST % 1)
        assert len(read_all(wire)) > 20_000_000
    assert refused


def test_leave_to_go_on_that_does_not_go_out_at_once_is_sent_later(serve, monkeypatch):
    refused = []
    send = HTTPChannel.send

    def refuse_once(self, data, **more):
        if b"100 Continue" in data and not refused:
            refused.append(self)
            return 0
        return send(self, data, **more)

    monkeypatch.setattr(HTTPChannel, "send", refuse_once)
    served = serve(echo)
    with served.connect() as wire:
        wire.sendall(
            b"POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert wire.recv(65536).startswith(b"HTTP/1.1 100 Continue")
        wire.sendall(b"ok")
        assert read_answer(wire) == b"/1"
    assert refused


def test_the_pipe_by_which_threads_call_is_closed_behind_all_connections(serve):
    served = serve(echo)
    closed = []
    with served.connect(), served.connect():
        until(lambda: len(served.server.active_channels) == 2)
        served.stop_turning()
        for one in list(served.loop.values()):
            close = one.close
            one.close = lambda one=one, close=close: (closed.append(one), close())
        served.loop.close()
    assert len(closed) >= 4
    assert closed.index(served.server.trigger) > max(
        place for place, one in enumerate(closed) if isinstance(one, HTTPChannel)
    )


def test_a_client_of_http_1_0_hears_the_end(serve):
    served = serve(echo)
    with served.connect() as wire:
        wire.sendall(b"GET /old HTTP/1.0\r\n\r\n")
        assert read_all(wire).endswith(b"\r\n\r\n/old")


def test_beyond_the_limit_one_waits_until_another_leaves(serve):
    # The listening socket and its trigger count too.
    served = serve(echo, connection_limit=4)
    keeping = [served.connect() for _ in range(2)]
    for wire in keeping:
        wire.sendall(ASK % 1)
        assert read_answer(wire) == b"/1"
    with served.connect() as waiting:
        waiting.sendall(ASK % 2)
        waiting.settimeout(0.2)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        keeping[0].close()
        waiting.settimeout(PATIENCE)
        assert read_answer(waiting) == b"/2"
    keeping[1].close()
