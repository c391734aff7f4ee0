"""Serving in one process: two ports, one end."""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
import time
import urllib.request
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel

from hacp import endpoint
from hacp.messages import dump_response
from hacp.model import Reply
from launcher import server
from launcher.content import create_content
from launcher.headers import on_every_answer
from launcher.loop import SEND_BYTES
from launcher.server import CONNECTIONS, OTHER_FILES, open_servers

# The shortest reply that content gets.
SUCCESS = dump_response(Reply()).body


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def served(settings):
    return replace(settings, port=free_port(), content_port=free_port(), threads=2)


def text_app(text, *, wait=0.0):
    def app(_environ, start_response):
        time.sleep(wait)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [text.encode()]

    return app


def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        return answer.read().decode(), dict(answer.headers)


def test_both_are_served_until_the_signal_and_what_has_begun_is_answered(served):
    servers = open_servers(text_app("slow", wait=1.0), text_app("content"), settings=served)
    answers = {}

    def ask():
        answers["content"] = get(served.content_port)
        slow = threading.Thread(target=lambda: answers.update(slow=get(served.port)))
        slow.start()
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGTERM)
        slow.join()

    asking = threading.Thread(target=ask)
    asking.start()
    before = signal.getsignal(signal.SIGTERM)
    servers.run(on_stop=lambda: answers.update(told="to stop"))
    asking.join()
    assert answers["told"] == "to stop"
    assert answers["content"][0] == "content"
    assert answers["slow"][0] == "slow"
    assert "Server" not in answers["slow"][1]
    assert signal.getsignal(signal.SIGTERM) is before
    for port in (served.port, served.content_port):
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()


@pytest.mark.parametrize("body", [SUCCESS, SUCCESS * 40, b""])
def test_head_and_body_go_out_together(served, monkeypatch, body):
    pieces = []
    send = HTTPChannel.send

    def note(self, data, **more):
        pieces.append(bytes(data))
        return send(self, data, **more)

    def answer(_environ, start_response):
        headers = [*endpoint.HEADERS, *on_every_answer(served).items()]
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def ask():
        try:
            answers.append(get(served.port)[0])
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(HTTPChannel, "send", note)
    answers: list[str] = []
    servers = open_servers(answer, text_app("content"), settings=served)
    asking = threading.Thread(target=ask)
    asking.start()
    servers.run(on_stop=lambda: None)
    asking.join()
    assert answers == [body.decode()]
    assert len(pieces) == 1


def test_much_goes_out_before_its_end_and_little_with_it(served):
    """A page that is long in the making arrives bit by bit; the loop does not wait for its end."""
    arrived = threading.Event()

    def answer(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(SEND_BYTES + 4))])
        yield b"x" * SEND_BYTES
        assert arrived.wait(30)
        yield b"last"

    def ask():
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as wire:
            wire.sendall(b"GET / HTTP/1.0\r\n\r\n")
            received = b""
            while piece := wire.recv(65536):
                received += piece
                if len(received) > SEND_BYTES:
                    arrived.set()
        answers.append(received[-6:])
        os.kill(os.getpid(), signal.SIGTERM)

    answers: list[bytes] = []
    servers = open_servers(answer, text_app("content"), settings=served)
    asking = threading.Thread(target=ask)
    asking.start()
    servers.run(on_stop=lambda: None)
    asking.join()
    assert answers == [b"xxlast"]


def test_the_loop_sleeps_while_an_answer_is_in_the_making(served, monkeypatch):
    tried = []
    handle_write = HTTPChannel.handle_write

    def note(self):
        if self.requests:
            tried.append(self)
        handle_write(self)

    def answer(_environ, start_response):
        start_response("200 OK", [("Content-Length", "9")])
        yield b"begun"
        # Somebody else wakes the loop meanwhile.
        socket.create_connection(("127.0.0.1", served.content_port)).close()
        time.sleep(0.2)
        yield b"last"

    def ask():
        answers.append(get(served.port)[0])
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(HTTPChannel, "handle_write", note)
    answers: list[str] = []
    servers = open_servers(answer, text_app("content"), settings=served)
    asking = threading.Thread(target=ask)
    asking.start()
    servers.run(on_stop=lambda: None)
    asking.join()
    assert answers == ["begunlast"]
    assert not tried


def test_a_port_that_is_taken_is_told_and_nothing_stays_open(served):
    with socket.create_server(("127.0.0.1", served.content_port)), pytest.raises(OSError):
        open_servers(text_app("a"), text_app("b"), settings=served)
    with socket.create_server(("127.0.0.1", served.port)):
        pass


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "kept"),
    [
        (1024, 100_000, 2 * CONNECTIONS + OTHER_FILES, CONNECTIONS),
        (1024, 2048, 2048, (2048 - OTHER_FILES) // 2),
        (100, 150, 150, 1),
        (1024, resource.RLIM_INFINITY, 2 * CONNECTIONS + OTHER_FILES, CONNECTIONS),
        (50_000, 100_000, None, CONNECTIONS),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, CONNECTIONS),
    ],
)
def test_as_many_connections_are_kept_as_files_may_be_open(
    served, monkeypatch, soft, hard, raised, kept
):
    asked, made = [], []

    def note(*arguments, **settings):
        made.append(create_server(*arguments, **settings))
        return made[-1]

    monkeypatch.setattr(resource, "getrlimit", lambda _what: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _what, limits: asked.append(limits))
    monkeypatch.setattr(server, "create_server", note)

    server.open_servers(text_app("a"), text_app("b"), settings=served)

    assert asked == ([(raised, hard)] if raised else [])
    assert {one.adj.connection_limit for one in made} == {kept}
    for one in made:
        one.task_dispatcher.shutdown()
    wasyncore.close_all(made[0]._map, ignore_all=True)


def test_browsers_that_keep_their_connections_shut_nobody_out(served):
    servers = open_servers(text_app("here"), text_app("content"), settings=served)
    answers = []

    def ask():
        keeping = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(150)]
        for one in keeping:
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answers.extend(one.recv(65536) for one in keeping)
        answers.append(get(served.port)[0])
        os.kill(os.getpid(), signal.SIGTERM)
        for one in keeping:
            one.close()

    asking = threading.Thread(target=ask)
    asking.start()
    servers.run(on_stop=lambda: None)
    asking.join()
    assert len(answers) == 151
    assert answers[-1] == "here"


def test_who_takes_long_does_not_keep_the_others_waiting(served):
    answered = []

    def answer(environ, start_response):
        slow = environ["PATH_INFO"] == "/slow"
        if slow:
            begun.set()
            assert go_on.wait(30)
        return text_app("slow" if slow else "quick")(environ, start_response)

    def ask():
        def wait_long():
            with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/slow") as page:
                answered.append(page.read())

        waiting = threading.Thread(target=wait_long)
        waiting.start()
        assert begun.wait(30)
        answered.append(get(served.port)[0].encode())
        go_on.set()
        waiting.join()
        os.kill(os.getpid(), signal.SIGTERM)

    begun, go_on = threading.Event(), threading.Event()
    servers = open_servers(answer, text_app("content"), settings=served)
    asking = threading.Thread(target=ask)
    asking.start()
    servers.run(on_stop=lambda: None)
    asking.join()
    assert answered == [b"quick", b"slow"]


@pytest.mark.parametrize("asked", [{"Range": "bytes=1000-"}, {}], ids=["a part", "the whole"])
def test_readers_who_have_paused_a_film_keep_no_thread(served, asked):
    film = served.content_root / ("a" * 32) / "film.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(bytes(range(250)) * 160_000)
    host, path = urlsplit(served.content_url).netloc, f"/{'a' * 32}/film.mp4"
    lines = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
    start = 1000 if asked else 0
    answers = []

    def ask():
        address = ("127.0.0.1", served.content_port)
        paused = [socket.create_connection(address, timeout=30) for _ in range(3)]
        for one in paused:
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode())
            answers.append(one.recv(1000))
        # Both threads are free.
        answers.extend(get(served.port)[0] for _ in range(3))
        received = bytearray(answers[0])
        while len(received.partition(b"\r\n\r\n")[2]) < 40_000_000 - start:
            received += paused[0].recv(1_000_000)
        answers.append(bytes(received.partition(b"\r\n\r\n")[2]))
        os.kill(os.getpid(), signal.SIGTERM)
        for one in paused:
            one.close()

    servers = open_servers(text_app("here"), create_content(served), settings=served)
    asking = threading.Thread(target=ask)
    asking.start()
    servers.run(on_stop=lambda: None)
    asking.join()
    assert answers[3:6] == ["here"] * 3
    assert answers[6] == film.read_bytes()[start:]
