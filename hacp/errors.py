"""What can go wrong in a conversation, each with the answer that goes over the wire.

    HacpError
    +-- InvalidCommand     error=1   a command that is missing, unknown or too large to take
    +-- InvalidSession     error=3   a session id that is missing, unknown, over or of elsewhere

CourseHeld is none of them: it goes over no wire, and says that the gate of a course is held.

Error 2 (Invalid AU-password) is never answered: no known content sends the password back, and
refusing those that leave it out would lose their work (CMI001 section 6 leaves it optional).
"""

from __future__ import annotations


class HacpError(Exception):
    """A refusal; `error` and `text` are what content is told (CMI001 v4, section 6).

    `note` says more in the trace, for whoever asks why a post was lost.
    """

    error = 1
    text = "Invalid Command"
    note = ""


class InvalidCommand(HacpError):
    """The request names no command that we know; `text` may say more than the standard does."""

    def __init__(self, text: str = "Invalid Command") -> None:
        super().__init__(text)
        self.text = text


class InvalidSession(HacpError):
    """The session id opens nothing here. The answer is the same whatever the reason is."""

    error = 3
    text = "Invalid Session ID"

    def __init__(self, note: str = "") -> None:
        super().__init__(note)
        self.note = note


class CourseHeld(Exception):
    """The course is archived: nobody launches it, and what its sessions send is held."""
