"""The page that sections are functions of: what a report was asked, the study it reads, and what was shown and found so far.

A notebook gives a section the study that it opened: `beside_spend.outcomes_table(study)`. Each study has one page behind it.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial, wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from commissioning.disclosure import Released
from commissioning.errors import UsageError
from commissioning.measures import Measure
from commissioning.pilot import Pilot
from commissioning.presentation.answer import Answer
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.seal import Sealed
from commissioning.sections.finding_record import FindingRecord
from commissioning.study import outcomes, tried
from commissioning.study.opened import Studies, Study
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared

T = TypeVar("T")
Section = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a section shows, what it found, and what it would have read and did not find.

    `page`: of which study, where a notebook asked for it. As the last value of a cell it shows its displays.
    """

    displays: tuple[Display, ...]
    found: tuple[Finding, ...] = ()
    lacks: tuple[str, ...] = ()
    page: Page | None = field(default=None, compare=False)

    @classmethod
    def of(cls, shows: Shows, *, found: Iterable[Finding] = (), lacks: Iterable[str] = ()) -> Told:
        """What a section gave, as one: its displays in order, with these findings and lacks besides its own."""
        parts = [shows] if isinstance(shows, (Display, Told)) else list(shows)
        told = [one if isinstance(one, Told) else cls(displays=(one,)) for one in parts]
        first = {one.record["sentence"]: one for one in (*(each for part in told for each in part.found), *found)}
        return cls(
            displays=tuple(one for part in told for one in part.displays),
            found=tuple(first.values()),
            lacks=tuple(dict.fromkeys((*(each for part in told for each in part.lacks), *lacks))),
        )

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self.page is not None:
            self.page.note(self)
        for one in self.displays:
            display(one)

    def __repr__(self) -> str:
        return "\n\n".join(repr(one) for one in self.displays)


Shows = Display | Told | Sequence[Display | Told]
"""What a section gives: a display, several in order, or either with what was found."""


class Once(list[Any]):
    """A list that holds each thing once, however often the cell that adds it is run."""

    def append(self, one: Any) -> None:
        if one not in self:
            super().append(one)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What one kind of report shows, and what it writes when it is closed."""

    sections: Mapping[str, Section]
    estimates: bool = False
    period: Callable[[Page], str] | None = None  # of a page whose period is not the study's
    record: Callable[[Page], dict[str, Any]] | None = None  # what its stage adds to its record
    results: tuple[
        Callable[[Page, dict[str, Any]], dict[str, Any]], ...
    ] = ()  # each adds to the machine-readable result
    files: Callable[[Page, Any, str], list[str]] | None = None  # files beside it


@dataclass(kw_only=True, eq=False, repr=False)
class Page:
    """One report while its notebook runs. `page.name(…)` shows the section of that name.

    `given`: the parameters. `services`: on a page across pilots, the page of each; else empty.
    """

    stage: str
    given: Any
    pilot: Pilot
    study: Prepared
    kind: Kind
    services: dict[str, Page] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)  # what was shown: anchor → kind
    findings_shown: list[FindingRecord] = field(default_factory=Once)
    lacks: list[str] = field(default_factory=Once)
    key_said: tuple[FindingRecord, ...] = ()  # the answer, whose claims stand beside figures in the JSON
    worked_out: dict[Any, Any] = field(default_factory=dict)  # see `once`

    def __getattr__(self, name: str) -> Section:
        found = self.__dict__.get("kind")
        if found is not None and name in found.sections:
            return partial(self._show, name)
        near = difflib.get_close_matches(name, found.sections if found else (), n=1)
        hint = f": did you mean {near[0]}?" if near else ""
        raise AttributeError(f"this report has no section called {name!r}{hint}")

    def told(self, name: str, *given: str) -> Told:
        """What a section gives, without showing it or counting it as shown. Raises UsageError where there is none of that name."""
        if name not in self.kind.sections:
            near = difflib.get_close_matches(name, self.kind.sections, n=1)
            raise UsageError(f"no section is called {name!r}" + (f": did you mean {near[0]}?" if near else ""))
        return Told.of(self.kind.sections[name](self, *given))

    def _show(self, name: str, *given: str) -> Display | None:
        """Show a section: all its displays but the last at once, the last as the cell's own; and keep what the records need of it."""
        from IPython.display import display

        told = self.told(name, *given)
        self.note(told)
        for shown in told.displays[:-1]:
            display(shown)
        return told.displays[-1] if told.displays else None

    def note(self, told: Told) -> None:
        """Keep what the records need of something that is shown: what it lacks, what it found, and that it stands on the page."""
        for says in told.lacks:
            self.lacks.append(says)
        for one in told.found:
            self.findings_shown.append(one.told)
        for shown in told.displays:
            self.kept[shown.id] = shown.kind
            if isinstance(shown, Answer):
                self.key_said = tuple(one.told for one in told.found)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.kind.sections})

    def __repr__(self) -> str:
        return f"<{self.stage} of {self.pilot.name}, {self.period or 'no period'}: {len(self.shown)} kinds of display shown>"

    @property
    def parts(self) -> tuple[Page, ...]:
        """The pilots whose figures this page shows, each as a page: this one alone, save on a page across pilots."""
        return tuple(self.services.values()) or (self,)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        if not self.services:
            return measures_of(self.pilot)
        return {key: one for part in self.parts for key, one in part.measures.items()}

    @cached_property
    def outcome_measures(self) -> dict[str, Measure]:
        return outcomes.of_kind(self.measures, "outcome")

    @property
    def released(self) -> Released:
        return self.study.released

    @cached_property
    def period(self) -> str:
        """The period asked for; for "latest" the latest year of the area's own figures, which spend and comparisons do not decide."""
        if self.kind.period is not None:
            return self.kind.period(self)
        if self.given.period != "latest":
            return str(self.given.period)
        held = [key for key in self.outcome_measures if key in set(self.study.record["measures"])]
        people = self.released.select(measure=held) if held else self.released
        return outcomes.latest_year(people) or outcomes.latest_year(self.released)

    @cached_property
    def sealed(self) -> Sealed:
        """What may be said of the pilot's checks and agreements in a report of this period."""
        return tried.sealed(self.study, self.given, self.period)

    def agreed_or_tried(self, setting: str) -> str:
        """What a heading calls a setting: "agreed", or "tried" where this page is a what-if of it."""
        return "tried" if setting in self.given.what_if else "agreed"

    @property
    def group_kind(self) -> str:
        return self.given.level.partition("=")[0] if self.given.level else "all"

    @property
    def group(self) -> str | None:
        return self.given.level.partition("=")[2] if self.given.level else None

    @property
    def area_name(self) -> str:
        """The name of the report's area, as it stands on its page."""
        return self.pilot.area_name

    @property
    def place(self) -> str:
        """The words for what the report is about: the whole area, or its level."""
        return f"{self.group_kind} {self.group}" if self.group else self.area_name

    @property
    def of_the_whole(self) -> str:
        """What a caption adds where the page is about a part of the area and a section is not; else nothing."""
        return f" For the whole area, and not only for {self.place}." if self.group else ""

    @property
    def shown(self) -> Counter[str]:
        """How many displays of each kind were shown; one shown again counts once."""
        return Counter(self.kept.values())


def once(work: Callable[[Page], T]) -> Callable[[Page], T]:
    """A function of a page that is worked out once a page."""

    @wraps(work)
    def kept(page: Page) -> T:
        if kept not in page.worked_out:
            page.worked_out[kept] = work(page)
        found: T = page.worked_out[kept]
        return found

    return kept


_pages: WeakKeyDictionary[Study | Studies, Page] = WeakKeyDictionary()


def page_of(study: Study | Studies) -> Page:
    """The page behind a study: one for each, so that whatever a notebook shows of it is in what its report declares."""
    if study not in _pages:
        services = {one.pilot: page_of(one) for one in study} if isinstance(study, Studies) else {}
        first = next(iter(study)) if isinstance(study, Studies) else study
        _pages[study] = Page(
            stage="",
            given=study.parameters,
            pilot=first.settings,
            study=first.prepared,
            kind=Kind(sections={}),
            services=services,
        )
    return _pages[study]


def section(show: Section) -> Section:
    """Marks a function of a page as a section: a notebook may show it. Given a study in place of the page, it gives a `Told`,
    which a cell shows; given a page, what it shows as it is, to the section that asked."""

    @wraps(show)
    def shown(of: Page | Study | Studies, *given: Any, **named: Any) -> Any:
        if isinstance(of, Page):
            return show(of, *given, **named)
        if not isinstance(of, (Study, Studies)):
            raise UsageError(f"{show.__name__}: give it the study that cm.open opened, not {type(of).__name__}")
        page = page_of(of)
        return replace(Told.of(show(page, *given, **named)), page=page)

    shown.is_section = True  # type: ignore[attr-defined]
    return shown


def gathered(*modules: Any) -> dict[str, Section]:
    """The sections of some modules, by name. Raises ValueError where two have one name."""
    found: dict[str, Section] = {}
    for module in modules:
        for name, one in vars(module).items():
            if getattr(one, "is_section", False) and one.__module__ == module.__name__:
                if name in found:
                    raise ValueError(f"two sections are called {name}: {found[name].__module__} and {module.__name__}")
                found[name] = one
    return found
