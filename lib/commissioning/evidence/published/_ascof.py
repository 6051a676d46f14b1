"""What the two published shapes of ASCOF share: one figure a row, gathered into indicators.

Source: NHS Digital, *Measures from the Adult Social Care Outcomes Framework, England*, the
open-data files of 2014-15 to 2018-19 and of 2020-21. A row holds one of numerator,
denominator, outcome, base or margin of error for one area, year, measure and breakdown.
"""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.contracts import Column, Status

PARTS = {
    "numerator": "numerator",
    "denominator": "denominator",
    "outcome": "value",
    "base": "base",
    "margin of error": "margin_of_error",
}
MARKS: dict[str, Status] = {
    "": "unknown", "x": "unknown", "[x]": "unknown", ":": "unknown",
    "c": "suppressed", "[c]": "suppressed", "*": "suppressed",
    "z": "not applicable", "[z]": "not applicable",
}  # fmt: skip
LEVELS = ("council", "region", "england", "council type")
KEYS = ["area_code", "area", "area_kind", "cassr_code", "year", "code", "disaggregation", "published_code"]


def columns(ons_header: str, dotted: bool) -> tuple[Column, ...]:
    """The columns that both shapes hold, under the headers of one of them."""

    def header(words: str) -> str:
        return words.replace(" ", ".") if dotted else words

    return (
        Column(name="cassr_code", holds="text", header=header("Geographical Code"), says="the area's own code"),
        Column(name="area", holds="text", header=header("Geographical Description"), says="the area's name"),
        Column(
            name="area_kind", holds="category", header=header("Geographical Level"), says="council, region, …",
            categories={level: level for level in LEVELS},
        ),
        Column(
            name="area_code", holds="text", header=header(ons_header), says="the ONS code, blank for council types",
            missing={"": "not applicable", "0": "not applicable"}, pattern=r"[EWSN]\d{8}",
        ),
        Column(name="published_code", holds="text", header=header("ASCOF Measure Code"), says="1E, 1EF, …"),
        Column(
            name="disaggregation", holds="text", header=header("Disaggregation Level"), says="total, female, 18-64, …"
        ),
        Column(
            name="part", holds="category", header=header("Measure Type"), says="numerator, denominator, outcome, …",
            categories=PARTS,
        ),
        Column(
            name="figure", holds="number", header=header("Measure Value"), says="a number, or c, [c], [x]",
            missing=MARKS, with_status=True, lower=-1e12, upper=1e12,
        ),
        Column(name="code", holds="text", header=header("Measure Group"), says="1E, 1G, …"),
    )  # fmt: skip


def gather(frame: pd.DataFrame) -> pd.DataFrame:
    """Indicators: one row an area, year, measure and breakdown; keyed on code *and* year.

    Columns: area_code, area, area_kind, cassr_code, year, code (the measure group: 1E, 1G …),
    disaggregation, published_code; numerator, denominator, value (as published), base and
    margin_of_error, each with `_status`; source_row. A part that no row gives is `unknown`.
    """
    rows = frame.assign(
        area_code=frame["area_code"].astype(object).where(frame["area_code"].ne("not applicable"), None),
        disaggregation=frame["disaggregation"].str.casefold(),
        code=frame["code"].str.upper(),
        published_code=frame["published_code"].str.upper(),
    )
    grouped = rows.groupby(KEYS, dropna=False, sort=False)
    rows["_record"] = grouped.ngroup()
    first = rows.drop_duplicates("_record").set_index("_record")[KEYS]
    for part in PARTS.values():
        one = rows[rows["part"].eq(part)].drop_duplicates("_record").set_index("_record")
        first[part] = one["figure"].astype("Float64").reindex(first.index)
        first[f"{part}_status"] = one["figure_status"].astype(object).reindex(first.index).fillna("unknown")
    places: dict[int, str] = {}
    for record, place in zip(rows["_record"].tolist(), rows["source_row"].tolist(), strict=True):
        places[record] = f"{places[record]},{place}" if record in places else place
    first["source_row"] = pd.Series(places, dtype="str")
    return first.reset_index(drop=True)
