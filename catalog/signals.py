"""What the catalog tells whoever listens, inside the transaction that changed something.

Serves `archive` and `versions`, which send, and the hall, which listens.
"""

from __future__ import annotations

from blinker import Signal

# Both are sent with `connection`, `academy_id`, `course_id`, `by` (see `model.Archived`) and `now`.
# The sender is the connection's engine, so that two applications in one process do not mix.
course_archived = Signal("a course was archived: nobody may launch it, and its sessions are held")
course_reactivated = Signal("a course was reactivated: it is as it was before its archiving")

# Sent with `connection`, `academy_id`, `course_id`, `before` and `after` (numbers of versions) and
# `now`, by the same sender. Learners in the middle of the course keep `before`: the hall notes it
# with their progress and launches them with `store.course(..., version=before)`.
structure_changed = Signal("a course has another set of units: a new version of its structure")
