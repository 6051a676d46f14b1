"""Sections on choice: personal budgets (4.9), information and advice (4.11a), and who provides support (4.4).

Worked out from people's own rows: counts of 1 to 7 are hidden and others rounded, and no share stands on fewer than 20.
"""

from __future__ import annotations

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.reports.organisation_sections import OrganisationSections
from commissioning.reports.protecting import hidden_in_pairs, people_and_pounds, protected, shares

WIDE = ("all", "locality")
HELD = ("direct payment", "managed by the council", "managed by somebody else", "none", "unknown")
PROVISION = {
    "direct": "The council itself", "partnership": "In partnership", "open market": "The open market",
}  # fmt: skip
SMALL = "This is shown for the whole area and for localities: a smaller part stands on too few people to split further."


def personal_budgets(people: pd.DataFrame) -> pd.DataFrame:
    """How people's budgets are held at the last quarter of `people`: held, people, of (all whose budget is known)."""
    now = people[people["period"] == people["period"].max()].drop_duplicates("person_id", keep="last")
    now = now[now["support_reason"].ne("other")]
    counts = now["personal_budget"].value_counts().reindex(HELD).fillna(0).astype(int)
    known = int(counts.drop("unknown").sum())
    frame = pd.DataFrame({"held": list(HELD), "people": counts.astype("Int64").to_numpy(), "of": known})
    apart = frame["held"] == "unknown"  # not a part of what is known
    frame["of"] = frame["of"].astype("Int64").mask(apart)
    frame["of_status"] = apart.map({True: "not applicable", False: "known"})
    return frame[frame["people"] > 0].reset_index(drop=True)


def information(reviews: pd.DataFrame) -> pd.DataFrame:
    """Who found information and advice easy to find, by who answered: by, yes, of (asked, and the answer known), unknown."""
    out = []
    for by, says in (("self", "The person"), ("proxy", "Somebody else for them")):
        mine = reviews.loc[reviews["answered_by"] == by, "information_found"]
        out.append(
            {"by": says, "yes": int(mine.eq("yes").sum()), "of": int(mine.isin(["yes", "no"]).sum()),
             "unknown": int(mine.eq("unknown").sum())}
        )  # fmt: skip
    return pd.DataFrame(out)


def provision(packages: pd.DataFrame, providers: pd.DataFrame) -> pd.DataFrame:
    """People and pounds of packages by how they are provided and, where `providers` says, by sector: split, kind, people, pounds."""
    pence = pd.to_numeric(packages["weekly_cost_pence"]).astype(float) * pd.to_numeric(packages["weeks"]).astype(float)
    rows = packages.assign(pounds=pence / 100, kind=packages["provision"].map(PROVISION).fillna("Not known"))
    parts = [("How it is provided", rows)]
    if len(providers):
        sector = providers.drop_duplicates("provider", keep="last").set_index("provider")["sector"]
        parts.append(("Sector of the provider", rows.assign(kind=rows["provider"].map(sector).fillna("unknown"))))
    made = [
        frame.groupby("kind")
        .agg(people=("person_id", "nunique"), pounds=("pounds", "sum"))
        .reset_index()
        .assign(split=split)
        for split, frame in parts
    ]
    return pd.concat(made, ignore_index=True)[["split", "kind", "people", "pounds"]]


class ChoiceSections(OrganisationSections):
    """What people may choose from, and whether they can find out about it."""

    def _mine(self, table: str) -> pd.DataFrame:
        """Rows of the report's year, and of its locality where it is about one."""
        rows = self.study.table(table)
        rows = rows[rows["period"].astype(str).str.startswith(self.period[:7])]
        return rows[rows[self.group_kind] == self.group] if self.group and self.group_kind in rows else rows

    def personal_budget(self) -> Display:
        """How many people have a personal budget, and how it is held (4.9)."""
        what = "Personal budgets (4.9)"
        if not self.holds("people") or "personal_budget" not in self.study.table("people"):
            return self.needs_columns("people", "personal_budget", for_what=what)
        if self.group_kind not in WIDE:
            return self.note(SMALL)
        rows = self._mine("people")
        if rows.empty:
            return self.note(f"{what}: the extract “people” holds nobody in {self.period}.")
        last = str(rows["period"].max())
        frame = personal_budgets(rows)
        known = frame["held"] != "unknown"
        whole = frame["people"]
        paired = hidden_in_pairs(whole.where(known)).fillna(whole.where(~known))
        frame = shares(frame.assign(people=paired), "people", "of")
        frame["people_hidden"] |= paired.isna()
        self._say_largest(
            frame[known & frame["value"].notna()],
            "held",
            "people",
            "Personal budgets, where known: {name}",
            "personal-budget",
        )
        return self._table(
            frame,
            "people by how their personal budget is held, rounded",
            "people",
            title="Personal budgets",
            caption=f"{self.place}, at the end of {last}. Having one is a way of working; whether it gave control is asked at reviews.",
            columns={
                "held": "How the budget is held", "people": "People", "of": "Out of", **SHARES,
            },
            declared=(last, self.place),
            id="personal-budget",
        )  # fmt: skip

    def _say_largest(
        self, rows: pd.DataFrame, name: str, count: str, says: str, evidence: str, of: str = "people"
    ) -> None:
        """A finding on the row with the largest count: how many of how many (`of`), with the range."""
        if rows.empty:
            return
        row = rows.loc[[rows[count].astype(float).idxmax()]]
        one = row.iloc[0]
        called = str(one[name])
        self.say(
            self.finding(
                f"{says.format(name=called[:1].lower() + called[1:])}: {int(one[count]):,} of {int(one['of']):,} {of}, which is "
                f"{words.number(one['value'], 1)}% (range {words.number(one['lower'], 1)} to {words.number(one['upper'], 1)}). "
                "This does not say why.",
                "described",
                Computed(
                    frame=row[[count, "of", "value", "lower", "upper"]], of=(self.released,), how="one row, rounded"
                ),
                evidence,
            )
        )

    def _say_provision(self, frame: pd.DataFrame) -> None:
        """Which way of providing has the most money."""
        rows = frame[(frame["split"] == "How it is provided") & frame["pounds"].notna()]
        if rows.empty:
            return
        row = rows.loc[[rows["pounds"].idxmax()]]
        one = row.iloc[0]
        pence = pd.DataFrame(
            {"people": row["people"].to_numpy(), "amount_pence": pd.array([round(one["pounds"]) * 100], dtype="Int64")}
        )
        self.say(
            self.finding(
                f"{one['kind']} has the most of the money in people's packages, {self.period}: "
                f"{words.money_rounded(round(one['pounds']) * 100)}, for {int(one['people']):,} people.",
                "recorded",
                Computed(frame=pence, of=(self.released,), how="one way of providing, rounded"),
                "who-provides",
                declared=(self.period,),
            )
        )

    def information_and_advice(self) -> Display:
        """Whether people found information and advice about support easy to find (4.11a)."""
        what = "Whether people find information and advice (4.11a)"
        if not self.holds("reviews") or "information_found" not in self.study.table("reviews"):
            return self.needs_columns("reviews", "information_found", for_what=what)
        if self.group_kind not in WIDE:
            return self.note(SMALL)
        frame = information(self._mine("reviews"))
        if not frame["of"].sum():
            return self.note(f"{what}: nobody's answer is known in {self.period}.")
        frame = shares(protected(frame, ("unknown",)), "yes", "of")
        told = frame[frame["value"].notna()].head(1)
        self._say_largest(
            told,
            "by",
            "yes",
            "Information and advice were easy to find, answered by {name}",
            "information-and-advice",
            of="answers at reviews",
        )
        return self._table(
            frame,
            "answers at reviews, by who gave them, rounded",
            "reviews",
            title="Was information and advice easy to find?",
            caption=f"{self.place}, {self.period}. Answers by somebody else stand apart.",
            columns={"by": "Who answered", "yes": "Easy to find", "of": "Out of", **SHARES, "unknown": "Unknown"},
            declared=(self.period, self.place),
            id="information-and-advice",
        )  # fmt: skip

    def who_provides(self) -> Display:
        """Provided by the council itself, in partnership or by the open market; and by whose sector (4.4)."""
        if not self.holds("packages"):
            return self.needs_columns("packages", "provision", for_what="In-house and external support (4.4)")
        if self.group_kind not in WIDE:
            return self.note(SMALL)
        if not self.holds("providers"):
            self.lacks.append(
                "The voluntary sector's share (4.4) needs the extract “providers” with its column “sector”."
            )
        frame = provision(self._mine("packages"), self.study.table("providers"))
        frame = people_and_pounds(frame)
        self._say_provision(frame)
        return self._table(
            frame,
            "people and weekly amounts times weeks, by how support is provided, rounded",
            "packages",
            "providers",
            title="Who provides: the council, partners and the market",
            caption=f"{self.place}, {self.period}, before people's charges and the NHS's part.",
            columns={
                "split": "Split by", "kind": "Kind", "people": "People",
                "pounds": Column(name="pounds", label="In the year (£)", decimals=0),
            },
            keys=2,
            declared=(self.period, self.place),
            id="who-provides",
        )  # fmt: skip


SHARES = {
    "value": Column(name="value", label="Share (%)", decimals=1), "lower": Column(name="lower", label="Lower limit", decimals=1),
    "upper": Column(name="upper", label="Upper limit", decimals=1),
}  # fmt: skip
