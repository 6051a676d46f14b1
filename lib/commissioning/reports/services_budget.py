"""The council's budget by service, the scores laid on it, and what may be said of the order."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from commissioning import pilot as pilots
from commissioning.methods import priorities
from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import PublicFigures, Text
from commissioning.reports import review_scores
from commissioning.reports.review_scores import Scores
from commissioning.sections import saying, showing
from commissioning.sections.page import Page, Shows, once

ILLUSTRATIVE = "Illustrative scores"
NEEDS = "it needs the file “budget”: one row a service, with its year and its budget"


@once
def scores_path(page: Page) -> Path:
    """The sample's scores for the sample; the council's own beside its extracts, else in `pilots/`."""
    if page.study.sample:
        return pilots.home() / "data" / "sample" / review_scores.FILE
    own = Path(page.given.data) / review_scores.FILE
    return own if page.given.data and own.is_file() else pilots.home() / "pilots" / review_scores.FILE


def scored_in(page: Page) -> tuple[str, ...]:
    """The file of scores, as the page's list of sources names it; nothing where there is none."""
    path = scores_path(page)
    if not path.is_file():
        return ()
    kept = {pilots.home() / "data" / "sample", pilots.home() / "pilots"}
    return (path.relative_to(pilots.home()).as_posix() if path.parent in kept else path.name,)


@once
def scores(page: Page) -> Scores:
    """What members and officers scored. Illustrative scores are never laid on a council's own budget."""
    found = review_scores.read(scores_path(page))
    return Scores(weights=found.weights) if found.illustrative and not page.study.sample else found


@once
def budget(page: Page) -> pd.DataFrame:
    """One row a service of the latest year (or the year asked for): service, amount_pence, share; largest first."""
    held = next((one.study for one in page.parts if "budget" in one.study.tables_held), page.study)
    table = held.published("budget")
    columns = ["service", "amount_pence", "share"]
    if table.empty:
        return pd.DataFrame(columns=columns)
    rows = table.assign(year=table["year"].fillna("")) if "year" in table else table.assign(year="")
    years = sorted(set(rows["year"]))
    wanted = page.given.period if page.given.period in years else years[-1]
    rows = rows[(rows["year"] == wanted) & (rows["amount_pence"] > 0)]
    by = rows.groupby(rows["service"].astype(str))["amount_pence"].sum().astype("Int64")
    frame = by.sort_values(ascending=False, kind="stable").rename_axis("service").reset_index()
    frame["service"] = frame["service"].map(lambda one: one[:1].upper() + one[1:])
    frame["share"] = 100 * frame["amount_pence"].astype(float) / float(frame["amount_pence"].sum())
    frame.attrs["year"] = wanted
    return frame


def year(page: Page) -> str:
    return str(budget(page).attrs.get("year") or "")


@once
def period_of(page: Page) -> str:  # type: ignore[override]
    return year(page) or "the year is not given"


def when(page: Page) -> str:
    return f"Budget of {year(page)}." if year(page) else "The file does not say which year the budget is for."


def mark(page: Page) -> str:
    return f"{ILLUSTRATIVE}: nobody in a council gave them. " if scores(page).illustrative else ""


def budget_figures(page: Page, frame: pd.DataFrame) -> PublicFigures:
    return showing.public(page, frame, "budget", source=showing.source_words(page, "budget"))


def missing(page: Page, what: str) -> Shows:
    says = f"{what}: {NEEDS}."
    return showing.lacking(says)


@once
def table_of_scores(page: Page) -> pd.DataFrame:
    return review_scores.table(budget(page), scores(page))


@once
def order(page: Page) -> pd.DataFrame:
    """Services in order: score, place (both missing until all six are scored), best and worst possible place."""
    ranked = priorities.rank(table_of_scores(page), scores(page).weight)
    possible = review_scores.possible_places(table_of_scores(page), scores(page).weight)
    frame = table_of_scores(page).join(ranked).join(possible).loc[ranked.index]
    by_size = budget(page).set_index("service")["share"]
    frame = frame.assign(share=by_size).sort_values(["place", "share"], ascending=[True, False], na_position="last")
    return frame.rename_axis("service").reset_index()


@once
def held(page: Page) -> pd.DataFrame | None:
    """Places of the fully scored services over all weights; None where fewer than two are scored."""
    whole = table_of_scores(page).dropna()
    if len(whole) < 2:
        return None
    order = priorities.rank(whole, scores(page).weight)
    found = priorities.stability(whole).frame.reindex(order.index)
    return pd.DataFrame(
        {"option": order.index.astype(str), "rank": order["place"].to_numpy(), "best": found["best_place"].to_numpy(),
         "worst": found["worst_place"].to_numpy(), "first": 100 * found["first"].to_numpy(float)}
    )  # fmt: skip


@once
def rolled(page: Page) -> pd.DataFrame:
    """Budget by whether it was challenged as a whole in the last few years: state, services, amount_pence, share."""
    last = {review_scores.plain(one.service): one.year for one in scores(page).challenged}
    limit = int(year(page)[:4]) - scores(page).unchallenged_after_years if year(page) else None

    def state(name: str) -> str:
        when = last.get(review_scores.plain(name))
        if when is None or limit is None:
            return "Not known: nobody says when it was last challenged"
        return "Challenged as a whole" if int(when[:4]) > limit else "Rolled over unchallenged"

    frame = budget(page).assign(state=budget(page)["service"].map(state))
    by = frame.groupby("state").agg(services=("service", "size"), amount_pence=("amount_pence", "sum")).reset_index()
    by["share"] = 100 * by["amount_pence"].astype(float) / float(max(1, by["amount_pence"].sum()))
    return by


def first_finding(page: Page) -> list[Finding]:
    if budget(page).empty:
        return []
    places = held(page)
    if places is None:
        frame = order(page).head(1)[["service", "best", "worst"]].assign(services=len(order(page)))
        one = frame.iloc[0]
        return [
            saying.finding(
                page,
                f"No service can be put in order yet: {one['service']} could stand anywhere from place {one['best']} to "
                f"place {one['worst']} of {one['services']}, until the other criteria are scored.",
                "described",
                budget_figures(page, frame),
                "which-next",
            )
        ]
    first = places.iloc[[0]]
    one = first.iloc[0]
    start = "On illustrative scores, " if scores(page).illustrative else "With the weights given, "
    return [
        saying.finding(
            page,
            f"{start}{one['option']} comes first for review; it stays first under {words.number(one['first'], 0)}% of all "
            "possible weights. Members decide.",
            "recorded" if scores(page).illustrative else "described",
            budget_figures(page, first),
            "stability",
            confidence="low" if scores(page).illustrative else "medium",
        )
    ]


def largest_finding(page: Page) -> list[Finding]:
    if budget(page).empty:
        return [
            _words_finding(page, "No council budget by service is here, so no service is set in order.", "criteria")
        ]
    top = budget(page).head(1)
    one = top.iloc[0]
    return [
        saying.finding(
            page,
            f"{one['service']} has the largest budget of {period_of(page)}: {words.money_short(int(one['amount_pence']))}, "
            f"{words.number(one['share'], 1)}% of the whole.",
            "described",
            budget_figures(page, top.assign(pounds=top["amount_pence"].astype(float) / 100)),
            "budget",
            confidence="high",
            declared=(period_of(page),),
        )
    ]


def scored_finding(page: Page) -> Finding:
    table = table_of_scores(page)
    if table.empty:
        return _words_finding(page, "None of the six criteria is answered for any service.", "criteria")
    whole = int(table.notna().all(axis=1).sum())
    frame = pd.DataFrame({"scored": [whole], "services": [len(table)]})
    return saying.finding(
        page,
        f"{whole} of {len(table)} services are scored on all six criteria; a budget answers one of them, (b).",
        "described",
        budget_figures(page, frame),
        "criteria",
        confidence="high",
    )


def rolled_finding(page: Page) -> Finding:
    rows = rolled(page).set_index("state")["share"] if not budget(page).empty else pd.Series(dtype=float)
    if "Rolled over unchallenged" not in rows:
        says = "How much of the budget is rolled over unchallenged is not known: nobody says when each was last challenged."
        return _words_finding(page, says, "rolled-over" if not budget(page).empty else "criteria")
    share = rows["Rolled over unchallenged"]
    return saying.finding(
        page,
        f"{words.number(share, 1)}% of the budget is rolled over: not challenged as a whole within "
        f"{scores(page).unchallenged_after_years} years.",
        "recorded",
        budget_figures(page, rolled(page)),
        "rolled-over",
        declared=(scores(page).unchallenged_after_years,),
        confidence="low" if scores(page).illustrative else "medium",
    )


def _words_finding(page: Page, says: str, anchor: str) -> Finding:
    """A finding that holds no number: what stands under it is how many services have a budget here."""
    held = pd.DataFrame({"services": [str(len(budget(page)))]})
    return saying.finding(page, says, "described", Text(frame=held, source="this run"), anchor)
