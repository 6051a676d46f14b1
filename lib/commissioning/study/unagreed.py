"""What this session worked out that nobody agreed: it may be looked at, is marked on its page and in its result, and is never published."""

from __future__ import annotations

from commissioning.errors import NotReleased
from commissioning.measures.short import NOT_AGREED
from commissioning.seal import Sealed
from commissioning.study import by_hand

__all__ = ["KEY", "NOT_AGREED", "SEALED", "WHAT_IF", "found", "mark", "refuse_in_a_report", "tell", "words"]

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


SEALED = Sealed(why_not="A what-if: settings that nobody agreed.")


def tell() -> None:
    """Say on the page, where the study is opened, what of it is a what-if."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    from commissioning.presentation.sections import Note

    if found and get_ipython() is not None:
        display(
            Note(
                [f"{one}." for one in words()],
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
