"""Plays every transcript of tests/conversations over a real port, on both databases."""

from __future__ import annotations

from difflib import unified_diff
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hacp import store
from hacp.model import Exchange
from hacp.receiving import MAX_BODY
from tests.hacp.server import ACADEMY, Server
from tests.hacp.transcript import (
    ENCODINGS,
    LAUNCH_FACTS,
    LINE_ENDS,
    PICTURES,
    Sent,
    Step,
    answers,
    compose,
    expected_lines,
    expected_record,
    launch_facts,
    parse_pairs,
    parse_span,
    parse_transcript,
    recorded_facts,
    said_in,
    spoken,
)

FOLDER = Path(__file__).parent.parent / "conversations"
TRANSCRIPTS = sorted(FOLDER.glob("*/*.txt"))
ORIGIN = "https://content.example.org"


READERS = {
    "comments": store.comments_of,
    "interactions": store.interactions_of,
    "objectives": store.objectives_of,
    "path": store.path_of,
    "performance": store.performance_of,
    "tries": store.tries_of,
}


class Conversation:
    """One transcript being played: what was launched, and what was answered so far."""

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.address = urlsplit(url).netloc
        self.launched: list[tuple[str, int]] = []
        self.replies: list[bytes] = []

    @property
    def session_ids(self) -> list[str]:
        return [session_id for session_id, _ in self.launched]

    def play(self, steps: list[Step]) -> None:
        """Take every step in order; an AssertionError names the line that was not true."""
        for step in steps:
            {
                "launch": self.launch,
                "wait": self.wait,
                ">>>": self.send,
                "<<<": self.check_reply,
                "record": self.check_record,
                "kept": self.check_kept,
                "sweep": self.sweep,
                "archive": lambda _step: self.server.archive(),
                "reactivate": self.reactivate,
                "held": self.check_held,
                "noted": self.check_note,
            }[step.word](step)

    def launch(self, step: Step) -> None:
        facts = launch_facts(step.rest)
        session_id = self.server.launch(**facts)
        self.launched.append((session_id, facts.get("academy_id", ACADEMY)))

    def wait(self, step: Step) -> None:
        self.server.clock.now += parse_span(step.rest)

    def send(self, step: Step) -> None:
        academy_id = self.launched[-1][1] if self.launched else ACADEMY
        sent = compose(step, path=f"/hacp/{academy_id}", session_ids=self.session_ids)
        self.replies.append(self.fetch(sent))

    def fetch(self, sent: Sent) -> bytes:
        """Send one request from another origin; the headers must always let content read on."""
        connection = HTTPConnection(self.address, timeout=60)
        headers = {"Origin": ORIGIN, **({"Content-Type": sent.content_type} if sent.body else {})}
        connection.request(sent.method, sent.path, sent.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
        # Between two messages of content passes more time than a question waits to be stored.
        self.server.flush()
        return body

    def check_reply(self, step: Step) -> None:
        lines = expected_lines(step, self.session_ids)
        if answers(self.replies[-1], lines):
            return
        came = self.replies[-1].decode().split("\r\n")
        shown = "\n".join(unified_diff([*lines, ""], came, "transcript", "server", lineterm=""))
        raise AssertionError(f"line {step.line}: another answer came\n{shown}")

    def check_record(self, step: Step) -> None:
        wanted = expected_record(step, self.session_ids)
        session_id, academy_id = self.launched[int(wanted.pop("session", 0)) - 1]
        steps = self.server.records(store.statuses_of, session_id, academy_id)
        facts = recorded_facts(self.server.attempt(session_id, academy_id), steps)
        assert {name: facts[name] for name in wanted} == wanted, f"line {step.line}"

    def check_kept(self, step: Step) -> None:
        words, _, pairs = step.rest.partition("  ")
        session_id, academy_id = self.launched[-1]
        kept = self.server.records(READERS[words.strip()], session_id, academy_id)
        wanted = {name: spoken(text, self.session_ids) for name, text in parse_pairs(pairs).items()}
        count = wanted.pop("count", None)
        assert count in (None, str(len(kept))), f"line {step.line}: {len(kept)}"
        said = [said_in(one.record) for one in kept]
        fitting = [one for one in said if all(one.get(name) == wanted[name] for name in wanted)]
        assert fitting or not wanted, f"line {step.line}: {said}"

    def sweep(self, step: Step) -> None:
        assert self.server.sweep() == int(step.rest), f"line {step.line}"

    def reactivate(self, step: Step) -> None:
        assert self.server.reactivate() == int(step.rest), f"line {step.line}"

    def check_held(self, step: Step) -> None:
        assert self.server.waiting() == int(step.rest), f"line {step.line}"

    def check_note(self, step: Step) -> None:
        kept = self.server.all_exchanges()[-1]
        assert any(step.rest in note for note in kept.tolerated), (step.line, kept.tolerated)

    def check_what_is_kept(self) -> None:
        """Whatever was said: all of it is kept, each answer whole, and no session id anywhere."""
        kept: list[Exchange] = self.server.all_exchanges()
        for session_id in self.session_ids:
            clear = session_id.encode()
            heap = self.server.kept_bytes() + b"".join(exchange.reply for exchange in kept)
            assert clear not in heap.lower()
            assert clear not in heap.replace(b"\0", b"").lower()
            assert "".join(f"%{sign:02x}" for sign in clear).encode() not in heap.lower()
            self.replies = [
                reply
                for reply in self.replies
                if clear not in reply  # a bookmark with the id
            ]
        replies = [exchange.reply for exchange in kept]
        assert [reply for reply in replies if reply in self.replies] == self.replies
        assert all(len(exchange.request) <= MAX_BODY for exchange in kept)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_conversation_goes_as_the_transcript_says(path, server, serve):
    conversation = Conversation(server, serve(server.app()))
    conversation.play(parse_transcript(path.read_text(encoding="utf-8")))
    conversation.check_what_is_kept()


class WithTheCourseArchived(Conversation):
    """Archives the course before every exchange, and reactivates it before what needs it open."""

    credited = 0

    def play(self, steps: list[Step]) -> None:
        """Take every step; GetParam, a launch and each look at the record find the course open."""
        for step in steps:
            if step.word == ">>>" and "getparam" not in step.rest.lower():
                self.server.archive()
            elif step.word not in {"<<<", "wait"}:
                self.credited += self.server.reactivate()
            super().play([step])
        self.credited += self.server.reactivate()

    def launch(self, step: Step) -> None:
        """Launch, and let the content begin, for which some transcripts leave no time."""
        super().launch(step)
        session_id, academy_id = self.launched[-1]
        begin = f"/hacp/{academy_id}?command=GetParam&session_id={session_id}"
        self.fetch(Sent("GET", begin, b"", ""))


ONLY_REFUSED = {"another-academys-session", "guessed-sessions", "unknown-commands"}
NEVER_ARCHIVED = [path for path in TRANSCRIPTS if not path.stem.startswith("archived-")]


@pytest.mark.parametrize("path", NEVER_ARCHIVED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_archiving_in_between_changes_nothing_of_it(path, server, serve):
    steps = parse_transcript(path.read_text(encoding="utf-8"))
    conversation = WithTheCourseArchived(server, serve(server.app()))
    conversation.play(steps)
    assert conversation.credited or path.stem in ONLY_REFUSED


def test_there_are_transcripts_of_all_three_kinds():
    assert {path.parent.name for path in TRANSCRIPTS} == {"realistic", "sloppy", "hostile"}


def test_the_format_is_described_whole():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    pictures = [chr(picture) for picture in PICTURES]
    for word in [*ENCODINGS, *LINE_ENDS, *LAUNCH_FACTS, *READERS, *pictures]:
        assert f"`{word}`" in text or word == "crlf", word


LIES = {
    "another answer": ">>> POST  command=ExitAU&session_id={sid}\n<<< error=3\n",
    "another line": ">>> GET  command=GetParam&session_id={sid}\n<<< error=0\n    no\n    ...\n",
    "another record": "record: status=passed\n",
    "another record beside": "kept: comments  count=1\n",
    "a sweep that closes nothing": "sweep 1\n",
    "a reactivation that credits nothing": "archive\nreactivate 1\n",
    "something held": "held 1\n",
    "another note": ">>> POST  command=ExitAU&session_id={sid}\nnoted: sent by GET\n",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_transcript_that_lies_is_found_out(lie, server, serve):
    conversation = Conversation(server, serve(server.app()))
    with pytest.raises(AssertionError):
        conversation.play(parse_transcript(f"launch\n{lie}"))


@pytest.mark.parametrize(
    "text",
    ["    indented from the start\n", "launch\n>>> POST smoke  command=ExitAU\n", "wait soon\n"],
)
def test_a_transcript_that_cannot_be_read_says_so(text, server, serve):
    conversation = Conversation(server, serve(server.app()))
    with pytest.raises(ValueError, match=r"line \d|time to wait"):
        conversation.play(parse_transcript(text))
