"""One published outcome of this council beside others', with what they spend on a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from commissioning.errors import UsageError
from commissioning.evidence.published import selections
from commissioning.study import frames, outcomes, sources
from commissioning.study.frames import Frame, Provenance

if TYPE_CHECKING:
    from commissioning.measures import Measure
    from commissioning.pilot import Pilot
    from commissioning.study.opened import Study
    from commissioning.study.prepared import Prepared

COLUMNS = ("council", "period", "value", "people", "spend_a_person_pence", "this_one")
ENGLAND = "E92000001"
COUNCILS = ("E06", "E07", "E08", "E09", "E10")  # kinds of council in the codes of the Office for National Statistics
WITH = ("neighbours", "all")


def compare(study: Study, outcome: str, with_: str = "neighbours") -> Frame:
    """See `Study.compare`."""
    if with_ not in WITH:
        raise UsageError(f"with_={with_!r}: write {' or '.join(repr(one) for one in WITH)}")
    measure = study.measure_called(outcome)
    rows = study.prepared.released.figures
    rows = outcomes.scaled(rows[rows["measure"].eq(outcome)], {outcome: measure})
    rows = rows[~outcomes.quarterly(rows["period"]) & rows["value"].notna()]
    others = rows[rows["group_kind"].eq("area_code")]
    near = neighbours(study.prepared)
    why = _why_not(study, measure, others, near, with_)
    if why:
        return frames.made(pd.DataFrame(columns=list(COLUMNS)), _provenance(study, measure), why)
    kept = others["group"].isin([*near, ENGLAND]) if with_ == "neighbours" else _is_shown(others["group"])
    mine = rows[rows["group_kind"].eq("all")].assign(group=study.area)
    found = pd.concat([mine, others[kept & others["group"].ne(study.area)]])
    names = _names(study.prepared, study.settings)
    made = pd.DataFrame({
        "council": found["group"].map(lambda code: names.get(code, code)),
        "period": found["period"].astype(str),
        "value": found["value"],
        "people": found["denominator"],
        "spend_a_person_pence": _spend_a_person(study.prepared, study.settings, found),
        "this_one": found["group"].eq(study.area),
    })  # fmt: skip
    made = made.sort_values(["period", "this_one", "council"], ascending=[True, False, True], kind="stable")
    return frames.made(made, _provenance(study, measure))


def _is_shown(codes: pd.Series) -> pd.Series:
    return codes.astype(str).str[:3].isin(COUNCILS) | codes.eq(ENGLAND)


def neighbours(study: Prepared) -> list[str]:
    """Codes of the statistical neighbours of the study's area, as its list ranks them."""
    table = study.published("neighbours")
    if table.empty:
        return []
    mine = table[table["area_code"].eq(study.area) & table["neighbour_code"].ne(study.area)]
    return list(mine.sort_values("rank", kind="stable")["neighbour_code"].astype(str))


def nearest(study: Prepared, pilot: Pilot, measure: Measure, year: str) -> list[tuple[str, float]]:
    """Name and value of each neighbour that published an outcome for a year, the nearest first."""
    rows = study.released.figures
    rows = outcomes.scaled(rows[rows["measure"].eq(measure.id) & rows["period"].eq(year)], {measure.id: measure})
    held = rows[rows["value"].notna()].drop_duplicates("group").set_index("group")["value"]
    names = _names(study, pilot)
    return [(str(names.get(one, one)), float(held[one])) for one in neighbours(study) if one in held.index]


def latest_spend_a_person(
    study: Prepared, pilot: Pilot, measure: Measure
) -> tuple[str, int, int | None, list[tuple[str, int]]] | None:
    """The last year in which spend a person is published, with pence here, in England, and of each neighbour, the nearest first."""
    rows = study.released.figures
    rows = outcomes.scaled(rows[rows["measure"].eq(measure.id)], {measure.id: measure})
    rows = rows[~outcomes.quarterly(rows["period"]) & rows["value"].notna()]
    rows = rows.assign(group=rows["group"].where(rows["group_kind"].ne("all"), study.area))
    mine = rows[rows["group"].eq(study.area)].drop_duplicates("period")
    spent = _spend_a_person(study, pilot, mine)
    if spent.notna().sum() == 0:
        return None
    year = str(mine.loc[spent.notna(), "period"].astype(str).max())
    of_year = rows[rows["period"].astype(str).eq(year)].drop_duplicates("group")
    spent = _spend_a_person(study, pilot, of_year).set_axis(of_year["group"].astype(str)).dropna()
    each = {str(code): int(pence) for code, pence in spent.items()}
    names = _names(study, pilot)
    near = [(str(names.get(one, one)), each[one]) for one in neighbours(study) if one in each]
    return year, each[study.area], each.get(ENGLAND), near


def _why_not(study: Study, measure: Measure, others: pd.DataFrame, near: list[str], with_: str) -> str:
    published = [one for one in study.settings.published_measures if one in study.held]
    if measure.id not in study.settings.published_measures:
        known = f"Published here: {', '.join(published)}." if published else "No published outcome is in these files."
        return f"“{measure.title}” is counted by this council alone, so no other council's figure is known. {known}"
    if others.empty:
        return f"“{measure.title}” is published, and no file here holds it: bring the table of indicators (ASCOF)."
    if with_ == "neighbours" and not near:
        return 'No list of statistical neighbours is here: bring it, or write with_="all".'
    return ""


def _provenance(study: Study, measure: Measure) -> Provenance:
    files = sources.files_of(study.prepared, "indicators", "neighbours", "area_spend")
    return Provenance(
        says=f"published figures of {measure.title}, council by council",
        tables=("indicators", "area_spend"),
        measures=(measure.id,),
        titles=((measure.id, measure.title),),
        extracts=files,
        source=sources.published_by(study.prepared, files),
        illustrative=study.prepared.illustrative,
    )


def _names(study: Prepared, pilot: Pilot) -> dict[str, str]:
    """Area code → the council's name, as its publisher last wrote it."""
    table = study.published("indicators")
    held = table[table["area"].notna()] if len(table) else table
    names = (
        {} if held.empty else held.drop_duplicates("area_code", keep="last").set_index("area_code")["area"].to_dict()
    )
    return {**names, study.area: pilot.area_name, ENGLAND: "England"}


def _spend_a_person(study: Prepared, pilot: Pilot, rows: pd.DataFrame) -> pd.Series:
    """Gross current long-term spend of the year for each person whom the outcome is out of; missing where either is not published."""
    held = [study.published(one) for one in ("area_spend", "other_councils_spend")]
    spend = pd.concat([one for one in held if len(one)], ignore_index=True) if any(map(len, held)) else pd.DataFrame()
    reason, band = pilot.support_reason, pilot.spend_age_band or None
    if spend.empty or not reason:
        return pd.Series(pd.array([None] * len(rows), dtype="Int64"), index=rows.index)
    spend = spend[spend["support_reason"].eq(reason) & spend["category"].eq(selections.GROSS_CURRENT)]
    of_area = {
        (str(code), str(year)): part for (code, year), part in spend.groupby(["area_code", "year"], observed=True)
    }
    found: list[int | None] = []
    for one in rows.itertuples():
        part = of_area.get((str(one.group), str(one.period)))
        pence = None
        if part is not None and one.denominator and one.denominator > 0:
            pence = selections.gross_current(
                part, area=str(one.group), year=str(one.period), support_reason=reason, age_band=band, term="long term"
            )
        found.append(None if pence is None else round(pence / float(one.denominator)))
    return pd.Series(pd.array(found, dtype="Int64"), index=rows.index)
