"""Restricted rows open by hand only: to a person who sits at an interactive kernel, never in a run or under papermill."""

from __future__ import annotations

import os
import sys

from commissioning.errors import NotReleased

RUN = ("COMMISSIONING_OUT", "COMMISSIONING_NONCE", "COMMISSIONING_REPORT")
"""What `commissioning run` gives a kernel."""
ASKED = bool(set(RUN) & set(os.environ))
"""Whether this process was started for a run: asked once, on import, so that a notebook that changes its environment changes nothing."""

opened: set[str] = set()
"""What was opened by hand in this session."""


def _answers() -> bool:
    """Whether whoever sent the cell that runs can be asked something: a person's front end can, papermill and a run cannot."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:  # no kernel: a terminal, in which a person types
        return bool(getattr(sys, "ps1", None)) and sys.stdin is not None and sys.stdin.isatty()
    request = kernel.get_parent("shell") if hasattr(kernel, "get_parent") else {}
    return bool((request.get("content") or {}).get("allow_stdin", False))


def in_a_run() -> bool:
    """Whether `commissioning run` started this kernel."""
    return ASKED or bool(set(RUN) & set(os.environ))


def allow(what: str) -> None:
    """Raise NotReleased unless a person sits at this kernel; then say, in the cell's output, that this session opened rows.

    A page is refused where a cell prints, and a report does not close in such a session: what is saved of it enters no site.
    """
    if in_a_run() or not _answers():
        raise NotReleased(
            f"{what} are restricted: they open only to a person at an interactive kernel (JupyterLab), never in a run or under "
            "papermill. Show a measure or a breakdown, or release a cross-table of your own"
        )
    if what not in opened:
        print(f"Opened by hand: {what}. A report saved from this session cannot enter a site.")
    opened.add(what)
