"""What this session worked out that nobody agreed: it may be looked at, is marked on its page and in its result, and is never published."""

from __future__ import annotations

NOT_AGREED, WHAT_IF = "not agreed", "what-if"
"""The two states of a frame that nothing agreed stands behind."""
KEY = "never_published"  # of a report's JSON

found: dict[str, str] = {}
"""What was worked out, in words → its state. Of this process alone: a kernel is one session."""


def mark(what: str, state: str) -> None:
    """Remember that this session worked out something that is never published."""
    found[what] = state


def words() -> list[str]:
    """One line each, in order."""
    return [f"{state}: {what}" for what, state in found.items()]
