"""`cm.show`: a frame, a picture or a finding as a page shows it, from whatever cell it is called."""

from __future__ import annotations

import datetime
import re
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.errors import NotReleased, UsageError
from commissioning.presentation.columns import Column, Kind
from commissioning.presentation.display import Display
from commissioning.presentation.picture import Picture
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.study import frames, traced
from commissioning.study.frames import Frame, Provenance
from commissioning.wording import missing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABELS = {
    "title": "Measure", "what": "How it is worked out", "measure": "Measure", "period": "Period", "group": "Group", "council": "Council", "value": "Value", "lower": "Lower limit",
    "upper": "Upper limit", "numerator": "Number", "denominator": "Out of", "unknown": "Unknown", "unit": "Unit", "state": "State",
    "line": "Spend", "whose": "Whose money", "cash_pence": "Cash (£)", "real_pence": "Real terms (£)", "scope": "Scope", "basis": "Basis",
    "people": "Different people", "spend_pence": "Spend, cash (£)", "estimate": "Change", "claim": "Claim", "started": "Places that started",
    "not_started": "Places that had not", "withheld": "Why it may not be told", "periods_since": "Years since the start", "arm": "Where",
    "gate": "Check", "passed": "Passed", "says": "What was found", "more_people": "More people", "more_lower": "More people, lower limit",
    "more_upper": "More people, upper limit", "cost_more_pence": "Cost more in the year (£)", "cost_more_lower_pence": "Cost more, lower limit (£)",
    "cost_more_upper_pence": "Cost more, upper limit (£)", "cost_each_pence": "Cost for each more person (£)", "cost_each_lower_pence": "Cost for each, lower limit (£)",
    "cost_each_upper_pence": "Cost for each, upper limit (£)", "worth_pence": "Worth of each more person (£)",
    "benefit_pence": "Worth less the whole cost (£)", "chance": "Chance that it is worth it (%)", "shared_cost": "One cost for several",
    "spend_a_person_pence": "Spend a person (£)", "this_one": "This council", "step": "Step", "number": "Number",
    **{one: f"Different {one}" for one in ("agreements", "applications", "organisations", "payees", "providers")},
}  # fmt: skip
NOT_SHOWN = ("status", "hidden", "noise")
ENDINGS = ("old", "new", "was", "x", "y")
"""What stands after the name of a column of ours, set beside another of the same name."""
KEPT = ("value", "estimate")
BESIDE_VALUE = ("lower", "upper", "unknown")
"""A figure that is missing in every row is said so; that these are missing with it says nothing more."""
LOST = (
    "this {what} no longer says which released figures it rests on: write cm.show(…, data=…) with the frame of a study that it was worked "
    "out from, such as data=study.outcomes()"
)
DPI = 144
kept: dict[str, str] = {}
"""What was shown in this session: anchor → kind. A report that closes declares it, so that a lost figure is missed."""


def show(
    thing: Any, *, title: str, alt: str, data: Any = None, caption: str = "", source: str | None = None, id: str = ""
) -> None:
    """Show a frame, a matplotlib figure or axes, or a finding: in JupyterLab at once, and on the page of a report.

    thing     a frame of a study, or what was made of one; a matplotlib Figure or Axes; a Finding or any other display object
    title     what it shows, in a few words
    alt       a sentence for those who do not see it; of a frame it is the caption where none is given
    data      the frame behind a figure that `cm.charts` did not draw, or behind a frame that lost its provenance
    caption   what a reader needs to read it
    source    who published the figures; from the data where it is None
    id        what a link to it ends in; made of the title where it is empty, so give one where the title holds figures

    On the page it stands with its caption, source, data table, CSV and link. A number in title, alt or caption must be in the data.
    Raises NotReleased, in one sentence that says what to write, where nothing says that the figures were released; ValueError for
    words that are missing or wrong; UsageError for a thing that cannot be shown.

        cm.show(study.outcomes(periods="latest"), title="Outcomes", alt="A table of each outcome in the latest year.")
    """
    from IPython.display import display

    made = shown(thing, title=title, alt=alt, data=data, caption=caption, source=source, id=id)
    if (drawn := _figure(thing)) is not None and (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close(drawn)  # else the notebook shows the bare picture once more, below ours
    kept[made.id] = made.kind
    display(made)


def shown(
    thing: Any, *, title: str, alt: str, data: Any = None, caption: str = "", source: str | None = None, id: str = ""
) -> Display:
    """The display object of `show`: same parameters, and nothing is displayed yet."""
    if isinstance(thing, Display):
        return thing
    if (drawn := _figure(thing)) is not None:
        return _picture(drawn, data, title, alt, caption, source, id)
    if not isinstance(thing, pd.DataFrame) and hasattr(thing, "tidy"):
        thing = thing.tidy()
    if isinstance(thing, pd.Series):
        thing = thing.to_frame()
    if not isinstance(thing, pd.DataFrame):
        raise UsageError(
            f"show: {type(thing).__name__} cannot be shown; give a frame of a study, a matplotlib figure or axes, or a finding"
        )
    frame = _released(thing, data, "frame")
    if frame.empty:
        return _empty(frame, title)
    if not (alt or caption).strip():
        raise ValueError(f"table {title!r}: write in `alt` a sentence that says what it holds")
    return Table(title=title, id=id or None, **_common(frame, caption or alt, source))


def _figure(thing: Any) -> Figure | None:
    """The matplotlib figure that was given, or of which a part was; None of anything else, without loading matplotlib."""
    module = type(thing).__module__ or ""
    bases = {f"{one.__module__}.{one.__name__}" for one in type(thing).__mro__}
    if "matplotlib.artist.Artist" in bases or (module.startswith("matplotlib") and hasattr(thing, "get_figure")):
        return thing.get_figure(root=True)
    return None


def _released(thing: Any, data: Any, what: str) -> Frame:
    """The frame with its provenance: its own, or that of `data`, in which then every word of it has to stand. Raises NotReleased where
    neither is known."""
    thing = thing.to_frame() if isinstance(thing, pd.Series) else thing
    if getattr(thing, "provenance", None) is not None:
        return thing
    behind = getattr(data, "provenance", None)
    if behind is None or not isinstance(thing, pd.DataFrame):
        raise NotReleased(LOST.format(what=what))
    found = Frame(thing)
    found.provenance = behind
    flat, parts = traced.flattened(found, behind.made)
    strange = traced.trace(flat, parts, behind.made).strange
    if strange.count(True):
        raise NotReleased(
            f"column {flat.columns[strange.index(True)]!r} holds words that stand nowhere in `data`, which nothing says were released: "
            "leave it out, or assign it to a frame of the study, and the page says that it is yours"
        )
    return found


def _empty(frame: Frame, title: str) -> Display:
    from commissioning.presentation.sections import Note

    why = frame.why or "There are no rows."
    return Note(f"{title}: {why[:1].lower() + why[1:] if why[:2].istitle() else why}")


def _label(parts: tuple[str, ...], says: str) -> str:
    """The words over a column, of all that its name is made of."""
    return ", ".join(_word(one, says) for one in parts)


def _word(name: str, says: str) -> str:
    counted = re.search(r"different (\w+) in each group", says)
    if name == "number" and counted:
        return f"Different {counted[1]}"
    stem, _, ending = name.rpartition("_")
    if ending in ENDINGS and stem:
        of, pounds, _ = _word(stem, says).partition(" (£)")
        return f"{of}, {ending}{pounds}"
    words = name.removesuffix("_pence").replace("_", " ").strip()
    pounds = " (£)" if name.endswith("_pence") else ""
    return LABELS.get(name) or words[:1].upper() + words[1:] + pounds


def _is_pence(name: str) -> bool:
    return name.endswith(("_pence", *(f"_pence_{one}" for one in ENDINGS)))


def _common(frame: Frame, caption: str, source: str | None, drawn: bool = False) -> dict[str, Any]:
    """What a table and a picture have alike: data, columns, caption, source, where they lead to, and the numbers that stand in names.

    The caption says what a reader must know: which figures are the analyst's own, and what is not agreed."""
    of = frame.provenance
    assert of is not None
    flat, parts = traced.flattened(frame, of.made)
    found = traced.trace(flat, parts, of.made)
    own = {name: mine or name in of.worked_out for name, mine in zip(flat.columns, found.own, strict=True)}
    shown = _plain(flat, of, found)
    made = _columns(shown, dict(zip(flat.columns, parts, strict=True)), own, of)
    theirs = [one.label for one in made.values() if one.own]
    said = [caption.strip(), *of.whole, f"Worked out by the analyst: {', '.join(theirs)}." if theirs else ""]
    said += [
        "Drawn by the analyst." if drawn else "",
        "" if of.agreed and not found.tried else "Not agreed: an analyst's own try.",
    ]
    source = source or of.source or of.says
    return {
        "data": Computed(frame=shown, of=(frame,), how=of.says),
        "columns": made,
        "caption": " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in said if one),
        "source": source,
        "measures": _measures(frame, of),
        "sources": of.extracts,
        "declared": (*(title for _, title in of.titles), source, of.says),
    }


def _measures(frame: Frame, of: Provenance) -> tuple[str, ...]:
    """The measures that the frame still shows; all that it rests on where no column names them."""
    if "measure" not in frame.columns:
        return of.measures
    named = set(frame["measure"].astype(str))
    return tuple(one for one in of.measures if one in named) or of.measures


def _plain(flat: pd.DataFrame, of: Provenance, found: traced.Trace) -> pd.DataFrame:
    """As a page shows it: words where a number is missing, measures by their titles, nothing of the program. Raises UsageError for a
    frame that lies on its side, and for cells that hold several things."""
    names = {name for source in of.made for name in source.numbers}
    titles, made = dict(of.titles), {}
    sideways = [{str(one) for one in row} & names for row in flat.itertuples(index=False)]
    for place, name in enumerate(flat.columns):
        cells = list(flat.iloc[:, place])
        if any(isinstance(one, (list, tuple, dict, set)) for one in cells):
            raise UsageError(
                f"column {name!r} holds several things in a cell: give each a row of its own with frame.explode({name!r})"
            )
        counts = any(traced.is_number(one) for one in cells)
        if counts and all(sideways) and any(isinstance(one, str) for one in cells) and name not in names:
            raise UsageError(
                f"the rows of column {name!r} are of different kinds: the frame lies on its side, so show frame.T"
            )
        pence = [not _is_pence(name) and any(map(_is_pence, row)) for row in sideways]
        cells = [
            float(one) / 100 if p and traced.is_number(one) else _readable(one)
            for one, p in zip(cells, pence, strict=True)
        ]
        if counts or all(map(missing, cells)):
            cells = [found.instead.get((row, place)) or one for row, one in enumerate(cells)]
        elif name not in names and all(str(one) in names for one in cells):
            cells = [_word(str(one), of.says) for one in cells]
        else:
            cells = [titles.get(one, one) if isinstance(one, str) else one for one in cells]
        made[name] = pd.Series(cells, dtype=object) if counts else pd.Series(cells)
    out = pd.DataFrame(made)
    if "measure" in out and "title" in out:
        out = out.drop(columns="measure")
    if "group" in out and out["group"].astype(str).eq("all").all():
        out = out.drop(columns="group")
    return out


def _readable(cell: Any) -> Any:
    """Days, ranges and fractions as a page writes them."""
    if isinstance(cell, pd.Interval):
        ends = [f"{one:,g}" if traced.is_number(one) else str(_readable(one)) for one in (cell.left, cell.right)]
        return " to ".join(ends)
    if isinstance(cell, datetime.date) and not missing(cell):
        return f"{cell.day} {cell:%B %Y}" + (
            f", {cell:%H:%M}" if getattr(cell, "hour", 0) or getattr(cell, "minute", 0) else ""
        )
    return float(cell) if isinstance(cell, Fraction) else cell


def _columns(
    shown: pd.DataFrame, parts: dict[str, tuple[str, ...]], own: dict[str, bool], of: Provenance
) -> dict[str, Column]:
    made: dict[str, Column] = {}
    for name in shown.columns:
        cells = list(shown[name])
        if name in NOT_SHOWN or name.endswith(("_status", "_hidden")):
            continue
        counts = any(map(traced.is_number, cells))
        if (
            all(
                missing(one) or one == "" or (name in BESIDE_VALUE and one in (traced.MAYBE, traced.HIDDEN))
                for one in cells
            )
            and name not in KEPT
        ):
            continue
        label = _label(parts[name], of.says)
        label = (
            name if label in {one.label for one in made.values()} else label
        )  # an analyst's column may be called as one of ours
        kind: Kind | None = ("pence" if any(map(_is_pence, parts[name])) else "number") if counts else None
        made[name] = Column(name=name, label=label, kind=kind, missing=traced.LIMITS.get(name, ""), own=own[name])
    return made


# --- pictures


def _picture(figure: Figure, data: Any, title: str, alt: str, caption: str, source: str | None, id: str) -> Display:
    from commissioning.charts import drawn, png_of, svg_of

    ours = drawn.as_drawn(figure)
    own = getattr(figure, "commissioning_data", None)
    behind = own if ours is not None or data is None else data
    if behind is None:
        raise NotReleased(
            "a picture comes with its figures: write cm.show(figure, …, data=…) with the frame of a study that it shows"
        )
    behind = _released(behind if isinstance(behind, pd.DataFrame) else pd.DataFrame(behind), data, "data")
    if behind.empty:
        return _empty(behind, title)
    others = [getattr(one, "provenance", None) for one in (ours or ([], []))[0]]
    if all(others):
        behind = behind.copy()
        behind.provenance = frames.joined([behind.provenance, *others])
    of = behind.provenance
    assert of is not None
    return Picture(
        svg=svg_of(figure, alt=alt, title=title),
        png=png_of(figure, DPI),
        title=title,
        alt=alt,
        id=id or None,
        says=tuple(ours[1] if ours is not None else drawn.words_in(figure)),
        **_common(behind, caption or f"From {of.says}", source, drawn=ours is None or not all(others)),
    )
