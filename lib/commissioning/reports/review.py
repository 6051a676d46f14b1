"""Review (4.5): what changed, for whom, at what cost, and what the evidence supports. Members decide."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Findings
from commissioning.presentation.sections import Log, Note, Steps
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import findings, out_of_line, value_sections
from commissioning.reports.decision import Standing, recommend
from commissioning.reports.evaluation import Evaluation
from commissioning.reports.stage_records import Recommendation
from commissioning.reports.verdict_words import headline
from commissioning.study import groups, outcomes, value_words
from commissioning.study.spend_lines import against_plan
from commissioning.study.worked_out import NOT_ATTRIBUTABLE, Shown

KEPT_WORDS = ("goal_kept", "outcome_kept")


class Review(Evaluation):
    """Effects, claims, value and fairness, and the decision rules."""

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
        """Each outcome that has a floor: its change, and its level now and before the start beside the floor."""
        before = self._year_before_start()
        levels = {period: self._levels(period) for period in {self.period, before} if period}
        effects = {one.measure.id: one for one in self.effects.estimates}
        found = []
        for floor in self.pilot.floors:
            measure, effect = self.measures.get(floor.measure), effects.get(floor.measure)
            fewer = measure is not None and measure.better == "lower"
            lower, upper = levels.get(self.period, {}).get(floor.measure, (None, None))
            then_lower, then_upper = levels.get(before, {}).get(floor.measure, (None, None))
            found.append(
                Standing(
                    measure=floor.measure,
                    title=measure.title if measure is not None else floor.measure,
                    lower=lower,
                    upper=upper,
                    floor=floor.floor,
                    worthwhile_change=floor.worthwhile_change,
                    **_change(effect, fewer=fewer) if effect is not None else {},
                    before_lower=then_lower,
                    before_upper=then_upper,
                    before_year=before,
                    out_of_line=out_of_line.found(self.released, measure, self.period, floor.floor)
                    if measure is not None and not self.group
                    else (),
                    fewer_is_better=fewer,
                    agreed=self.sealed.standing(f"floors.{floor.measure}."),
                )
            )
        return tuple(found)

    @cached_property
    def without_floor(self) -> tuple[Standing, ...]:
        """Each outcome whose change was estimated and for which nobody agreed a floor: harm there is harm too."""
        agreed = {one.measure for one in self.pilot.floors}
        return tuple(
            Standing(
                measure=one.measure.id, title=one.measure.title, lower=None, upper=None, floor=None, worthwhile_change=0.0,
                **_change(one, fewer=one.measure.better == "lower"),
            )
            for one in self.effects.estimates
            if one.measure.id not in agreed
        )  # fmt: skip

    def _levels(self, period: str) -> dict[str, tuple[float | None, float | None]]:
        """The released range of each measure in a period, where it may be shown."""
        rows = outcomes.main_rows(self.released, self.group_kind, self.group)
        rows = outcomes.scaled(rows[rows["period"] == period], self.measures).drop_duplicates("measure")
        rows = rows[rows["value"].notna()]
        return {row["measure"]: (float(row["lower"]), float(row["upper"])) for _, row in rows.iterrows()}

    def _year_before_start(self) -> str:
        """The last financial year that ended before the first place started; "" where none started or none is held."""
        first = self.effects.ever_started
        years = sorted({one for one in self.released.figures["period"].astype(str) if not outcomes.is_quarter(one)})
        earlier = [one for one in years if len(first) and one < first[0][:7]]
        return earlier[-1] if earlier else ""

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
            worth=self.value_found.worth,
            whole_area=not self.group,
            earlier=earlier.recommendation if earlier else None,
            harm_flags=self.quality_flags(),
            replies=len(self.pilot.replies),
            without_floor=self.without_floor,
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
        """Outcomes beside the floors agreed."""
        if not self.standings:
            return self.note("No floor has been agreed for any outcome.")
        frame = pd.DataFrame(
            [
                {"what": one.title, "changed": one.changed, "before_lower": one.before_lower, "before_upper": one.before_upper,
                 "lower": one.lower, "upper": one.upper, "floor": one.floor, "stands": one.stands}
                for one in self.standings
            ]
        )  # fmt: skip
        for column in ("before_lower", "before_upper", "lower", "upper"):
            frame[column] = pd.to_numeric(frame[column])
        before = self.standings[0].before_year
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="released ranges beside the floors agreed"),
                title="Outcomes beside their floors",
                caption=f"{self.period or 'No period is known'}. A floor keeps people safe: it is met where the whole range stands on it, or "
                f"on its better side. {f'Before the start is {before}. ' if before else ''}A floor that was met before the start says nothing of the pilot. {self.sealed_caption}",
                source=self.source_words(measures=tuple(one.measure for one in self.standings if one.measure in self.measures)),
                columns={
                    "what": "Outcome", "changed": "What the pilot changed",
                    "before_lower": Column(name="before_lower", label="Before the start, lower limit", decimals=1),
                    "before_upper": Column(name="before_upper", label="Before the start, upper limit", decimals=1),
                    "lower": Column(name="lower", label="Lower limit now", decimals=1),
                    "upper": Column(name="upper", label="Upper limit now", decimals=1),
                    "floor": Column(name="floor", label="Floor agreed", decimals=1), "stands": "How it stands",
                },
                measures=tuple(one.measure for one in self.standings if one.measure in self.measures),
                declared=(self.period, before, *self.sealed_numbers),
                id="standings",
            )
        )  # fmt: skip

    def what_the_evidence_supports(self) -> Steps:
        """The recommendation, its reasons and what would change it. Members decide."""
        found = self.recommendation
        steps = [
            headline(found),
            *[f"Because: {one}." for one in found.reasons],
            *[f"What would change this: {one}." for one in found.would_change],
            *[f"{one.rstrip('.')}." for one in found.to_gather],
        ]
        return self._keep(Steps(steps, title="What the evidence supports", id="supports"))

    # --- value, benefits, lessons

    @property
    def value_found(self) -> value_words.PilotValue:
        """The value of the attributable outcomes in the report's year, with their one extra cost, as it may be printed."""
        return self.effects.value

    def value(self) -> Note:
        """Outcomes set against cost, for attributable outcomes alone: a table, a plane, and what may be said."""
        from IPython.display import display

        found = self.value_found
        if not found.outcomes:
            return self.note(f"{NOT_ATTRIBUTABLE} Spend stands beside outcomes instead.")
        for shown in value_sections.displays(self, found, self._cost_id):
            if shown is not None:
                display(shown)
        says = value_words.sentences(
            found, self.pilot.easy_words, standing=lambda measure: self.sealed.standing(f"floors.{measure}.worth")
        )
        says += [self.sealed_caption] if self.sealed.changes else []
        if found.cost is not None:
            label = next((one.kind for one in self.pilot.benefits if one.measure == self._cost_id), "")
            kind = value_words.LABELS.get(label, "not labelled yet: cashable, non-cashable or avoided")
            says.append(f"Where it costs less, the difference is {kind}.")
        return self.note(" ".join(says))

    @property
    def _cost_id(self) -> str:
        cost = groups.money_measure(self.measures, self.study.record["measures"])
        return cost.id if cost is not None else ""

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
            **self._costs(),
            "sustained": self._what_lasted(),
            "benefits": tuple(
                f"{one['benefit']}: expected {one['expected']}; realised so far: {one['realised']}"
                for one in self._benefit_rows()
            ),
            "engagement": tuple(f"{one.stage or 'no stage'}, {one.who}: {one.said}" for one in self.pilot.engagement),
            "lessons": tuple(one.lesson for one in self.pilot.lessons),
        }

    def _costs(self) -> dict[str, dict[str, Any]]:
        """The cost for each more person that the review gives, or why it gives none, by measure."""
        found, each, why = self.value_found, {}, {}
        for one in found.outcomes:
            if one.printed is not None and one.printed.each is not None:
                each[one.measure.id] = one.printed.each
            else:
                said = one.printed.each_withheld if one.printed is not None else ""
                why[one.measure.id] = one.withheld or said or found.why_no_cost
        return {"cost_each": each, "cost_withheld": why}

    def _what_lasted(self) -> tuple[str, ...]:
        """Outcomes that were looked at again later, in words; those not known say so."""
        frame = self.outcome_frame(held).frame if (held := self._kept()) else pd.DataFrame()
        return tuple(
            f"{row['what']}: "
            + ("not known" if pd.isna(row["value"]) else f"{words.number(row['value'], 1)} {row['unit']}")
            for _, row in frame.iterrows()
        )


def _change(found: Shown, *, fewer: bool) -> dict[str, Any]:
    """The change for the better with its limits, as a verdict is told of them (see `Shown.sides`), and its claim."""
    if found.sides is None:
        return {"rung": found.summary.claim}
    change, lower, upper = found.sides
    ends = (-upper, -lower) if fewer else (lower, upper)
    return {
        "change": -change if fewer else change,
        "change_lower": ends[0],
        "change_upper": ends[1],
        "rung": found.summary.claim,
    }
