"""What a page knows besides its notebook, and the order of its sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commissioning.presentation.signoff import Signature

KEY_FINDINGS = "Key findings"
WHAT_CHANGED = "What changed since the last version"
OUTCOMES = "Outcomes beside spend"
DATA_QUALITY = "Data quality"
CANNOT_TELL = "What this cannot tell you"
METHODS = "Methods"
SIGN_OFF = "Quality assurance and sign-off"
DEFINITIONS = "Definitions"
GLOSSARY = "Glossary"
ABOUT = "About this report"

ORDER = (
    KEY_FINDINGS,
    WHAT_CHANGED,
    OUTCOMES,
    DATA_QUALITY,
    CANNOT_TELL,
    METHODS,
    SIGN_OFF,
    DEFINITIONS,
    GLOSSARY,
    ABOUT,
)
"""The sections of a report, in order. A notebook may leave some out; sections of its own stand
between what changed and data quality, where the evidence is."""


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One extract: its name below the data folder, the SHA-256 of its bytes, and what it holds."""

    name: str
    sha256: str
    holds: str = ""


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    """What stands around the notebook's own words.

    `signoffs` are the signatures read from beside the report; `sources` the extracts, with their hashes;
    `changes` a changes.Changes or None for a first version; `sections` another order of sections than ORDER.
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
    site_href: str | None = None
    sources: tuple[SourceFile, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    changes: Any = None
    sections: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("title", "organisation", "contact"):
            if not str(getattr(self, name)).strip():
                raise ValueError(f"the page has no {name}: evaluators must know what they read and whom to ask")
        for href in (self.easy_read_href, self.site_href):
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
            elif last >= declared.index(DATA_QUALITY):
                found.append(f"the section {heading!r} stands too late: evidence comes before {DATA_QUALITY!r}")
            elif last < 0 and KEY_FINDINGS in headings:
                found.append(f"the section {heading!r} stands before {KEY_FINDINGS!r}")
            continue
        if place <= last:
            found.append(f"the section {heading!r} is out of order: it belongs before {declared[last]!r}")
        last = max(last, place)
    return found


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]+", " ", text).lower().split())
