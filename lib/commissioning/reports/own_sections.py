"""Sections that a pilot's own folder brings: `sections.py`, or several files `sections_<topic>.py`.

Each file stands alone: it imports from this package and no other file of the folder, and ends in `SECTIONS = (…,)`, the functions of
a page that the pilot's own notebooks may show. They are reviewed as `measures.py` is (`runs.review`), and a change of them makes the
pilot's reports anew.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from commissioning.errors import UsageError
from commissioning.measures.catalogue import loaded
from commissioning.sections.page import Section, section
from commissioning.study.opened import Study


def of(study: Study) -> SimpleNamespace:
    """The own sections of a study's pilot, by name: `own.register(study)` where `own = own_sections.of(study)`."""
    folder = study.settings.folder
    return SimpleNamespace(**(of_pilot(Path(folder)) if folder is not None else {}))


def of_pilot(folder: Path) -> dict[str, Section]:
    """A pilot's own sections by name; none where its folder brings none. Raises UsageError naming the file that is at fault."""
    found: dict[str, Section] = {}
    for path in sorted(folder.glob("sections*.py")):
        where = f"{path.parent.name}/{path.name}"
        brought = getattr(loaded(path), "SECTIONS", None)
        if not isinstance(brought, (tuple, list)) or not all(callable(one) for one in brought):
            raise UsageError(f"{where}: has no sections; end it with SECTIONS = (…,), functions of a page")
        for one in brought:
            if one.__name__ in found:
                raise UsageError(
                    f"{where}: a section {one.__name__} is in another file of this folder; choose another name"
                )
            found[one.__name__] = section(one)
    return found
