"""Plan (4.5): gaps, priorities, targets, the theory of change, and what this evaluation could detect."""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.methods import priorities
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed, Text
from commissioning.presentation.table import Table
from commissioning.reports import findings
from commissioning.reports.evaluation import Evaluation
from commissioning.reports.stage_records import Gap
from commissioning.study import outcomes
from commissioning.study.spend_lines import against_plan

STEPS = ("Inputs", "Processes", "Outputs", "For a person", "For the service", "For the area")


class Plan(Evaluation):
    """What to do next, and whether this evaluation could tell if it worked."""

    def key_findings(self) -> Findings:
        """The widest gap, the first priority and how firm it is, and what could be detected."""
        return self.keep_findings(
            [
                *self._gap_finding(),
                *self._priority_finding(),
                *self.detectable_finding(),
                *findings.headline_spend(self),
            ]
        )

    # --- gaps

    @property
    def gap_frame(self) -> pd.DataFrame:
        """What is wanted (the floor agreed) beside what there is, one row a floor."""
        rows = outcomes.main_rows(self.released, self.group_kind, self.group)
        rows = outcomes.scaled(rows[rows["period"] == self.period], self.measures).drop_duplicates("measure")
        now = rows.set_index("measure")["value"]
        out = []
        for floor in self.pilot.floors:
            value = now.get(floor.measure)
            known = value is not None and not pd.isna(value)
            out.append(
                {
                    "measure": floor.measure,
                    "what": self.measures[floor.measure].title if floor.measure in self.measures else floor.measure,
                    "now": float(value) if known else None,
                    "floor": floor.floor,
                    "gap": float(value) - floor.floor if known else None,
                    "worthwhile": floor.worthwhile_change,
                    "agreed_with": floor.agreed_with,
                }
            )
        columns = ["measure", "what", "now", "floor", "gap", "worthwhile", "agreed_with"]
        frame = pd.DataFrame(out, columns=columns)
        for column in ("now", "gap"):
            frame[column] = pd.to_numeric(frame[column])
        return frame

    def gaps(self) -> Table | Note:
        """Gaps between what is wanted and what there is."""
        frame = self.gap_frame
        if frame.empty:
            return self.note(
                "No floor has been agreed for any outcome, so no gap can be shown: agree floors in pilot.toml."
            )
        known = [key for key in frame["measure"] if key in self.measures]
        self.say(*self._gap_finding())
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="released value less the floor agreed"),
                title="What is wanted, and what there is",
                caption=f"{self.period}. {self.sealed_caption}",
                source=self.source_words(measures=tuple(known)),
                columns={
                    "what": "Outcome", "now": Column(name="now", label="Now", decimals=1),
                    "floor": Column(name="floor", label="Floor agreed", decimals=1),
                    "gap": Column(name="gap", label="Above or below the floor", decimals=1),
                    "worthwhile": Column(name="worthwhile", label="Smallest change worth having", decimals=1),
                    "agreed_with": "Agreed with",
                },
                measures=tuple(known),
                declared=(self.period, *self.sealed_numbers),
                id="gaps",
            )
        )  # fmt: skip

    def wanted_needed_affordable(self) -> Any:
        """What is wanted, what is needed and what can be afforded, side by side (4.5): each with who said so."""
        rows = [
            {
                "kind": "Wanted",
                "what": one["what"],
                "gap": "not known"
                if pd.isna(one["gap"])
                else f"{words.number(abs(one['gap']), 1)} {'above' if one['gap'] >= 0 else 'below'} the floor agreed",
                "by": one["agreed_with"],
            }
            for _, one in self.gap_frame.iterrows()
        ]
        rows += [
            {"kind": "Needed", "what": one.need, "gap": "people not counted" if one.people is None else f"{one.people:,} people",
             "by": one.identified_by}
            for one in self.pilot.needs
        ]  # fmt: skip
        decision = self.pilot.decision
        beside = against_plan(self.spend.frame, decision.planned_spend, decision.planned_line)
        if len(beside) and not self.group:
            last = beside.iloc[-1]
            over = int(last["spent_pence"] - last["planned_pence"])
            gap = f"{words.money_rounded(abs(over))} {'above' if over > 0 else 'within'} the plan of {last['year']}"
            rows.append({"kind": "Affordable", "what": last["what"], "gap": gap, "by": "planned_spend in pilot.toml"})
        else:
            rows.append(
                {"kind": "Affordable", "what": "Spend", "gap": "not judged: no plan of it is here", "by": "nobody yet"}
            )
        if not self.pilot.needs:
            rows.append({"kind": "Needed", "what": "No need is written down apart from who uses the service", "gap": "not known", "by": "nobody yet"})  # fmt: skip
        labels = {"kind": "Gap", "what": "What", "gap": "How far", "by": "Who said so"}
        return self.log(rows, title="Wanted, needed and affordable", columns=labels, id="wanted-needed-affordable")

    def _gap_finding(self) -> list[Finding]:
        frame = self.gap_frame.dropna(subset=["gap"])
        if frame.empty:
            return []
        row = frame.sort_values("gap").iloc[[0]]
        one = row.iloc[0]
        side = "below" if one["gap"] < 0 else "above"
        return [
            self.finding(
                f"{one['what']}: {words.number(one['now'], 1)}% in {self.period}, {words.number(abs(one['gap']), 1)} points {side} the floor of "
                f"{words.number(one['floor'], 1)}%.",
                "described",
                Computed(frame=row.assign(apart=row["gap"].abs()), of=(self.released,), how="the widest gap"),
                "gaps",
                measure=str(one["measure"]),
                declared=(self.period,),
            )
        ]

    # --- priorities

    @property
    def ranking(self) -> pd.DataFrame | None:
        """Each option's rank under the agreed weights, and its best and worst over all weights."""
        if len(self.pilot.priorities) < 2 or not self.pilot.weights:
            return None
        scores = pd.DataFrame({one.option: one.scores for one in self.pilot.priorities}).T
        return ranked(scores, self.pilot.weights)

    def priorities_chart(self) -> Chart | Note:
        """Priorities with their weights, and how stable the order is."""
        frame = self.ranking
        if frame is None:
            return self.note("Fewer than two options have been scored, so nothing is ranked: score them in pilot.toml.")
        shown = Computed(
            frame=frame, of=(Text(frame=frame[["option"]], source="pilot.toml"),), how="ranks over all weights"
        )
        first = frame.iloc[0]
        self.say(*self._priority_finding())
        return self._keep(
            Chart.stability(
                shown,
                columns={"option": "Option", "rank": "Place", "best": "Best place", "worst": "Worst place",
                         "first": Column(name="first", label="First in (% of weights)", decimals=1)},
                title="Priorities, and how firm their order is",
                alt=f"One line for each option, from its best to its worst place. {first['option']} is first with the weights agreed.",
                caption="Place 1 is first. A long line means that the order depends on whose weights are used.",
                source=self.agreed_in,
                sources=(self.agreed_in,),
                declared=(1,),
                id="priorities",
            )
        )  # fmt: skip

    def priority_scores(self) -> Any:
        """Who scored each option, and on what evidence."""
        rows = [
            {"option": one.option, "scores": "; ".join(f"{k} {v:g}" for k, v in one.scores.items()),
             "scored_by": one.scored_by, "evidence": one.evidence}
            for one in self.pilot.priorities
        ]  # fmt: skip
        labels = {"option": "Option", "scores": "Scores (0 to 5)", "scored_by": "Scored by", "evidence": "Evidence"}
        return self.log(rows, title="How each option was scored", columns=labels, id="priority-scores")

    def _priority_finding(self) -> list[Finding]:
        frame = self.ranking
        if frame is None:
            return []
        # Officers' scores and members' weights are what they told us: recorded, and no comparison of evidence.
        often = frame.sort_values("first", ascending=False, kind="stable").iloc[0]
        ends = frame[frame["option"].isin([frame["option"].iloc[0], often["option"]])]
        one = frame.iloc[0]
        other = (
            ""
            if often["option"] == one["option"]
            else f" “{often['option']}” comes first under {words.number(often['first'], 1)}%."
        )
        return [
            self.finding(
                f"With the scores and weights given, “{one['option']}” comes first; it stays first under "
                f"{words.number(one['first'], 1)}% of all possible weights.{other}",
                "recorded",
                Computed(
                    frame=ends, of=(Text(frame=ends[["option"]], source="pilot.toml"),), how="ranks over all weights"
                ),
                "priorities",
                confidence="low" if self.study.sample else "medium",
            )
        ]

    # --- theory of change and targets

    def theory_of_change(self) -> Chart:
        """From input to outcome: for a person, for the service, for the area (4.8)."""
        theory = self.pilot.theory
        parts = (theory.inputs, theory.processes, theory.outputs, theory.individual, theory.service, theory.strategic)
        frame = pd.DataFrame(
            [{"stage": step, "says": says} for step, part in zip(STEPS, parts, strict=True) for says in part]
        )
        return self._keep(
            Chart.theory(
                Text(frame=frame, source="pilot.toml"),
                title="How the pilot is meant to work",
                alt="Boxes in order from inputs through processes and outputs to outcomes for a person, the service and the area.",
                caption="Read from what is put in to what changes for people (paragraph 4.8). An output is not an outcome.",
                source=f"pilots/{self.pilot.name}/pilot.toml",
                id="theory-of-change",
            )
        )

    def targets(self) -> Any:
        """Expected benefits with their owners and dates (4.15)."""
        rows = [
            {"benefit": self.measures[one.measure].title if one.measure in self.measures else one.measure, "kind": "floor",
             "expected": f"the whole range at {one.floor:g} or {'below' if self._fewer(one.measure) else 'above'}",
             "owner": one.agreed_with, "due": f"each period, agreed {one.agreed_on}"}
            for one in self.pilot.floors
        ]  # fmt: skip
        rows += [one.model_dump() for one in self.pilot.benefits]
        labels = {"benefit": "Benefit or floor", "kind": "Kind", "expected": "Expected", "owner": "Owner", "due": "Due"}
        return self.log(
            rows, title="Floors agreed and benefits expected (4.15)", columns=labels, id="benefits-expected"
        )

    def _fewer(self, measure: str) -> bool:
        return measure in self.measures and self.measures[measure].better == "lower"

    def extra_record(self) -> dict[str, Any]:
        frame = self.gap_frame
        gaps = tuple(
            Gap(
                measure=row.measure,
                period=self.period,
                now=None if pd.isna(row.now) else round(float(row.now), 4),
                wanted=float(row.floor),
                gap=None if pd.isna(row.gap) else round(float(row.gap), 4),
            )
            for row in frame.itertuples()
        )
        ranking = self.ranking
        return {"gaps": gaps, "priorities": () if ranking is None else tuple(ranking["option"])}


def ranked(scores: pd.DataFrame, weights: dict[str, float]) -> pd.DataFrame:
    """Options by rank with the weights given: option, rank, best, worst, first (% of all weights where it is first).

    `scores` has one row an option and one column a criterion.
    """
    order = priorities.rank(scores, weights)
    held = priorities.stability(scores).frame.reindex(order.index)
    return pd.DataFrame(
        {
            "option": order.index.astype(str),
            "rank": order["place"].to_numpy(),
            "best": held["best_place"].to_numpy(),
            "worst": held["worst_place"].to_numpy(),
            "first": 100 * held["first"].to_numpy(float),
        }
    )
