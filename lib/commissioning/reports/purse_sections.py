"""Sections on people's packages: whose money it is, and similar need at different cost.

From released breakdowns of people's packages.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_people import BANDS, CHARGES, COUNCIL, NHS, THIRDS, WHOSE
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.reports.choice_sections import ChoiceSections
from commissioning.study import broken_down

WIDE = ("all", "locality")
TOO_SMALL = (
    "This is shown for the whole area and for localities: a smaller part stands on too few people to split further."
)


class PurseSections(ChoiceSections):
    """What a report of people's support shows of its money besides published spend."""

    def packages_purse(self) -> Display:
        """One public-purse view from the council's own packages (3.5, 4.14): council, NHS, and people's charges apart."""
        if not self.holds("packages"):
            return self.needs_extract("packages", for_what="Whose money it is, from the council's own packages")
        if self.group_kind not in WIDE:
            return self.note(TOO_SMALL)
        frame = self.broken_down("purse", "whose", where=self._here).set_index("whose")
        frame = broken_down.in_pounds(frame.reindex([one for one in WHOSE if one in frame.index]).reset_index())
        self._say_purse(frame)
        return self._table(
            frame,
            "weekly amounts times weeks, people counted once, as released",
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
        frame = self._need_and_cost()
        if frame.empty:
            return self.note(f"No packages are recorded in {self.period}.")
        self._say_need_and_cost(frame)
        return self._table(
            frame,
            "people of a band of need by thirds of their weekly cost, with the goals of their own reviews, as released",
            "packages",
            "reviews",
            title="Similar need, different cost, and goals met",
            caption=f"{self.place}, {self.period}. A band of need is broad: people in one band differ, and cost does not say why.",
            columns={
                "band": "Band of need", "third": "By weekly cost", "people": "People", "setting": "Most common kind of support",
                "in_setting": "People with most of their cost in it",
                "pounds": Column(name="pounds", label="Average cost a week (£)", decimals=0), "due": "Goals reviewed",
                "met": "Goals met", "share": Column(name="share", label="Met (%)", decimals=0),
            },
            keys=2,
            declared=(self.period, self.place),
            id="need-and-cost",
        )  # fmt: skip

    def _need_and_cost(self) -> pd.DataFrame:
        """Bands of need by thirds of weekly cost: people, average cost, goals of their reviews, the commonest kind of support."""
        end, by = ("_by_locality" if self._here["locality"] else ""), ("band", "third")
        frame = self.broken_down(f"need_and_cost{end}", *by, where=self._here)
        if frame.empty:
            return frame
        order = pd.MultiIndex.from_product([BANDS, THIRDS], names=list(by))
        frame = frame.set_index(list(by)).reindex([one for one in order if one in set(frame.set_index(list(by)).index)])
        frame = broken_down.in_pounds(frame.reset_index(), "weekly_value")
        goals = self.broken_down(f"goals_by_cost{end}", *by, where=self._here)
        frame = broken_down.beside(frame, goals, by, {"met": "met", "met_of": "due", "met_value": "share"})
        kinds = self.broken_down(f"need_and_cost{end}", *by, "setting", where=self._here)
        kinds = kinds[kinds["people"].notna()].sort_values("people", kind="stable").drop_duplicates(by, keep="last")
        frame = frame.merge(kinds[[*by, "setting", "people"]], on=list(by), how="left", suffixes=("", "_in"))
        frame["setting"] = frame["setting"].fillna("hidden")
        return frame.assign(in_setting=frame["people_in"], in_setting_hidden=frame["people_in"].isna())

    def _say_purse(self, frame: pd.DataFrame) -> None:
        """Whose the money is, in one sentence, where every part of it may be shown."""
        pounds = frame.set_index("whose")["pounds"]
        names = (COUNCIL, NHS, CHARGES)
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
                f"Band of need “{band}”: the average cost a week is £{low['pounds']:,.0f} in the lowest third and "
                f"£{high['pounds']:,.0f} in the highest. {goals} This does not say why.",
                "described",
                Computed(
                    frame=ends.reset_index()[["pounds", "share", "share_hidden"]],
                    of=(self.released,),
                    how="the two ends of one band of need",
                ),
                "need-and-cost",
            )
        )
