"""Do (4.5): control charts, provider funnels, spend in year, the work of monitoring, early warnings."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import control_chart, funnel
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import findings, groups, outcomes
from commissioning.reports.estimates import series_break, yearly
from commissioning.reports.report import Report
from commissioning.reports.spend_lines import against_plan

FEWEST_POINTS = 12  # NHS England, Making Data Count: fewer points give limits that move too much
IMPROVEMENT = {"higher": "increase", "lower": "decrease", "neutral": "neutral"}
FUNNEL_KINDS = ("provider", "organisation", "ward", "department")


class Do(Report):
    """Is it going as planned? Sudden data problems are told apart from real change."""

    def key_findings(self) -> Findings:
        """Control-chart verdicts, providers outside chance, spend in year."""
        return self.keep_findings(
            [*self._verdict_findings()[:2], *self._funnel_finding(), *findings.headline_spend(self)[:1]]
        )

    # --- control charts

    @cached_property
    def charts(self) -> dict[str, Any]:
        """The control chart of each primary outcome with enough quarters, from released quarterly figures."""
        found = {}
        for key, measure in self.primary_and_floors().items():
            series = self.quarters(measure)
            if len(series) >= FEWEST_POINTS:
                result = control_chart.xmr(series["value"].to_numpy(float), improvement=IMPROVEMENT[measure.better])  # type: ignore[arg-type]
                frame = result.frame.reset_index(drop=True).assign(period=series["period"].to_numpy())
                found[key] = (result, frame)
        return found

    def primary_and_floors(self) -> dict[str, Measure]:
        """Primary outcomes, and outcomes with a floor."""
        held = set(self.study.record["measures"])
        keys = [*self.primary, *(one.measure for one in self.pilot.floors)]
        return {key: self.measures[key] for key in dict.fromkeys(keys) if key in held and key in self.measures}

    def quarters(self, measure: Measure) -> pd.DataFrame:
        """Released quarterly values of one measure for the report's group, known ones only."""
        frame = outcomes.trend(
            self.released,
            measure,
            group_kind=self.group_kind,
            groups=[self.group] if self.group else None,
            quarters=True,
        ).frame
        frame = frame[frame["value"].notna()]
        return frame[frame["period"].str[:7] <= self.period[:7]].reset_index(drop=True)

    def control_charts(self) -> None:
        """One control chart a primary outcome."""
        from IPython.display import display

        if not self.charts:
            display(
                self.needs_extract("reviews", "returns", for_what="A control chart (at least 12 quarters)")
                if not (self.holds("reviews") or self.holds("returns"))
                else self.note("Fewer than 12 quarters are known, so no control chart is drawn.")
            )
        for key in self.charts:
            display(self.control(key))
        self.say(*self._verdict_findings())

    def control(self, key: str) -> Chart:
        """The control chart of one outcome with its two verdicts."""
        measure = self.measures[key]
        result, frame = self.charts[key]
        last = frame.iloc[-1]
        shown = ["period", "value", "centre", "lower", "upper", "outside", "shift", "trend", "two_in_three"]
        return self._keep(
            Chart.control(
                Computed(frame=frame[[one for one in shown if one in frame]], of=(self.released,), how="XmR limits"),
                improvement=IMPROVEMENT[measure.better],
                title=measure.title,
                alt=f"Quarterly points around an average of {words.number(last['centre'], 1)}%. The last, {last['period']}, is {words.number(last['value'], 1)}%.",
                caption=f"Variation: {verdict(result.variation)}. Points are drawn differently where a rule finds a signal.",
                source=self.source_words(measures=(key,)),
                unit=measure.unit.split(" of ")[0] if measure.unit.startswith("%") else measure.unit,
                measures=(key,),
                declared=(*frame["period"], measure.title),
                id=f"control-{key.replace('_', '-')}",
            )
        )

    def _verdict_findings(self) -> list[Finding]:
        found = []
        for key, (result, frame) in self.charts.items():
            last = frame.iloc[[-1]]
            one = last.iloc[0]
            found.append(
                self.finding(
                    f"{self.measures[key].title}: {words.number(one['value'], 1)}% in {one['period']}, around an average of "
                    f"{words.number(one['centre'], 1)}%. Variation: {verdict(result.variation)}. This does not say why.",
                    "described",
                    Computed(frame=last, of=(self.released,), how="the last point and its limits"),
                    f"control-{key.replace('_', '-')}",
                    measure=key,
                    declared=(one["period"],),
                )
            )
        return found

    # --- funnels

    @cached_property
    def funnel_rows(self) -> tuple[Measure, pd.DataFrame] | None:
        """Providers (else places) of the first primary outcome with at least five to compare, with funnel limits."""
        for measure in self.primary_and_floors().values():
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
        outside = frame[self._flag(frame)]
        says = f"{len(outside)} of {len(frame)} lie outside the outer limits."
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
                columns=shown | {"outside": "Outside"},
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
                declared=(len(outside), len(frame), self.period, 95, "99.8", measure.title),
                id="funnel",
            )
        )

    @staticmethod
    def _flag(frame: pd.DataFrame) -> pd.Series:
        """Outside the 99.8 limits, overdispersion allowed for where that was worked out."""
        return frame["overdispersed_outside_99_8"].fillna(False).astype(bool)

    def _funnel_finding(self) -> list[Finding]:
        if self.funnel_rows is None:
            return []
        measure, frame = self.funnel_rows
        outside = int(self._flag(frame).sum())
        counts = pd.DataFrame({"outside": [outside], "compared": [len(frame)]})
        return [
            self.finding(
                f"{measure.title}: {outside} of {len(frame)} groups lie outside what chance allows"
                f"{f', in the whole of {self.area_name}' if self.group else ''}. Other reasons are possible.",
                "compared",
                Computed(frame=counts, of=(self.released,), how="groups outside the outer funnel limits"),
                "funnel",
                measure=measure.id,
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
                    "what": "What", "numerator": "Number", "denominator": "Out of", "value": "Value", "unit": "Unit",
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
                    "what": "What", "numerator": "Number", "denominator": "Out of", "value": "Value",
                    "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "note": "Note",
                },
                measures=tuple(held),
                declared=(self.period,),
                id="processes",
            )
        )  # fmt: skip

    def warnings(self) -> Any:
        """Early warnings: signals in the charts, told apart from sudden changes in the data."""
        figures = yearly(self.released.figures)
        rows = [
            {
                "kind": "data",
                "what": measure.title,
                "says": f"{where}: look at recording first{'; in the whole area' if self.group else ''}",
            }
            for key, measure in self.outcome_measures.items()
            if (where := series_break(figures, key))
        ]
        for key, (result, frame) in self.charts.items():
            last = frame.iloc[-1]
            if any(bool(last.get(rule, False)) for rule in ("outside", "shift", "trend", "two_in_three")):
                rows.append(
                    {
                        "kind": "signal",
                        "what": self.measures[key].title,
                        "says": f"the last quarter shows {verdict(result.variation)}",
                    }
                )
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
            f"{self.measures[key].title}: {verdict(result.variation)}"
            for key, (result, _) in self.charts.items()
            if "concern" in verdict(result.variation)
        ]
        return {"warnings": tuple(says)}


def verdict(variation: object) -> str:
    """A control chart's verdict in words."""
    return str(variation).replace("_", " ").lower()


def _limit_words(name: str) -> str:
    """ "overdispersed_lower_99_8" → "Lower 99.8% limit"."""
    _, side, level = name.split("_", 2)
    return f"{side.capitalize()} {level.replace('_', '.')}% limit"
