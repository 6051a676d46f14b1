"""Outcomes against award, by programme and department; and what is bought, how, and what it achieves (4.3, App. 2 2.2c).

A council's own register is protected as people are, unless it is public already. Nothing is divided here: spend and
outcomes stand side by side.
"""

from __future__ import annotations

import pandas as pd

from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import section_findings
from commissioning.reports.funding_sections import FundingSections
from commissioning.study import broken_down, outcomes

SPLITS = {"programme": "Programme", "department": "Department"}
REGISTERED = ("programme",)  # kinds of group that people's own rows do not name
KNOWN = "outcome known"
PARTLY = "outcome known of a part of the spend"
UNKNOWN = "{money} known, outcome unknown"
ROUGHLY = ("value", "lower", "upper")


PEOPLE = {"people": "reached", "people_of": "known", **{f"people_{one}": one for one in ROUGHLY}}


class AwardSections(FundingSections):
    """What a report of funded organisations shows of money beside outcomes."""

    def _by(self, measure: str, column: str) -> pd.DataFrame:
        """Released rows of a measure in the period, by a kind of group; limits in per cent."""
        figures = self.released.figures
        rows = figures[
            (figures["measure"] == f"{self.pilot.name}_{measure}") & (figures["group_kind"] == column)
            & (figures["period"] == self.period[:7])
        ]  # fmt: skip
        return outcomes.scaled(rows, self.measures).set_index("group")

    def _people(self, column: str) -> pd.DataFrame:
        """People with a known result by group, protected: known, reached, value, lower, upper, each with its `_hidden`."""
        released = self._by("outcome_reached", column)
        if len(released):
            hidden = released["hidden"].astype(bool)
            frame = pd.DataFrame(
                {
                    "known": released["denominator"],
                    "reached": released["numerator"],
                    **{one: released[one] for one in ROUGHLY},
                }
            )
            return frame.assign(**{f"{one}_hidden": hidden & frame[one].isna() for one in list(frame)})
        # Names of groups come from the register alone: one typed into a person's row is never shown.
        if column not in REGISTERED:
            return pd.DataFrame()
        return broken_down.picked(self.broken_down("reached", column), (column,), PEOPLE).set_index(column)

    def _split(self, column: str) -> pd.DataFrame:
        """One row a group: awarded, spent, spent with a known outcome, and people; empty where nothing is known."""
        award = self._by("award", column)
        parts = {"awarded": pd.to_numeric(award["numerator"]).astype("Float64") / 100} if len(award) else {}
        frame = pd.DataFrame(parts)
        spent = self.broken_down("accrued", column)
        if len(spent):
            spent = broken_down.in_pounds(
                broken_down.in_pounds(spent), "pence_known", "pounds_known"
            )  # what is left of the spend would tell of the few agreements whose outcome is not known
            few = spent["agreements_hidden"]
            spent["pounds_known"], spent["pounds_known_hidden"] = (
                spent["pounds_known"].mask(few),
                spent["pounds_known_hidden"] | few,
            )
            spent["partly"] = few | spent["agreements"].lt(spent["agreements_of"]).fillna(False).astype(bool)
            kept = ["pounds", "pounds_hidden", "pounds_known", "pounds_known_hidden", "partly"]
            frame = frame.join(spent.set_index(column)[kept], how="outer")
        people = self._people(column)
        frame = frame.join(people, how="outer") if len(people) else frame
        for name in [one for one in frame if one.endswith("_hidden")]:
            frame[name] = frame[name].fillna(False).astype(bool)
        return frame.rename_axis("group").reset_index().assign(split=SPLITS[column])

    def outcomes_against_award(self) -> Display:
        """For each programme and department: what was awarded and spent, and what came of it (App. 2 2.2c)."""
        if not self.holds("grants") and not self.holds("payments"):
            return self.needs_extract(
                "grants", "supported", for_what="A table of outcomes against award, by programme and department,"
            )
        frame = pd.concat([self._split(column) for column in SPLITS], ignore_index=True)
        if frame.empty:
            return self.note(f"Nothing was awarded or spent in {self.period[:7]}, as far as the extracts say.")
        wanted = ("awarded", "pounds", "pounds_known", "known", "reached", *ROUGHLY)
        for name in wanted:
            if name not in frame:
                frame[name] = pd.NA
        money = "spend" if frame["pounds"].notna().any() else "award"
        people = pd.to_numeric(frame["known"], errors="coerce").fillna(0).gt(0)
        people |= frame.get("known_hidden", pd.Series(False, index=frame.index)).fillna(False).astype(bool)
        partly = frame["partly"].eq(True) if "partly" in frame else pd.Series(False, index=frame.index)
        frame["says"] = [
            (PARTLY if part else KNOWN) if some else UNKNOWN.format(money=money)
            for some, part in zip(people, partly, strict=True)
        ]
        if not self.holds("supported"):
            self.lacks.append("Outcomes against award, by programme and department, need the extract “supported”.")
        paid = ("payments",) if money == "spend" else ()
        tables = tuple(one for one in ("grants", *paid, "supported", "returns") if self.holds(one))
        amounts = {"awarded": "Awarded (£)", "pounds": "Spent (£)", "pounds_known": "Spent, outcome known (£)"}
        limits = {"value": "Reached (%)", "lower": "Lower limit", "upper": "Upper limit"}
        columns: dict[str, str | Column] = {"split": "Split by", "group": "Group"}
        columns |= {
            key: Column(name=key, label=says, decimals=0) for key, says in amounts.items() if frame[key].notna().any()
        }
        if self.holds("supported"):
            columns |= {"known": "People whose result is known", "reached": "Reached the outcome"}
            columns |= {key: Column(name=key, label=says, decimals=0) for key, says in limits.items()}
        self.say(*section_findings.against_award(self, frame))
        return self._keep(
            Table(
                Computed(
                    frame=frame, of=(self.released,), how="released figures by group, and accrued spend, as released"
                ),
                title="Outcomes against award, by programme and department",
                caption=(
                    f"{self.period[:7]}. Awards are promises of the year; spend is what was paid, for the months delivered. Unlike outcomes "
                    "stand in one count of people, each held against what was agreed for them, so nothing is divided by it. A person helped by two "
                    f"departments counts in both.{self.of_the_whole}"
                ),
                source=self.source_words(*tables),
                sources=self.sources_of(*tables),
                columns=columns | {"says": "What is known"},
                keys=2,
                declared=(self.period[:7],),
                id="outcomes-against-award",
            )
        )

    def bought_and_achieved(self) -> Display:
        """What is bought, how, and what it achieves: commissioning kept apart from procurement (4.3)."""
        if not self.holds("grants"):
            return self.needs_extract("grants", "supported", for_what="What is bought, how, and what it achieves (4.3)")
        column = "purpose" if broken_down.groups(self.study, "bought", ("purpose", "how")) else "programme"
        self.lacks.append(
            "Whether an agreement is a grant, a contract or bought as it is needed (4.3): no column of “grants” says so."
        )
        frame = broken_down.in_pounds(self.in_all("bought", column, "how")).rename(columns={column: "what"})
        measure = self.measures.get(f"{self.pilot.name}_outcome_reached")
        known = measure is not None and self.holds("supported")
        columns: dict[str, str | Column] = {
            "what": "What is bought" if column == "purpose" else "Programme", "how": "How", "agreements": "Agreements",
            "pounds": Column(name="pounds", label="Awarded (£)", decimals=0),
        }  # fmt: skip
        if measure is not None and known:
            people = self.in_all("reached_in_all", column, "how").rename(columns={column: "what"})
            frame = broken_down.beside(frame, people, ("what", "how"), PEOPLE)
            limits = {"value": "Reached (%)", "lower": "Lower limit", "upper": "Upper limit"}
            columns |= {"known": "People whose result is known", "reached": "Reached the outcome"}
            columns |= {key: Column(name=key, label=says, decimals=0) for key, says in limits.items()}
        else:
            self.lacks.append("What agreements achieve, by what is bought (4.3) needs the extract “supported”.")
        without = "" if known else " Outcome unknown: the extract “supported” is not here."
        own = (
            ""
            if column == "purpose"
            else " Each agreement is described in its own words, so programmes stand for what is bought."
        )
        tables = ("grants", *(one for one in ("supported", "returns") if known and self.holds(one)))
        self.say(*section_findings.bought(self, frame, "what", "how"))
        return self._table(
            frame,
            "agreements by what they are for and how they are agreed, with the people whose result is known, as released",
            *tables,
            title="What is bought, how, and what it achieves",
            caption=(
                "All years together; a person counts once in a row. What is bought answers a need (commissioning); how it is got is procurement. "
                "All are agreements with organisations: what the council does itself is in no register of grants, and whether an "
                f"agreement is a grant or a contract is not recorded. A difference between rows does not say why.{own}{without}"
            ),
            columns=columns,
            keys=2,
            id="bought-and-achieved",
        )
