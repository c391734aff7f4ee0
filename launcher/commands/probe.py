"""`hacp probe`: play a standard session against any HACP server and say what content will miss.

Serves whoever runs or chooses a server. What is sent stands in `hacp.probe`, what is asked of the
answers in `hacp.checks`.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby

import click

from hacp.calls import Answer, Call, Target
from hacp.checks import CHECKS
from hacp.probe import (
    Fault,
    Finding,
    Heard,
    Played,
    Result,
    Step,
    examine,
    is_broken,
    plan,
    play,
)
from launcher.caller import Caller
from launcher.commands.calling import drawn, the_target, timeout_option
from launcher.commands.door import json_option, say, write_json, write_table

# Of places that show the same fault, so many are listed.
MOST_FAULTS = 3
MOST_SIGNS = 200
_LINE_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


@click.command("probe")
@click.argument("url")
@click.option("--sid", "session_id", metavar="SID", help="The session id, where URL has none.")
@click.option("--read-only", is_flag=True, help="Send GetParam alone, which records nothing.")
@click.option("--replies", is_flag=True, help="Show each reply line by line, with what is wrong.")
@timeout_option
@json_option
def probe(
    url: str,
    session_id: str | None,
    read_only: bool,
    replies: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Play a standard session against a HACP server and say which content would break.

    URL is the server's AICC_URL, or a launch URL as 'hacp launch' prints it: AICC_SID and AICC_URL
    are taken out of it. The session is used up: a bookmark, suspend data, a status (incomplete), a
    score (70) and five seconds are recorded, and it is left. Take a learner who is there for tests.

    The exit status is 1 when something is missing that content in use needs.
    """
    target = the_target(url, session_id)
    played = play(target, _answers(Caller(timeout=timeout), plan(target, read_only=read_only)))
    findings = examine(played, CHECKS)
    if as_json:
        write_json(_as_dict(played, findings))
    else:
        _write(played, findings, replies=replies)
    sys.exit(is_broken(findings))


def _answers(caller: Caller, calls: Mapping[Step, Call]) -> Iterator[tuple[Step, Answer]]:
    """Make the calls in turn; a server that does not answer the first is not asked again."""
    for step, call in calls.items():
        answer = caller.send(call)
        yield step, answer
        if answer.failure and step is Step.GET:
            say("The first call failed; the others were not made.")
            return


def _write(played: Played, findings: list[Finding], *, replies: bool) -> None:
    click.echo(f"Session at {_shown(played.target, played.target.address)}\n")
    write_table(
        ("SENT", "HTTP", "TYPE", "SECONDS", "BYTES", "ANSWER"),
        [_row(played.target, heard) for heard in played.heard.values()],
    )
    if replies:
        _write_replies(played, findings)
    click.echo()
    for finding in findings:
        _write_finding(played.target, finding)
    counts = {result: sum(one.result is result for one in findings) for result in Result}
    click.echo(
        f"\n{counts[Result.OK]} ok, {counts[Result.BROKEN]} broken, {counts[Result.WEAK]} weak, "
        f"{counts[Result.NOT_SEEN]} could not be seen."
    )


def _row(target: Target, heard: Heard) -> tuple[object, ...]:
    answer, response = heard.answer, heard.response
    seconds = f"{answer.seconds:.2f}"
    if answer.failure:
        return heard.step, None, None, seconds, None, answer.failure
    error = "" if response.error is None else f"error={response.error}"
    said = f"{error} {response.error_text or ''}".strip() or "no reply that can be read"
    kind = answer.headers.get("content-type")
    cells = (heard.step, answer.status, kind, seconds, len(answer.body), said)
    return tuple(_shown(target, str(cell)) if cell is not None else None for cell in cells)


def _write_finding(target: Target, finding: Finding) -> None:
    click.echo(f"{finding.result:<7} {finding.check.asks}")
    for saw, faults in groupby(finding.faults[:MOST_FAULTS], key=lambda fault: fault.saw):
        where = ", ".join(filter(None, map(_place, faults)))
        click.echo(f"        {f'{where}: ' if where else ''}{_shown(target, saw)}")
    if len(finding.faults) > MOST_FAULTS:
        click.echo(f"        and {len(finding.faults) - MOST_FAULTS} more")
    if finding.faults:
        click.echo(f"        breaks: {finding.check.breaks}")


def _place(fault: Fault) -> str:
    line = f" line {fault.line}" if fault.line else ""
    return f"{fault.step}{line}" if fault.step is not None else ""


def _write_replies(played: Played, findings: list[Finding]) -> None:
    """Draw each reply with every line end that is not CRLF, and what is wrong below its line."""
    remarks: dict[tuple[Step | None, int], list[str]] = defaultdict(list)
    for finding in findings:
        for fault in finding.faults:
            if fault.line:
                remarks[fault.step, fault.line].append(f"{finding.result}: {finding.check.asks}")
    for step, heard in played.heard.items():
        click.echo(f"\n{step}")
        text = heard.answer.body.decode("utf-8", "backslashreplace")
        for number, line in enumerate(_lines(text), start=1):
            click.echo(
                f"{number:>4}  {_shown(played.target, line.removesuffix(chr(13) + chr(10)))}"
            )
            for remark in remarks[step, number]:
                click.echo(f"      ^ {remark}")


def _lines(text: str) -> list[str]:
    """Split behind CRLF, LF and CR, as replies count their lines."""
    return [line for line in _LINE_END.split(text) if line]


def _shown(target: Target, text: str) -> str:
    """Make what a foreign server said fit for a terminal, without the session id."""
    return drawn(target.redact(text))[:MOST_SIGNS]


def _as_dict(played: Played, findings: list[Finding]) -> dict[str, object]:
    target = played.target
    return {
        "address": target.redact(target.address),
        "broken": is_broken(findings),
        "answers": [_answer_as_dict(target, heard) for heard in played.heard.values()],
        "findings": [
            {
                "asks": finding.check.asks,
                "result": finding.result.lower() if finding.result != Result.NOT_SEEN else None,
                "weight": finding.check.weight,
                "breaks": finding.check.breaks,
                "faults": [
                    {
                        "step": fault.step,
                        "line": fault.line or None,
                        "saw": target.redact(fault.saw),
                    }
                    for fault in finding.faults
                ],
            }
            for finding in findings
        ],
    }


def _answer_as_dict(target: Target, heard: Heard) -> dict[str, object]:
    answer = heard.answer
    return {
        "step": heard.step,
        "failure": answer.failure or None,
        "status": answer.status or None,
        "headers": {name: target.redact(value) for name, value in answer.headers.items()},
        "seconds": round(answer.seconds, 3),
        "error": heard.response.error,
        "error_text": heard.response.error_text,
        "version": heard.response.version,
        "reply": target.redact(answer.body.decode("utf-8", "backslashreplace")),
    }
