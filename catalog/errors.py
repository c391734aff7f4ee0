"""What can go wrong in the catalog, and the list in which a parser gathers what it finds.

    CatalogError
    +-- PackageRefused   the package cannot be taken; carries every fault that was found
    +-- AlreadyStored    another import of the same course was faster
    +-- ItemRefused      a course that a provider lists cannot be read
    +-- NotConnected     the provider was never activated for the academy
    +-- CiidTaken        another academy has this Customer Integration ID
    +-- AlreadyRunning   a sync of the academy runs, in whatever process
    +-- ClaimLost        this run was closed meanwhile: it may apply nothing more
    +-- NothingToDecide  what should be decided is decided already, or is not there
    +-- PushRefused      the body of a push cannot be read
    +-- DecisionRefused  what was decided cannot be done

Serves every module of the wing, the upload page and `hacp import`. Knows no file format.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from catalog.model import Fault, Severity

# A page that lists more than this helps nobody, and a hostile file could hold a million faults.
MAX_FAULTS = 500

# How much of a foreign value a message repeats.
QUOTE_LENGTH = 60


class CatalogError(Exception):
    """Anything that the catalog refuses."""


class AlreadyStored(CatalogError):
    """The academy got a course of the same fingerprint while this one was on its way."""


class PackageRefused(CatalogError):
    """A package that cannot be taken. `faults` holds errors and warnings in the order found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(dump_fault(fault) for fault in self.faults)


class ItemRefused(CatalogError):
    """A course in a provider's listing that cannot be read: which field, what came, what should.

    `key` is the id of the course, "" where that is what cannot be read.
    """

    def __init__(self, field: str, *, came: str, expected: str, key: str = "") -> None:
        super().__init__(field, came, expected, key)
        self.field = field
        self.came = came
        self.expected = expected
        self.key = key

    def __str__(self) -> str:
        what = f"{self.field} is {self.came}" if self.field else f"What came is {self.came}"
        return f"{what}; {self.expected} was expected."


class NotConnected(CatalogError):
    """The provider was never activated for the academy: an operator does that."""


class CiidTaken(CatalogError):
    """Another academy of the installation has this Customer Integration ID.

    Deliveries for one would reach the other; an operator may allow it (`connections.share_ciid`).
    """


class AlreadyRunning(CatalogError):
    """A run of the academy is under way: `run_id`, claimed until `claimed_until`."""

    def __init__(self, run_id: int, claimed_until: datetime) -> None:
        super().__init__(run_id, claimed_until)
        self.run_id = run_id
        self.claimed_until = claimed_until


class ClaimLost(CatalogError):
    """The run's claim ended and another process closed it; nothing more may be applied by it."""


class NothingToDecide(CatalogError):
    """What should be decided, confirmed or tried again is settled already, or is not there."""


class PushRefused(CatalogError):
    """A push that cannot be read: the text says what came, `expected` what was expected."""

    def __init__(self, came: str, *, expected: str) -> None:
        super().__init__(came)
        self.expected = expected


class DecisionRefused(CatalogError):
    """A decision that cannot be carried out; says why."""


def dump_fault(fault: Fault) -> str:
    """Write a fault as one line for people: where it is, what it is, what to do."""
    place = [fault.file] if fault.file else []
    if fault.line is not None:
        place.append(f"line {fault.line}")
    if fault.column is not None:
        place.append(f"column {fault.column}")
    where = f"{', '.join(place)}: " if place else ""
    kind = "warning: " if fault.severity is Severity.WARNING else ""
    return f"{where}{kind}{fault.message} {fault.remedy}".rstrip()


def quote_value(text: str) -> str:
    """Quote what came, cut to `QUOTE_LENGTH` characters and without anything unprintable."""
    cut = text if len(text) <= QUOTE_LENGTH else f"{text[:QUOTE_LENGTH]}..."
    shown = (c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)
    return f'"{"".join(shown)}"'


class Findings:
    """Faults in the order in which they are found; past `MAX_FAULTS` they are only counted."""

    def __init__(self) -> None:
        self._errors: list[Fault] = []
        self._warnings: list[Fault] = []
        self._uncounted = {Severity.ERROR: 0, Severity.WARNING: 0}

    @property
    def refused(self) -> bool:
        """Whether an error was found."""
        return bool(self._errors)

    def error(
        self,
        message: str,
        remedy: str,
        *,
        file: str,
        line: int | None = None,
        column: str | int | None = None,
    ) -> None:
        """Note a fault that stops the import."""
        self.add(Fault(file, message, remedy, line, column, Severity.ERROR))

    def warn(
        self,
        message: str,
        remedy: str,
        *,
        file: str,
        line: int | None = None,
        column: str | int | None = None,
    ) -> None:
        """Note something that was tolerated."""
        self.add(Fault(file, message, remedy, line, column, Severity.WARNING))

    def add(self, fault: Fault) -> None:
        """Note a fault that was made elsewhere."""
        kept = self._errors if fault.severity is Severity.ERROR else self._warnings
        if len(kept) < MAX_FAULTS:
            kept.append(fault)
        else:
            self._uncounted[fault.severity] += 1

    def errors(self) -> tuple[Fault, ...]:
        """Return what stops the import, with a last word on how many more there were."""
        return self._closed(self._errors, Severity.ERROR)

    def warnings(self) -> tuple[Fault, ...]:
        """Return what was tolerated, with a last word on how many more there were."""
        return self._closed(self._warnings, Severity.WARNING)

    def raise_if_refused(self) -> None:
        """Raise `PackageRefused` with everything found, errors first, when there is an error."""
        if self.refused:
            raise PackageRefused(self.errors() + self.warnings())

    def _closed(self, kept: list[Fault], severity: Severity) -> tuple[Fault, ...]:
        more = self._uncounted[severity]
        if not more:
            return tuple(kept)
        word = "faults" if severity is Severity.ERROR else "warnings"
        last = Fault(
            "", f"There are {more} more {word}.", "Mend these first.", None, None, severity
        )
        return (*kept, last)
