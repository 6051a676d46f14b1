"""What a page knows besides its notebook, and the order of its sections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from commissioning.presentation.signoff import Signature

THE_ANSWER = "The answer"
WHAT_CHANGED = "What changed since the last version"
OUTCOMES = "Outcomes beside spend"
BEHIND = "What stands behind this page"
DATA_QUALITY = "Data quality"
CANNOT_TELL = "What this cannot tell you"
METHODS = "Methods"
SIGN_OFF = "Quality assurance and sign-off"
DEFINITIONS = "Definitions"
GLOSSARY = "Glossary"
IN_FULL = "Outcomes and spend in full"
REGISTERS = "Registers"
GATES = "Checks before an estimate was shown"
CALIBRATION = "What these methods could find"
PROTECTION = "How people are protected"
TAKE_AWAY = "Take it away, ask or reply"
ABOUT = "About this report"

ORDER = (
    THE_ANSWER,
    WHAT_CHANGED,
    OUTCOMES,
    BEHIND,
    DATA_QUALITY,
    CANNOT_TELL,
    METHODS,
    SIGN_OFF,
    DEFINITIONS,
    GLOSSARY,
    TAKE_AWAY,
    ABOUT,
)
"""The sections of a report, in order. A notebook may leave some out; sections of its own stand
between what changed and what stands behind the page, where the evidence is. An annex has the sections from data quality on."""

ORDER_OF_AN_ANNEX = (
    WHAT_CHANGED,
    DEFINITIONS,
    METHODS,
    GATES,
    CALIBRATION,
    DATA_QUALITY,
    PROTECTION,
    CANNOT_TELL,
    IN_FULL,
    REGISTERS,
    GLOSSARY,
    SIGN_OFF,
    ABOUT,
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing a report must hold: a record of one of `kinds`, in the section of that title.

    Where a section holds several of a kind, `begins` is how its id, its title or a note's first line begins; a note in
    its place may begin with "No …".
    """

    name: str
    section: str
    kinds: tuple[str, ...]
    begins: str = ""

    def is_held(self, records: Sequence[Mapping[str, Any]]) -> bool:
        """True where one of a section's records is this part."""
        return any(record["kind"] in self.kinds and self._is_named(record) for record in records)

    def _is_named(self, record: Mapping[str, Any]) -> bool:
        said = (record.get("id"), record.get("title"), *list(record.get("lines", ()))[:1])
        return any(str(one).lower().removeprefix("no ").startswith(self.begins) for one in said)


_FIRST = Part(name="answer", section=THE_ANSWER, kinds=("answer",))
REQUIRED_OF_A_REPORT = (
    _FIRST,
    Part(name="block on what it rests on and what it cannot tell", section=BEHIND, kinds=("behind",)),
)
"""What a report must hold besides its table of sign-off, which the exporter puts on every page."""

REQUIRED_OF_AN_ANNEX = (
    Part(name="reconciliation", section=DATA_QUALITY, kinds=("reconciliation",)),
    Part(name="list of what it cannot tell", section=CANNOT_TELL, kinds=("steps", "note")),
    Part(name="assumptions log, or note in its place", section=METHODS, kinds=("log", "note"), begins="assumption"),
    Part(name="decisions log, or note in its place", section=METHODS, kinds=("log", "note"), begins="decision"),
    Part(name="quality log", section=SIGN_OFF, kinds=("log",), begins="quality"),
    Part(name="definition of what is counted", section=DEFINITIONS, kinds=("definition", "log")),
    Part(name="glossary", section=GLOSSARY, kinds=("glossary",)),
    Part(name="list of parameters", section=ABOUT, kinds=("parameters",)),
)
"""What the annex must hold: one cell less in its notebook, and evaluators would read figures whose limits, checks or assumptions
nobody shows them."""

REQUIRED = (_FIRST, *REQUIRED_OF_AN_ANNEX)
"""What a page without an annex must hold."""

FOLDED = (WHAT_CHANGED, SIGN_OFF, ABOUT)
"""Sections of a report that open by keyboard and stay off paper; the annex is printed whole."""


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One extract: the name shown, its fingerprint ("" where none is shown), and what it holds."""

    name: str
    fingerprint: str
    holds: str = ""


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    """What stands around the notebook's own words.

    `signoffs` are the signatures read from beside the report; `sources` the extracts, with their fingerprints;
    `changes` a changes.Changes or None for a first version; `sections` another order of sections than ORDER;
    `easy_read_href` leads to this report's Easy Read page, `pilot_easy_read_href` to its pilot's where it has none;
    `states` what the report's JSON says of the states of its figures; `required` what the page is refused without; `forced` why it should not have been made, and was by name (--force);
    `annexes` are (pilot, title, file) of the pages that hold the definitions; `brief` folds the sections FOLDED away, and keeps them
    off paper, as on every page but the annex.
    `file` is the report's name, with which the files beside its page begin; `logo` a picture as a data URI; `data_to` the day up
    to which the data go; `beside` the reports that belong together, each a label and an href ("" of this one); `dates` what is due
    when, as the council entered it; `providers` the href and name of each provider that has a page of its own.
    """

    title: str
    pilot: str
    stage: str
    period: str
    level: str
    area: str
    run: str
    illustrative: bool
    organisation: str
    contact: str
    code_version: str
    data_fingerprint: str
    signoffs: tuple[Signature, ...] = ()
    easy_read_href: str | None = None
    pilot_easy_read_href: str | None = None
    site_href: str | None = None
    sources: tuple[SourceFile, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    changes: Any = None
    forced: tuple[str, ...] = ()
    states: Mapping[str, Any] = field(default_factory=dict)
    sections: tuple[str, ...] | None = None
    required: tuple[Part, ...] = REQUIRED
    annexes: tuple[tuple[str, str, str], ...] = ()
    brief: bool = False
    file: str = ""
    author: str = ""
    logo: str = ""
    data_to: str = ""
    beside: tuple[Mapping[str, str], ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    providers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name in ("title", "organisation", "contact"):
            if not str(getattr(self, name)).strip():
                raise ValueError(f"the page has no {name}: evaluators must know what they read and whom to ask")
        others = [*(href for _, _, href in self.annexes), *(one["href"] for one in self.beside)]
        for href in (self.easy_read_href, self.pilot_easy_read_href, self.site_href, *others):
            if href and re.match(r"[a-z][a-z0-9+.-]*:|//", href, re.IGNORECASE):
                raise ValueError(f"the link {href!r} leaves the site: give a path relative to the page")


def order_problems(headings: list[str], sections: tuple[str, ...] | None = None) -> list[str]:
    """What is wrong with the order of a notebook's sections; empty when sound.

    With a declared list, headings are a subset of it in its order. Without, known headings keep ORDER,
    and others stand only between what changed and data quality.
    """
    declared = sections or ORDER
    places = {_plain(title): i for i, title in enumerate(declared)}
    found, last = [], -1
    for heading in headings:
        place = places.get(_plain(heading))
        if place is None:
            if sections is not None:
                found.append(f"the section {heading!r} is not in the declared list of sections")
            elif last >= declared.index(BEHIND):
                found.append(f"the section {heading!r} stands too late: evidence comes before {declared[last]!r}")
            elif last < 0 and THE_ANSWER in headings:
                found.append(f"the section {heading!r} stands before {THE_ANSWER!r}")
            continue
        if place <= last:
            found.append(f"the section {heading!r} is out of order: it belongs before {declared[last]!r}")
        last = max(last, place)
    return found


def missing_parts(required: Sequence[Part], held: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """A sentence for each required part that is missing; `held` are the records of each section, by its title."""
    found = {_plain(title): records for title, records in held.items()}
    return [
        f"the page has no {part.name}: show it under the heading {part.section!r}"
        for part in required
        if not part.is_held(found.get(_plain(part.section), ()))
    ]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]+", " ", text).lower().split())
