"""What the catalog tells whoever listens, inside the transaction that changed something.

Serves `archive`, which sends, and the hall, which listens.
"""

from __future__ import annotations

from blinker import Signal

# Both are sent with `connection`, `academy_id`, `course_id`, `by` (see `model.Archived`) and `now`.
# The sender is the connection's dialect: every engine has one of its own and shares it with those
# that differ in their options alone, so two applications in one process do not mix.
course_archived = Signal("a course was archived: nobody may launch it, and its sessions are held")
course_reactivated = Signal("a course was reactivated: it is as it was before its archiving")
