"""How pages say what OpenSesame's deliveries and runs came to.

Serves the templates as filters. Reads nothing and decides nothing; the words come from gettext.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from catalog.supply.model import DeliveryState, DuplicatePolicy, Outcome, RunKind, RunState

OUTCOME_WORDS = {
    Outcome.NEW: _("New"),
    Outcome.UPDATED: _("Updated"),
    Outcome.ARCHIVED: _("Archived"),
    Outcome.REACTIVATED: _("Reactivated"),
    Outcome.UNCHANGED: _("Unchanged"),
    Outcome.SKIPPED: _("Skipped"),
    Outcome.WAITING: _("Waits for a decision"),
    Outcome.FAILED: _("Failed"),
    Outcome.PROPOSED: _("Would be archived"),
    Outcome.UNLISTED: _("Not in the listing"),
}
KIND_WORDS = {
    RunKind.DELIVERY: _("Delivery"),
    RunKind.POLL: _("Check for news"),
    RunKind.DAILY: _("Daily comparison"),
    RunKind.HAND: _("Started by hand"),
    RunKind.ONE: _("One course"),
    RunKind.EVERYTHING: _("Everything again"),
    RunKind.CONFIRMED: _("Confirmed archiving"),
}
RUN_WORDS = {
    RunState.RUNNING: _("Running"),
    RunState.DONE: _("Done"),
    RunState.WAITING: _("Waits for you"),
    RunState.BROKEN: _("Broken off"),
    RunState.CONFIRMED: _("Confirmed"),
    RunState.DISCARDED: _("Discarded"),
    RunState.SETTLED: _("Settled by a later run"),
}
DELIVERY_WORDS = {
    DeliveryState.RECEIVED: _("Received"),
    DeliveryState.RUNNING: _("On its way"),
    DeliveryState.DONE: _("Done"),
    DeliveryState.FAILED: _("Failed"),
}
POLICY_WORDS = {
    DuplicatePolicy.UPDATE: _("Update the course that is here"),
    DuplicatePolicy.KEEP: _("Keep both"),
    DuplicatePolicy.SKIP: _("Skip the delivered course"),
    DuplicatePolicy.ASK: _("Ask me"),
}
# What an item's fields are called on the page of a course.
FIELD_WORDS = {
    "title": _("Title"),
    "description": _("Description"),
    "description_html": _("Formatted description"),
    "publisher": _("Publisher"),
    "languages": _("Languages"),
    "categories": _("Categories"),
    "duration": _("Duration"),
    "picture_url": _("Picture"),
    "launch_url": _("Launch address"),
    "package_url": _("Package"),
    "active": _("Active at OpenSesame"),
    "updated_at": _("Changed at OpenSesame"),
}


def _said(words: Mapping[Any, object]) -> Callable[[str], str]:
    return lambda value: str(words.get(value, value))


FILTERS: dict[str, Callable[[str], str]] = {
    "outcome_words": _said(OUTCOME_WORDS),
    "run_kind_words": _said(KIND_WORDS),
    "run_words": _said(RUN_WORDS),
    "delivery_words": _said(DELIVERY_WORDS),
    "policy_words": _said(POLICY_WORDS),
    "field_words": _said(FIELD_WORDS),
}
