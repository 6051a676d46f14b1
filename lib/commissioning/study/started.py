"""Which places started, when, and by which name: what a comparison stands on, told before anything is estimated.

A place that `starts` spells otherwise than the rows do would silently leave the comparison. So names are brought to
one spelling, or the run stops and names them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from commissioning.errors import DataRefused
from commissioning.measures import Measure, derive
from commissioning.pilot import Pilot, file_saying
from commissioning.pilot.design import EVERYBODY, Design
from commissioning.wording import counted

NEVER = "never"
WHOLE = "area"  # the unit of a design that looks at one series: everything is in it
KIND_WORDS = frozenset(
    [
        "ward",
        "locality",
        "neighbourhood",
        "area",
        "provider",
        "department",
        "dept",
        "directorate",
        "ltd",
        "limited",
        "plc",
        "llp",
        "cic",
    ]
)
NEAR = 0.75  # likeness above which two names may be one place, misspelt
NAMED = 10  # names that a sentence lists before it only counts


@dataclass(frozen=True, kw_only=True)
class Places:
    """The names of a design's places. `spelt`: each other spelling that was found → the one name used instead.

    `no_rows`: in `starts` (or pilot.toml), and no row names them; `no_start`: rows name them, and nothing says whether
    they started; `set_aside`: lines of `starts` that could not be read.
    """

    spelt: Mapping[str, str] = field(default_factory=dict)
    no_rows: tuple[str, ...] = ()
    no_start: tuple[str, ...] = ()
    set_aside: int = 0

    def as_record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_record(cls, kept: Mapping[str, Any]) -> Places:
        held: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in kept.items()}
        return cls(**held)

    def says(self, unit: str, shown: Collection[str] | None = None) -> list[str]:
        """What a reader must know of them, in sentences. `shown`: the only names that may be given; None for all."""
        found = []
        if self.spelt:
            pairs = [told for was, now in self.spelt.items() if (told := _pair(was, now, shown))]
            found.append(f"Spelt in more than one way: {_list(pairs, len(self.spelt), 'spelling')}.")
        if self.no_rows:
            names = _list(self.no_rows, len(self.no_rows), unit)  # the council's own, of a table without persons
            found.append(f"In `starts`, and no row names {_them(self.no_rows)}: {names}.")
        if self.no_start:
            names = _list([one for one in self.no_start if shown is None or one in shown], len(self.no_start), unit)
            found.append(f"Rows, and nothing in `starts`, so in no comparison: {names}.")
        if self.set_aside:
            found.append(f"{counted(self.set_aside, 'line')} of `starts` could not be read.")
        return found


def _pair(was: str, now: str, shown: Collection[str] | None) -> str:
    """Two spellings of one place, where both may be given; else empty."""
    return f"“{was}” is read as “{now}”" if shown is None or {was, now} <= set(shown) else ""


def _them(names: Collection[str]) -> str:
    return "it" if len(names) == 1 else "them"


def kind(unit: str, number: int = 2) -> str:
    """A unit in words: ward, wards; people where the unit is a person."""
    if unit in ("person", "person_id"):
        return "person" if number == 1 else "people"
    one = unit.removesuffix("_id").replace("_", " ")
    return one if number == 1 else f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"


def _list(names: Iterable[str], number: int, unit: str) -> str:
    """Names in a sentence, as many as may be given, else how many there are."""
    told = list(names)
    if not told:
        return f"{number:,} {kind(unit, number)}"
    rest = number - min(len(told), NAMED)
    listed = ", ".join(told[:NAMED])
    return f"{listed} and {rest:,} more" if rest else listed


def named(names: Collection[str], shown: Collection[str]) -> str:
    """ " (Ashmoor, Birchley)" after a count of places: those whose names may be given; nothing where none may."""
    told = [one for one in names if one in shown]
    return f" ({_list(told, len(names), '')})" if told else ""


def plain(name: str) -> str:
    """A name as compared: without case, punctuation, hidden characters or doubled spaces."""
    text = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    text = "".join(one for one in text if unicodedata.category(one) != "Cf")
    text = re.sub(r"['’‘`´]", "", text)
    return " ".join(re.sub(r"[\W_]+", " ", text).split()) or name


def bare(name: str) -> str:
    """`plain` without the words at its end that only say what kind of place it is."""
    words = plain(name).split()
    while len(words) > 1 and words[-1] in KIND_WORDS:
        words.pop()
    return " ".join(words)


def one_name(said: Collection[str], rows: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """Every spelling → the one name of its place: that of most rows. `rows`: table → name → rows.

    Names that differ in case, spaces or punctuation are one place. Names that differ by a word at the end that says
    what kind of place it is are one, unless `starts` or some table holds both: then they may be two.
    """
    sources: list[Collection[str]] = [said, *rows.values()]
    plains = {name: plain(name) for source in sources for name in source}
    by_bare: dict[str, set[str]] = {}
    for key in plains.values():
        by_bare.setdefault(bare(key), set()).add(key)
    apart = {
        key
        for key, forms in by_bare.items()
        if any(len(forms & {plains[name] for name in source}) > 1 for source in sources)
    }
    often: Counter[str] = Counter()
    for names in rows.values():
        often.update(names)
    groups: dict[str, list[str]] = {}
    for name, key in plains.items():
        groups.setdefault(key if bare(key) in apart else bare(key), []).append(name)
    best = {key: min(names, key=lambda one: (-often[one], one)) for key, names in groups.items()}
    return {name: best[key] for key, names in groups.items() for name in names}


def outcomes_of(pilot: Pilot, measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """The outcomes whose change is estimated: those the design names, or every primary one."""
    named = pilot.design.outcomes if pilot.design is not None else ()
    return {
        key: one
        for key, one in measures.items()
        if (key in named if named else one.primary) and one.kind.word == "outcome"
    }


def places(
    pilot: Pilot, measures: Mapping[str, Measure], tables: Mapping[str, pd.DataFrame], *, set_aside: int = 0
) -> Places:
    """The names of the design's places in these tables, brought together.

    Raises DataRefused, naming them, where two lines of `starts` disagree about one place, where no name of `starts` is
    named by a row, or where a name without rows looks like one without a start.
    """
    design = pilot.design
    if design is None or design.kind == "none" or not design.unit:
        return Places()
    unit = design.unit
    rows = {
        name: frame[unit].dropna().astype(str).value_counts().to_dict()
        for name, frame in tables.items()
        if name != "starts" and unit in frame
    }
    needed = {table for one in outcomes_of(pilot, measures).values() for table in derive.needs(one.table)}
    listed = _listed(tables.get("starts"), unit)
    written = (*(design.started if design.started != EVERYBODY else ()), *design.compare_with)
    name_of = one_name({*listed.index, *written}, rows)
    _agree(listed, name_of)
    said = {name_of[one]: one for one in (*listed.index, *written)}
    here = {name_of[name] for table in rows if table in needed for name in rows[table]}
    for one in written:
        if here and name_of[one] not in here:
            near = difflib.get_close_matches(one, sorted(here), n=1, cutoff=0.5)
            hint = f"; the nearest is “{near[0]}”" if near else ""
            where = "started" if one in design.started else "compare_with"
            raise DataRefused(
                f"{file_saying(pilot, 'design', one)}, design.{where}: no row names the {kind(unit, 1)} “{one}”{hint}"
            )
    spelt = {was: now for was, now in sorted(name_of.items()) if was != now}
    known = set(said)
    no_rows = tuple(sorted(said[one] for one in known - here)) if here else ()
    open_ended = bool(design.started) and not design.compare_with  # then all others are compared with
    no_start = () if open_ended or design.compare_with or not known else tuple(sorted(here - known))
    if here and len(listed) and not known & here:
        raise DataRefused(
            f"starts: none of its {len(known)} {kind(unit)} is named by a row. starts says {_some(said.values())}; "
            f"the rows say {_some(here)}. Write in starts what the rows say"
        )
    for lost in no_rows:
        for other in no_start:
            if difflib.SequenceMatcher(None, bare(lost), bare(other)).ratio() >= NEAR:
                raise DataRefused(
                    f"starts: “{lost}” is named by no row, and rows name “{other}”, of which starts says nothing. If they are "
                    f"one {kind(unit, 1)}, write in starts what the rows say; if they are two, give “{other}” a line of "
                    "its own (never, where it has not started)"
                )
    return Places(spelt=spelt, no_rows=no_rows, no_start=no_start, set_aside=set_aside)


def _some(names: Iterable[str]) -> str:
    return ", ".join(f"“{one}”" for one in sorted(names)[:3])


def _listed(starts: pd.DataFrame | None, unit: str) -> pd.Series:
    """Unit → first quarter (or never) of the lines of `starts` for this kind of unit; repeated names are kept."""
    if starts is None or starts.empty:
        return pd.Series(dtype=object)
    mine = starts[starts["unit_kind"] == unit]
    return mine.assign(started=mine["started"].fillna(NEVER)).set_index("unit")["started"]


def _agree(listed: pd.Series, name_of: Mapping[str, str]) -> None:
    """DataRefused where two spellings of one place have two starts."""
    seen: dict[str, tuple[str, str]] = {}
    for written, started in listed.items():
        name = name_of[str(written)]
        if name in seen and seen[name][1] != started:
            raise DataRefused(
                f"starts: “{seen[name][0]}” and “{written}” are one place, and it says {seen[name][1]} of one and {started} of "
                "the other: keep one line"
            )
        seen[name] = (str(written), str(started))


def respelt(tables: Mapping[str, pd.DataFrame], unit: str, found: Places) -> dict[str, pd.DataFrame]:
    """The tables with one spelling for each place, and `starts` with one line for each and `never` where it says so."""
    out = dict(tables)
    for name, frame in tables.items():
        if name == "starts":
            mine = frame["unit_kind"] == unit
            fixed = frame.assign(
                unit=frame["unit"].where(~mine, frame["unit"].replace(dict(found.spelt))),
                started=frame["started"].astype(object).fillna(NEVER),
            )
            out[name] = fixed.drop_duplicates(["unit_kind", "unit"]).reset_index(drop=True)
        elif unit in frame and found.spelt:
            text = frame[unit].astype(object)
            out[name] = frame.assign(**{unit: text.map(lambda one: found.spelt.get(one, one))})
    return out


def first_of(
    design: Design, starts: pd.DataFrame | None, names: Collection[str], spelt: Mapping[str, str]
) -> pd.Series:
    """First quarter of each place of the comparison, missing for one that has not started.

    From pilot.toml where it says who started, else from the table `starts`; empty where neither does. `names`: the places
    that rows name. Raises DataRefused where a design with one start is given several.
    """
    if design.kind == "none":
        return pd.Series(dtype=object)
    if design.kind == "interrupted" and not design.unit:
        return pd.Series({WHOLE: design.start or None}, dtype=object).dropna()
    if design.started == EVERYBODY:
        return pd.Series(design.start, index=sorted(names), dtype=object)
    if design.started:
        begun = [spelt.get(one, one) for one in design.started]
        others = [spelt.get(one, one) for one in design.compare_with] or sorted(set(names) - set(begun))
        return pd.Series({**dict.fromkeys(begun, design.start), **dict.fromkeys(others, None)}, dtype=object)
    listed = _listed(starts, design.unit)
    found = listed[~listed.index.duplicated()]
    found = found.where(found.ne(NEVER), None).astype(object)
    if design.kind == "staggered" or found.empty:
        return found
    dates = sorted(set(found.dropna()))
    if design.start and dates and dates != [design.start]:
        strange = next(one for one in dates if one != design.start)
        raise DataRefused(
            f"pilot.toml, design.start is {design.start}, and starts says {strange} of {found[found.eq(strange)].index[0]}: "
            "make them one"
        )
    if len(dates) > 1:
        raise DataRefused(
            f'pilot.toml, design.kind is "{design.kind}", which has one start, and starts holds {len(dates)} '
            f'({dates[0]} to {dates[-1]}): write kind = "staggered", or write start and started'
        )
    if design.compare_with:
        mix = [spelt.get(one, one) for one in design.compare_with]
        return pd.concat([found.dropna(), pd.Series(None, index=mix, dtype=object)])
    return found
