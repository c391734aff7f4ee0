"""What this wing tells whoever listens, inside the transaction that changed something.

Serves the endpoint and the sweep, which send, and the hall, which listens.
"""

from __future__ import annotations

from blinker import Signal

# Sent with `connection` and the `attempt` after the change, and with `only_time` where it has been
# sent for the session before and nothing but time has moved since. The sender is the door, or what
# the caller of the sweep named, so that two applications in one process do not mix.
attempt_changed = Signal("an attempt's status, score, objectives, exit or time changed")
