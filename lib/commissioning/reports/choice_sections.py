"""Sections on choice: personal budgets (4.9), information and advice (4.11a), and who provides support (4.4).

From released breakdowns; no share stands on fewer than 20.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_people import HELD
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.reports.organisation_sections import OrganisationSections
from commissioning.study import broken_down

WIDE = ("all", "locality")
LIMITS = ("value", "lower", "upper")
WHO = {"self": "The person", "proxy": "Somebody else for them"}
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
        found = self.broken_down("budgets", *(one for one in self._here if self._here[one]))
        found = found[found["locality"].eq(self.group)] if "locality" in found else found
        if found.empty:
            return self.note(f"{what}: the extract “people” holds nobody in {self.period}.")
        last = max(one for one in (self.period[:7], *self.study.record["periods"]) if one.startswith(self.period[:7]))
        frame = _as_rows(found)
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
        parts = [("How it is provided", "packages", "provision")]
        if self.holds("providers"):
            parts.append(("Sector of the provider", "packages_by_whom", "sector"))
        made = [
            self.broken_down(id, column, where=self._here).rename(columns={column: "kind"}).assign(split=says)
            for says, id, column in parts
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


def _as_rows(found: pd.DataFrame) -> pd.DataFrame:
    """How budgets are held, one row a way, of everybody whose budget is known; those of whom nobody knows stand apart."""
    parts = []
    for name, word in HELD.items():
        names = {name: "people", f"{name}_of": "of", **{f"{name}_{one}": one for one in LIMITS}}
        parts.append(broken_down.picked(found, (), names).assign(held=word))
    unknown = broken_down.picked(found, (), {f"{next(iter(HELD))}_unknown": "people"}).assign(held="unknown")
    apart = {f"{name}_status": "not applicable" for name in ("of", *LIMITS)}
    frame = pd.concat([*parts, unknown.assign(**apart)], ignore_index=True)
    flags = [one for one in frame if one.endswith("_hidden")]
    frame[flags] = frame[flags].eq(True)
    statuses = [one for one in frame if one.endswith("_status")]
    frame[statuses] = frame[statuses].fillna("known")
    there = frame["people"].ne(0).fillna(True).astype(bool)
    return frame[there].reset_index(drop=True)


SHARES = {
    "value": Column(name="value", label="Share (%)", decimals=1), "lower": Column(name="lower", label="Lower limit", decimals=1),
    "upper": Column(name="upper", label="Upper limit", decimals=1),
}  # fmt: skip
