"""`cm.show`: a frame, a picture or a finding as a page shows it, from whatever cell it is called."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.errors import NotReleased, UsageError
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.picture import Picture
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.study import frames
from commissioning.study.frames import Frame, Provenance, Values

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABELS = {
    "title": "Measure", "what": "How it is worked out", "measure": "Measure", "period": "Period", "group": "Group", "council": "Council", "value": "Value", "lower": "Lower limit",
    "upper": "Upper limit", "numerator": "Number", "denominator": "Out of", "unknown": "Unknown", "unit": "Unit", "state": "State",
    "line": "Spend", "whose": "Whose money", "cash_pence": "Cash (£)", "real_pence": "Real terms (£)", "scope": "Scope", "basis": "Basis",
    "people": "Different people", "spend_pence": "Spend, cash (£)", "estimate": "Change", "claim": "Claim", "started": "Places that started",
    "not_started": "Places that had not", "withheld": "Why it is withheld", "periods_since": "Years since the start", "arm": "Where",
    "gate": "Check", "passed": "Passed", "says": "What was found", "more_people": "More people", "more_lower": "More people, lower limit",
    "more_upper": "More people, upper limit", "cost_more_pence": "Cost more in the year (£)", "cost_more_lower_pence": "Cost more, lower limit (£)",
    "cost_more_upper_pence": "Cost more, upper limit (£)", "cost_each_pence": "Cost for each more person (£)", "worth_pence": "Worth agreed for each (£)",
    "benefit_pence": "Worth less the whole cost (£)", "chance": "Chance that it is worth it (%)", "shared_cost": "One cost for several",
    "spend_a_person_pence": "Spend a person (£)", "this_one": "This council", "step": "Step", "number": "Number of rows",
}  # fmt: skip
NOT_SHOWN = ("status", "hidden", "number_hidden", "noise")
LIMITS = {"lower": "no range", "upper": "no range"}
LOST = (
    "this {what} no longer says which released figures it rests on: write cm.show(…, data=…) with the frame of a study that it was worked "
    "out from, such as data=study.outcomes()"
)
DPI = 144
kept: dict[str, str] = {}
"""What was shown in this session: anchor → kind. A report that closes declares it, so that a lost figure is missed."""


def show(thing: Any, *, title: str, alt: str, data: Any = None, caption: str = "", source: str | None = None) -> None:
    """Show a frame, a matplotlib figure or axes, or a finding: in JupyterLab at once, and on the page of a report.

    thing     a frame of a study, or what was made of one; a matplotlib Figure or Axes; a Finding or any other display object
    title     what it shows, in a few words
    alt       a sentence for those who do not see it; of a frame it is the caption where none is given
    data      the frame behind a figure that `cm.charts` did not draw, or behind a frame that lost its provenance
    caption   what a reader needs to read it
    source    who published the figures; from the data where it is None

    On the page it stands with its caption, source, data table, CSV and link. A number in title, alt or caption must be in the data.
    Raises NotReleased, in one sentence that says what to write, where nothing says that the figures were released; ValueError for
    words that are missing or wrong; UsageError for a thing that cannot be shown.

        cm.show(study.outcomes(periods="latest"), title="Outcomes", alt="A table of each outcome in the latest year.")
    """
    from IPython.display import display

    made = shown(thing, title=title, alt=alt, data=data, caption=caption, source=source)
    if (drawn := _figure(thing)) is not None and (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close(drawn)  # else the notebook shows the bare picture once more, below ours
    kept[made.id] = made.kind
    display(made)


def shown(
    thing: Any, *, title: str, alt: str, data: Any = None, caption: str = "", source: str | None = None
) -> Display:
    """The display object of `show`: same parameters, and nothing is displayed yet."""
    if isinstance(thing, Display):
        return thing
    if (drawn := _figure(thing)) is not None:
        behind = data if data is not None else getattr(drawn, "commissioning_data", None)
        if behind is None:
            raise NotReleased(
                "a picture comes with its figures: write cm.show(figure, …, data=…) with the frame of a study that it shows"
            )
        behind = _released(behind, None, "data")
        return _empty(behind, title) if behind.empty else _picture(drawn, behind, title, alt, caption, source)
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
    return Table(_computed(frame), title=title, caption=_caption(frame, caption or alt), **_common(frame, source))


def _figure(thing: Any) -> Figure | None:
    """The matplotlib figure that was given, or whose axes were; None of anything else, without loading matplotlib."""
    module = type(thing).__module__ or ""
    bases = {f"{one.__module__}.{one.__name__}" for one in type(thing).__mro__}
    if "matplotlib.figure.FigureBase" in bases:
        return thing
    if "matplotlib.axes._base._AxesBase" in bases or (module.startswith("matplotlib") and hasattr(thing, "get_figure")):
        return thing.get_figure()
    return None


def _released(thing: Any, data: Any, what: str) -> Frame:
    """The frame with its provenance: its own, or that of `data`. Raises NotReleased where neither is known."""
    thing = thing.to_frame() if isinstance(thing, Values) else thing
    own = getattr(thing, "provenance", None)
    if own is None:
        behind = getattr(data, "provenance", None)
        if behind is None or not isinstance(thing, pd.DataFrame):
            raise NotReleased(LOST.format(what=what))
        thing = Frame(thing)
        thing.provenance = behind
    return thing


def _empty(frame: Frame, title: str) -> Display:
    from commissioning.presentation.sections import Note

    why = frame.why or "There are no rows."
    return Note(f"{title}: {why[:1].lower() + why[1:] if why[:2].istitle() else why}")


def _caption(frame: Frame, caption: str) -> str:
    """The caption, with what a reader must know of the figures: which are the analyst's own, and what is not agreed."""
    of = frame.provenance
    assert of is not None
    said = [caption.strip()]
    own = [_label(one) for one in frames.analysts_own(frame)]
    if own:
        said.append(f"Worked out by the analyst: {', '.join(own)}.")
    if not of.agreed:
        said.append("Not agreed: an analyst's own try.")
    return " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in said if one)


def _from(frame: Frame) -> str:
    """What a picture without a caption is from."""
    of = frame.provenance
    assert of is not None
    return f"From {of.says}"


def _label(name: str) -> str:
    words = name.removesuffix("_pence").replace("_", " ").strip()
    return LABELS.get(name) or words[:1].upper() + words[1:]


def _common(frame: Frame, source: str | None) -> dict[str, Any]:
    """What a table and a picture have alike: columns, source, where they lead to, and the numbers that stand in names."""
    of = frame.provenance
    assert of is not None
    made = _columns(_plain(frame))
    measures = _measures(frame, of)
    said = source or of.source or of.says
    return {
        "columns": made,
        "source": said,
        "measures": measures,
        "sources": of.extracts,
        "declared": (*(title for _, title in of.titles), said, of.says),
    }


def _measures(frame: Frame, of: Provenance) -> tuple[str, ...]:
    """The measures that the frame still shows; all that it rests on where no column names them."""
    if "measure" not in frame.columns:
        return of.measures
    named = set(frame["measure"].astype(str))
    return tuple(one for one in of.measures if one in named) or of.measures


def _plain(frame: Frame) -> pd.DataFrame:
    """As a page shows it: an index with names as columns, measures by their titles, nothing of the program."""
    of = frame.provenance
    assert of is not None
    out = pd.DataFrame(frame)
    if any(name is not None for name in out.index.names):
        out = out.reset_index()
    out.columns = [" ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in out.columns]
    if "measure" in out:
        titles = dict(of.titles)
        out = (
            out.drop(columns="measure")
            if "title" in out
            else out.assign(measure=out["measure"].map(lambda one: titles.get(one, one)))
        )
    if "group" in out and out["group"].astype(str).eq("all").all():
        out = out.drop(columns="group")
    return out


def _computed(frame: Frame) -> Computed:
    of = frame.provenance
    assert of is not None
    return Computed(frame=_plain(frame), of=(frame,), how=of.says)


def _columns(plain: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {}
    taken: set[str] = set()
    for name in plain.columns:
        if name in NOT_SHOWN or name.endswith(("_status", "_hidden")):
            continue
        if plain[name].isna().all() and name not in ("value", "estimate"):
            continue
        label = _label(name)
        label = name if label in taken else label  # an analyst's column may be called as one of ours
        taken.add(label)
        found[name] = Column(name=name, label=label, missing=LIMITS.get(name, ""))
    return found


# --- pictures


def _picture(figure: Figure, data: Frame, title: str, alt: str, caption: str, source: str | None) -> Picture:
    from commissioning.charts import png_of, svg_of

    ours = getattr(figure, "commissioning_data", None) is not None
    return Picture(
        _computed(data),
        svg=svg_of(figure, alt=alt, title=title),
        png=png_of(figure, DPI),
        title=title,
        alt=alt,
        caption=_caption(data, caption or _from(data)),
        says=() if ours else _written(figure),
        **_common(data, source),
    )


def _written(figure: Figure) -> tuple[str, ...]:
    """What was written into a figure by hand: its titles and notes, and not the marks of its axes."""
    found = [figure.get_suptitle(), *(one.get_text() for one in figure.texts)]
    for axes in figure.axes:
        found += [
            axes.get_title(),
            axes.get_title("left"),
            axes.get_title("right"),
            axes.get_xlabel(),
            axes.get_ylabel(),
        ]
        found += [one.get_text() for one in axes.texts]
    return tuple(one for one in found if one)
