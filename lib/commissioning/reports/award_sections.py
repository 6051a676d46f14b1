"""Outcomes against award, by programme and department; and what is bought, how, and what it achieves (4.3, App. 2 2.2c).

A council's own register is protected as people are, unless it is public already. Nothing is divided here: spend and
outcomes stand side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from commissioning.measures import Measure, calculate, derive
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import outcomes, section_findings
from commissioning.reports.funding_sections import FundingSections
from commissioning.reports.protecting import protected, shares
from commissioning.reports.spend_lines import linked_to_agreements

SPLITS = {"programme": "Programme", "department": "Department"}
REGISTERED = ("programme",)  # kinds of group that people's own rows do not name
KNOWN = "outcome known"
PARTLY = "outcome known of a part of the spend"
UNKNOWN = "{money} known, outcome unknown"
MOST_PURPOSES = 30  # a register with more different purposes than this describes each agreement in its own words
SEPARATOR = " / how: "
ROUGHLY = ("value", "lower", "upper")


def people_by(
    measure: Measure, tables: Mapping[str, pd.DataFrame], column: str, year: str, programmes: pd.Series
) -> pd.DataFrame:
    """What a measure of people supported counts in a year, by a column: group, reached, known, unknown (not protected).

    `programmes`: the programme of each agreement, by its id; a person with two agreements of one group counts once in it.
    Where `year` is "" all years count as one, and a person once in it.
    """
    supported = derive.supported_with_evidence(tables)
    if not year:
        year = str(supported["period"].max())[:7]
        supported = supported.assign(period=f"{year} Q1")
    supported = supported.assign(programme=supported["grant_id"].map(programmes).fillna("unknown"))
    split = replace(measure, groups=(column,))
    found = calculate.results([split], {"supported": supported}, pilot="", area="", periods=[year], by=("year",))
    rows = found[found["group_kind"] == column]
    return pd.DataFrame(
        {"group": rows["group"].astype(str), "reached": rows["numerator"], "known": rows["denominator"], "unknown": rows["unknown"]}
    ).reset_index(drop=True)  # fmt: skip


def spend_by(accrued: pd.DataFrame, of: pd.Series) -> pd.DataFrame:
    """Accrued spend by group: group, agreements, pounds; and of those whose outcome is known: agreements_known, pounds_known.

    `accrued`: as `derive.accrued_spend` makes it. `of`: the group of each row.
    """
    rows = accrued.assign(group=of.to_numpy(object), pounds=accrued["accrued_pence"].astype(float) / 100)
    rows = rows[rows["group"].notna()]
    out = rows.groupby("group").agg(agreements=("grant_id", "nunique"), pounds=("pounds", "sum"))
    known = rows[rows["outcome"] == "known"].groupby("group")
    out["agreements_known"] = known["grant_id"].nunique().reindex(out.index).fillna(0).astype(int)
    out["pounds_known"] = known["pounds"].sum().reindex(out.index).fillna(0.0)
    return out.reset_index()


def no_lone_gap(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The frame, with a second row hidden where one alone is: a known total less the others would tell it."""
    hidden = frame[f"{column}_hidden"].astype(bool)
    shown = pd.to_numeric(frame[column]).where(~hidden)
    if int(hidden.sum()) == 1 and shown.gt(0).any():
        partner = frame.index == shown[shown > 0].idxmin()
        frame = frame.assign(**{column: frame[column].mask(partner), f"{column}_hidden": hidden | partner})
    return frame


def bought(grants: pd.DataFrame, column: str) -> pd.DataFrame:
    """Agreements by what they are for (`column`) and how they are agreed: grant_id, what, how, pounds; a row an agreement."""
    how = grants["agreement"].map({"activity": "paid for an activity", "outcome": "agreed on outcomes"})
    return pd.DataFrame(
        {
            "grant_id": grants["grant_id"],
            "what": grants[column].fillna("unknown").astype(str),
            "how": how.fillna("not recorded"),
            "pounds": grants["amount_awarded_pence"].astype(float) / 100,
        }
    )


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
        measure = self.measures.get(f"{self.pilot.name}_outcome_reached")
        # Names of groups come from the register alone: one typed into a person's row is never shown.
        if column not in REGISTERED or measure is None or not self.holds("supported", "grants"):
            return pd.DataFrame()
        tables = {name: self.study.table(name) for name in ("supported", "returns")}
        grants = self.study.table("grants").drop_duplicates("grant_id").set_index("grant_id")
        found = people_by(measure, tables, column, self.period[:7], grants[column])
        for name in ("reached", "known"):
            found[name] = found[name].fillna(0).astype(int)
        frame = shares(found, "reached", "known")
        for name in ("reached", "known"):
            frame = no_lone_gap(frame, name)
        gone = frame["reached_hidden"].astype(bool) | frame["known_hidden"].astype(bool)
        for name in ROUGHLY:
            frame[name], frame[f"{name}_hidden"] = frame[name].mask(gone), frame[f"{name}_hidden"] | gone
        return frame.drop(columns=["unknown"]).set_index("group")

    def _split(self, column: str) -> pd.DataFrame:
        """One row a group: awarded, spent, spent with a known outcome, and people; empty where nothing is known."""
        award = self._by("award", column)
        parts = {"awarded": pd.to_numeric(award["numerator"]).astype("Float64") / 100} if len(award) else {}
        frame = pd.DataFrame(parts)
        payments, grants = self.study.table("payments"), self.study.table("grants")
        if len(payments) and len(grants) and linked_to_agreements(payments):
            tables = {name: self.study.table(name) for name in ("payments", "grants", "returns", "supported")}
            accrued = derive.accrued_spend({name: one for name, one in tables.items() if len(one)})
            accrued = accrued[accrued["period"].astype(str).str.startswith(self.period[:7])]
            one = grants.drop_duplicates("grant_id").set_index("grant_id")
            of = accrued["grant_id"].map(one[column]) if column == "programme" else accrued[column]
            spent = spend_by(accrued, of)
            spent["rest"] = spent["agreements"] - spent["agreements_known"]
            shown = protected(spent, ("agreements", "rest"), ("pounds",), by="agreements")
            shown = shown.assign(agreements_known=spent["agreements_known"], pounds_known=spent["pounds_known"])
            shown = protected(shown, ("agreements_known",), ("pounds_known",), by="agreements_known")
            shown["pounds_known"] = shown["pounds_known"].mask(shown["rest_hidden"])  # the rest would tell of a few
            shown["pounds_known_hidden"] |= shown["rest_hidden"]
            shown["partly"] = spent["rest"] > 0
            kept = ["pounds", "pounds_hidden", "pounds_known", "pounds_known_hidden", "partly"]
            frame = frame.join(shown.set_index("group")[kept], how="outer")
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
                Computed(frame=frame, of=(self.released,), how="released figures by group, and accrued spend, rounded"),
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
        grants = self.study.table("grants")
        column = "programme" if grants["purpose"].nunique() > MOST_PURPOSES else "purpose"
        self.lacks.append(
            "Whether an agreement is a grant, a contract or bought as it is needed (4.3): no column of “grants” says so."
        )
        rows = bought(grants, column)
        found = rows.groupby(["what", "how"]).agg(agreements=("grant_id", "nunique"), pounds=("pounds", "sum"))
        public = self._register_is_public()
        frame = (
            found.reset_index()
            if public
            else protected(found.reset_index(), ("agreements",), ("pounds",), by="agreements")
        )
        measure = self.measures.get(f"{self.pilot.name}_outcome_reached")
        known = measure is not None and self.holds("supported")
        columns: dict[str, str | Column] = {
            "what": "What is bought" if column == "purpose" else "Programme", "how": "How", "agreements": "Agreements",
            "pounds": Column(name="pounds", label="Awarded (£)", decimals=0),
        }  # fmt: skip
        if measure is not None and known:
            kind = rows.drop_duplicates("grant_id").set_index("grant_id")
            tables_ = {name: self.study.table(name) for name in ("supported", "returns")}
            people = people_by(measure, tables_, "programme", "", kind["what"] + SEPARATOR + kind["how"])
            people[["what", "how"]] = people["group"].str.split(SEPARATOR, n=1, expand=True).reindex(columns=[0, 1])
            frame = frame.merge(people[["what", "how", "reached", "known"]], on=["what", "how"], how="left")
            for name in ("reached", "known"):
                frame[name] = frame[name].fillna(0).astype(int)
            frame = shares(frame, "reached", "known")
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
            "agreements by what they are for and how they are agreed, with the people whose result is known, rounded",
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
