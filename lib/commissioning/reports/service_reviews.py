"""Which services to review next (2011 report, 4.13), with who scored what, and how firm the order is.

Members decide. Whatever nobody has scored is shown as not scored, never as a middle score or as nothing.

Longer than 400 lines, because it is one report with a method for each section; what it works out stands in
`review_scores`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import framework
from commissioning import pilot as pilots
from commissioning.methods import priorities
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Log, Note, Parameters, Steps
from commissioning.presentation.showable import Computed, PublicFigures, Text
from commissioning.presentation.table import Table
from commissioning.reports import review_scores
from commissioning.reports.cabinet import CabinetSummary
from commissioning.reports.review_scores import CRITERIA, Scores
from commissioning.study import figure_states
from commissioning.study.parameters import Parameters as Given
from commissioning.study.prepared import Prepared

ILLUSTRATIVE = "Illustrative scores"
NEEDS = "it needs the extract “budget”: one row a service, with its year and its budget"


class ServiceReviews(CabinetSummary):
    """The council's services against the six criteria, and which to review next."""

    def __init__(self, stage: str, given: Given, studies: dict[str, Prepared]) -> None:
        super().__init__(stage, given, studies)
        for study in studies.values():
            if "budget" in study.tables_held:
                self.study = study
                break

    # --- what was given

    @cached_property
    def scores_path(self) -> Path:
        """The sample's scores for the sample; the council's own beside its extracts, else in `pilots/`."""
        if self.study.sample:
            return pilots.home() / "data" / "sample" / review_scores.FILE
        own = Path(self.given.data) / review_scores.FILE
        return own if self.given.data and own.is_file() else pilots.home() / "pilots" / review_scores.FILE

    @property
    def _scored_in(self) -> tuple[str, ...]:
        """The file of scores, as the page's list of sources names it; nothing where there is none."""
        path = self.scores_path
        if not path.is_file():
            return ()
        kept = {pilots.home() / "data" / "sample", pilots.home() / "pilots"}
        return (path.relative_to(pilots.home()).as_posix() if path.parent in kept else path.name,)

    @cached_property
    def scores(self) -> Scores:
        """What members and officers scored. Illustrative scores are never laid on a council's own budget."""
        found = review_scores.read(self.scores_path)
        return Scores(weights=found.weights) if found.illustrative and not self.study.sample else found

    @cached_property
    def budget(self) -> pd.DataFrame:
        """One row a service of the latest year (or the year asked for): service, amount_pence, share; largest first."""
        table = self.study.published("budget")
        columns = ["service", "amount_pence", "share"]
        if table.empty:
            return pd.DataFrame(columns=columns)
        rows = table.assign(year=table["year"].fillna("")) if "year" in table else table.assign(year="")
        years = sorted(set(rows["year"]))
        wanted = self.given.period if self.given.period in years else years[-1]
        rows = rows[(rows["year"] == wanted) & (rows["amount_pence"] > 0)]
        by = rows.groupby(rows["service"].astype(str))["amount_pence"].sum().astype("Int64")
        frame = by.sort_values(ascending=False, kind="stable").rename_axis("service").reset_index()
        frame["service"] = frame["service"].map(lambda one: one[:1].upper() + one[1:])
        frame["share"] = 100 * frame["amount_pence"].astype(float) / float(frame["amount_pence"].sum())
        frame.attrs["year"] = wanted
        return frame

    @property
    def year(self) -> str:
        return str(self.budget.attrs.get("year") or "")

    @cached_property
    def period(self) -> str:  # type: ignore[override]
        return self.year or "the year is not given"

    @property
    def _when(self) -> str:
        return f"Budget of {self.year}." if self.year else "The file does not say which year the budget is for."

    @property
    def _mark(self) -> str:
        return f"{ILLUSTRATIVE}: nobody in a council gave them. " if self.scores.illustrative else ""

    def _budget_figures(self, frame: pd.DataFrame) -> PublicFigures:
        return self.public(frame, "budget", source=self.source_words("budget"))

    def _missing(self, what: str) -> Note:
        says = f"{what}: {NEEDS}."
        self.lacks.append(says)
        return self.note(says)

    @cached_property
    def table_of_scores(self) -> pd.DataFrame:
        return review_scores.table(self.budget, self.scores)

    # --- sections

    def key_findings(self) -> Findings:
        """What may be said of the order, of the largest service, of what is unscored and what was never challenged."""
        return self.keep_findings(
            [*self._first_finding(), *self._largest_finding(), self._scored_finding(), self._rolled_finding()]
        )

    def budget_table(self) -> Table | Note:
        """The council's budget by service, and each one's share."""
        if self.budget.empty:
            return self._missing("The council's budget by service")
        self.say(*self._largest_finding())
        return self._keep(
            Table(
                self._budget_figures(self.budget),
                title="The council's budget by service",
                caption=f"{self._when} A large budget is one reason to review, and no more than one.",
                source=self.source_words('budget'),
                columns={
                    "service": "Service", "amount_pence": Column(name="amount_pence", label="Budget (£)", kind="pence"),
                    "share": Column(name="share", label="Share of the budget (%)", decimals=1),
                },
                sources=self.sources_of("budget"),
                declared=(self.year,) if self.year else (),
                id="budget",
            )
        )  # fmt: skip

    def criteria(self) -> Log:
        """The six criteria, what answers each, and the weight that members gave it."""
        self.say(self._scored_finding())
        total = sum(self.scores.weight.values())
        scored = self.table_of_scores.notna().sum()
        rows = [
            {
                "criterion": f"({key}) {clause.name}",
                "asks": clause.says,
                "answered": "From the budget: its share of the whole" if key == review_scores.FROM_BUDGET
                else f"{int(scored[key])} of {len(self.budget)} services scored by a named role",
                "weight": f"{words.number(100 * self.scores.weight[key] / total, 1)}%",
            }
            for key, clause in zip(CRITERIA, framework.CRITERIA, strict=True)
        ]  # fmt: skip
        labels = {"criterion": "Criterion", "asks": "It asks", "answered": "Answered by", "weight": "Weight"}
        return self._keep(Log(rows, title="The six criteria (4.13)", columns=labels, id="criteria"))

    @cached_property
    def order(self) -> pd.DataFrame:
        """Services in order: score, place (both missing until all six are scored), best and worst possible place."""
        ranked = priorities.rank(self.table_of_scores, self.scores.weight)
        possible = review_scores.possible_places(self.table_of_scores, self.scores.weight)
        frame = self.table_of_scores.join(ranked).join(possible).loc[ranked.index]
        by_size = self.budget.set_index("service")["share"]
        frame = frame.assign(share=by_size).sort_values(["place", "share"], ascending=[True, False], na_position="last")
        return frame.rename_axis("service").reset_index()

    def which_next(self) -> Table | Note:
        """Every service with its scores, its place, and the places it could still take."""
        if self.budget.empty:
            return self._missing("Which service to review next")
        self.say(*self._first_finding())
        labels = {key: f"({key}) {one.name}" for key, one in zip(CRITERIA, framework.CRITERIA, strict=True)}
        return self._keep(
            Table(
                Computed(frame=self.order, of=(self._budget_figures(self.budget),), how="weighted mean of the scores"),
                title=f"{ILLUSTRATIVE}: which to review next" if self.scores.illustrative else "Which to review next",
                caption=(
                    f"{self._mark}Scores run from 0 to 5; an empty cell is not scored. A service has a place only when all "
                    "six are scored. The last two columns hold whatever the missing scores turn out to be."
                ),
                source=f"{self.source_words('budget')}; {self.scores_path.name}",
                columns={
                    "service": "Service", **{key: Column(name=key, label=label, decimals=0, missing="not scored") for key, label in labels.items()},
                    "score": Column(name="score", label="Score", decimals=2, missing="not scored"),
                    "place": Column(name="place", label="Place", missing="not scored"),
                    "best": "Best place it could take", "worst": "Worst place it could take",
                },
                sources=(*self.sources_of("budget"), *self._scored_in),
                declared=(0, 5),
                id="which-next",
            )
        )  # fmt: skip

    @cached_property
    def held(self) -> pd.DataFrame | None:
        """Places of the fully scored services over all weights; None where fewer than two are scored."""
        whole = self.table_of_scores.dropna()
        if len(whole) < 2:
            return None
        order = priorities.rank(whole, self.scores.weight)
        found = priorities.stability(whole).frame.reindex(order.index)
        return pd.DataFrame(
            {"option": order.index.astype(str), "rank": order["place"].to_numpy(), "best": found["best_place"].to_numpy(),
             "worst": found["worst_place"].to_numpy(), "first": 100 * found["first"].to_numpy(float)}
        )  # fmt: skip

    def stability(self) -> Chart | Note:
        """How far the order would move under other weights."""
        if self.held is None:
            return self.note(
                "Fewer than two services are scored on all six criteria, so no order can be tested against other weights."
            )
        first = self.held.iloc[0]
        return self._keep(
            Chart.stability(
                Computed(frame=self.held.head(12), of=(self._budget_figures(self.budget),), how="places over all weights"),
                columns={"option": "Service", "rank": "Place", "best": "Best place", "worst": "Worst place",
                         "first": Column(name="first", label="First in (% of weights)", decimals=0)},
                title="How firm the order is",
                alt=f"One line for each service, from its best to its worst place. {first['option']} is first with the weights given.",
                caption=f"{self._mark}Place 1 is first. A long line means that the order depends on whose weights are used.",
                source=f"{self.source_words('budget')}; {self.scores_path.name}",
                sources=(*self.sources_of("budget"), *self._scored_in),
                declared=(1,),
                id="stability",
            )
        )  # fmt: skip

    def who_scored(self) -> Log | Note:
        """Each score with the role that gave it, and its evidence."""
        rows = [one.model_dump() | {"score": f"{one.score:g}"} for one in self.scores.scores]
        if not rows:
            says = (
                f"Nobody has scored criteria (a), (c), (d), (e) or (f). A named role writes each score, with its evidence, "
                f"in pilots/{review_scores.FILE}."
            )
            self.lacks.append(says)
            return self.note(says)
        title = f"{ILLUSTRATIVE}: who scored what" if self.scores.illustrative else "Who scored what, on what evidence"
        labels = {"service": "Service", "criterion": "Criterion", "score": "Score", "scored_by": "Scored by", "evidence": "Evidence"}  # fmt: skip
        return self._keep(Log(rows, title=title, columns=labels, id="who-scored"))

    @cached_property
    def rolled(self) -> pd.DataFrame:
        """Budget by whether it was challenged as a whole in the last few years: state, services, amount_pence, share."""
        last = {review_scores.plain(one.service): one.year for one in self.scores.challenged}
        limit = int(self.year[:4]) - self.scores.unchallenged_after_years if self.year else None

        def state(name: str) -> str:
            year = last.get(review_scores.plain(name))
            if year is None or limit is None:
                return "Not known: nobody says when it was last challenged"
            return "Challenged as a whole" if int(year[:4]) > limit else "Rolled over unchallenged"

        frame = self.budget.assign(state=self.budget["service"].map(state))
        by = (
            frame.groupby("state").agg(services=("service", "size"), amount_pence=("amount_pence", "sum")).reset_index()
        )
        by["share"] = 100 * by["amount_pence"].astype(float) / float(max(1, by["amount_pence"].sum()))
        return by

    def rolled_over(self) -> Table | Note:
        """Share of spend rolled over unchallenged (Appendix 2, 2.1)."""
        if self.budget.empty:
            return self._missing("The share of spend rolled over unchallenged")
        self.say(self._rolled_finding())
        years = self.scores.unchallenged_after_years
        return self._keep(
            Table(
                self._budget_figures(self.rolled),
                title="Rolled over, or challenged as a whole",
                caption=(
                    f"{self._mark}Challenged means the whole budget, not only the change in it, within {years} years. "
                    f"The years stand in {self.scores_path.name}."
                ),
                source=f"{self.source_words('budget')}; {self.scores_path.name}",
                columns={
                    "state": "State", "services": "Services", "amount_pence": Column(name="amount_pence", label="Budget (£)", kind="pence"),
                    "share": Column(name="share", label="Share of the budget (%)", decimals=1),
                },
                sources=(*self.sources_of("budget"), *self._scored_in),
                declared=(years,),
                id="rolled-over",
            )
        )  # fmt: skip

    def ten_years(self) -> Table | Note:
        """Ten-year demand and cost (Appendix 2, 1.2), where somebody has forecast it."""
        pence = {review_scores.plain(row.service): int(row.amount_pence) for row in self.budget.itertuples()}
        rows = [
            {**one.model_dump(exclude={"cost_growth"}), "cost_growth": one.cost_growth,
             "now_pence": pence[review_scores.plain(one.service)],
             "then_pence": review_scores.in_ten_years(pence[review_scores.plain(one.service)], one)}
            for one in self.scores.demand if review_scores.plain(one.service) in pence
        ]  # fmt: skip
        if not rows:
            says = (
                "Ten years of demand and cost need, for each service, people now, people in ten years and the growth of cost "
                f"for each person, with who forecast them: none is given in pilots/{review_scores.FILE}."
            )
            self.lacks.append(says)
            return self.note(says)
        frame = pd.DataFrame(rows).astype({"now_pence": "Int64", "then_pence": "Int64"})
        return self._keep(
            Table(
                Computed(frame=frame, of=(self._budget_figures(self.budget),), how="budget times people times growth of cost"),
                title="Demand and cost, now and in ten years",
                caption=(
                    f"{self._mark}A forecast, in today's prices, if nothing is changed. It is not a budget. Of {len(self.budget)} "
                    f"services, {len(self.budget) - len(rows)} have no forecast."
                ),
                source=f"{self.source_words('budget')}; {self.scores_path.name}",
                columns={
                    "service": "Service", "people_now": "People now", "people_in_ten_years": "People in ten years",
                    "cost_growth": Column(name="cost_growth", label="Growth of cost for each (% a year above inflation)", decimals=1),
                    "now_pence": Column(name="now_pence", label="Budget now (£)", kind="pence"),
                    "then_pence": Column(name="then_pence", label="In ten years (£)", kind="pence"),
                    "by": "Forecast by", "evidence": "Evidence",
                },
                sources=(*self.sources_of("budget"), *self._scored_in),
                declared=(len(self.budget), len(self.budget) - len(rows)),
                id="ten-years",
            )
        )  # fmt: skip

    def options(self) -> Log | Note:
        """Options for applying the framework (recommendation 2.2) side by side: cost, capability and risk."""
        given = self.scores.options
        if not given:
            says = (
                "Options for applying the framework (recommendation 2.2) stand side by side once somebody writes them, with "
                f"cost, capability and risk, in pilots/{review_scores.FILE}."
            )
            self.lacks.append(says)
            return self.note(says)
        rows = [
            {
                "option": one.option,
                "style": one.style,
                "cost": "not costed" if one.cost_gbp is None else words.money_short(one.cost_gbp * 100) + " a year",
                "capability": "not scored" if one.capability is None else f"{one.capability:g} of 5",
                "risk": "not scored" if one.risk is None else f"{one.risk:g} of 5",
                "scored_by": one.scored_by or "nobody yet",
                "evidence": one.evidence or "none yet",
            }
            for one in given
        ]
        title = "Options for applying the framework (2.2)"
        labels = {
            "option": "Option", "style": "Style", "cost": "Cost", "capability": "Capability", "risk": "Risk (5 is highest)",
            "scored_by": "Scored by", "evidence": "Evidence",
        }  # fmt: skip
        title = f"{ILLUSTRATIVE}: options for applying the framework (2.2)" if self.scores.illustrative else title
        return self._keep(Log(rows, title=title, columns=labels, id="options"))

    # --- findings

    def _first_finding(self) -> list[Finding]:
        if self.budget.empty:
            return []
        if self.held is None:
            frame = self.order.head(1)[["service", "best", "worst"]].assign(services=len(self.order))
            one = frame.iloc[0]
            return [
                self.finding(
                    f"No service can be put in order yet: {one['service']} could stand anywhere from place {one['best']} to "
                    f"place {one['worst']} of {one['services']}, until the other criteria are scored.",
                    "described",
                    self._budget_figures(frame),
                    "which-next",
                )
            ]
        first = self.held.iloc[[0]]
        one = first.iloc[0]
        start = "On illustrative scores, " if self.scores.illustrative else "With the weights given, "
        return [
            self.finding(
                f"{start}{one['option']} comes first for review; it stays first under {words.number(one['first'], 0)}% of all "
                "possible weights. Members decide.",
                "recorded" if self.scores.illustrative else "described",
                self._budget_figures(first),
                "stability",
                confidence="low" if self.scores.illustrative else "medium",
            )
        ]

    def _largest_finding(self) -> list[Finding]:
        if self.budget.empty:
            return [
                self._words_finding("No council budget by service is here, so no service is set in order.", "criteria")
            ]
        top = self.budget.head(1)
        one = top.iloc[0]
        return [
            self.finding(
                f"{one['service']} has the largest budget: {words.money_short(int(one['amount_pence']))}, "
                f"{words.number(one['share'], 1)}% of the whole.",
                "described",
                self._budget_figures(top.assign(pounds=top["amount_pence"].astype(float) / 100)),
                "budget",
                confidence="high",
            )
        ]

    def _scored_finding(self) -> Finding:
        table = self.table_of_scores
        if table.empty:
            return self._words_finding("None of the six criteria is answered for any service.", "criteria")
        whole = int(table.notna().all(axis=1).sum())
        frame = pd.DataFrame({"scored": [whole], "services": [len(table)]})
        return self.finding(
            f"{whole} of {len(table)} services are scored on all six criteria; a budget answers one of them, (b).",
            "described",
            self._budget_figures(frame),
            "criteria",
            confidence="high",
        )

    def _rolled_finding(self) -> Finding:
        rows = self.rolled.set_index("state")["share"] if not self.budget.empty else pd.Series(dtype=float)
        if "Rolled over unchallenged" not in rows:
            says = "How much of the budget is rolled over unchallenged is not known: nobody says when each was last challenged."
            return self._words_finding(says, "rolled-over" if not self.budget.empty else "criteria")
        share = rows["Rolled over unchallenged"]
        return self.finding(
            f"{words.number(share, 1)}% of the budget is rolled over: not challenged as a whole within "
            f"{self.scores.unchallenged_after_years} years.",
            "recorded",
            self._budget_figures(self.rolled),
            "rolled-over",
            declared=(self.scores.unchallenged_after_years,),
            confidence="low" if self.scores.illustrative else "medium",
        )

    def _words_finding(self, says: str, anchor: str) -> Finding:
        """A finding that holds no number: what stands under it is how many services have a budget here."""
        held = pd.DataFrame({"services": [str(len(self.budget))]})
        return self.finding(says, "described", Text(frame=held, source="this run"), anchor)

    # --- what every page holds

    def cannot_tell(self) -> Steps:
        """What this page cannot tell: judgement stays with people."""
        says = [
            "Whether a service does good: that needs outcomes, and a pilot or a review of its own.",
            "Whether a large budget is too large.",
            *([f"Which services come first: {NEEDS}."] if self.budget.empty else []),
        ]
        return self._keep(Steps(list(dict.fromkeys(says)), title="What it cannot tell", id="cannot-tell"))

    def methods(self) -> Note:
        """How the order is made, in three sentences."""
        return self.note(
            "Each service has six scores, and its place follows from their weighted mean. Weights stand in "
            f"{self.scores_path.name}, where members may change them; the order is tried under all other weights too. Criterion (b) "
            "is read from the budget: 5 for a fifth of it or more, then 4 from a tenth, 3 from a twentieth, 2 from a fiftieth, else 1."
        )

    def assumptions(self) -> Log | Note:
        """What the order rests on, each rated, as written beside the scores."""
        rows = [one.model_dump() for one in self.scores.assumptions]
        if not rows:
            return self.note(
                f"No assumption is written in {self.scores_path.name}: nobody has rated what the order rests on."
            )
        labels = {"says": "Assumption", "quality": "Quality", "impact": "Impact", "owner": "Owner"}
        return self.log(rows, title="Assumptions", columns=labels, id="assumptions")

    def decisions_log(self) -> Log | Note:
        """Decisions on reviews so far, as written beside the scores."""
        rows = [one.model_dump(mode="json") for one in self.scores.decisions_log]
        if not rows:
            return self.note(f"No decision on reviews is written in {self.scores_path.name} yet.")
        labels = {"on": "Date", "who": "Who", "said": "What was decided", "changed": "What changed"}
        return self.log(rows, title="Decisions so far", columns=labels, id="decisions-log")

    def hidden(self) -> Note:  # type: ignore[override]
        """What protection hid here: nothing, because a budget by service is about no person."""
        return self.note(
            "Nothing is hidden here: a budget by service, scores and years of challenge are about no person."
        )

    def definitions(self) -> None:
        """What each figure of this page counts, out of what, from where, and what is left out."""
        from IPython.display import display

        file = self.scores_path.name
        rows = [
            {"what": "Budget of a service", "counts": "Whole pence of the latest year in the extract, or of the year asked for",
             "source": "The extract “budget”", "left_out": "Lines of nothing or less, such as reserves and grants received"},
            {"what": "Share", "counts": "A service's budget out of all the services shown", "source": "The extract “budget”",
             "left_out": "As for the budget"},
            {"what": "Score on a criterion", "counts": "0 (no reason to review) to 5 (a strong one), given by a named role; (b) follows "
             "from the share", "source": file, "left_out": "Criteria that nobody scored: shown as not scored"},
            {"what": "Place", "counts": "The weighted mean of the six scores, set in order", "source": file,
             "left_out": "Nothing: where a score is missing, the best and the worst place are given"},
            {"what": "Rolled over unchallenged", "counts": f"Budget of services not challenged as a whole within "
             f"{self.scores.unchallenged_after_years} years", "source": file,
             "left_out": "Services of which nobody wrote when they were last challenged: not known"},
            {"what": "Demand and cost in ten years", "counts": "People and cost for each, as somebody forecast them", "source": file,
             "left_out": "Services without a forecast"},
        ]  # fmt: skip
        labels = {"what": "Figure", "counts": "What it counts", "source": "From", "left_out": "Who or what is left out"}
        display(self.log(rows, title="What each figure counts", columns=labels, id="figures-defined"))

    def parameters(self) -> Parameters:
        """What this report was told."""
        told = {"period": self.period, "area": self.study.area, "scores": self.scores_path.name}
        return self._keep(Parameters(told))

    def as_json(self) -> dict[str, Any]:
        whole = super().as_json()
        order = self.order if not self.budget.empty else pd.DataFrame()
        return whole | {
            "pilot": "",
            "figures": [],
            "states": figure_states.of_parts([], []),
            "published_versions": {},
            "spend": [
                {"year": self.year, "what": row.service, "pence": int(row.amount_pence)}
                for row in self.budget.itertuples()
            ],
            "bridge": [],
            "definitions": {},
            "services": [] if order.empty else _records(order),
            "illustrative_scores": self.scores.illustrative,
            "partitions_read": sorted({*whole["partitions_read"], "budget"}),
        }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {key: None if pd.isna(value) or value == "" else value for key, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
