"""Sections on funded organisations: days to decide, to give notice and to pay; whole income; who they are.

Organisations are no people, yet a council's own register is protected as people are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from commissioning.disclosure import policy
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import market, outcomes, section_findings
from commissioning.reports.award_sections import AwardSections, no_lone_gap
from commissioning.reports.protecting import protected, shares

# What each criterion of funding is called, by the end of its measure's id, with the column that says whether it was scored.
CRITERIA = {
    "criteria_scored_carbon": ("Carbon", "carbon_scored"),
    "criteria_scored_social_value": ("Social value", "social_value_scored"),
}
# what → (table, from, to, words). Notice runs to the last day, so more days are better for it.
WAITS = {
    "decide": ("applications", "applied_on", "decided_on", "From application to decision"),
    "notice": ("grants", "notice_on", "end_on", "From notice to the last day of funding"),
    "pay": ("payments", "due_on", "paid_on", "From due to paid"),
}
INCOME_BANDS = ("under a tenth", "a tenth to a half", "a half to three quarters", "three quarters or more")


def days(tables: Mapping[str, pd.DataFrame], year: str, promised: Mapping[str, int]) -> pd.DataFrame:
    """One row a wait: what, counted, middle, slowest (nine in ten are no worse), promised, kept, share.

    Only waits that began in the financial year `year` count. `kept` counts those within the days promised (for notice:
    at least those days); it is missing where no days were promised. An application without a decision is not counted.
    """
    out = []
    for key, (table, first, last, says) in WAITS.items():
        rows = tables.get(table)
        if rows is None or not {first, last} <= set(rows.columns):
            continue
        begun, ended = pd.to_datetime(rows[first]), pd.to_datetime(rows[last])
        taken = (ended - begun).dt.days[_year(begun).eq(year)].dropna()
        limit = promised.get(key)
        kept = None if limit is None else int((taken >= limit).sum() if key == "notice" else (taken <= limit).sum())
        worst = 0.1 if key == "notice" else 0.9
        out.append(
            {"what": says, "counted": len(taken), "middle": taken.median() if len(taken) else None,
             "slowest": taken.quantile(worst) if len(taken) else None, "promised": limit, "kept": kept}
        )  # fmt: skip
    columns = ["what", "counted", "middle", "slowest", "promised", "kept"]
    frame = pd.DataFrame(out, columns=columns)
    for name in columns[1:]:
        frame[name] = pd.to_numeric(frame[name])
    return frame


def _year(on: pd.Series) -> pd.Series:
    """The financial year of each date, such as 2014-15; "" where there is none."""
    begins = on.dt.year - (on.dt.month < 4).astype(int)
    return begins.map(lambda one: "" if pd.isna(one) else f"{int(one)}-{(int(one) + 1) % 100:02d}")


def income_shares(organisations: pd.DataFrame, payments: pd.DataFrame, grants: pd.DataFrame) -> pd.DataFrame:
    """Organisations by the council's share of their whole income in the year of their accounts: band, organisations, pounds.

    The council's part is what it paid in that year: payments matched to agreements by `grant_id`. An organisation with no
    payment in that year stands in the lowest band; one whose income or year is not known is left out.
    """
    known = organisations.dropna(subset=["income_pence", "income_year"])
    known = known[known["income_pence"] > 0]
    recipient = grants.drop_duplicates("grant_id").set_index("grant_id")["recipient_id"]
    paid = payments.assign(organisation_id=payments["grant_id"].map(recipient))
    by = paid.groupby(["organisation_id", "year"])["amount_pence"].sum()
    at = pd.MultiIndex.from_arrays([known["organisation_id"], known["income_year"]])
    council = by.reindex(at).fillna(0).astype(float).to_numpy()
    share = council / known["income_pence"].astype(float).to_numpy()
    band = np.select([share < 0.1, share < 0.5, share < 0.75], INCOME_BANDS[:3], INCOME_BANDS[3])
    made = pd.DataFrame({"band": band, "pounds": council / 100}).groupby("band")["pounds"].agg(["size", "sum"])
    made = made.reindex([one for one in INCOME_BANDS if one in made.index])
    return made.rename(columns={"size": "organisations", "sum": "pounds"}).rename_axis("band").reset_index()


def who_they_are(organisations: pd.DataFrame, grants: pd.DataFrame, applications: pd.DataFrame) -> pd.DataFrame:
    """Social enterprises, mutuals and others: kind, organisations, pounds (awarded, all years), applied, successful."""
    mutual = organisations["mutual"] if "mutual" in organisations else pd.Series("no", index=organisations.index)
    kind = np.select(
        [mutual.eq("yes"), organisations["social_enterprise"].eq("yes"), organisations["social_enterprise"].eq("no")],
        ["Co-operatives and mutuals", "Social enterprises", "Other organisations"],
        "Not known",
    )
    of = pd.Series(kind, index=organisations["organisation_id"])
    of = of[~of.index.duplicated()]
    out = of.value_counts(sort=False).rename("organisations").to_frame()
    if len(grants):  # where no register is held, what was awarded is not known: that is not nothing
        awarded = grants["amount_awarded_pence"].astype(float).groupby(grants["recipient_id"].map(of)).sum() / 100
        out["pounds"] = awarded.reindex(out.index).fillna(0.0)
    if len(applications):
        theirs = applications["organisation_id"].map(of)
        out["applied"] = theirs.value_counts().reindex(out.index).fillna(0).astype(int)
        won = theirs[applications["successful"].eq("yes")]
        out["successful"] = won.value_counts().reindex(out.index).fillna(0).astype(int)
    return out.rename_axis("kind").reset_index().sort_values("kind", ignore_index=True)


BEFORE, SINCE, NEVER = "before its department moved", "in the year of the move or later", "its department has not moved"
STAGES = (BEFORE, SINCE, NEVER)
EVERY_STAGE = "before, since and not moved, together"
LIMITS = {"value": "Share (%)", "lower": "Lower limit", "upper": "Upper limit"}
SMALL, OTHERS = "Small or equality-led", "Other organisations"


def stage_of(department: pd.Series, year: pd.Series, starts: pd.DataFrame) -> pd.Series:
    """Where each row stands in the move to outcome-based agreements: a word of STAGES, missing where that is not known.

    `department` and `year` (such as 2014-15): the row's own. `starts`: unit_kind, unit, started (a quarter, or never).
    """
    mine = starts[starts["unit_kind"] == "department"].drop_duplicates("unit").set_index("unit")["started"].astype(str)
    moved = department.map(mine)
    known = moved.notna() & year.notna() & ~year.astype(str).isin(["", "unknown"])
    since = year.astype(str) >= moved.astype(str).str[:7]
    stage = np.select([moved.eq("never"), since], [NEVER, SINCE], BEFORE)
    return pd.Series(stage, index=department.index, dtype=object).where(known)


def success(applications: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """Applications with a known decision by who made them and where the move stood: who, stage, out_of, number."""
    who = applications["small_or_equality_led"].map({"yes": SMALL, "no": OTHERS})
    stage = stage_of(applications["department"], applications["period"], starts)
    return _counted(who, stage, applications["successful"])


def survival(organisations: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """Organisations due a check at 12 months, every year of first funding together: who, stage, out_of, number (still there).

    The stage is that of the year it was first funded. One of which neither is known to be so is left out.
    """
    small, led = organisations["small"], organisations["equality_led"]
    who = pd.Series(
        np.select([small.eq("yes") | led.eq("yes"), small.eq("no") & led.eq("no")], [SMALL, OTHERS], ""),
        index=small.index,
    )
    stage = stage_of(organisations["department"], organisations["first_funded"], starts)
    return _counted(who.where(who != ""), stage, organisations["operating_at_12_months"])


def _counted(who: pd.Series, stage: pd.Series, answer: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame({"who": who, "stage": stage, "yes": answer.eq("yes")})
    rows = rows[answer.isin(["yes", "no"])].dropna(subset=["who", "stage"])
    found = rows.groupby(["who", "stage"])["yes"].agg(out_of="size", number="sum")
    order = pd.MultiIndex.from_product([(SMALL, OTHERS), STAGES], names=["who", "stage"])
    return found.reindex([one for one in order if one in found.index]).astype(int).reset_index()


def over_stages(found: pd.DataFrame) -> pd.DataFrame:
    """The same counts with all stages of the move together: one row for small or equality-led, one for others."""
    whole = found.groupby("who", sort=False)[["out_of", "number"]].sum().reset_index()
    return whole.assign(stage=EVERY_STAGE)[list(found.columns)]


def may_be_shown(found: pd.DataFrame) -> pd.DataFrame:
    """Counts by stage, protected as shares of `out_of`; for those whose every stage would be hidden, all stages together.

    Never both for the same organisations: a stage that is hidden would be the whole less the others.
    """
    out = []
    for _, rows in found.groupby("who", sort=False):
        parts = no_lone_gap(shares(rows.reset_index(drop=True), "number", "out_of"), "number")
        for name in ("value", "lower", "upper"):
            parts[name] = parts[name].mask(parts["number_hidden"])
            parts[f"{name}_hidden"] |= parts["number_hidden"]
        out.append(parts if parts["value"].notna().any() else shares(over_stages(rows), "number", "out_of"))
    return pd.concat(out, ignore_index=True) if out else shares(found, "number", "out_of")


class OrganisationSections(AwardSections):
    """What a report of funded organisations shows of how they are dealt with."""

    def prompt(self) -> Display:
        """Days to decide, to give notice and to pay (5.4)."""
        names = dict.fromkeys(one[0] for one in WAITS.values())
        tables = {name: self.study.table(name) for name in names if self.holds(name)}
        for key, (table, first, last, says) in WAITS.items():
            if table not in tables or not {first, last} <= set(tables[table].columns):
                self.lacks.append(f"{says} (5.4) needs the extract “{table}” with its columns “{first}” and “{last}”.")
            elif key not in self.pilot.days_promised:
                self.lacks.append(f"{says} (5.4): no number of days has been promised (days_promised in pilot.toml).")
        if self.group_kind == "department":
            tables = {name: rows[rows["department"] == self.group] for name, rows in tables.items()}
        promised = {str(key): limit for key, limit in self.pilot.days_promised.items()}
        frame = days(tables, self.period[:7], promised)
        if frame.empty:
            wants = "; ".join(f"“{table}” with “{first}” and “{last}”" for table, first, last, _ in WAITS.values())
            return self.note(f"Days to decide, to give notice and to pay (5.4) need dates in the extracts: {wants}.")
        frame = protected(frame, ("counted", "kept"))
        few = frame["counted"].isna() | (frame["counted"] < policy().fewest_people_for_cost)
        for name in ("middle", "slowest"):
            frame[name] = frame[name].mask(few)
        frame["share"] = 100 * frame["kept"].astype("Float64") / frame["counted"].astype("Float64").mask(few)
        self.say(*section_findings.prompt(self, frame))
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="days between two dates, counts rounded"),
                title="Days to decide, to give notice and to pay",
                caption=(
                    f"For {self.place}, {self.period[:7]}. Nine in ten are no worse than the days in the column of that name; for "
                    "notice, more days are better. Fewer than 20 are not summed up."
                ),
                source=self.source_words(*tables),
                sources=self.sources_of(*tables),
                columns={
                    "what": "Wait", "counted": "Counted", "middle": Column(name="middle", label="Middle (days)", decimals=0),
                    "slowest": Column(name="slowest", label="Nine in ten are no worse than (days)", decimals=0),
                    "promised": Column(name="promised", label="Promised (days)", decimals=0), "kept": "As promised",
                    "share": Column(name="share", label="As promised (%)", decimals=0),
                },
                declared=(self.period[:7], self.place, 20),
                id="prompt",
            )
        )  # fmt: skip

    def small_under_the_move(self) -> Display:
        """Success and survival of small and equality-led organisations, before and since the move (11.1)."""
        what = "Success and survival of small and equality-led organisations under the move to outcome-based agreements (11.1)"
        if not self.holds("starts") or not self.study.table("starts")["unit_kind"].eq("department").any():
            return self.needs_columns("starts", "unit", "started", for_what=what)
        starts, parts = self.study.table("starts"), []
        if self.holds("applications"):
            parts.append(
                ("Applications that succeeded", may_be_shown(success(self.study.table("applications"), starts)))
            )
        if self.holds("organisations"):
            parts.append(
                (
                    "Still operating 12 months after first funding",
                    may_be_shown(survival(self.study.table("organisations"), starts)),
                )
            )
        if not parts:
            return self.needs_extract("applications", "organisations", for_what=what)
        frame = pd.concat([one.assign(what=says) for says, one in parts], ignore_index=True)
        hidden = int(frame["number_hidden"].astype(bool).sum())
        tables = tuple(one for one in ("applications", "organisations") if self.holds(one))
        began = market.files_of(self, starts[starts["unit_kind"].eq("department")], "starts")
        self.say(*section_findings.under_the_move(self, frame))
        return self._table(
            frame,
            "applications and organisations by where their department's move stood, rounded",
            *tables,
            "starts",
            sources=(*self.sources_of(*tables), *began),
            title="Small and equality-led organisations, before and since the move",
            caption=(
                f"All years of application and of first funding together; {hidden} of {len(frame)} rows hide their number, because it or its "
                f"rest is 1 to {policy().suppress_to}. Where every stage of a row would be hidden, all stand together. Departments differ in other "
                "ways too: this does not say that the move did it."
            ),
            columns={
                "what": "What", "who": "Who", "stage": "When", "number": "Number", "out_of": "Out of",
                **{key: Column(name=key, label=says, decimals=0) for key, says in LIMITS.items()},
            },
            keys=3,
            declared=(hidden, len(frame), policy().suppress_to, 1, 12),
            id="small-under-the-move",
        )  # fmt: skip

    def criteria(self) -> Display:
        """Carbon (12.1) and social value (4.11d): in how many awards each was scored, and where the criterion is from."""
        own = {end: self.measures.get(f"{self.pilot.name}_{end}") for end in CRITERIA}
        held = {end: one for end, one in own.items() if one is not None and one.id in self.study.record["measures"]}
        if not held:
            columns = " and ".join(f"“{column}”" for _, column in CRITERIA.values())
            says = (
                "Carbon (12.1) and social value (4.11d): not scored. No extract here says whether a named person scored either with "
                f"evidence: that needs “applications” with its columns {columns}. Nothing is counted as delivered."
            )
            self.lacks.append(says)
            return self.note(says)
        figures = self.released.figures
        rows = figures[(figures["group_kind"] == "all") & (figures["period"] == self.period[:7])]
        rows = outcomes.scaled(rows[rows["measure"].isin([one.id for one in held.values()])], self.measures)
        if rows.empty:
            return self.note(
                f"Carbon (12.1) and social value (4.11d): no award of {self.period[:7]} is recorded, so neither was scored."
            )
        end = rows["measure"].str.removeprefix(f"{self.pilot.name}_")
        frame = rows.assign(
            criterion=end.map({one: name for one, (name, _) in CRITERIA.items()}),
            origin=end.map({one: measure.source.reference for one, measure in held.items()}),
            column=end.map({one: f"applications, {column}" for one, (_, column) in CRITERIA.items()}),
        )
        self.say(*section_findings.criteria(self, frame))
        return self._keep(
            Table(
                Computed(frame=frame.reset_index(drop=True), of=(self.released,), how="released figures of each criterion"),
                title="Carbon and social value as criteria of funding",
                caption=(
                    f"Awards of {self.period[:7]}. Scored means by a named person, with evidence. It says nothing of what was delivered, and no "
                    f"pounds are put on it.{self.of_the_whole}"
                ),
                source=self.source_words(measures=tuple(one.id for one in held.values())),
                columns={
                    "criterion": "Criterion", "numerator": "Scored", "denominator": "Awards asked to score it",
                    **{key: Column(name=key, label=says, decimals=0) for key, says in LIMITS.items()},
                    "not_applicable": "Not asked", "unknown": "Not recorded", "origin": "The criterion is from",
                    "column": "Whether it was scored is in",
                },
                measures=tuple(one.id for one in held.values()),
                declared=(self.period[:7], 2011, 2, 12.1, "4.11d", *(one.source.reference for one in held.values())),
                id="criteria",
            )
        )  # fmt: skip

    def share_of_income(self) -> Display:
        """How much of each organisation's whole income the council gives: dependence on one funder (4.11d)."""
        if not self.holds("organisations") or not {"income_pence", "income_year"} <= set(
            self.study.table("organisations").columns
        ):
            return self.needs_columns(
                "organisations",
                "income",
                "income_year",
                for_what="The council's share of each organisation's whole income",
            )
        if not self.holds("payments", "grants") or "grant_id" not in self.study.table("payments"):
            return self.needs_columns(
                "payments", "grant_id", for_what="The council's share of each organisation's whole income"
            )
        every = self.study.table("organisations")
        frame = income_shares(every, self.study.table("payments"), self.study.table("grants"))
        counted = int(frame["organisations"].sum())
        shown = protected(frame, ("organisations",), ("pounds",), by="organisations")
        rounded = protected(pd.DataFrame({"counted": [counted], "every": [len(every)]}), ("counted", "every")).iloc[0]
        self.say(
            *section_findings.first_state(
                self, shown, "band", "share-of-income", of=" of their income from the council"
            )
        )
        return self._table(
            shown,
            "organisations by what the council paid them over their whole income, rounded",
            "organisations",
            "payments",
            title="The council's share of organisations' whole income",
            caption=(
                f"About {rounded['counted']} of {rounded['every']} organisations, each in the year of its last accounts. The rest "
                "gave no income. A large share is a risk to the organisation if funding stops, and says nothing of its work."
            ),
            columns={"band": "The council gives", "organisations": "Organisations", "pounds": Column(name="pounds", label="Paid in that year (£)", decimals=0)},
            declared=(int(rounded["counted"]), int(rounded["every"])) if rounded.notna().all() else (),
            id="share-of-income",
        )  # fmt: skip

    def social_enterprises(self) -> Display:
        """Social enterprises and mutuals beside other organisations: what they were awarded, and their success (4.11f)."""
        if not self.holds("organisations"):
            return self.needs_columns(
                "organisations", "social_enterprise", "mutual", for_what="Social enterprises and mutuals (4.11f)"
            )
        rows = self.study.table("organisations")
        if "mutual" not in rows:
            self.lacks.append(
                "Which organisations are mutuals (4.11f): that needs the column “mutual” of “organisations”."
            )
        applications = self.study.table("applications")
        frame = who_they_are(rows, self.study.table("grants"), applications)
        counts = tuple(name for name in ("organisations", "applied", "successful") if name in frame)
        frame = protected(frame, counts, ("pounds",) if "pounds" in frame else (), by="organisations")
        columns: dict[str, str | Column] = {"kind": "Kind", "organisations": "Organisations"}
        if "pounds" in frame:
            columns["pounds"] = Column(name="pounds", label="Awarded, all years (£)", decimals=0)
        else:
            self.lacks.append("What social enterprises and mutuals were awarded (4.11f) needs the extract “grants”.")
        if "applied" in frame:
            applied = frame["applied"].astype("Float64")
            frame["share"] = (
                100 * frame["successful"].astype("Float64") / applied.where(applied >= policy().fewest_people_for_cost)
            )
            columns |= {
                "applied": "Applications", "successful": "Successful",
                "share": Column(name="share", label="Successful (%)", decimals=0),
            }  # fmt: skip
        return self._table(
            frame,
            "organisations by kind, with their awards and applications, rounded",
            "organisations",
            "grants",
            "applications",
            title="Social enterprises and mutuals",
            caption="The 2011 report says that the council will look to promote them. All years together.",
            columns=columns,
            declared=(2011,),
            id="social-enterprises",
        )
