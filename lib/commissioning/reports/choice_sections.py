"""Sections on choice: personal budgets (4.9), information and advice (4.11a), and who provides support (4.4).

From released breakdowns; no share stands on fewer than 20.
"""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import policy
from commissioning.methods import intervals
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.reports import broken_down
from commissioning.reports.organisation_sections import OrganisationSections

WIDE = ("all", "locality")
LIMITS = ("value", "lower", "upper")
WHO = {"self": "The person", "proxy": "Somebody else for them"}
HELD = ("direct payment", "managed by the council", "managed by somebody else", "none", "unknown")
PROVISION = {
    "direct": "The council itself", "partnership": "In partnership", "open market": "The open market",
}  # fmt: skip
SMALL = "This is shown for the whole area and for localities: a smaller part stands on too few people to split further."


class ChoiceSections(OrganisationSections):
    """What people may choose from, and whether they can find out about it."""

    @property
    def _here(self) -> dict[str, str | None]:
        """The locality that the report is about; no condition where it is about the whole area."""
        return {"locality": self.group if self.group_kind == "locality" else None}

    def personal_budget(self) -> Display:
        """How many people have a personal budget, and how it is held (4.9)."""
        what = "Personal budgets (4.9)"
        if not broken_down.periods(self.study, "budgets"):
            return self.needs_columns("people", "personal_budget", for_what=what)
        if self.group_kind not in WIDE:
            return self.note(SMALL)
        last = broken_down.last(self.study, "budgets", within=self.period[:7])
        frame = self.broken_down("budgets", "held", where=self._here, period=last) if last else pd.DataFrame()
        if frame.empty:
            return self.note(f"{what}: the extract “people” holds nobody in {self.period}.")
        of = self.broken_down("budgets", *(one for one in self._here if self._here[one]), period=last)
        of = of[of["locality"].eq(self.group)] if "locality" in of else of
        frame = _shares_of(frame.set_index("held").reindex(HELD).dropna(how="all").reset_index(), of.iloc[0]["known"])
        known = frame["held"] != "unknown"
        self._say_largest(
            frame[known & frame["value"].notna()],
            "held",
            "people",
            "Personal budgets, where known: {name}",
            "personal-budget",
        )
        return self._table(
            frame,
            "people by how their personal budget is held, as released",
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
        if not broken_down.periods(self.study, "answers"):
            return self.needs_columns("reviews", "information_found", for_what=what)
        if self.group_kind not in WIDE:
            return self.note(SMALL)
        frame = self.broken_down("answers", "answered_by", where=self._here)
        if frame.empty or not (frame["easy_of"].fillna(0).sum() or frame["easy_of_hidden"].any()):
            return self.note(f"{what}: nobody's answer is known in {self.period}.")
        names = {"easy": "yes", "easy_of": "of", "easy_unknown": "unknown", **{f"easy_{one}": one for one in LIMITS}}
        frame = broken_down.picked(frame, ("answered_by",), names)
        frame = frame.sort_values("answered_by", key=lambda one: one.map(list(WHO).index), ignore_index=True)
        frame["by"] = frame["answered_by"].map(WHO)
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
            "answers at reviews, by who gave them, as released",
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
        parts = [
            ("How it is provided", "provision"),
            *([("Sector of the provider", "sector")] if self.holds("providers") else []),
        ]
        made = [
            self.broken_down("packages", column, where=self._here).rename(columns={column: "kind"}).assign(split=says)
            for says, column in parts
        ]
        frame = broken_down.in_pounds(pd.concat(made, ignore_index=True))
        of_provision = frame["split"].eq("How it is provided")
        frame["kind"] = frame["kind"].mask(of_provision, frame["kind"].map(PROVISION).fillna("Not known"))
        frame = frame.sort_values(["split", "kind"], ignore_index=True)
        self._say_provision(frame)
        return self._table(
            frame,
            "people and spend on packages by how support is provided, as released",
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


def _shares_of(frame: pd.DataFrame, known: object) -> pd.DataFrame:
    """How budgets are held, with the share (%, with its range) of everybody whose budget is known; unknown stands apart."""
    apart = frame["held"].eq("unknown")
    whole = pd.array([None if pd.isna(known) else int(known)] * len(frame), dtype="Int64")
    out = frame.assign(of=pd.Series(whole, index=frame.index).mask(apart))
    enough = out["of"].where(out["of"].ge(policy().fewest_people_for_cost)).astype("Float64")
    part = out["people"].where(out["people"].le(out["of"]).fillna(False), out["of"]).astype("Float64")
    found = intervals.proportion(part.mask(apart | out["people"].isna()), enough, per=100)
    status = apart.map({True: "not applicable", False: "known"})
    hidden = out["people_hidden"] & ~apart
    for name in LIMITS:
        out = out.assign(**{name: found[name].to_numpy(), f"{name}_status": status, f"{name}_hidden": hidden})
    return out.assign(of_status=status, of_hidden=out["of"].isna() & ~apart)


SHARES = {
    "value": Column(name="value", label="Share (%)", decimals=1), "lower": Column(name="lower", label="Lower limit", decimals=1),
    "upper": Column(name="upper", label="Upper limit", decimals=1),
}  # fmt: skip
