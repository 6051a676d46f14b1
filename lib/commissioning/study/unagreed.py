"""What this session worked out that nobody agreed: it may be looked at, is marked on its page and in its result, and is never published."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.errors import NotReleased
from commissioning.measures.short import NOT_AGREED
from commissioning.study import by_hand

__all__ = ["KEY", "NOT_AGREED", "WHAT_IF", "found", "mark", "refuse_in_a_report", "tell", "words"]

WHAT_IF = "what-if"
"""With `NOT_AGREED` the two states of a frame that nothing agreed stands behind."""
KEY = "never_published"  # of a report's JSON

found: dict[str, str] = {}
"""What was worked out, in words → its state. Of this process alone: a kernel is one session."""


def mark(what: str, state: str) -> None:
    """Remember that this session worked out something that is never published."""
    found[what] = state


def words() -> list[str]:
    """One line each, in order."""
    return [f"{state}: {what}" for what, state in found.items()]


def tell(lines: Sequence[str]) -> None:
    """Say on the page, where a study is opened, which settings of it are a what-if's."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    from commissioning.presentation.sections import Note

    if get_ipython() is not None:
        display(
            Note(
                [f"{WHAT_IF}: {one}." for one in lines],
                title="Never published: what is below rests on what nobody agreed",
                weight="warning",
            )
        )


def refuse_in_a_report() -> None:
    """Raise NotReleased where a report of a run would rest on any of it."""
    if found and by_hand.in_a_run():
        raise NotReleased(
            f"{'; '.join(words())}: what nobody agreed is never published. Take it out, or look at it with papermill"
        )
