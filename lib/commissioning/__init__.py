"""Pilot Evaluation Workbench: what good did this service do for people, for the money?

    import commissioning as cm
    study = cm.open("learning_disability")

Importing this package costs nothing: what it gives is fetched when it is first asked for, so that a run in which nothing
changed never loads pandas or the statistics libraries. Rooms are imported by name (`from commissioning.measures import catalogue`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commissioning import charts
    from commissioning.measures.short import measure
    from commissioning.study.opened import open, open_all
    from commissioning.study.showing import show

__version__ = "0.1.0"

FACE = {
    "open": "commissioning.study.opened:open",
    "open_all": "commissioning.study.opened:open_all",
    "show": "commissioning.study.showing:show",
    "measure": "commissioning.measures.short:measure",
    "charts": "commissioning.charts",
    "answer": "commissioning.reports.face:answer",
    "annex": "commissioning.reports.face:annex",
}
"""What a notebook needs, by name: the module, or the function within it."""

__all__ = ["annex", "answer", "charts", "measure", "open", "open_all", "show"]


def __getattr__(name: str) -> Any:
    if name not in FACE:
        raise AttributeError(f"commissioning has no {name!r}; it gives {', '.join(sorted(FACE))}")
    module, _, function = FACE[name].partition(":")
    found = import_module(module)
    return getattr(found, function) if function else found


def __dir__() -> list[str]:
    return sorted({*globals(), *FACE})
