"""What the two published shapes of ASCOF share: one figure a row, gathered into indicators.

The words in which a file says what a measure is are believed over its code: codes were given new meanings in April 2023 (1E became
what carers say), and a publisher may use one twice. Where a file holds no words, its code means what it meant before April 2023,
and nothing after it.

Source: NHS Digital, *Measures from the Adult Social Care Outcomes Framework, England*, the
open-data files of 2014-15 to 2018-19 and of 2020-21. A row holds one of numerator,
denominator, outcome, base or margin of error for one area, year, measure and breakdown.
"""

from __future__ import annotations

import re

import pandas as pd

from commissioning.evidence.loaded import Refused

LEARNING_DISABILITY = re.compile(r"learning disabilit", re.IGNORECASE)
MEANINGS = {
    "1E": (
        "adults with a learning disability in paid work",
        re.compile(r"paid (?:employment|work|job)|in employment", re.IGNORECASE),
    ),
    "1G": (
        "adults with a learning disability in their own home or with family",
        re.compile(r"own home|home or with|with (?:their )?famil|settled accommodation", re.IGNORECASE),
    ),
}
"""What the codes that a pilot reads meant before April 2023, and how words say so."""
RECODED = "2023-24"
BY_WORDS = "{code} by its own words"
"""The code of a measure that its words name in a year in which the code alone no longer means it."""

PARTS = {
    "numerator": "numerator",
    "denominator": "denominator",
    "outcome": "value",
    "base": "base",
    "margin of error": "margin_of_error",
}
KEYS = ["area_code", "area", "area_kind", "cassr_code", "year", "code", "disaggregation", "published_code"]


def believe_words(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The same rows under the code that their words give them, and notes naming each code whose words say something else.

    `frame`: code, year, and `measure` where the file holds words. A code that a pilot reads and whose words are of another measure
    becomes "1E: <words>", which nothing reads.
    """
    said = frame["measure"] if "measure" in frame else pd.Series(pd.NA, index=frame.index, dtype=object)
    said = said.astype(object).where(said.notna() & ~said.isin(["unknown", ""]), None)
    codes = frame["code"].str.upper()
    kinds = pd.DataFrame({"code": codes, "words": said, "year": frame["year"].astype(str)})
    notes: list[str] = []
    meant: dict[tuple[str, str | None, str], str] = {}
    for code, words, year in kinds.drop_duplicates().itertuples(index=False):
        words = words if isinstance(words, str) else None
        meant[code, words, year] = _meant(code, words, year, notes)
    found = [
        meant[code, words if isinstance(words, str) else None, year]
        for code, words, year in kinds.itertuples(index=False)
    ]
    return frame.assign(code=pd.Series(found, index=frame.index, dtype="str")), tuple(dict.fromkeys(notes))


def _meant(code: str, words: str | None, year: str, notes: list[str]) -> str:
    """The code under which a measure is kept."""
    if words is None:
        if code in MEANINGS and year >= RECODED:
            notes.append(
                f"{code} of {year} is left aside: codes were given new meanings from April 2023, and no words here say what it is."
            )
            return f"{code}: no words, {year}"
        return code
    of = next((one for one, (_, how) in MEANINGS.items() if _says(words, how)), None)
    if of is None:
        if code in MEANINGS:
            notes.append(f"{code} says “{words[:120]}” here: another measure than {MEANINGS[code][0]}, left aside.")
            return f"{code}: {words}"
        return code
    if code != of:
        notes.append(f"“{words[:120]}” stands under {code} here: read as what its words say ({of} before April 2023).")
    return of if year < RECODED else BY_WORDS.format(code=of)


def _says(words: str, how: re.Pattern[str]) -> bool:
    return bool(LEARNING_DISABILITY.search(words) and how.search(words)) and "carer" not in words.casefold()


def parts_within_wholes(indicators: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The same indicators without the figures of a share that is none (500 of 400, 125%), and notes naming each.

    Only the measures that a pilot reads are shares of people for certain: elsewhere a numerator may be a sum of scores.
    """
    names = ("numerator", "denominator", "value")
    share = indicators["code"].isin({*MEANINGS, *(BY_WORDS.format(code=code) for code in MEANINGS)})
    top, under, value = (indicators[name] for name in names)
    odd = (top.gt(under) | top.lt(0) | under.lt(0) | value.lt(0) | value.gt(100)).fillna(False).astype(bool) & share
    notes = tuple(
        f"{row['code']} ({row['disaggregation']}) of {row['area']} in {row['year']} is no share of people: its part is more than its whole, "
        f"or less than nothing (rows {row['source_row']}): its figures are left out; ask its publisher."
        for _, row in indicators[odd].head(20).iterrows()
    )
    if odd.any():
        kept = indicators.copy()
        for name in names:
            kept.loc[odd, name] = pd.NA
            kept.loc[odd, f"{name}_status"] = "unknown"
        indicators = kept
    return indicators, notes


def gather(frame: pd.DataFrame) -> pd.DataFrame:
    """Indicators: one row an area, year, measure and breakdown; keyed on code *and* year.

    Columns: area_code, area, area_kind, cassr_code, year, code (the measure group: 1E, 1G …),
    disaggregation, published_code; numerator, denominator, value (as published), base and
    margin_of_error, each with `_status`; source_row. A part that no row gives is `unknown`.
    """
    rows = frame.assign(
        area_code=frame["area_code"].astype(object).where(frame["area_code"].ne("not applicable"), None),
        disaggregation=frame["disaggregation"].str.casefold(),
        published_code=frame["published_code"].str.upper(),
    )
    again = rows.duplicated([*KEYS, "part"], keep=False)
    if again.any():
        first = rows[again].iloc[0]
        raise Refused(
            f"the measure {first['code']} stands twice for {first['area']} in {first['year']}, in other words: keep one of its wordings "
            f"(rows {', '.join(rows.loc[again, 'source_row'].head(4))})",
            code="one measure in two wordings",
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
