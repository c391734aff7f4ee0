"""`hacp replay` and `hacp record`: a session as text, sent again, and written out of the records.

Serves support: what one server recorded is played against another. The format is
`hacp.recording`'s.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import Connection

import hacp.store
from hacp.calls import Answer, Target
from hacp.exports import dump_recording
from hacp.model import Attempt, Exchange
from hacp.recording import (
    Answered,
    Aside,
    Launch,
    Pause,
    RecordingRefused,
    Sent,
    Step,
    compose,
    differences,
    parse_recording,
    sessions_of,
)
from launcher.caller import Caller
from launcher.commands.calling import drawn, the_target, timeout_option
from launcher.commands.door import (
    academy_option,
    in_application,
    say,
    the_academy,
    the_course,
    the_learner,
)
from launcher.db import read

# Who took the session is no difference between two servers.
LEARNER = ("student_id", "student_name")
# What a recording may have: many sessions of an hour are smaller.
MOST_BYTES = 64 * 1024 * 1024
BATCH = 200


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url")
@click.option(
    "--sid",
    "session_ids",
    metavar="SID",
    multiple=True,
    help="A session id, where URL has none; once for each launch of the recording.",
)
@click.option(
    "--ignore",
    metavar="NAME",
    multiple=True,
    default=LEARNER,
    show_default=True,
    help="Lines of this name may differ; may be given several times.",
)
@click.option("--wait", is_flag=True, help="Wait as long as the recording says.")
@timeout_option
def replay(
    file: Path,
    url: str,
    session_ids: tuple[str, ...],
    ignore: tuple[str, ...],
    wait: bool,
    timeout: float,
) -> None:
    """Send a recorded session again and show where the replies differ from the recorded ones.

    FILE is what 'hacp record' writes, or a transcript in the same format. URL is the server's
    AICC_URL, or a launch URL as 'hacp launch' prints it. What is sent is recorded there.

    The exit status is 1 when a reply differs.
    """
    steps = _steps(file)
    target = the_target(url, session_ids[0] if session_ids else None)
    known = session_ids or (target.session_id,)
    if len(known) < sessions_of(steps):
        raise click.ClickException(
            f"The recording has {sessions_of(steps)} launches: give --sid for each, in their order."
        )
    player = _Player(Caller(timeout=timeout), target, known, ignore=ignore, waits=wait)
    try:
        for step in steps:
            player.take(step)
    except RecordingRefused as refused:
        raise click.ClickException(f"{file}: {refused}") from refused
    player.close()
    sys.exit(bool(player.differing))


@click.command("record")
@click.argument("learner")
@click.argument("course")
@click.option("--au", "au_id", metavar="ID", help="Which unit; may be left out where there is one.")
@click.option("--attempt", "number", type=int, help="Which attempt; the newest without it.")
@academy_option
@in_application
def record(
    learner: str, course: str, au_id: str | None, number: int | None, academy_slug: str | None
) -> None:
    """Write an attempt's exchanges as a recording that 'hacp replay' plays.

    LEARNER is an e-mail address or student id, COURSE an id or the AICC course id. Session ids are
    left out; the learner's name stands in it as it was sent.
    """

    def unit(connection: Connection) -> list[Exchange]:
        academy = the_academy(connection, academy_slug)
        attempts = hacp.store.attempts_in_course(
            connection,
            academy.id,
            learner_id=the_learner(connection, academy, learner).id,
            course_id=the_course(connection, academy, course),
        )
        chosen = the_attempt(attempts, au_id=au_id, number=number)
        return exchanges_of(connection, academy.id, chosen.id)

    click.echo(dump_recording(read(unit)), nl=False)


def the_attempt(attempts: Sequence[Attempt], *, au_id: str | None, number: int | None) -> Attempt:
    """Return the newest attempt of the unit that is meant, or the one of that number."""
    fitting = [
        attempt
        for attempt in attempts
        if au_id in {None, attempt.au_id} and number in {None, attempt.number}
    ]
    units = {attempt.au_id for attempt in fitting}
    if not fitting:
        raise click.ClickException("There is no such attempt.")
    if len(units) > 1:
        raise click.ClickException(f"Say which unit with --au: {', '.join(sorted(units))}.")
    return fitting[-1]


def exchanges_of(connection: Connection, academy_id: int, attempt_id: int) -> list[Exchange]:
    """Return every exchange of an attempt, oldest first."""
    found: list[Exchange] = []
    while batch := hacp.store.exchanges_of(
        connection,
        academy_id,
        attempt_id=attempt_id,
        limit=BATCH,
        after=found[-1].id if found else 0,
    ):
        found += batch
    return found


def _steps(file: Path) -> list[Step]:
    if file.stat().st_size > MOST_BYTES:
        raise click.ClickException(f"{file} is larger than {MOST_BYTES} bytes.")
    try:
        return parse_recording(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8.") from error
    except RecordingRefused as refused:
        raise click.ClickException(f"{file}: {refused}") from refused


class _Player:
    """One replay: what was sent, what was answered, and what differed so far."""

    def __init__(
        self,
        caller: Caller,
        target: Target,
        known: Sequence[str],
        *,
        ignore: Sequence[str],
        waits: bool,
    ) -> None:
        self._caller = caller
        self._target = target
        self._known = known
        self._ignore = tuple(name.lower() for name in ignore)
        self._waits = waits
        self._launched = 0
        self._answer: Answer | None = None
        self.sent = self.compared = self.differing = self.passed_over = 0

    @property
    def _session_ids(self) -> Sequence[str]:
        return self._known[: max(1, self._launched)]

    def take(self, step: Step) -> None:
        """Do what one step says."""
        if isinstance(step, Launch):
            self._launched += 1
            if step.facts:
                say(f"line {step.line}: recorded with {step.facts}; launch it so.")
        elif isinstance(step, Pause) and self._waits:
            time.sleep(step.span.total_seconds())
        elif isinstance(step, Sent):
            self._send(step)
        elif isinstance(step, Answered):
            self._compare(step)
        else:
            self.passed_over += isinstance(step, Aside)

    def _send(self, step: Sent) -> None:
        call = compose(step, address=self._target.address, session_ids=self._session_ids)
        self._answer = self._caller.send(call)
        self.sent += 1
        click.echo(f"line {step.line}: {step.method} {self._shown(step.template)[:100]}")

    def _compare(self, step: Answered) -> None:
        if self._answer is None:
            raise RecordingRefused(step.line, "an answer stands before any request")
        self.compared += 1
        lines = self._differences(step, self._answer)
        self.differing += bool(lines)
        click.echo("    differs" if lines else "    as recorded")
        for line in lines:
            click.echo(f"        {self._shown(line)}")

    def _differences(self, step: Answered, answer: Answer) -> list[str]:
        if answer.failure:
            return [answer.failure]
        status = [] if answer.status == 200 else [f"HTTP {answer.status}"]
        return status + differences(
            step, answer.body, session_ids=self._session_ids, ignore=self._ignore
        )

    def _shown(self, text: str) -> str:
        for session_id in self._known:
            text = text.replace(session_id, "{sid}")
        return drawn(text)

    def close(self) -> None:
        """Say how it went."""
        click.echo(
            f"\n{self.sent} requests sent, {self.compared} replies compared, "
            f"{self.differing} differ."
        )
        if self.passed_over:
            say(f"{self.passed_over} steps about the server's own records were passed over.")
