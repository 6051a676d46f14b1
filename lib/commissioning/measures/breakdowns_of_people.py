"""Breakdowns of people's support: packages, budgets, reviews and providers' staff, as rows, groups and figures.

Every function makes rows from checked tables; none shows anything.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.measures import derive
from commissioning.measures.breakdowns import Breakdown, Figure, Tables, number, says
from commissioning.measures.periods import year_of

PERSON = ("person_id",)
PEOPLE = Figure(name="people", once=PERSON)
PENCE = Figure(name="pence", amount=number("pence"))
BANDS = ("low", "medium", "high", "very high")
THIRDS = ("lowest third", "middle third", "highest third")
COUNCIL, NHS, TOGETHER, CHARGES = (
    "The council, net",
    "The NHS",
    "The public purse together",
    "People's own charges, apart",
)
UNSAID = "Not said who pays"
WHOSE = (COUNCIL, NHS, TOGETHER, CHARGES, UNSAID)
FIFTHS = 5
RANKINGS = {"ethnicity": "ethnic minority", "age_band": "65 and over"}
"""Column of the population by which wards are ranked → the group whose share ranks them."""
HELD = {
    "direct_payment": "direct payment", "council": "managed by the council", "somebody_else": "managed by somebody else", "none": "none",
}  # fmt: skip
"""How a personal budget may be held: figure → the word of the extract."""
NOTHING = pd.DataFrame()


def packages(tables: Tables) -> pd.DataFrame:
    """One row a package: whose it is, how it is provided, who pays, by whom, where, what, and `pence` in the quarter."""
    rows = tables["packages"]
    weeks = pd.to_numeric(rows["weeks"]).astype(float)
    rows = rows.assign(pence=pd.to_numeric(rows["weekly_cost_pence"]).astype(float) * weeks)
    providers = tables.get("providers")
    if providers is not None and len(providers) and "provider" in rows:
        last = providers.sort_values("year", kind="stable").drop_duplicates("provider", keep="last")
        rows["sector"] = rows["provider"].map(last.set_index("provider")["sector"]).fillna("unknown")
    return rows


def purse(tables: Tables) -> pd.DataFrame:
    """One row a package and whose money a part of it is: `whose`, `pence`; each pound once, and the public purse's two together.

    The council's own is the whole cost less people's charges and the NHS's part, so what the NHS pays the council is
    the NHS's and not counted again. Where what people or the NHS pay is not recorded, the cost stands apart: nobody's part is told.
    """
    rows = tables["packages"]
    weeks = pd.to_numeric(rows["weeks"]).astype(float)

    def part(name: str) -> pd.Series:
        column = f"weekly_{name}_pence"
        held = pd.to_numeric(rows[column]).astype(float) if column in rows else pd.Series(np.nan, index=rows.index)
        return held * weeks

    cost, client, nhs = part("cost"), part("client"), part("nhs")
    council = cost - client - nhs
    nhs, client = nhs.where(council.notna()), client.where(council.notna())
    lines = {COUNCIL: council, NHS: nhs, TOGETHER: council + nhs, CHARGES: client, UNSAID: cost.where(council.isna())}
    kept = [name for name in ("person_id", "period", "locality") if name in rows]
    parts = [rows[kept].assign(whose=whose, pence=pence)[pence.notna() & pence.ne(0)] for whose, pence in lines.items()]
    return pd.concat(parts, ignore_index=True)


def goals(tables: Tables) -> pd.DataFrame:
    """Reviews with a known result of goals in the person's own words: `person_id`, `year`, `met` (yes or no)."""
    rows = tables.get("reviews")
    if rows is None or not len(rows):
        return pd.DataFrame({"person_id": [], "year": [], "met": []}, dtype=object)
    known = rows[rows["goal_in_own_words"].eq("yes") & rows["goal_met"].isin(["yes", "no"])]
    return pd.DataFrame({"person_id": known["person_id"], "year": year_of(known["period"]), "met": known["goal_met"]})


def goals_by_package(tables: Tables) -> pd.DataFrame:
    """One row a review and kind of package that its person had in that year: `setting`, `provision`, `met`."""
    held = tables["packages"]
    who = held.assign(year=year_of(held["period"]))[["year", "setting", "provision", "person_id"]].drop_duplicates()
    return who.merge(goals(tables), on=["person_id", "year"]).rename(columns={"year": "period"})


def need_and_cost(tables: Tables) -> pd.DataFrame:
    """One row a person and year: `band` of need, `third` by weekly cost among people of that band, `pence`, `weeks`, `setting`.

    A person's weekly cost is all their packages over the weeks they had support. `setting` is the kind of support on which
    most is spent for them.
    """
    return _thirds(tables["packages"])


def need_and_cost_by_locality(tables: Tables) -> pd.DataFrame:
    """The same with `locality`, ranked among the people of each locality by what was spent on them there."""
    if "locality" not in tables["packages"]:
        return NOTHING
    return _thirds(tables["packages"], "locality")


def _thirds(packages: pd.DataFrame, *also: str) -> pd.DataFrame:
    """`need_and_cost`, each year (and each `also`) for itself."""
    apart = ["year", *also]
    rows = packages.assign(year=year_of(packages["period"]))
    rows = rows[pd.to_numeric(rows["weeks"]).gt(0) & rows[apart].notna().all(axis=1)]
    if rows.empty:
        return NOTHING
    weeks = pd.to_numeric(rows["weeks"]).astype(float)
    money = pd.to_numeric(rows["weekly_cost_pence"]).astype(float) * weeks
    frame = pd.DataFrame(
        {**{name: rows[name] for name in apart}, "person_id": rows["person_id"], "quarter": rows["period"],
         "band": rows["needs_band"], "weeks": weeks, "pence": money}
    ).dropna()  # fmt: skip
    who = [*apart, "person_id"]
    spent = rows.assign(pence=money).groupby([*who, "setting"])["pence"].sum().reset_index()
    costliest = spent.sort_values("pence", kind="stable").drop_duplicates(who, keep="last")
    quarter = frame.groupby([*who, "quarter"]).agg(
        weeks=("weeks", "max"), pence=("pence", "sum"), band=("band", "last")
    )
    one = quarter.groupby(who).agg(weeks=("weeks", "sum"), pence=("pence", "sum"), band=("band", "last"))
    beside = [one.index.get_level_values(name) for name in apart]
    place = (one["pence"] / one["weeks"]).groupby([*beside, one["band"]]).rank(pct=True, method="first")
    one["third"] = pd.cut(place, [0, 1 / 3, 2 / 3, 1], labels=list(THIRDS)).astype(object)
    one["setting"] = costliest.set_index(who)["setting"].reindex(one.index)
    one = one.reset_index()
    return one[[name for name in one.columns if name not in apart] + apart].rename(columns={"year": "period"})


def goals_by_cost(tables: Tables) -> pd.DataFrame:
    """One row a review of a person with packages in its year: their `band` and `third`, `met`."""
    return need_and_cost(tables).merge(goals(tables).rename(columns={"year": "period"}), on=["person_id", "period"])


def goals_by_cost_by_locality(tables: Tables) -> pd.DataFrame:
    """The same with `locality`."""
    people = need_and_cost_by_locality(tables)
    if people.empty:
        return NOTHING
    return people.merge(goals(tables).rename(columns={"year": "period"}), on=["person_id", "period"])


def budgets(tables: Tables) -> pd.DataFrame:
    """How each person's budget is held in the last quarter of each year of `people`: `held`."""
    people = tables["people"]
    if "personal_budget" not in people:
        return NOTHING
    years = year_of(people["period"])
    last = people["period"].astype(str).groupby(years).transform("max")
    now = people.assign(year=years)[people["period"].astype(str).eq(last) & people["support_reason"].ne("other")]
    now = (
        now.drop_duplicates(["year", "person_id"], keep="last")
        .drop(columns="period")
        .rename(columns={"year": "period"})
    )
    return now.assign(held=now["personal_budget"].fillna("unknown"))


def answers(tables: Tables) -> pd.DataFrame:
    """One row an answer at a review on whether information was easy to find: `answered_by`, `information_found`."""
    rows = tables["reviews"]
    return rows[rows["answered_by"].isin(["self", "proxy"])] if "information_found" in rows else NOTHING


def ranked(population: pd.DataFrame, column: str) -> pd.DataFrame:
    """Wards of one year's population in fifths, from the smallest to the largest share of the group that ranks them.

    One row a ward, indexed by it: `people`, `mine` (of the group), `ranking` (1 is the smallest share).
    """
    people = pd.to_numeric(population["people"]).astype(float)
    mine = people.where(population[column].eq(RANKINGS[column]), 0.0)
    wards = pd.DataFrame({"ward": population["ward"], "people": people, "mine": mine}).groupby("ward").sum()
    order = (wards["mine"] / wards["people"]).rank(method="first")
    wards["ranking"] = ((order - 1) * min(FIFTHS, len(wards)) // max(len(wards), 1)).astype(int) + 1
    return wards


def by_fifth(tables: Tables) -> pd.DataFrame:
    """People supported, with the fifth of wards that theirs lies in: `fifth_by_ethnicity`, `fifth_by_age_band`."""
    rows = derive.access(tables)
    rows = rows[rows["supported"].gt(0)].rename(columns={"year": "period"})
    population = tables["population"]
    for column in (one for one in RANKINGS if one in population):
        of = {
            (year, ward): str(fifth)
            for year, part in population.groupby("year")
            for ward, fifth in ranked(part, column)["ranking"].items()
        }
        rows[f"fifth_by_{column}"] = [of.get(at) for at in zip(rows["period"], rows["ward"], strict=True)]
    return rows


def staff(tables: Tables) -> pd.DataFrame:
    """One row a person in post at a provider in a year, as the count says: `employer`, `left` (yes or no)."""
    rows = tables["providers"]
    if not {"staff", "staff_left"} <= set(rows):
        return NOTHING
    rows = rows[rows["staff"].notna() & rows["staff_left"].notna()].drop_duplicates(["provider", "year"], keep="last")
    each = rows["staff"].astype(int).clip(lower=0).to_numpy()
    out = rows.loc[rows.index.repeat(each), ["provider", "year", "staff_left"]].reset_index(drop=True)
    place = out.groupby(["provider", "year"]).cumcount()
    return pd.DataFrame(
        {"employer": out["provider"], "period": out["year"], "left": np.where(place < out["staff_left"].astype(int), "yes", "no"),
         "member": out["provider"].astype(str) + " " + place.astype(str)}
    )  # fmt: skip


BREAKDOWNS = (
    # One person stands in so many figures of one measure, and no more: each breakdown has four splits at most.
    *(
        Breakdown(
            id=id,
            says="people and spend on packages",
            needs=("packages",),
            also=("providers",),
            rows=packages,
            behind="person_id",
            groups=groups,
            figures=(PEOPLE, PENCE),
            typed=("provision", "funder", "sector", "provider", "locality", "setting"),
        )
        for id, groups in (
            ("packages", (("provision",), ("setting", "provision"), ("locality", "provision"))),
            ("packages_by_whom", (("provider",), ("sector",), ("funder",), ("locality", "sector"))),
            ("packages_by_place", (("locality",), ("setting",), ("locality", "provider"), ("setting", "provider"))),
        )
    ),
    Breakdown(
        id="purse",
        says="whose money packages are",
        needs=("packages",),
        rows=purse,
        behind="person_id",
        groups=(("whose",), ("locality", "whose")),
        figures=(PEOPLE, PENCE),
        typed=("locality",),
    ),
    Breakdown(
        id="goals_by_package",
        says="goals met, by what is bought and how",
        needs=("packages", "reviews"),
        rows=goals_by_package,
        behind="person_id",
        groups=(("setting", "provision"),),
        figures=(Figure(name="met", of=says("met", "yes"), answer="goal_met"),),
        typed=("setting", "provision"),
    ),
    *(
        Breakdown(
            id=f"need_and_cost{end}",
            says="people of a band of need, by weekly cost",
            needs=("packages",),
            rows=rows,
            behind="person_id",
            groups=((*place, "band", "third"), (*place, "band", "third", "setting")),
            figures=(PEOPLE, Figure(name="weekly", amount=number("pence"), out_of=number("weeks"))),
            typed=("locality", "setting"),
        )
        for end, place, rows in (("", (), need_and_cost), ("_by_locality", ("locality",), need_and_cost_by_locality))
    ),
    *(
        Breakdown(
            id=f"goals_by_cost{end}",
            says="goals met, by band of need and weekly cost",
            needs=("packages", "reviews"),
            rows=rows,
            behind="person_id",
            groups=((*place, "band", "third"),),
            figures=(Figure(name="met", of=says("met", "yes"), answer="goal_met"),),
            typed=("locality",),
        )
        for end, place, rows in (("", (), goals_by_cost), ("_by_locality", ("locality",), goals_by_cost_by_locality))
    ),
    Breakdown(
        id="budgets",
        says="people by how their personal budget is held",
        needs=("people",),
        rows=budgets,
        behind="person_id",
        groups=(("locality",),),
        whole=True,
        figures=tuple(
            Figure(name=name, of=says("held", word), once=PERSON, unknown=says("held", "unknown")) for name, word in HELD.items()
        ),
        typed=("locality",),
    ),
    Breakdown(
        id="answers",
        says="answers on information and advice",
        needs=("reviews",),
        rows=answers,
        behind="person_id",
        groups=(("answered_by",), ("locality", "answered_by")),
        figures=(
            Figure(
                name="easy",
                of=says("information_found", "yes"),
                among=says("information_found", "yes", "no", "unknown"),
                unknown=says("information_found", "unknown"),
            ),
        ),
        typed=("locality",),
    ),
    Breakdown(
        id="by_fifth",
        says="people supported, by fifths of wards",
        needs=("people", "population"),
        rows=by_fifth,
        behind="person_id",
        groups=tuple((f"fifth_by_{column}",) for column in RANKINGS),
        figures=(PEOPLE,),
    ),
    Breakdown(
        id="staff",
        says="providers' staff who left",
        needs=("providers",),
        rows=staff,
        behind="member",
        groups=(("employer",),),
        figures=(Figure(name="left", of=says("left", "yes")),),
    ),
)  # fmt: skip
