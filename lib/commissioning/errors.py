"""What the workbench says when it cannot go on, and with which exit code.

Each error is for the person who can mend it: it names the file, row, column or
parameter, what was found, and what to do. It never holds a row of a person.
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """Base of every error that a user may see: one plain line, no traceback."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook prints in place of a traceback (IPython asks for it): the same line as the command."""
        return [f"{type(self).__name__}: {self}"]


class ReportFailed(WorkbenchError):
    """A report could not be made; the others may have been."""

    exit_code = 1


class UsageError(WorkbenchError):
    """The command, a parameter, or a pilot file is wrong."""

    exit_code = 2


class DataRefused(WorkbenchError):
    """An extract breaks its contract, or nothing in the folder was recognised."""

    exit_code = 65


class CannotWrite(WorkbenchError):
    """The output cannot be written: read-only, full, a file, or outside its root."""

    exit_code = 73


class Busy(WorkbenchError):
    """Another run holds the same report."""

    exit_code = 75


class NotReleased(WorkbenchError):
    """A display object was given a figure that did not come through disclosure control."""

    exit_code = 1
