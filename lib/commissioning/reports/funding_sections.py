"""Sections for funded organisations: proportion, the same purpose twice, one funder, and what was tried.

Agreements and organisations are no people, yet a council's own register is protected as people are: counts of 1 to 7
are hidden, the rest rounded, hours and pounds kept to two significant figures. Names stand only where the register is
public already.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from commissioning.measures import derive
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.sections import Log
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import same_purpose, section_findings
from commissioning.reports.evaluation import Evaluation
from commissioning.reports.protecting import protected
from commissioning.wording import agreed

RESULTS = ("worked", "did not work", "not known yet")
RISKS = ("low", "medium", "high", "unknown")


def proportion(monitoring: pd.DataFrame, bands: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Hours asked beside the hours in proportion, by risk: one row a risk.

    `monitoring`: one row an agreement and quarter with `grant_id`, `risk`, `hours`, `award_share_pence`. `bands`: lowest
    and highest hours for each £1,000 by risk, as agreed. Columns: agreements, hours, pounds, over, under, hours_over
    (asked beyond the highest), hours_short (missing below the lowest).
    """
    rows = monitoring.assign(
        hours=pd.to_numeric(monitoring["hours"]).astype(float),
        thousands=pd.to_numeric(monitoring["award_share_pence"]).astype(float) / 100_000,
    )
    one = rows.groupby(["risk", "grant_id"], as_index=False)[["hours", "thousands"]].sum()
    low = one["risk"].map({risk: band[0] for risk, band in bands.items()}).astype(float) * one["thousands"]
    high = one["risk"].map({risk: band[1] for risk, band in bands.items()}).astype(float) * one["thousands"]
    one = one.assign(
        over=one["hours"] > high,
        under=one["hours"] < low,
        hours_over=(one["hours"] - high).clip(lower=0).fillna(0.0),
        hours_short=(low - one["hours"]).clip(lower=0).fillna(0.0),
        pounds=one["thousands"] * 1000,
    )
    by = one.groupby("risk").agg(
        agreements=("grant_id", "size"), hours=("hours", "sum"), pounds=("pounds", "sum"), over=("over", "sum"),
        under=("under", "sum"), hours_over=("hours_over", "sum"), hours_short=("hours_short", "sum"),
    )  # fmt: skip
    return by.reindex([risk for risk in RISKS if risk in by.index]).reset_index()


def funders(grants: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Organisations by how much of the grants known here comes from their largest funder: one row a state.

    The council is one funder, however many of its departments pay. Where nobody else's grants are known (`others` is
    empty) that says nothing, so its departments are told apart instead; an organisation of whose
    grants one names no department is a state of its own. Columns: state, organisations, pounds.
    """
    who = "funder" if len(others) else "department"
    council = "the council" if len(others) else grants["department"].fillna("unknown")
    parts = [grants.assign(payer=council)]
    if len(others):
        parts.append(others.assign(payer=others["funder"].fillna("unknown")))
    both = pd.concat(parts, ignore_index=True)
    rows = pd.DataFrame(
        {
            "key": derive.organisation_key(both),
            "payer": both["payer"],
            "pence": both["amount_awarded_pence"].astype(float),
        }
    ).dropna()
    by = rows.groupby(["key", "payer"])["pence"].sum().groupby("key").agg(["max", "sum"])
    by = by[by["sum"] > 0]
    share = by["max"] / by["sum"]
    states = (
        f"One {who} gives everything",
        f"One {who} gives most (more than three quarters)",
        f"Spread over {who}s",
        f"Cannot be told: a {who} is not recorded",
    )
    nameless = by.index.isin(rows.loc[rows["payer"].map(derive.is_blank), "key"])
    state = pd.Series(
        np.select([nameless, share >= 1, share > 0.75], [states[3], *states[:2]], states[2]), index=by.index
    )
    made = by["sum"].groupby(state).agg(["size", "sum"]).reindex(states).dropna()
    return pd.DataFrame(
        {
            "state": made.index,
            "organisations": made["size"].astype(int).to_numpy(),
            "pounds": made["sum"].to_numpy() / 100,
        }
    )


def portfolio(grants: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Experiments as one portfolio beside other agreements: agreements, pounds, due, met, closed, lessons."""
    kind = grants["experiment"].map({"yes": "Experiments", "no": "Other agreements"})
    rows = grants.assign(kind=kind).dropna(subset=["kind"])
    asked = returns[returns["asked"].eq("yes") & returns["target_met"].isin(["yes", "no"])] if len(returns) else returns
    met = asked.assign(met=asked["target_met"].eq("yes")) if len(asked) else pd.DataFrame({"grant_id": [], "met": []})
    of = rows.set_index("grant_id")["kind"]
    by_kind = met.assign(kind=met["grant_id"].map(of)).groupby("kind")["met"].agg(["size", "sum"])
    out = rows.groupby("kind").agg(
        agreements=("grant_id", "size"), pence=("amount_awarded_pence", "sum"),
        closed=("closed", lambda one: int(one.eq("yes").sum())), lessons=("lesson_written", lambda one: int(one.eq("yes").sum())),
    )  # fmt: skip
    out["due"] = by_kind["size"].reindex(out.index).fillna(0).astype(int)
    out["met"] = by_kind["sum"].reindex(out.index).fillna(0).astype(int)
    return out.assign(pounds=out["pence"].astype(float) / 100).drop(columns="pence").reset_index()


class FundingSections(Evaluation):
    """What a report of funded organisations shows besides its measures."""

    def _table(self, frame: pd.DataFrame, how: str, *sources: str, **words: Any) -> Table:
        if self.group and self.place not in words["caption"]:
            words["caption"] += self.of_the_whole
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how=how),
                source=self.source_words(*sources),
                **({"sources": self.sources_of(*sources)} | words),
            )
        )

    def in_proportion(self) -> Display:
        """Hours of monitoring against award and risk; over and under; what a proportionate regime would give back."""
        if not self.holds("monitoring"):
            return self.needs_extract("monitoring", for_what="Hours of monitoring against award and risk")
        bands = self.pilot.hours_in_proportion
        if not bands:
            says = (
                "No range of hours for each £1,000 has been agreed by risk, so nobody is said to be asked too much or too "
                "little. Write `hours_in_proportion` in pilot.toml, and seal it."
            )
            self.lacks.append(says)
            return self.note(says)
        rows = derive.monitoring_with_award_share({one: self.study.table(one) for one in ("monitoring", "grants")})
        rows = rows[rows["period"].astype(str).str.startswith(self.period[:7])]
        if rows.empty:
            return self.note(f"No hours of monitoring are recorded in {self.period}.")
        called = agreed("Hours for each £1,000", self.sealed.standing("hours_in_proportion."))
        ranges = "; ".join(f"{risk} {low:g} to {high:g}" for risk, (low, high) in bands.items())
        frame = protected(
            proportion(rows, bands),
            ("agreements", "over", "under"),
            ("hours", "pounds", "hours_over", "hours_short"),
            by="agreements",
        )
        labels = {"hours": "Hours asked", "pounds": "Award (£)", "hours_over": "Hours that would be given back", "hours_short": "Hours that would be added"}  # fmt: skip
        self.say(*section_findings.in_proportion(self, frame))
        return self._table(
            frame,
            "hours of monitoring beside the range agreed for their award and risk, counts and amounts rounded",
            "monitoring",
            "grants",
            title="Monitoring in proportion",
            caption=(
                f"{self.period}. {called}: {ranges}. An agreement is over or under where its "
                "hours stand outside that range."
            ),
            columns={
                "risk": "Risk", "agreements": "Agreements", "over": "Asked more than the range", "under": "Asked less",
                **{key: Column(name=key, label=label, decimals=0) for key, label in labels.items()},
            },
            measures=(f"{self.pilot.name}_monitoring_hours",) if f"{self.pilot.name}_monitoring_hours" in self.measures else (),
            declared=(self.period, 1000, *(one for band in bands.values() for one in band)),
            id="in-proportion",
        )  # fmt: skip

    def _register_is_public(self) -> bool:
        return "grants" in self.study.record.get("public_tables", ())

    def paid_twice(self) -> Display:
        """The same purpose and overlapping months by two departments (4.13e), with how each match was made."""
        if not self.holds("grants"):
            return self.needs_extract("grants", for_what="The same purpose paid for twice")
        grants, public = self.study.table("grants"), self._register_is_public()
        if not same_purpose.departments_recorded(grants):
            says = "Whether two departments pay for the same purpose cannot be told: departments are not recorded in the register here."
            self.lacks.append(says)
            return self.note(says)
        pairs = same_purpose.shared_purpose(grants)
        caution, told = same_purpose.caution(same_purpose.overlaps(grants), public)
        if pairs.empty:
            return self.note(
                f"No two departments pay one organisation for a purpose with the same wording in the same months. {caution}"
            )
        if public:
            frame = pairs.assign(pounds=pairs["pence"].astype(float) / 100).drop(columns="pence")
            columns: dict[str, Any] = {"match": "Matched by", "recipient": "Organisation", "purpose": "Purpose", "department": "Department", "other_department": "And department"}  # fmt: skip
        else:
            by = pairs.groupby("match").agg(pairs=("recipient", "size"), organisations=("recipient", "nunique"), pence=("pence", "sum"))  # fmt: skip
            by = by.assign(pounds=by["pence"].astype(float) / 100).drop(columns="pence").reset_index()
            frame = protected(by, ("pairs", "organisations"), ("pounds",), by="pairs")
            columns = {"match": "Matched by", "pairs": "Pairs of agreements", "organisations": "Organisations"}
        self.say(*section_findings.paid_twice(self, frame))
        return self._table(
            frame,
            "pairs of agreements with the same purpose, overlapping months and different departments",
            "grants",
            title="The same purpose, paid for by two departments in the same months",
            caption=f"A match by name alone is shown and never merged: two organisations may share a name. {caution}",
            columns=columns | {"pounds": Column(name="pounds", label="Smaller of the two awards (£)", decimals=0)},
            declared=told,
            id="paid-twice",
        )

    def one_funder(self) -> Display:
        """How many organisations rest on one funder, among the grants known here."""
        if not self.holds("grants"):
            return self.needs_extract("grants", for_what="Dependence on one funder")
        grants, others = self.study.table("grants"), self.study.table("other_grants")
        if not len(others) and not same_purpose.departments_recorded(grants):
            says = (
                "How far organisations rest on one funder cannot be told: only the council's own grants are here, and the register "
                "does not record departments."
            )
            self.lacks.append(says)
            return self.note(says)
        frame = funders(grants, others)
        frame = (
            frame
            if self._register_is_public()
            else protected(frame, ("organisations",), ("pounds",), by="organisations")
        )
        caption = (
            "The council, with all its departments, is one funder beside the others in these extracts. Other income is not known here."
            if len(others)
            else "Only the council's own grants are here, so the table tells its departments apart; all are one funder. "
            "A department that changed its name counts as two."
        )
        self.say(*section_findings.first_state(self, frame, "state", "one-funder"))
        return self._table(
            frame,
            "organisations by the share of their known grants that one funder gives",
            "grants",
            *(("other_grants",) if len(others) else ()),
            title="Dependence on one funder",
            caption=caption,
            columns={"state": "State", "organisations": "Organisations", "pounds": Column(name="pounds", label="Awarded (£)", decimals=0)},
            id="one-funder",
        )  # fmt: skip

    def innovation_portfolio(self) -> Display:
        """What was tried, what was reached, and what was learnt: judged together, because some will not work (4.11f)."""
        if not self.holds("grants"):
            return self.needs_extract("grants", for_what="The innovation portfolio")
        grants = self.study.table("grants")
        if "experiment" not in grants or not grants["experiment"].isin(["yes", "no"]).any():
            says = "Which agreements were experiments (4.11f): the register does not say so of any. It needs the column “experiment” of “grants”."
            self.lacks.append(says)
            return self.note(says)
        if not grants["experiment"].isin(["yes"]).any():
            return self.note("No agreement in the register is marked as an experiment.")
        frame = portfolio(grants, self.study.table("returns"))
        frame = protected(frame, ("agreements", "due", "met", "closed", "lessons"), ("pounds",), by="agreements")
        frame["share"] = 100 * frame["met"].astype("Float64") / frame["due"].astype("Float64").where(frame["due"] > 0)
        self.say(*section_findings.experiments(self, frame))
        return self._table(
            frame,
            "agreements marked as experiments, beside others, from rounded counts",
            "grants",
            "returns",
            title="Experiments, judged as a portfolio",
            caption="All years together. That an experiment did not reach its target is a finding, not a fault; a lesson not written is.",
            columns={
                "kind": "Kind", "agreements": "Agreements", "pounds": Column(name="pounds", label="Awarded (£)", decimals=0),
                "due": "Returns with a known result", "met": "Met their target",
                "share": Column(name="share", label="Met (%)", decimals=0), "closed": "Closed", "lessons": "Closed with a lesson",
            },
            id="innovation-portfolio",
        )  # fmt: skip

    def tried_and_learnt(self) -> Display:
        """What was tried, whether it worked and what was learnt, in the words of who tried it (4.11f)."""
        rows = [{"from": "pilot.toml", **one.model_dump(mode="json")} for one in self.pilot.innovation]
        if self._register_is_public() and "experiment" in (grants := self.study.table("grants")):
            rows += _from_register(grants[grants["experiment"].eq("yes")], self.study.table("returns"))
        if not rows:
            says = (
                "What was tried, what did not work and what was learnt (4.11f): nobody has written it down. It needs entries "
                f"[[innovation]] in pilots/{self.pilot.name}/pilot.toml, each with tried, result, learnt and evidence."
            )
            self.lacks.append(says)
            return self.note(says)
        return self._keep(
            Log(
                [row | {"learnt": row["learnt"] or "No lesson is written yet"} for row in rows],
                title=f"Tried and learnt, as a portfolio: {portfolio_words(rows)}",
                columns={"tried": "What was tried", "result": "Result", "learnt": "What was learnt", "evidence": "Rests on", "on": "Looked at", "from": "From"},
                id="tried-and-learnt",
            )
        )  # fmt: skip


def portfolio_words(rows: list[dict[str, Any]]) -> str:
    """How many things were tried, how they came out, and how many have a lesson: some that do not work are expected."""
    count = Counter(str(row["result"]) for row in rows)
    parts = [f"{count[one]} {one}" for one in RESULTS if count[one]]
    lessons = sum(bool(row["learnt"]) for row in rows)
    return f"{len(rows)} tried, {', '.join(parts)}; a lesson written from {lessons}"


def _from_register(grants: pd.DataFrame, returns: pd.DataFrame) -> list[dict[str, Any]]:
    """Experiments of a register that is public already, each with its title and its last return."""
    told = (
        returns[returns["target_met"].isin(["yes", "no"])]
        if len(returns)
        else pd.DataFrame({"grant_id": [], "target_met": []})
    )
    last = told.drop_duplicates("grant_id", keep="last").set_index("grant_id")["target_met"]
    result = grants["grant_id"].map(last).map({"yes": "worked", "no": "did not work"}).fillna("not known yet")
    lesson = (
        grants["lesson_written"].eq("yes").map({True: "A lesson is written; the register does not hold it", False: ""})
    )
    return [
        {"tried": title, "result": came, "learnt": learnt, "evidence": "whether its target was met", "on": None, "from": "the register"}
        for title, came, learnt in zip(grants["title"].astype(str), result, lesson, strict=True)
    ]  # fmt: skip
