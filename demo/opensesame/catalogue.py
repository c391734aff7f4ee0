"""The courses of the pretend marketplace, with the variety that real listings have.

Serves `pretend`. Plain values: each oddity stands in one course only, so that a test can name it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from demo.opensesame.model import UNLIMITED, ActiveAs, Course, Licence, Variant

SEATS = Licence("Seats", seats=25)
PLUS = Licence("Plus subscription")
ENDED = Licence("Seats", seats=10, until=date(2024, 12, 31))

# What has to be taken out of foreign HTML stands in the description of the first course.
_SPOILT_HTML = """<p>Your <b>day</b> with patient data, from the front desk to the archive.</p>
<ul><li onclick="alert('clicked')">What counts as health information</li>
<li>Who may see it, and <a href="javascript:alert('followed')">when</a></li></ul>
<script>document.title = "taken over"</script>
<iframe src="https://tracker.example.net/"></iframe>
<p style="position:fixed;top:0">See <a href="https://www.example.org/hipaa">the overview</a>.</p>
<img src="https://tracker.example.net/pixel.gif" onerror="alert('failed')">"""

COURSES = (
    Course(
        id="5d2c7b14-9a0e-4f5b-8c61-2f7a90c1e301",
        title="HIPAA in Everyday Work",
        description="Your day with patient data, from the front desk to the archive.",
        description_html=_SPOILT_HTML,
        publisher="Blue Harbour",
        languages=("en",),
        categories=("|Compliance|HIPAA", "|Industry|Health Care"),
        duration="00:25:00",
        points=(
            "Health information is whatever says something about a patient, and who it is.",
            "Look only at what your task needs.",
            "Never leave a screen or a folder open when you go.",
        ),
        updated_at=datetime(2025, 3, 4, 9, 30, tzinfo=UTC),
    ),
    # Its server reports, and `active` is a number.
    Course(
        id="0b3f58c2-6d1a-4c0e-9b7d-7a41d5c9f302",
        title="Passwords & Passkeys",
        description="Why long beats clever, and how to stop remembering passwords at all.",
        publisher="Plain Talk Training",
        languages=("en-US",),
        categories=("|Technology|Security",),
        duration="00:12:30",
        points=(
            "Four random words beat one clever one.",
            "One password for one place; a password manager remembers them.",
            "Where a passkey is offered, take it.",
        ),
        active_as=ActiveAs.NUMBER,
        variant=Variant.SERVER,
    ),
    # Languages by name, `active` as text, a comma in the category's name.
    Course(
        id="c7e1a9d0-3b52-4e8f-a3d4-18f06b2e7303",
        title="Lockout and Tagout",
        description="Nobody is hurt by a machine that cannot start. How to make sure of it.",
        publisher="Oak & Ash",
        languages=("English", "Spanish"),
        categories=("|Compliance|Safety", "|Manufacturing|Safety, Health and Environment"),
        duration="00:40:00",
        points=(
            "Switch off, lock, tag, and then try to start it.",
            "Whoever puts a lock on takes it off, and nobody else.",
        ),
        active_as=ActiveAs.TEXT,
    ),
    # The same leaf name under another parent; how an older feed wrote an unknown duration.
    Course(
        id="e94d06f7-58a3-4b1c-b2e9-63c0a7d15304",
        title="Food Safety in the Kitchen",
        description="Cold, hot, clean and apart: four words that keep guests well.",
        publisher="Oak & Ash",
        languages=("en", "es-MX"),
        categories=("|Hospitality|Safety",),
        duration="99:59",
        points=("Cold below 5 degrees, hot above 63.", "Raw and cooked never share a board."),
    ),
    # Two licences that hold: whoever sends it has to say which.
    Course(
        id="19b8e5c3-72f4-4d06-8e1a-c5d39f60b305",
        title="Giving Feedback that Helps",
        description="What to say, when to say it, and when to listen.",
        publisher="Northwind Learning",
        languages=("en",),
        categories=("|Business Skills|Leadership", "|Business Skills|Communication"),
        duration="00:18:00",
        points=("Say what you saw, not what you think of it.", "Ask before you advise."),
        licences=(SEATS, PLUS),
    ),
    # A licence that has ended and one that holds: nothing to ask.
    Course(
        id="7f60d2ab-1c94-4e37-95b8-04ea6c8d2306",
        title="Meetings that End on Time",
        description="An agenda, a clock, and somebody who may interrupt.",
        publisher="Northwind Learning",
        languages=("en-GB",),
        categories=("|Business Skills|Communication",),
        duration="00:09:45",
        points=("No agenda, no meeting.", "Stop five minutes early."),
        licences=(ENDED, PLUS),
        variant=Variant.SERVER,
    ),
    # No licence holds any more: it cannot be sent.
    Course(
        id="a26c4f91-0de8-4735-8b60-d1f5927e4307",
        title="Forklift Basics",
        description="Before you lift anything: look, weigh, think.",
        publisher="Oak & Ash",
        languages=("en",),
        categories=("|Manufacturing|Logistics",),
        duration="00:35:00",
        points=("Look around before you start.",),
        licences=(ENDED,),
    ),
    # No launch address: only the package says where it runs.
    Course(
        id="38f5b7e0-c6d1-4a29-a074-9e2b51d8c308",
        title="Ergonomics at the Desk",
        description="Chair, screen, light: ten minutes that your back will thank you for.",
        publisher="Blue Harbour",
        languages=("en",),
        categories=("|Personal Growth|Health",),
        duration="00:10:00",
        points=("Feet flat, elbows level, screen an arm away.", "Get up every half hour."),
        only_package=True,
    ),
    # The GUID in capitals, and a second course for every HTML entity.
    Course(
        id="D4A9C3E6-2B70-4F18-9C55-7B0E61F3A309",
        title="Spreadsheets <100 Rows: Keep It Simple",
        description="Sums, filters & one chart. Nothing else.",
        description_html="<p>Sums, filters &amp; one chart.<br>Nothing <i>else</i>.</p>",
        publisher="Plain Talk Training",
        languages=("en",),
        categories=("|Technology|Office Software|Spreadsheets",),
        duration="01:05:00",
        points=("One table, one topic.", "Name what you sum."),
    ),
    # Another writing system, and no picture.
    Course(
        id="6be17d58-f0c2-4963-b7a1-25d8e04c9310",
        title="職場のあいさつ",
        description="はじめて日本のチームと働く人のために。",
        publisher="Blue Harbour",
        languages=("Japanese",),
        categories=("|Languages|日本語",),
        duration="00:15:00",
        points=("おはようございます。", "お疲れさまです。"),
        has_picture=False,
    ),
    # A short duration without hours, an empty category and a language that nobody knows.
    Course(
        id="f1830ac9-94e7-4b5d-8d26-b86f47a2e311",
        title="First Aid: the First Three Minutes",
        description="Look, call, press: until help arrives.",
        publisher="Oak & Ash",
        languages=("de", "Klingon"),
        categories=("|Compliance|Safety|First Aid", ""),
        duration="20:00",
        points=("Make the place safe first.", "Call before you do anything else."),
        licences=(Licence("Seats", seats=5),),
    ),
    Course(
        id="82c5e4fd-6a39-4170-a9f8-5d1b0c7e6312",
        title="Inclusive Hiring",
        description="How to find the best person and not the most familiar one.",
        publisher="Northwind Learning",
        languages=("en", "fr-CA"),
        categories=("|Business Skills|Human Resources", "|Compliance|Equal Opportunity"),
        duration="00:30:00",
        points=("Decide on the questions before you meet anybody.", "Score, then talk."),
        licences=(UNLIMITED, SEATS, PLUS),
        active_as=ActiveAs.TEXT,
    ),
)
