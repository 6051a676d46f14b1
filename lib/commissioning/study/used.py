"""Whether a figure rests on a file that was taken in. What is brought is used, or said not to be, by name.

The tables of a council's own extracts are read by measures and sections (a test looks for the reader of each). Of what others publish
a table may be read and this file of it not: it holds no row of the area, another measure, an older edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from commissioning.evidence.intake import Intake
from commissioning.evidence.published import ascfr, selections
from commissioning.measures import Measure, reading
from commissioning.pilot import Pilot
from commissioning.study import spend, spend_words

Rests = tuple[pd.Series, str]
"""True for each row on which a figure rests, and what to say where none of a file is."""


def not_used(
    intake: Intake, pilot: Pilot, area: str, measures: Mapping[str, Measure], known: Mapping[str, pd.DataFrame]
) -> dict[str, str]:
    """Each accepted file on which no figure of the pilot rests, with the reason.

    `known`: what the study tells apart of payments and grants: `payments`, `grants` and `other_grants`, where it holds them.
    """
    said: dict[str, str] = {}
    files = {one.file for one in intake.files if one.status == "accepted" and one.counted}
    for table, judge in _judges(pilot, area, measures, known).items():
        if table not in intake.tables or table not in pilot.tables:
            continue
        frame = intake.tables[table]
        rests, why = judge(frame)
        by_file = rests.astype(bool).groupby(frame["source_file"].astype(str)).any()
        said |= {str(file): why for file, some in by_file.items() if not some and file in files}
        if table == "payments" and pilot.support_reason:
            public = {one.file for one in intake.files if one.source.public}
            said |= {
                file: said[file] + _proposed(frame, file, pilot, file in public)
                for file in files & said.keys()
                if file in by_file.index
            }
        if table == "payments":
            ruled = {one.file for one in intake.files if one.source.cost_centres.get(pilot.name)}
            said |= {file: _why_no_cost_centre(frame, file) for file in ruled & said.keys()}
    return dict(sorted(said.items()))


def _proposed(payments: pd.DataFrame, file: str, pilot: Pilot, public: bool) -> str:
    """The line that a person may confirm, and what it leaves in doubt. What a payment was for is shown of a public file only."""
    rows = payments[payments["source_file"].astype(str) == file]
    rows = rows if public else rows.drop(columns=["purpose"], errors="ignore")
    found = spend_words.propose(rows, pilot.support_reason)
    line = spend_words.line_for(pilot.name, found)
    if not found:
        return (
            "; no cost centre, service or department in it is called so: this file cannot tell, and no total is given"
        )
    doubt = sum(not one.sure for one in found)
    words = f"; read this line, and write it in the file's [[source]] where it is right: {line}" if line else ""
    return words + (f"; {doubt} more may be, and a person must say (?)" if doubt else "")


def _why_no_cost_centre(payments: pd.DataFrame, file: str) -> str:
    """Why no payment of a file is a pilot's although `sources.toml` says how its cost centres begin."""
    rows = payments[payments["source_file"].astype(str) == file]
    held = "unit" in rows and rows["unit"].fillna("").astype(str).str.strip().replace("unknown", "").ne("").any()
    if held:
        return "no cost centre in it begins as cost_centres in sources.toml says: compare the words"
    return (
        "cost_centres is written for it in sources.toml, and it has no column of cost centres: call the column that names them "
        "“cost centre” or “unit”"
    )


def _judges(
    pilot: Pilot, area: str, measures: Mapping[str, Measure], known: Mapping[str, pd.DataFrame]
) -> dict[str, Callable[[pd.DataFrame], Rests]]:
    def of_area(frame: pd.DataFrame) -> Rests:
        return frame["area_code"].astype(str).eq(area), f"it holds no row of {area}"

    def indicators(frame: pd.DataFrame) -> Rests:
        mine = [one for one in measures.values() if one.table == "indicators"]
        counted = pd.Series(False, index=frame.index)
        for measure in mine:
            counted |= pd.Series(reading.read(measure, frame).part != reading.OUT, index=frame.index)
        if not counted.any():
            return counted, "it holds no measure that this service is judged by"
        return counted & frame["area_code"].astype(str).eq(
            area
        ), f"of the measures of this service it holds no row of {area}"

    def area_spend(frame: pd.DataFrame) -> Rests:
        mine = frame["area_code"].astype(str).eq(area)
        read = frame["publication"].astype(str).isin(selections.SPEND)
        if not (mine & read).any() and mine.any():
            return (
                mine & read,
                "no report reads unit costs or activity: spend is read from the expenditure of the same return",
            )
        return mine & read, f"it holds no spend of {area}, or none that a report reads"

    def deflators(frame: pd.DataFrame) -> Rests:
        newest = spend.newest_deflators(frame)["source_file"].iloc[0] if len(frame) else ""
        return frame["source_file"].eq(newest), f"{newest} is a later edition, and two are never mixed"

    def keys(frame: pd.DataFrame) -> Rests:
        held = "area_spend" in known and known["area_spend"]["publication"].astype(str).eq("ascfr").any()
        return pd.Series(held, index=frame.index), "it names codes of ASC-FR's finance file, which is not here"

    def payments(frame: pd.DataFrame) -> Rests:
        rows = known.get("payments", pd.DataFrame())
        mine = set(rows["source_file"].astype(str)) if len(rows) else set()
        return frame["source_file"].astype(str).isin(mine), (
            "its payments are of the whole council, and nothing says which of them are for this service: write cost_centres for it in "
            "sources.toml (or payment_units in pilot.toml), or bring the register of grants"
        )

    def grants(frame: pd.DataFrame) -> Rests:
        several = [known[name] for name in ("grants", "other_grants") if name in known]
        mine = {file for one in several for file in one["source_file"].astype(str)}
        return frame["source_file"].astype(str).isin(
            mine
        ), f"no grant in it is the council's own, or known by its codes to be in {area}"

    return {
        "indicators": indicators,
        "area_spend": area_spend,
        "deflators": deflators,
        "ascfr_keys": keys,
        "neighbours": of_area,
        "area_population": of_area,
        "deprivation": of_area,
        "payments": payments,
        "grants": grants,
    }


def labels_agree(tables: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The tables, without ASC-FR's spend where the file of labels that came with it gives a code another meaning; and what was found.

    The words of a file are believed over its codes: what they name otherwise is no longer the spend that its code stands for here.
    """
    if "ascfr_keys" not in tables or "area_spend" not in tables:
        return tables, []
    other = ascfr.other_meanings(tables["ascfr_keys"])
    if not other:
        return tables, []
    spent = tables["area_spend"]
    return tables | {"area_spend": spent[spent["publication"].astype(str) != "ascfr"].reset_index(drop=True)}, [
        f"ASC-FR's own labels name its codes otherwise than they are known here ({'; '.join(other)}): its spend is left out"
    ]
