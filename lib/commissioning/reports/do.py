"""Do (4.5): control charts, provider funnels, spend in year, the work of monitoring, early warnings."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import funnel
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import charting, findings, together
from commissioning.reports.evaluation import Evaluation
from commissioning.study import groups, outcomes
from commissioning.study.breaks import series_break
from commissioning.study.spend_lines import against_plan

FUNNEL_KINDS = ("provider", "organisation", "ward", "department")


class Do(Evaluation):
    """Is it going as planned? Sudden data problems are told apart from real change."""

    def key_findings(self) -> Findings:
        """Control-chart verdicts, providers outside chance, spend in year."""
        return self.keep_findings(
            [*self._verdict_findings()[:2], *self._funnel_finding(), *findings.headline_spend(self)[:1]]
        )

    # --- control charts

    def control_charts(self) -> None:
        """One control chart a primary outcome, or the reason why there is none."""
        from IPython.display import display

        if not self.readings:
            display(self.needs_extract("reviews", "returns", for_what="A control chart (at least 12 quarters)"))
        for key, found in self.readings.items():
            if isinstance(found, str):
                display(self.note(f"{self.measures[key].title}: no control chart is drawn, because {found}."))
            else:
                display(self.control(key))
        self.say(*together.found(self))

    def control(self, key: str) -> Chart:
        """The control chart of one outcome, and what its points show."""
        measure, drawn = self.measures[key], self.charts[key]
        last = drawn.frame.iloc[-1]
        shown = ["period", "value", "centre", "lower", "upper", "outside", "shift", "trend", "two_in_three", "rule"]
        return self._keep(
            Chart.control(
                Computed(frame=drawn.frame[shown], of=(self.released,), how="XmR limits, before the start and since"),
                improvement=charting.IMPROVEMENT[measure.better],
                title=measure.title,
                alt=f"Quarterly points around an average of {words.number(last['centre'], 1)}{unit_of(measure)} in the last stretch of time. The last, "
                f"{last['period']}, is {words.number(last['value'], 1)}{unit_of(measure)}.",
                caption=f"{drawn.says} {drawn.stretches}".strip(),
                source=self.source_words(measures=(key,)),
                unit=measure.unit.split(" of ")[0] if measure.unit.startswith("%") else measure.unit,
                measures=(key,),
                declared=(*drawn.frame["period"], measure.title, *drawn.numbers),
                id=f"control-{key.replace('_', '-')}",
            )
        )

    def _verdict_findings(self) -> list[Finding]:
        """One outcome's level, chart and effect in one sentence, linked to its chart where there is one."""
        return together.found(self)

    # --- funnels

    @cached_property
    def funnel_rows(self) -> tuple[Measure, pd.DataFrame] | None:
        """Providers (else places) of the first primary outcome with at least five to compare, with funnel limits."""
        for measure in charting.wanted(self).values():
            for kind in FUNNEL_KINDS:
                rows = groups.split(self.released, measure, self.period, kinds=(kind,)).frame
                rows = rows[rows["numerator"].notna() & (pd.to_numeric(rows["denominator"]) > 0)].reset_index(drop=True)
                if len(rows) >= 5:
                    result = funnel.proportion(rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float))
                    limits = result.frame.reset_index(drop=True).drop(columns=["value", "size"])
                    return measure, pd.concat([rows, limits], axis=1)
        return None

    def funnel_chart(self) -> Chart | Note:
        """Are providers further apart than chance? Small ones swing most."""
        if self.funnel_rows is None:
            return self.note("Fewer than five providers or places can be shown, so no funnel is drawn.")
        measure, frame = self.funnel_rows
        self.say(*self._funnel_finding())
        outer, inner = self._outside(frame)
        says = funnel_words(outer, inner, len(frame))
        limits = [f"overdispersed_{side}_{level}" for level in ("95", "99_8") for side in ("lower", "upper")]
        frame = frame.assign(**{one: 100 * frame[one] for one in limits})
        shown = {
            "group": "Name", "denominator": "Out of", "value": "Value (%)",
            **{one: Column(name=one, label=_limit_words(one), decimals=1) for one in limits},
        }  # fmt: skip
        return self._keep(
            Chart.funnel(
                Computed(
                    frame=frame.assign(outside=self._flag(frame).map({True: "yes", False: "no"})),
                    of=(self.released,),
                    how="funnel limits from released counts",
                ),
                flag="outside",
                columns=shown | {"outside": "Outside the outer limits"},
                lower_95="overdispersed_lower_95",
                upper_95="overdispersed_upper_95",
                lower_998="overdispersed_lower_99_8",
                upper_998="overdispersed_upper_99_8",
                x_label="How many were counted",
                title=f"{measure.title}, by {frame['split'].iloc[0]}",
                alt=f"Points against their size inside funnel-shaped limits. {says}",
                caption=f"{self.period}. Being outside asks a question; it does not answer it.{self.of_the_whole}",
                source=self.source_words(measures=(measure.id,)),
                unit="%",
                measures=(measure.id,),
                declared=(outer, inner, len(frame), self.period, 95, "99.8", measure.title),
                id="funnel",
            )
        )

    @staticmethod
    def _flag(frame: pd.DataFrame) -> pd.Series:
        """Outside the 99.8 limits, overdispersion allowed for where that was worked out."""
        return frame["overdispersed_outside_99_8"].fillna(False).astype(bool)

    @classmethod
    def _outside(cls, frame: pd.DataFrame) -> tuple[int, int]:
        """How many lie outside the outer (99.8%) limits, and how many outside the inner (95%) ones: those that are drawn."""
        rate = frame["value"].astype(float).round(1)  # as drawn: in percent, to one decimal
        low, high = ((100 * frame[f"overdispersed_{side}_95"].astype(float)).round(1) for side in ("lower", "upper"))
        return int(cls._flag(frame).sum()), int(((rate < low) | (rate > high) | cls._flag(frame)).sum())

    def _funnel_finding(self) -> list[Finding]:
        if self.funnel_rows is None:
            return []
        measure, frame = self.funnel_rows
        outer, inner = self._outside(frame)
        counts = pd.DataFrame({"outer": [outer], "inner": [inner], "compared": [len(frame)]})
        return [
            self.finding(
                f"{measure.title}{f', in the whole of {self.area_name}' if self.group else ''}. {funnel_words(outer, inner, len(frame))} Other "
                "reasons are possible.",
                "compared",
                Computed(frame=counts, of=(self.released,), how="groups outside the outer funnel limits"),
                "funnel",
                measure=measure.id,
                declared=(95, "99.8"),
            )
        ]

    # --- spend in year, monitoring, warnings

    def spend_against_plan(self) -> Table | Note:
        """Spend beside the plan of the same year."""
        decision = self.pilot.decision
        if not decision.planned_spend:
            return self.note(
                "No spending plan is written in pilot.toml ([decision.planned_spend]), so spend is not judged against one."
            )
        if self.group:
            return self.note("The plan is of the whole area, so spend of a part of it is not judged against one.")
        beside = against_plan(self.spend.frame, decision.planned_spend, decision.planned_line)
        if beside.empty and decision.planned_line:
            return self.note(
                f"The plan is of the line “{decision.planned_line}”, and no spend of that name is here in a year of the plan."
            )
        if beside.empty:
            return self.note(
                "No spend of this service's own is here in a year of the plan, or several kinds are, and planned_line in pilot.toml "
                "does not say which is planned: spend is judged only against a plan of the same spend."
            )
        last = beside.iloc[[-1]]
        one = last.iloc[0]
        side = "within" if one["spent_pence"] <= one["planned_pence"] else "above"
        self.say(
            self.finding(
                f"{one['what']}, {one['year']}: {words.money_rounded(int(one['spent_pence']))}, {side} the plan of "
                f"{words.money_rounded(int(one['planned_pence']))}.",
                "recorded",
                Computed(frame=last, of=(self.released,), how="one year beside its plan"),
                "spend-against-plan",
                declared=(one["year"],),
            )
        )
        return self._keep(
            Table(
                Computed(frame=beside, of=(self.released,), how="released spend beside the plan"),
                title="Spend against plan",
                caption="One spend line of each year beside what was planned. An award is a promise, and is never judged as spend.",
                source=self.source_words(*self.spend.tables),
                columns={
                    "year": "Year", "what": "Spend line", "planned_pence": "Planned (£)", "spent_pence": "Spent (£)",
                },
                sources=self.sources_of(*self.spend.tables),
                keys=2,
                id="spend-against-plan",
            )
        )  # fmt: skip

    def monitoring(self) -> Table | Note:
        """The hours that monitoring asks of providers (4.7, 5.3): a process, and no outcome."""
        asked = {key: one for key, one in self.measures.items() if "_control_" not in key and "4.7" in one.answers}
        if not asked:
            return self.note("No measure of this pilot counts the work that monitoring asks of providers (4.7).")
        held = {key: one for key, one in asked.items() if key in set(self.study.record["measures"])}
        if not held:
            return self.needs_extract(
                *sorted({one.table for one in asked.values()}), for_what="The work of monitoring (4.7)"
            )
        self.say(*findings.headline_outcomes(self, most=1, measures=held, evidence="monitoring"))
        return self._keep(
            Table(
                self.outcome_frame(held),
                title="The work of monitoring",
                caption=f"{self.period}. Whether it is in proportion to award and risk stands in the pilot's own report.",
                source=self.source_words(measures=tuple(held)),
                columns={
                    "what": "What", "numerator": "Number", "denominator": outcomes.whole_label(held.values()),
                    "value": "Value", "unit": "Unit",
                    "note": "Note",
                },
                measures=tuple(held),
                declared=(self.period,),
                id="monitoring",
            )
        )  # fmt: skip

    def processes(self) -> Table | Note:
        """Outputs and processes, kept apart from outcomes: what was done, never what good it did."""
        kinds = outcomes.of_kind(self.measures, "output", "process")
        held = {key: one for key, one in kinds.items() if key in set(self.study.record["measures"])}
        if not held:
            return self.note("No output or process of this pilot is in these extracts.")
        return self._keep(
            Table(
                self.outcome_frame(held),
                title="What was done (outputs and processes)",
                caption=f"{self.period}. These do not say what good was done (paragraphs 4.6 and 4.8).",
                source=self.source_words(measures=tuple(held)),
                columns={
                    "what": "What", "numerator": "Number", "denominator": outcomes.whole_label(held.values()), "value": "Value",
                    "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "note": "Note",
                },
                measures=tuple(held),
                declared=(self.period,),
                id="processes",
            )
        )  # fmt: skip

    def warnings(self) -> Any:
        """Early warnings: signals in the charts, told apart from sudden changes in the data."""
        rows = [
            {
                "kind": "data",
                "what": measure.title,
                "says": f"{where}: look at recording first{'; in the whole area' if self.group else ''}",
            }
            for key, measure in self.outcome_measures.items()
            if (where := series_break(self.study, key))
        ]
        for key, drawn in self.charts.items():
            if drawn.reading.last_rule:
                says = f"the last quarter: {drawn.reading.last_rule}, {verdict(drawn.reading.variation)}"
                rows.append({"kind": "signal", "what": self.measures[key].title, "says": says})
        if not rows and not self.charts:
            return self.note(
                "No early warning can be given either way: no control chart could be drawn from these extracts."
            )
        if not rows:
            return self.note("No early warning: no chart shows a signal in its last quarter, and no series breaks.")
        labels = {"kind": "Data or signal", "what": "Measure", "says": "What was seen"}
        return self.log(rows, title="Early warnings", columns=labels, id="warnings")

    def extra_record(self) -> dict[str, Any]:
        says = [
            f"{self.measures[key].title}: {verdict(drawn.reading.variation)}"
            for key, drawn in self.charts.items()
            if "concern" in drawn.reading.variation
        ]
        return {"warnings": tuple(says)}


def verdict(variation: object) -> str:
    """A control chart's verdict in words."""
    return str(variation).replace("_", " ").lower()


def funnel_words(outer: int, inner: int, groups: int) -> str:
    """How many of a funnel's groups lie outside its limits: both pairs of lines that are drawn, each by name."""
    lie = "lies" if outer == 1 else "lie"
    by_chance = ", where chance alone puts some" if inner else ""
    return f"{outer} of {groups} groups {lie} outside the outer limits (99.8%), and {inner} outside the inner ones (95%){by_chance}."


def unit_of(measure: Measure) -> str:
    """The unit as it stands after a number: "%", or in words."""
    return "%" if measure.unit.startswith("%") else f" {measure.unit}"


def _limit_words(name: str) -> str:
    """ "overdispersed_lower_99_8" → "Lower 99.8% limit"."""
    _, side, level = name.split("_", 2)
    return f"{side.capitalize()} {level.replace('_', '.')}% limit"
