"""Sections on people's packages: whose money it is, and similar need at different cost.

Worked out from people's packages, so nothing stands on fewer than 20 people, counts are rounded, and money keeps two
significant figures.
"""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import policy
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.reports.choice_sections import ChoiceSections
from commissioning.reports.protecting import people_and_pounds, protected

BANDS = ("low", "medium", "high", "very high")
WIDE = ("all", "locality")
TOO_SMALL = (
    "This is shown for the whole area and for localities: a smaller part stands on too few people to split further."
)
THIRDS = ("lowest third", "middle third", "highest third")


def purse(packages: pd.DataFrame) -> pd.DataFrame:
    """Whose money packages are, each pound once: columns `whose`, `people`, `pounds`.

    The council's own is the whole cost less people's charges and the NHS's part, so what the NHS pays the council is
    the NHS's and not counted again. `packages`: weeks, weekly_cost_pence, weekly_client_pence, weekly_nhs_pence.
    """
    weeks = pd.to_numeric(packages["weeks"]).astype(float)
    parts = {
        name: pd.to_numeric(packages[f"weekly_{name}_pence"]).astype(float).fillna(0) * weeks / 100
        for name in ("cost", "client", "nhs")
    }
    council = parts["cost"] - parts["client"] - parts["nhs"]
    lines = {
        "The council, net": council,
        "The NHS": parts["nhs"],
        "The public purse together": council + parts["nhs"],
        "People's own charges, apart": parts["client"],
    }
    people = {name: int(packages.loc[(line != 0).to_numpy(), "person_id"].nunique()) for name, line in lines.items()}
    return pd.DataFrame(
        {
            "whose": list(lines),
            "people": list(people.values()),
            "pounds": [float(line.sum()) for line in lines.values()],
        }
    )


def similar_need(packages: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """People of one band of need by thirds of weekly cost: band, third, people, pounds (middle cost), due, met, setting,
    in_setting.

    A person's weekly cost is all their packages over the weeks they had support. `due` counts reviews with a known goal
    in the person's words, `met` those met: what was kept or lost where support costs less. `setting` is the kind of
    support on which most is spent for most of them, and `in_setting` for how many: who they are, and a part of why.
    """
    rows = packages[pd.to_numeric(packages["weeks"]).gt(0)]
    weeks = pd.to_numeric(rows["weeks"]).astype(float)
    money = pd.to_numeric(rows["weekly_cost_pence"]).astype(float) * weeks / 100
    frame = pd.DataFrame(
        {
            "person": rows["person_id"],
            "period": rows["period"],
            "band": rows["needs_band"],
            "weeks": weeks,
            "pounds": money,
        }
    ).dropna()
    settings = rows.assign(pounds=money).groupby(["person_id", "setting"])["pounds"].sum().reset_index()
    costliest = settings.sort_values("pounds", kind="stable").drop_duplicates("person_id", keep="last")
    quarter = frame.groupby(["person", "period"]).agg(
        weeks=("weeks", "max"), pounds=("pounds", "sum"), band=("band", "last")
    )
    one = quarter.groupby("person").agg(weeks=("weeks", "sum"), pounds=("pounds", "sum"), band=("band", "last"))
    one["weekly"] = one["pounds"] / one["weeks"]
    place = one.groupby("band")["weekly"].rank(pct=True, method="first")
    one["third"] = pd.cut(place, [0, 1 / 3, 2 / 3, 1], labels=list(THIRDS)).astype(str)
    goals = (
        reviews[reviews["goal_in_own_words"].eq("yes") & reviews["goal_met"].isin(["yes", "no"])]
        if len(reviews)
        else reviews
    )
    if len(goals):
        counts = goals.assign(met=goals["goal_met"].eq("yes")).groupby("person_id")["met"].agg(["size", "sum"])
        one["due"] = counts["size"].reindex(one.index).fillna(0).astype(int)
        one["met"] = counts["sum"].reindex(one.index).fillna(0).astype(int)
    else:
        one["due"], one["met"] = 0, 0
    one["setting"] = costliest.set_index("person_id")["setting"].reindex(one.index)
    found = one.groupby(["band", "third"]).agg(people=("weekly", "size"), pounds=("weekly", "median"), due=("due", "sum"), met=("met", "sum"))  # fmt: skip
    most = one.groupby(["band", "third"])["setting"].agg(
        lambda of: of.value_counts().index[0] if of.notna().any() else ""
    )
    found["setting"] = most
    found["in_setting"] = [
        int((one.loc[(one["band"] == band) & (one["third"] == third), "setting"] == says).sum())
        for (band, third), says in most.items()
    ]
    order = pd.MultiIndex.from_product([BANDS, THIRDS], names=["band", "third"])
    return found.reindex([one for one in order if one in found.index]).reset_index()


class PurseSections(ChoiceSections):
    """What a report of people's support shows of its money besides published spend."""

    def _packages(self) -> pd.DataFrame:
        rows = self.study.table("packages")
        rows = rows[rows["period"].astype(str).str.startswith(self.period[:7])]
        return rows[rows[self.group_kind] == self.group] if self.group and self.group_kind in rows else rows

    def packages_purse(self) -> Display:
        """One public-purse view from the council's own packages (3.5, 4.14): council, NHS, and people's charges apart."""
        if not self.holds("packages"):
            return self.needs_extract("packages", for_what="Whose money it is, from the council's own packages")
        if self.group_kind not in WIDE:
            return self.note(TOO_SMALL)
        frame = people_and_pounds(purse(self._packages()))
        self._say_purse(frame)
        return self._table(
            frame,
            "weekly amounts times weeks, people counted once, rounded",
            "packages",
            title="Whose money it is, from the council's packages",
            caption=f"{self.place}, {self.period}. What the NHS pays the council is the NHS's, and is counted once.",
            columns={"whose": "Whose money", "people": "People", "pounds": Column(name="pounds", label="In the year (£)", decimals=0)},
            declared=(self.period, self.place),
            id="packages-purse",
        )  # fmt: skip

    def need_and_cost(self) -> Display:
        """Similar need, different cost: who, how much, and what was kept or lost (4.14a)."""
        if not self.holds("packages"):
            return self.needs_extract("packages", for_what="Similar need at different cost")
        if self.group_kind not in WIDE:
            return self.note(TOO_SMALL)
        rows = self.study.table("reviews")
        rows = rows[rows["period"].astype(str).str.startswith(self.period[:7])] if len(rows) else rows
        found = similar_need(self._packages(), rows)
        few = policy().fewest_people_for_cost
        found[["pounds"]] = found[["pounds"]].where(found["people"] >= few)
        frame = protected(found, ("people", "due", "met", "in_setting"), ("pounds",), by="people")
        told = frame["in_setting"].notna() & frame["people"].ge(few).fillna(False)
        frame["setting"] = frame["setting"].where(told, "hidden")
        due = frame["due"].astype("Float64")
        frame["share"] = 100 * frame["met"].astype("Float64") / due.where(due >= few)
        self._say_need_and_cost(frame)
        return self._table(
            frame,
            "people of a band of need by thirds of their weekly cost, with the goals of their own reviews, rounded",
            "packages",
            "reviews",
            title="Similar need, different cost, and goals met",
            caption=f"{self.place}, {self.period}. A band of need is broad: people in one band differ, and cost does not say why.",
            columns={
                "band": "Band of need", "third": "By weekly cost", "people": "People", "setting": "Most common kind of support",
                "in_setting": "People with most of their cost in it",
                "pounds": Column(name="pounds", label="Middle cost a week (£)", decimals=0), "due": "Goals reviewed",
                "met": "Goals met", "share": Column(name="share", label="Met (%)", decimals=0),
            },
            keys=2,
            declared=(self.period, self.place),
            id="need-and-cost",
        )  # fmt: skip

    def _say_purse(self, frame: pd.DataFrame) -> None:
        """Whose the money is, in one sentence, where every part of it may be shown."""
        pounds = frame.set_index("whose")["pounds"]
        names = ("The council, net", "The NHS", "People's own charges, apart")
        if pounds.reindex(list(names)).isna().any():
            return
        council, nhs, own = (words.money_rounded(int(pounds[name]) * 100) for name in names)
        pence = pd.DataFrame({"amount_pence": pd.array([round(pounds[name]) * 100 for name in names], dtype="Int64")})
        self.say(
            self.finding(
                f"Of support in people's packages, {self.period}, the council's own part is {council}, the NHS's {nhs}, and people's "
                f"own charges are {own}.",
                "recorded",
                Computed(frame=pence, of=(self.released,), how="weekly amounts times weeks, rounded"),
                "packages-purse",
                declared=(self.period,),
            )
        )

    def _say_need_and_cost(self, frame: pd.DataFrame) -> None:
        """The band of need whose thirds lie furthest apart in cost, with the goals met in each."""
        wide = frame.pivot(index="band", columns="third", values="pounds").reindex(columns=list(THIRDS)).astype(float)
        apart = (wide[THIRDS[2]] / wide[THIRDS[0]]).dropna()
        if apart.empty:
            return
        band = apart.idxmax()
        ends = frame[(frame["band"] == band) & frame["third"].isin([THIRDS[0], THIRDS[2]])].set_index("third")
        low, high = ends.loc[THIRDS[0]], ends.loc[THIRDS[2]]
        goals = (
            "The goals met in each may not be shown."
            if pd.isna(low["share"]) or pd.isna(high["share"])
            else f"Goals met: {words.number(low['share'])}% and {words.number(high['share'])}%."
        )
        self.say(
            self.finding(
                f"Band of need “{band}”: the middle cost a week is £{low['pounds']:,.0f} in the lowest third and "
                f"£{high['pounds']:,.0f} in the highest. {goals} This does not say why.",
                "described",
                Computed(
                    frame=ends.reset_index()[["pounds", "share"]],
                    of=(self.released,),
                    how="the two ends of one band of need",
                ),
                "need-and-cost",
            )
        )
