"""Review (4.5): what changed, for whom, at what cost, and what the evidence supports. Members decide."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Findings
from commissioning.presentation.sections import Log, Note, Steps
from commissioning.presentation.showable import Computed, EffectSummary
from commissioning.presentation.table import Table
from commissioning.reports import findings, groups, out_of_line, outcomes, value_for_money
from commissioning.reports.decision import Standing, recommend
from commissioning.reports.evaluation import Evaluation, _numbers
from commissioning.reports.spend_lines import against_plan
from commissioning.reports.stage_records import Recommendation

MISSING = {"worth": "not agreed", "benefit": "not worked out", "likely": "not worked out", "each": "not worked out"}
KEPT_WORDS = ("goal_kept", "outcome_kept")


class Review(Evaluation):
    """Effects, claims, value and fairness, and the decision rules agreed beforehand."""

    def key_findings(self) -> Findings:
        """Attributable effects first; then outcomes, others' figures and spend."""
        return self.keep_findings(
            [
                *self.effect_findings(most=2),
                *findings.headline_outcomes(self, most=1),
                *findings.compared_with_others(self),
                *findings.headline_spend(self),
            ]
        )

    # --- fairness and what lasted

    def equality(self) -> Display:
        """Outcomes by group: who was left behind? Small groups stay protected."""
        for measure in self.primary.values():
            kinds = tuple(
                one for one in ("ethnicity", "age_band", "sex", "locality", "department") if one in measure.groups
            )
            if not kinds:
                continue
            rows = groups.split(self.released, measure, self.period, kinds=kinds)
            if rows.frame.empty:
                continue
            self.say(*findings.apart(self, measure, rows.frame, "equality"))
            return self._keep(
                Table(
                    rows,
                    title=f"{measure.title}, by group",
                    caption=f"{self.period}. A group too small to show says so.{self.of_the_whole}",
                    source=self.source_words(measures=(measure.id,)),
                    columns=groups.LABELS,
                    measures=(measure.id,),
                    declared=(self.period, measure.title),
                    keys=2,
                    id="equality",
                )
            )
        return self.needs_extract("people", "supported", for_what="Outcomes by group")

    def _kept(self) -> dict[str, Measure]:
        """Outcomes looked at again later, of those that an extract here holds."""
        held = set(self.study.record["measures"])
        return {key: one for key, one in self.outcome_measures.items() if key.endswith(KEPT_WORDS) and key in held}

    def sustained(self) -> Table | Note:
        """Did it last? Outcomes checked again after 6 or 12 months (4.1)."""
        held = self._kept()
        if not held:
            return self.needs_extract("reviews", "supported", for_what="Whether outcomes lasted (4.1)")
        self.say(*findings.headline_outcomes(self, most=1, measures=held, evidence="sustained"))
        return self._keep(
            Table(
                self.outcome_frame(held),
                title="Did it last?",
                caption=f"Checked again later, {self.period} (paragraph 4.1).",
                source=self.source_words(measures=tuple(held)),
                columns={
                    "what": "Outcome", "numerator": "Still held", "denominator": "Checked", "value": "Value",
                    "lower": "Lower limit", "upper": "Upper limit", "unknown": "Unknown", "note": "Note",
                },
                measures=tuple(held),
                declared=(self.period, "4.1"),
                id="sustained",
            )
        )  # fmt: skip

    # --- what the evidence supports

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Each outcome that has a floor, beside it."""
        rows = outcomes.main_rows(self.released, self.group_kind, self.group)
        rows = outcomes.scaled(rows[rows["period"] == self.period], self.measures).drop_duplicates("measure")
        by_id = rows.set_index("measure")
        effects = {one.measure.id: one for one in self.effects.estimates}
        found = []
        for floor in self.pilot.floors:
            row = by_id.loc[floor.measure] if floor.measure in by_id.index else None
            known = row is not None and not pd.isna(row["value"])
            effect = effects.get(floor.measure)
            shown = effect.summary if effect is not None else None
            measure = self.measures.get(floor.measure)
            fewer = measure is not None and measure.better == "lower"
            found.append(
                Standing(
                    measure=floor.measure,
                    title=measure.title if measure is not None else floor.measure,
                    lower=float(row["lower"]) if known else None,  # type: ignore[index]
                    upper=float(row["upper"]) if known else None,  # type: ignore[index]
                    floor=floor.floor,
                    worthwhile_change=floor.worthwhile_change,
                    change_upper=_most(shown, fewer=fewer) if shown is not None else None,
                    rung=shown.claim if shown is not None else "described",
                    out_of_line=out_of_line.found(self.released, measure, self.period, floor.floor)
                    if measure is not None and not self.group
                    else (),
                    fewer_is_better=fewer,
                )
            )
        return tuple(found)

    @cached_property
    def spend_within_plan(self) -> bool | None:
        """True where the latest planned year's spend is at or below plan; None without a plan."""
        if self.group:
            return None  # the plan is of the whole area
        decision = self.pilot.decision
        beside = against_plan(self.spend.frame, decision.planned_spend, decision.planned_line)
        return bool(beside["spent_pence"].iloc[-1] <= beside["planned_pence"].iloc[-1]) if len(beside) else None

    @cached_property
    def recommendation(self) -> Recommendation:
        earlier = self.before("review")
        return recommend(
            self.standings,
            self.pilot.decision,
            spend_within_plan=self.spend_within_plan,
            whole_area=not self.group,
            earlier=earlier.recommendation if earlier else None,
            harm_flags=self.quality_flags(),
            replies=len(self.pilot.replies),
        )

    def asked_first(self) -> Any:
        """Duties, equality, replies and market come before any figure."""
        rows = [{"asked": key, "answer": answer} for key, answer in self.recommendation.asked_first.items()]
        return self.log(rows, title="Asked first", columns={"asked": "Question", "answer": "Answer"}, id="asked-first")

    def replies(self) -> Log | Note:
        """What people who use the service and providers replied, and what was done about it (5.4)."""
        if not self.pilot.replies:
            return self.note(
                f"No reply is recorded yet. Replies are open for {self.pilot.decision.replies_open_days} days."
            )
        labels = {"on": "Date", "who": "Who", "said": "What they said", "answered": "What was done about it"}
        rows = [one.model_dump(mode="json") for one in self.pilot.replies]
        return self.log(rows, title="Replies", columns=labels, id="replies")

    def standings_table(self) -> Table | Note:
        """Outcomes beside the floors agreed beforehand."""
        if not self.standings:
            return self.note("No floor has been agreed for any outcome.")
        frame = pd.DataFrame(
            [
                {"what": one.title, "lower": one.lower, "upper": one.upper, "floor": one.floor,
                 "stands": one.stands}
                for one in self.standings
            ]
        )  # fmt: skip
        for column in ("lower", "upper"):
            frame[column] = pd.to_numeric(frame[column])
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="released ranges beside floors agreed beforehand"),
                title="Outcomes beside their floors",
                caption=f"{self.period or 'No period is known'}. A floor is met where the whole range stands on it, or on its better side.",
                source=self.source_words(measures=tuple(one.measure for one in self.standings if one.measure in self.measures)),
                columns={
                    "what": "Outcome", "lower": Column(name="lower", label="Lower limit", decimals=1),
                    "upper": Column(name="upper", label="Upper limit", decimals=1),
                    "floor": Column(name="floor", label="Floor agreed", decimals=1), "stands": "How it stands",
                },
                measures=tuple(one.measure for one in self.standings if one.measure in self.measures),
                declared=(self.period,),
                id="standings",
            )
        )  # fmt: skip

    def what_the_evidence_supports(self) -> Steps:
        """The recommendation, its reasons and what would change it. Members decide."""
        found = self.recommendation
        steps = [
            "The evidence does not settle it: members choose."
            if found.says == "members choose"
            else f"The evidence supports: {found.says}. Members decide.",
            *[f"Because: {one}." for one in found.reasons],
            *[f"What would change this: {one}." for one in found.would_change],
            *[f"{one.rstrip('.')}." for one in found.to_gather],
        ]
        return self._keep(Steps(steps, title="What the evidence supports", id="supports"))

    # --- value, benefits, lessons

    def value(self) -> Note:
        """Outcomes set against cost, for attributable outcomes alone: a table, a plane, and what may be said."""
        from IPython.display import display

        attributable = [one for one in self.effects.estimates if one.claim and one.claim.rung == "attributable"]
        if not attributable:
            return self.note(
                "No change may be put down to the pilot, so no cost for each outcome is worked out. "
                "Spend stands beside outcomes instead."
            )
        cost = groups.money_measure(self.measures, self.study.record["measures"])
        names = "; ".join(one.measure.title for one in attributable)
        if cost is None or cost.spend_scope != "purpose":
            return self.note(
                f"A change may be put down to the pilot for: {names}. No spend here has that purpose, so no cost for each is given."
            )
        year = self.period[:7]
        found = [value_for_money.of(self.study, self.pilot, one, cost, year) for one in attributable]
        for shown in (self.value_table(found, cost), self.value_plane(found)):
            if shown is not None:
                display(shown)
        says = [value_for_money.sentence(one, self.pilot.easy_words.get(one.measure.id, "")) for one in found]
        if any(one.comparison is not None for one in found):
            label = next((one.kind for one in self.pilot.benefits if one.measure == cost.id), "")
            kind = value_for_money.LABELS.get(label, "not labelled yet: cashable, non-cashable or avoided")
            says.append(f"Where it costs less, the difference is {kind}.")
        return self.note(" ".join(says))

    def value_table(self, found: list[value_for_money.Value], cost: Measure) -> Table:
        """People and pounds, with ranges; amounts keep two significant figures."""
        names = ["what", "people", "effect", "effect_lower", "effect_upper", "cost", "cost_lower", "cost_upper", "each",
                 "worth", "benefit", "likely", "withheld"]  # fmt: skip
        frame = pd.DataFrame([value_for_money.row(one) for one in found]).reindex(columns=names)
        for name in names[1:-1]:
            frame[name] = pd.to_numeric(frame[name])
        ids = [one.measure.id for one in found]
        of = tuple(one.summary for one in self.effects.estimates if one.measure.id in ids)
        labels = {
            "what": "Outcome", "people": "People in places that started", "effect": "More people", "effect_lower": "Lower limit",
            "effect_upper": "Upper limit", "cost": "Cost more a year (£)", "cost_lower": "Cost, lower limit (£)",
            "cost_upper": "Cost, upper limit (£)", "each": "Cost for each more person (£)", "worth": "Worth agreed for each (£)",
            "benefit": "Net benefit a year (£)", "likely": "Chance that it is worth it (%)", "withheld": "What is withheld, and why",
        }  # fmt: skip
        return self._keep(
            Table(
                Computed(
                    frame=frame,
                    of=(self.released, *of),
                    how="effects times released numbers of people, and the same for cost",
                ),
                title="What was gained, beside what it cost",
                caption=f"For outcomes that may be put down to the pilot. Effect and cost come from the same resample of the same places. Amounts are rounded after they are worked out, so they need not divide or add up.{self.of_the_whole}",
                source=self.source_words(measures=(*ids, cost.id)),
                columns={
                    key: label
                    if key in ("what", "withheld")
                    else Column(name=key, label=label, decimals=0, missing=MISSING.get(key, ""))
                    for key, label in labels.items()
                },
                measures=(*ids, cost.id),
                declared=_numbers(" ".join(frame["withheld"].fillna(""))),
                id="value",
            )
        )

    def value_plane(self, found: list[value_for_money.Value]) -> Chart | None:
        """Outcomes up, cost across, each with its range; None where nothing may be drawn."""
        frame = pd.DataFrame([value_for_money.row(one) for one in found if one.comparison is not None])
        if frame.empty:
            return None
        ids = [one.measure.id for one in found if one.comparison is not None]
        of = tuple(one.summary for one in self.effects.estimates if one.measure.id in ids)
        first = frame.iloc[0]
        return self._keep(
            Chart.plane(
                Computed(frame=frame, of=(self.released, *of), how="effects times released numbers of people, and the same for cost"),
                x="cost", y="effect", name="what", x_lower="cost_lower", x_upper="cost_upper", lower="effect_lower", upper="effect_upper",
                x_label="Cost more a year (£)",
                columns={
                    "what": "Outcome", "cost": Column(name="cost", label="Cost more a year (£)", decimals=0),
                    "cost_lower": Column(name="cost_lower", label="Cost, lower limit (£)", decimals=0),
                    "cost_upper": Column(name="cost_upper", label="Cost, upper limit (£)", decimals=0),
                    "effect": Column(name="effect", label="More people", decimals=0),
                    "effect_lower": Column(name="effect_lower", label="Lower limit", decimals=0),
                    "effect_upper": Column(name="effect_upper", label="Upper limit", decimals=0),
                },
                title="Gain and cost on one plane",
                alt=f"One point for each outcome, with its ranges. {first['what']}: {words.number(first['effect'])} more people.",
                caption="To the right costs more; higher up does more for people. Ranges that cross a line leave its side open.",
                source=self.source_words(measures=tuple(ids)),
                unit="people",
                measures=tuple(ids),
                id="value-plane",
            )
        )  # fmt: skip

    def benefits(self) -> Any:
        """Benefits expected beside benefits realised (4.15)."""
        labels = {
            "benefit": "Benefit", "kind": "Kind", "expected": "Expected", "realised": "Realised so far", "owner": "Owner",
            "due": "Due",
        }  # fmt: skip
        return self.log(self._benefit_rows(), title="Benefits register (4.15)", columns=labels, id="benefits")

    def _benefit_rows(self) -> list[dict[str, Any]]:
        rows = []
        by_id = {one.measure.id: one.summary for one in self.effects.estimates}
        for one in self.pilot.benefits:
            summary = by_id.get(one.measure)
            realised = "not known"
            if summary is not None:
                realised = (
                    f"{summary.wording} {summary.compared}" if summary.withheld is None else "withheld: see the gates"
                )
            rows.append(one.model_dump() | {"realised": realised})
        return rows

    def lessons(self) -> Any:
        """What was learnt, and what it applies to (3.4)."""
        rows = [one.model_dump() for one in self.pilot.lessons]
        labels = {"lesson": "Lesson", "learnt_from": "Learnt from", "applies_to": "Applies to"}
        return self.log(rows, title="Lessons for other reviews (3.4)", columns=labels, id="lessons")

    def extra_record(self) -> dict[str, Any]:
        return {
            "recommendation": self.recommendation,
            "claims": {one.measure.id: one.claim.rung for one in self.effects.estimates if one.claim},
            "sustained": self._what_lasted(),
            "benefits": tuple(
                f"{one['benefit']}: expected {one['expected']}; realised so far: {one['realised']}"
                for one in self._benefit_rows()
            ),
            "engagement": tuple(f"{one.stage or 'no stage'}, {one.who}: {one.said}" for one in self.pilot.engagement),
            "lessons": tuple(one.lesson for one in self.pilot.lessons),
        }

    def _what_lasted(self) -> tuple[str, ...]:
        """Outcomes that were looked at again later, in words; those not known say so."""
        frame = self.outcome_frame(held).frame if (held := self._kept()) else pd.DataFrame()
        return tuple(
            f"{row['what']}: "
            + ("not known" if pd.isna(row["value"]) else f"{words.number(row['value'], 1)} {row['unit']}")
            for _, row in frame.iterrows()
        )


def _most(shown: EffectSummary, *, fewer: bool) -> float | None:
    """The most that a change for the better may be, from the limits that may be shown."""
    if fewer:
        return None if shown.lower is None else -shown.lower
    return shown.upper
