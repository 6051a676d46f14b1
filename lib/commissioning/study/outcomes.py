"""Outcomes as a reader needs them, worked out from released figures alone.

Every frame made here comes from a `Released` and is wrapped in `Computed`, so that a
display object can show it and nothing finer can be read off it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from commissioning.disclosure import Released
from commissioning.measures import Measure, derive
from commissioning.presentation import words
from commissioning.presentation.showable import Computed

LIMITS = ("value", "lower", "upper")
COUNTED = ("numerator", "denominator", "unknown")
STATUSES = tuple(f"{one}_status" for one in ("numerator", "denominator", "unknown", "value", "lower", "upper"))
KNOWN, HIDDEN, UNKNOWN, NONE = "known", "hidden", "not known", "none recorded"
"""What a number's status may say beside a released figure's own words; a known one prints the number."""
NO_RECORD = "no record in "
QUARTER = " Q"


def is_quarter(period: str) -> bool:
    """True for "2014-15 Q2", False for "2014-15"."""
    return QUARTER in period


def quarterly(periods: pd.Series) -> pd.Series:
    """True for each period that is a quarter; also of an empty column."""
    return periods.astype(str).str.contains(QUARTER, regex=False).astype(bool)


def latest_year(released: Released) -> str:
    """The last financial year of which the area's own figures speak; "" where there is none."""
    figures = released.figures
    years = sorted({one for one in figures["period"].astype(str).unique() if not is_quarter(one)})
    return years[-1] if years else ""


def scaled(figures: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """The same rows with value and limits multiplied by each measure's `per` (100 for per cent).

    A public figure's value came through unchanged and is in its unit already; its limits are shares.
    """
    codes, ids = pd.factorize(figures["measure"])
    per = np.array([*(float(measures[one].per) if one in measures else 1.0 for one in ids), 1.0])[codes]
    of_value = np.where(figures["public"].to_numpy(dtype=bool), 1.0, per)
    out = figures.copy()
    for column in LIMITS:
        number = pd.to_numeric(out[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        out[column] = number * (of_value if column == "value" else per)
    if "was" in out:  # of a plain count it is a count, in the unit that people read already
        counts = pd.to_numeric(figures["value"], errors="coerce").isna().to_numpy()
        out["was"] = out["was"].to_numpy(dtype=float) * np.where(counts, 1.0, of_value)
    return out


def main_rows(released: Released, group_kind: str = "all", group: str | None = None) -> pd.DataFrame:
    """Rows of one group: the whole area, or the group that the report's level names."""
    figures = released.figures
    rows = figures[figures["group_kind"] == group_kind]
    return rows[rows["group"] == group] if group is not None else rows


def of_kind(measures: Mapping[str, Measure], *words: str) -> dict[str, Measure]:
    """Measures of the kinds named: outcome, output, input, process. Negative controls are left out."""
    return {key: one for key, one in measures.items() if one.kind.word in words and not one.is_control}


def negative_controls(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """Measures that the pilot cannot move, kept to see how often the method is misled."""
    return {key: one for key, one in measures.items() if one.is_control}


def is_its_own_value(measure: Measure) -> bool:
    """True for a sum, and for a count of everybody who counts: it is out of nothing."""
    return measure.out_of is None and (measure.amount is not None or measure.unit == "people")


def is_share(measure: Measure) -> bool:
    """True where the numerator is a part of the denominator, so that "N of M, which is X%" may be said."""
    return measure.per == 100 and measure.unit.startswith("%")


def whole_label(measures: Iterable[Measure]) -> str:
    """What the denominators of a table are called: "Out of" only where each is a whole that the number is a part of."""
    alike = all(is_share(one) or is_its_own_value(one) or not one.unit for one in measures)
    return "Out of" if alike else "Out of, or set beside"


def table(
    released: Released,
    measures: Mapping[str, Measure],
    period: str,
    *,
    group_kind: str = "all",
    group: str | None = None,
    area: str | None = None,
) -> Computed:
    """One row a measure in one period: what, number, out of, value, limits, unit, unknown, note.

    A measure without a row is shown as "no extract", never as zero. A sum of counts has no value besides its number, and no
    range; what is hidden is not unknown: `<column>_status` says so.
    """
    figures = released.figures
    here = (figures["group_kind"] == group_kind) & (figures["period"] == period)
    rows = figures[here if group is None else here & (figures["group"] == group)]
    rows = with_statuses(scaled(rows, measures), measures)
    if area:
        rows = rows[rows["area"] == area]
    rows = rows.drop_duplicates("measure").set_index("measure")
    out = []
    for key, measure in measures.items():
        line: dict[str, object] = {"what": measure.title, "unit": measure.unit}
        if key in rows.index:
            row = rows.loc[key]
            line |= {one: row[one] for one in (*COUNTED, *LIMITS)} | {one: row[one] for one in STATUSES}
            line["note"] = note(row)
            if measure.unit.startswith("pence"):  # people read pounds
                line |= {one: pd.to_numeric(line[one], errors="coerce") / 100 for one in ("numerator", *LIMITS)}
                line["unit"] = measure.unit.replace("pence", "£", 1)
        else:
            held = figures[figures["measure"] == key]
            why = line["note"] = _why_no_row(held, measure, group_kind, period)
            if why.startswith(NO_RECORD):
                line |= dict.fromkeys(STATUSES, NONE)
        out.append(line)
    columns = ["what", "numerator", "denominator", *LIMITS, "unit", "unknown", "note"]
    said = [one for one in STATUSES if any(one in line for line in out)]
    frame = pd.DataFrame(out).reindex(columns=[*columns, *said])
    frame[said] = frame[said].astype(object).fillna(KNOWN)
    for column in (*COUNTED, *LIMITS):
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    return Computed(frame=frame, of=(released,), how="released figures of one period, times the measure's unit")


def with_statuses(rows: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Released figures with `<column>_status` for each number: known, hidden, unknown, not applicable, no range …

    Hidden (to keep people safe), not known (somebody should know, and the extract does not say) and none recorded (there is no
    row to count) are three words, and each number has its own: a denominator may be shown where its numerator is hidden.
    """
    out = rows.copy()
    none = pd.to_numeric(out["unknown"], errors="coerce").eq(0) & ~pd.to_numeric(
        out["denominator"], errors="coerce"
    ).gt(0)
    withheld = out["hidden"].fillna(False).astype(bool) | out["denominator_hidden"].fillna(False).astype(bool)
    out.loc[out["status"].astype(str).eq("unknown") & none & ~withheld, "status"] = (
        NONE  # nobody's answer is missing either
    )
    for name in (*COUNTED, *LIMITS):
        out[f"{name}_status"] = pd.Series(KNOWN, index=out.index, dtype=object)
    missing = {name: pd.to_numeric(out[name], errors="coerce").isna() for name in (*COUNTED, *LIMITS)}
    status = out["status"].astype(str)
    for name in (*COUNTED, *LIMITS):
        column = f"{name}_status"
        out.loc[status.ne(KNOWN) & status.ne("unknown") & missing[name], column] = status
        out.loc[status.eq("unknown") & missing[name], column] = UNKNOWN
    hidden = out["hidden"].fillna(False).astype(bool)
    for name in ("numerator", *LIMITS):
        out.loc[hidden & missing[name], f"{name}_status"] = HIDDEN
    for name in ("denominator", "unknown"):
        flag = out[f"{name}_hidden"].fillna(False).astype(bool)
        out.loc[(flag | (hidden & out["denominator"].isna())) & missing[name], f"{name}_status"] = HIDDEN
    no_range = ~missing["value"] & missing["lower"]
    for name in ("lower", "upper"):
        out.loc[no_range, f"{name}_status"] = "no range"
    own = (
        out["measure"].map(lambda key: key in measures and is_its_own_value(measures[key])).astype(bool)
        & ~missing["numerator"]
    )
    # A sum is its own value: it has no whole that it is out of, and no range.
    out.loc[own, ["denominator", *LIMITS]] = np.nan
    out.loc[own, "value_status"] = "the number itself"
    out.loc[own, "denominator_status"] = "not applicable"
    out.loc[own, ["lower_status", "upper_status"]] = "no range"
    return out


def _why_no_row(held: pd.DataFrame, measure: Measure, group_kind: str, period: str) -> str:
    """Why a measure has no row here: it is not split so, it has no record in this period, or no extract holds it."""
    if not (held["group_kind"] == group_kind).any() and (held["period"] == period).any():
        return f"not known by {group_kind.replace('_', ' ')}: see the report of the whole area"
    if len(held):
        return f"{NO_RECORD}{period}"
    return f"no rows: needs the file {' and '.join(f'`{one}`' for one in derive.needs(measure.table))}"


def note(row: pd.Series) -> str:
    """Why a figure is missing, in words; empty where it is there."""
    if bool(row.get("hidden", False)):
        return f"hidden: {row.get('why_hidden') or 'small numbers'}"
    status = str(row.get("status", "known"))
    if status != KNOWN:
        return UNKNOWN if status == "unknown" else status
    if pd.isna(row["value"]) and row.get("value_status", KNOWN) in (KNOWN, UNKNOWN):
        return UNKNOWN
    return str(row.get("note") or "")


def trend(
    released: Released,
    measure: Measure,
    *,
    group_kind: str = "all",
    groups: Iterable[str] | None = None,
    quarters: bool = False,
    areas: Iterable[str] | None = None,
) -> Computed:
    """One measure over time, one row a period and group: period, group, numerator, denominator, value and limits."""
    figures = released.figures
    rows = figures[(figures["measure"] == measure.id) & (figures["group_kind"] == group_kind)]
    rows = rows[quarterly(rows["period"]) == quarters]
    if groups is not None:
        rows = rows[rows["group"].isin(list(groups))]
    if areas is not None:
        rows = rows[rows["area"].isin(list(areas))]
    rows = scaled(rows, {measure.id: measure}).sort_values(["period", "group"], kind="stable")
    keep = ["period", "area", "group", "numerator", "denominator", *LIMITS, "hidden", "why_hidden"]
    frame = rows.reindex(columns=keep).reset_index(drop=True)
    return Computed(frame=frame, of=(released,), how=f"released figures of {measure.title}, one row a period")


def sentence(measure: Measure, row: pd.Series, before: pd.Series | None = None) -> str:
    """One plain sentence for one released figure, with its range, beside the year it is compared with. The words are the measure's own."""
    if pd.isna(row["value"]):
        return f"{measure.title}, {row['period']}: {note(row) or UNKNOWN}."
    share = is_share(measure)
    unit = "%" if share else f" {measure.unit}"
    of = f"{row['numerator']:,.0f} of {row['denominator']:,.0f}; " if share else ""
    limits = "no range"
    if not pd.isna(row["lower"]):
        limits = f"range {words.number(row['lower'], 1)} to {words.number(row['upper'], 1)}"
    told = f"“{measure.title}” was {words.number(row['value'], 1)}{unit} in {row['period']} ({of}{limits})"
    if before is None:
        return f"{told}."
    return f"{told}. In {before['period']} it was {words.number(before['value'], 1)}{unit}."
