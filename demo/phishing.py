"""'Phishing basics': a course whose server talks HACP; the browser only sends plain forms.

Serves `content`. Keeps nothing between two requests: what it must remember goes with the form, and
what must last goes to the learning server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import time

from flask import Blueprint, Request, abort, render_template, request

from demo import wire
from demo.wire import Launch, NotHeard

LESSON = "lesson"
INBOX = "inbox"
USUAL_MASTERY = 75
INCOMPLETE = "incomplete"
COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the test: is it fake, and why."""

    id: str
    sender: str
    subject: str
    text: str
    fake: bool
    because: str


MAILS = (
    Mail(
        "mail-1",
        "IT Support <support@it-helpdesk.example.net>",
        "Your mailbox is full",
        "Sign in within 2 hours at the link below or all your messages will be deleted.",
        True,
        "It hurries you, and the address is not your company's.",
    ),
    Mail(
        "mail-2",
        "Canteen <canteen@example.org>",
        "Menu for next week",
        "Here is next week's menu. On Wednesday we close at 14:00.",
        False,
        "It comes from inside, expects nothing of you and has no link.",
    ),
    Mail(
        "mail-3",
        "Managing director <director@example.com.example.net>",
        "Strictly confidential",
        "I am in a meeting. Buy ten gift cards and send me the codes. Tell nobody.",
        True,
        "Secrecy, money and a foreign domain behind a familiar one.",
    ),
    Mail(
        "mail-4",
        "Parcel service <track@parcels.example.net>",
        "We could not deliver",
        "Pay 1.95 in customs fees: open the attached file invoice.pdf.exe",
        True,
        "A small fee, and a program that pretends to be a document.",
    ),
)
LESSON_PAGES = ("what", "signs", "report")


@dataclass(frozen=True, slots=True)
class Visit:
    """Where one browser stands; `answers` maps a mail's id to `fake` or `real`."""

    launch: Launch
    unit: str
    opened: int
    page: str
    answers: dict[str, str]
    status: str = INCOMPLETE
    reviewing: bool = False
    mastery: int = USUAL_MASTERY

    @property
    def pages(self) -> tuple[str, ...]:
        """All pages of this unit in order."""
        if self.unit == LESSON:
            return LESSON_PAGES
        return (*(mail.id for mail in MAILS), "result")

    @property
    def points(self) -> int:
        """What the answers so far are worth, of 100."""
        right = sum(self.answers.get(mail.id) == _word(mail.fake) for mail in MAILS)
        return 100 * right // len(MAILS)

    @property
    def answers_text(self) -> str:
        """The answers as suspend data."""
        return ";".join(f"{name}={word}" for name, word in self.answers.items())


def create_blueprint(*, hosts: frozenset[str] = frozenset()) -> Blueprint:
    """Make the course's pages; `hosts` are learning servers besides this machine's loopback."""
    course = Blueprint("phishing", __name__)

    @course.get("/")
    def begin() -> str | tuple[str, int]:
        launch = wire.launch_parameters(request.args.items(multi=True))
        if launch is None:
            return _message(
                "This course was opened without a learning server",
                "There is no AICC_SID and AICC_URL in its address. Launch it from your list of "
                "courses.",
            )
        return _checked(launch, lambda: _show(_resume(launch)))

    @course.post("/")
    def step() -> str | tuple[str, int]:
        visit = _carried(request)
        return _checked(visit.launch, lambda: _move(visit, request.form.get("move", "")))

    def _checked(launch: Launch, work: Callable[[], str]) -> str | tuple[str, int]:
        if not wire.may_call(launch.url, hosts=hosts):
            return _message(
                "This learning server is not allowed",
                "The demo talks only to a learning server on the same machine.",
            )
        try:
            return work()
        except NotHeard as error:
            return _message(
                "Your progress is not being saved",
                f"The learning server did not take it: {error}. Close this window and launch the "
                "course again.",
                status=502,
            )

    return course


def _message(title: str, text: str, *, status: int = 400) -> tuple[str, int]:
    return render_template("phishing/message.html", title=title, text=text), status


def _resume(launch: Launch) -> Visit:
    """Ask the learning server where the learner stands."""
    told = wire.call(launch, "GetParam")
    unit = INBOX if request.args.get("unit") == INBOX else LESSON
    visit = Visit(launch, unit, int(time()), page="", answers={})
    status = told.core.get("lesson_status", "").partition(",")[0].strip().lower()
    mastery = told.student_data.get("mastery_score", "")
    reviewing = told.core.get("lesson_mode", "").strip().lower().startswith("r")
    page, answers = visit.pages[0], {}
    if status == INCOMPLETE:
        answers = _parse_answers(told.suspend_data)
        bookmark = told.core.get("lesson_location", "")
        page = bookmark if bookmark in visit.pages else page
    return replace(
        visit,
        page=page,
        answers=answers,
        status=status or INCOMPLETE,
        reviewing=reviewing,
        mastery=int(mastery) if mastery.isdigit() else USUAL_MASTERY,
    )


def _carried(asked: Request) -> Visit:
    """Read back what the last page carried in its form."""
    form = asked.form
    launch = wire.launch_parameters(form.items(multi=True))
    unit, opened, mastery = (form.get(name, "") for name in ("unit", "opened", "mastery"))
    if (
        launch is None
        or unit not in (LESSON, INBOX)
        or not (opened.isdecimal() and mastery.isdecimal())
    ):
        abort(400)
    visit = Visit(
        launch,
        unit,
        int(opened),
        page=form.get("page", ""),
        answers=_parse_answers(form.get("answers", "")),
        reviewing=form.get("reviewing") == "yes",
        mastery=int(mastery),
    )
    if visit.page not in visit.pages:
        abort(400)
    if form.get("answer") in ("fake", "real"):
        visit.answers[visit.page] = form["answer"]
    return visit


def _parse_answers(text: str) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    known = {mail.id for mail in MAILS}
    return {name: word for name, _, word in pairs if name in known and word in ("fake", "real")}


def _move(visit: Visit, move: str) -> str:
    """Turn the page, tell the learning server, and show what comes then."""
    if move == "exit":
        _put(visit, leaving=True)
        wire.call(visit.launch, "ExitAU")
        return render_template("phishing/farewell.html", title="Your progress is saved")
    at = visit.pages.index(visit.page)
    if move == "next" and visit.page.startswith("mail") and visit.page not in visit.answers:
        return _show(visit, missing=True)
    if move == "again":
        visit, at = replace(visit, answers={}), 0
    else:
        at += {"next": 1, "back": -1}.get(move, 0)
    visit = replace(visit, page=visit.pages[max(0, min(at, len(visit.pages) - 1))])
    _put(visit)
    return _show(visit)


def _put(visit: Visit, *, leaving: bool = False) -> None:
    if visit.reviewing:
        return
    done = visit.page == visit.pages[-1]
    status = COMPLETED if done else INCOMPLETE
    state = wire.dump_state(
        location=visit.page,
        status=f"{status},suspend" if leaving and not done else status,
        seconds=max(0, int(time()) - visit.opened),
        suspend_data=visit.answers_text,
        score=visit.points if done and visit.unit == INBOX else None,
    )
    wire.call(visit.launch, "PutParam", aicc_data=state)


def _show(visit: Visit, *, missing: bool = False) -> str:
    number = visit.pages.index(visit.page)
    mail = next((mail for mail in MAILS if mail.id == visit.page), None)
    return render_template(
        "phishing/page.html",
        visit=visit,
        number=number + 1,
        mail=mail,
        mails=MAILS,
        word=_word,
        missing=missing,
        last=number == len(visit.pages) - 1,
    )


def _word(fake: bool) -> str:
    return "fake" if fake else "real"
