"""Sections on funded organisations: days to decide, to give notice and to pay; whole income; who they are.

Organisations are no people, yet a council's own register is protected as people are.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_agreements import WAITS
from commissioning.measures.breakdowns_of_organisations import INCOME_BANDS, OTHERS, SMALL, STAGES
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import market, section_findings
from commissioning.reports.award_sections import AwardSections
from commissioning.study import broken_down, outcomes

# What each criterion of funding is called, by the end of its measure's id, with the column that says whether it was scored.
CRITERIA = {
    "criteria_scored_carbon": ("Carbon", "carbon_scored"),
    "criteria_scored_social_value": ("Social value", "social_value_scored"),
}
LIMITS = {"value": "Share (%)", "lower": "Lower limit", "upper": "Upper limit"}
EVERY_STAGE = "before, since and not moved, together"
ANSWERS = {"number": "number", "number_of": "out_of", **{f"number_{one}": one for one in LIMITS}}


def may_be_shown(stages: pd.DataFrame, together: pd.DataFrame) -> pd.DataFrame:
    """Counts by who and stage, as released; for those of whose stages no share may be shown, all stages together.

    Never both for the same organisations: a stage that is hidden would be the whole less the others.
    """
    stages = broken_down.picked(stages, ("who", "stage"), ANSWERS)
    together = broken_down.picked(together, ("who",), ANSWERS)
    out = []
    for who in (one for one in (SMALL, OTHERS) if one in set(stages["who"])):
        parts = stages[stages["who"] == who].sort_values("stage", key=lambda one: one.map(list(STAGES).index))
        whole = together[together["who"] == who].assign(stage=EVERY_STAGE)
        out.append(parts if parts["value"].notna().any() or whole.empty else whole)
    return pd.concat(out, ignore_index=True) if out else stages


class OrganisationSections(AwardSections):
    """What a report of funded organisations shows of how they are dealt with."""

    def prompt(self) -> Display:
        """Days to decide, to give notice and to pay (5.4)."""
        by_department = {"department": self.group if self.group_kind == "department" else None}
        held = set(broken_down.groups(self.study, "waits", ("what",)))
        for key, (table, first, last, says) in WAITS.items():
            if key not in held:
                self.lacks.append(f"{says} (5.4) needs the extract “{table}” with its columns “{first}” and “{last}”.")
            elif key not in self.pilot.days_promised:
                self.lacks.append(f"{says} (5.4): no number of days has been promised (days_promised in pilot.toml).")
        if not held:
            wants = "; ".join(f"“{table}” with “{first}” and “{last}”" for table, first, last, _ in WAITS.values())
            return self.note(f"Days to decide, to give notice and to pay (5.4) need dates in the extracts: {wants}.")
        frame = self.broken_down("waits", "what", where=by_department)
        if frame.empty:
            return self.note(f"No wait that began in {self.period[:7]} has ended, as far as the extracts say.")
        tables = dict.fromkeys(WAITS[one][0] for one in WAITS if one in held)
        frame = frame.sort_values("what", key=lambda one: one.map(list(WAITS).index), ignore_index=True)
        frame["promised"] = pd.array([self.pilot.days_promised.get(one) for one in frame["what"]], dtype="Int64")
        frame["what"] = frame["what"].map({key: says for key, (*_, says) in WAITS.items()})
        names = {"counted": "counted", "days_value": "average", "kept": "kept", "kept_value": "share"}
        frame = broken_down.picked(frame, ("what", "promised"), names)
        self.say(*section_findings.prompt(self, frame))
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="days between two dates, as released"),
                title="Days to decide, to give notice and to pay",
                caption=(
                    f"For {self.place}, {self.period[:7]}. For notice, more days are better. Fewer than 20 have no share."
                ),
                source=self.source_words(*tables),
                sources=self.sources_of(*tables),
                columns={
                    "what": "Wait", "counted": "Counted", "average": Column(name="average", label="Average (days)", decimals=0),
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
        starts = self.study.published("starts")
        if not self.holds("starts") or not starts["unit_kind"].eq("department").any():
            return self.needs_columns("starts", "unit", "started", for_what=what)
        asked = {
            "success": ("applications", "Applications that succeeded"),
            "survival": ("organisations", "Still operating 12 months after first funding"),
        }
        parts = [
            (says, may_be_shown(self.in_all(id, "who", "stage"), self.in_all(id, "who")))
            for id, (table, says) in asked.items()
            if self.holds(table)
        ]
        if not parts:
            return self.needs_extract("applications", "organisations", for_what=what)
        frame = pd.concat([one.assign(what=says) for says, one in parts], ignore_index=True)
        hidden = int(frame["number_hidden"].astype(bool).sum())
        tables = tuple(one for one in ("applications", "organisations") if self.holds(one))
        began = market.files_of(self, starts[starts["unit_kind"].eq("department")], "starts")
        self.say(*section_findings.under_the_move(self, frame))
        return self._table(
            frame,
            "applications and organisations by where their department's move stood, as released",
            *tables,
            "starts",
            sources=(*self.sources_of(*tables), *began),
            title="Small and equality-led organisations, before and since the move",
            caption=(
                f"All years of application and of first funding together; {hidden} of {len(frame)} rows hide their number, because it or its "
                f"rest is 1 to {self.study.policy.suppress_to}. Where every stage of a row would be hidden, all stand together. Departments differ in other "
                "ways too: this does not say that the move did it."
            ),
            columns={
                "what": "What", "who": "Who", "stage": "When", "number": "Number", "out_of": "Out of",
                **{key: Column(name=key, label=says, decimals=0) for key, says in LIMITS.items()},
            },
            keys=3,
            declared=(hidden, len(frame), self.study.policy.suppress_to, 1, 12),
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
        every = self.in_all("organisations")
        if every.empty or not (every["organisations"].fillna(0).gt(0) | every["organisations_hidden"].eq(True)).any():
            return self.needs_columns(
                "organisations",
                "income",
                "income_year",
                for_what="The council's share of each organisation's whole income",
            )
        shown = broken_down.in_pounds(self.in_all("income_shares", "band"))
        if shown.empty:
            return self.needs_columns(
                "payments", "grant_id", for_what="The council's share of each organisation's whole income"
            )
        shown = shown.sort_values("band", key=lambda one: one.map(list(INCOME_BANDS).index), ignore_index=True)
        rounded = every.iloc[0][["organisations", "organisations_of"]]
        counted, whole = ("a few" if pd.isna(one) else f"{int(one):,}" for one in rounded)
        self.say(
            *section_findings.first_state(
                self, shown, "band", "share-of-income", of=" of their income from the council"
            )
        )
        return self._table(
            shown,
            "organisations by what the council paid them over their whole income, as released",
            "organisations",
            "payments",
            title="The council's share of organisations' whole income",
            caption=(
                f"About {counted} of {whole} organisations, each in the year of its last accounts. The rest "
                "gave no income. A large share is a risk to the organisation if funding stops, and says nothing of its work."
            ),
            columns={"band": "The council gives", "organisations": "Organisations", "pounds": Column(name="pounds", label="Paid in that year (£)", decimals=0)},
            declared=tuple(int(one) for one in rounded if pd.notna(one)),
            id="share-of-income",
        )  # fmt: skip

    def social_enterprises(self) -> Display:
        """Social enterprises and mutuals beside other organisations: what they were awarded, and their success (4.11f)."""
        if not self.holds("organisations"):
            return self.needs_columns(
                "organisations", "social_enterprise", "mutual", for_what="Social enterprises and mutuals (4.11f)"
            )
        frame = broken_down.in_pounds(self.in_all("organisations", "kind"))
        frame = broken_down.picked(frame, ("kind",), {"organisations_of": "organisations", "pounds": "pounds"})
        if "Co-operatives and mutuals" not in set(frame["kind"]):
            self.lacks.append(
                "Which organisations are mutuals (4.11f): that needs the column “mutual” of “organisations”."
            )
        if not (frame["pounds"].notna() | frame["pounds_hidden"]).any():
            frame = frame.drop(columns="pounds")
        applied = self.in_all("applications", "kind")
        if len(applied):
            names = {"successful": "successful", "successful_of": "applied", "successful_value": "share"}
            frame = broken_down.beside(frame, applied, ("kind",), names)
        columns: dict[str, str | Column] = {"kind": "Kind", "organisations": "Organisations"}
        if "pounds" in frame:
            columns["pounds"] = Column(name="pounds", label="Awarded, all years (£)", decimals=0)
        else:
            self.lacks.append("What social enterprises and mutuals were awarded (4.11f) needs the extract “grants”.")
        if "applied" in frame:
            columns |= {
                "applied": "Applications", "successful": "Successful",
                "share": Column(name="share", label="Successful (%)", decimals=0),
            }  # fmt: skip
        return self._table(
            frame,
            "organisations by kind, with their awards and applications, as released",
            "organisations",
            "grants",
            "applications",
            title="Social enterprises and mutuals",
            caption="The 2011 report says that the council will look to promote them. All years together.",
            columns=columns,
            declared=(2011,),
            id="social-enterprises",
        )
