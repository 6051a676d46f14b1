"""Findings: plain sentences from what is shown, each with its claim and a link to its evidence."""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed
from commissioning.sections import charting, figures, levels, markets, saying
from commissioning.sections.page import Page
from commissioning.study import outcomes, spend_lines


def headline_outcomes(
    page: Page, most: int = 2, measures: dict | None = None, evidence: str = "outcomes"
) -> list[Finding]:
    """The first primary outcomes that are known in the period: described, with their range."""
    found: list[Finding] = []
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    every = outcomes.scaled(rows, page.measures)
    rows = every[every["period"] == page.period]
    chosen = measures if measures is not None else figures.primary(page)
    for key, measure in chosen.items():
        if measures is None and figures.comparison_rows(page, key) is not None:
            continue  # said once, with what it is compared with
        mine = rows[(rows["measure"] == key) & rows["value"].notna()]
        if mine.empty or len(found) >= most:
            continue
        row, before = mine.iloc[0], _before(page, every[(every["measure"] == key) & every["value"].notna()])
        before = before if outcomes.is_share(measure) else None
        shown = mine if before is None else every.loc[[mine.index[0], before.name]].reset_index(drop=True)
        found.append(
            saying.finding(
                page,
                outcomes.sentence(measure, row, before),
                "described",
                Computed(frame=shown, of=(page.released,), how="one released figure"),
                evidence,
                measure=key,
                confidence=confidence(row),
                declared=(page.period, "" if before is None else str(before["period"]), measure.per),
            )
        )
    return found


def _before(page: Page, rows: pd.DataFrame) -> pd.Series | None:
    """The same figure of the year before the pilot started there, else of the year before; None where it is not known."""
    start = charting.start_of(page)
    first = int((start if start and start[:7] <= page.period[:7] else page.period)[:4]) - 1
    wanted = rows[rows["period"] == f"{first}-{(first + 1) % 100:02d}{page.period[7:]}"]
    return wanted.iloc[0] if len(wanted) == 1 else None


def confidence(row: pd.Series) -> str:
    """High where nearly every answer is known, low where fewer than four in five are."""
    known, unknown = float(row["denominator"]), float(row.get("unknown") or 0)
    share = known / (known + unknown) if known + unknown else 0.0
    return "high" if share >= 0.95 else "medium" if share >= 0.8 else "low"


def compared_with_others(page: Page, most: int = 1, keys: tuple[str, ...] = ()) -> list[Finding]:
    """A published outcome beside England: compared, never more. `keys`: of these measures; else of all published ones."""
    found: list[Finding] = []
    for key in keys or page.pilot.published_measures:
        rows = figures.comparison_rows(page, key)
        if rows is None or len(found) >= most:
            continue
        here, england = rows.iloc[0], rows.iloc[1]
        if pd.isna(here["value"]) or pd.isna(england["value"]):
            continue
        apart = here["lower"] > england["value"] or here["upper"] < england["value"]
        side = "higher than" if here["value"] > england["value"] else "lower than"
        words_ = f"{side} England" if apart else "not told apart from England by its range"
        measure, level = page.measures[key], f"{words.number(here['value'], 1)}%"
        found.append(
            saying.finding(
                page,
                f"In {page.area_name}, {levels.clause(measure, level)} in {here['period']} ({here['numerator']:,.0f} of "
                f"{here['denominator']:,.0f}), {words_} ({words.number(england['value'], 1)}%). Other reasons are possible.",
                "compared",
                Computed(frame=rows, of=(page.released,), how="published figures of two areas"),
                f"comparison-{words.slug(key)}",
                measure=key,
                confidence="medium",
                declared=(here["period"], page.study.area, levels.clause(measure, "")),
            )
        )
    return found


def headline_spend(page: Page) -> list[Finding]:
    """The pilot's own spend of the latest year that has some, in cash and in real terms; outcome unknown said plainly."""
    line = spend_lines.headline(figures.spend(page).frame)
    if line is None:
        return []
    year, apart = line["year"], line["scope"] == spend_lines.APART
    known = (
        bool(len(figures.primary(page)))
        and not figures.outcome_frame(page, figures.primary(page)).frame["value"].isna().all()
    )
    short = words.money_rounded if line["rounded"] else words.money_short
    basis = "" if str(line["basis"]).startswith("as recorded") else f", {line['basis']}"
    sentence = f"{line['what']}{basis}, came to {short(int(line['pence']))} in {year}"
    if not pd.isna(line["real_pence"]):
        sentence += f" ({short(int(line['real_pence']))} in {page.pilot.price_base} prices)"
    sentence += "." if known and not apart else ". The spend is known, and the outcome is not."
    if apart:
        sentence += " It is set beside no outcome of this page."
    return [
        saying.finding(
            page,
            sentence,
            "described" if bool(line["public"]) else "recorded",
            Computed(
                frame=pd.DataFrame(
                    {
                        "year": [year],
                        "what": [str(line["what"])],
                        "basis": [str(line["basis"])],
                        "cash_pence": pd.array([line["pence"]], dtype="Int64"),
                        "prices_pence": pd.array([line["real_pence"]], dtype="Int64"),
                    }
                ),
                of=(page.released,),
                how="one line of spend",
            ),
            "spend",
            confidence="low" if apart else "high" if bool(line["public"]) else "medium",
            declared=(page.pilot.price_base, year),
        )
    ]


def apart(page: Page, measure: Measure, rows: pd.DataFrame, evidence: str) -> list[Finding]:
    """The lowest and the highest group of a split that may be shown; none where fewer than two are.

    `rows`: split, group, value, lower, upper, in the measure's unit.
    """
    known = rows[rows["value"].notna() & rows["lower"].notna()].sort_values("value")
    if len(known) < 2:
        return []
    ends = known.iloc[[0, -1]]
    low, high = ends.iloc[0], ends.iloc[1]
    unit = "%" if measure.unit.startswith("%") else f" {measure.unit}"
    least, most = (
        f"{words.number(one['value'], 1)}{unit} in {one['split']} {one['group']} "
        f"({words.number(one['lower'], 1)} to {words.number(one['upper'], 1)})"
        for one in (low, high)
    )
    overlap = "The two ranges overlap" if low["upper"] >= high["lower"] else "The two ranges do not overlap"
    return [
        saying.finding(
            page,
            f"“{measure.title}” ran from {least} to {most}. {overlap}. Other reasons are possible.",
            "compared",
            Computed(
                frame=ends[["split", "group", "value", "lower", "upper"]],
                of=(page.released,),
                how="the two ends of a split",
            ),
            evidence,
            measure=measure.id,
            declared=(measure.unit,),
        )
    ]


def concentration(page: Page) -> list[Finding]:
    """How much the largest organisation has, and of what: money wherever an extract tells it by organisation."""
    found = markets.of(page)
    if found is None:
        return []
    year = markets.year_of(found, page.period)
    shares = found.shares(year)
    return [
        saying.finding(
            page,
            f"{concentration_words(page, found, year)}.",
            "described",
            Computed(
                frame=shares.frame.head(1).assign(organisations=len(shares.frame)),
                of=(shares,),
                how="the largest share",
            ),
            "market",
            declared=(year, *(page.measures[one].title for one in found.measures)),
        )
    ]


def concentration_words(page: Page, found: markets.Market, year: str) -> str:
    """Who has the largest share of a market, in the words of its picture and of its finding; or that nobody can be told to."""
    shares = found.shares(year)
    first, many = shares.frame.iloc[0], len(shares.frame)
    share = words.number(first["share"], 1)
    tied = many > 1 and words.number(shares.frame["share"].iloc[1], 1) == share
    sentence = f"Of {found.of}, {year}, {first['organisation']} has the largest share of {many} organisations: {share}%"
    if tied:
        sentence = f"Of {found.of}, {year}, none of {many} organisations has more than {share}%"
    elif found.largest(year)[1:]:
        # The noise that protects people moves amounts: which of them is the largest is then not known.
        sentence = f"Of {found.of}, {year}, none of {many} organisations stands out as the largest: the first has about {share}%"
    if not found.money:
        sentence += f" ({found.of.split()[0]} counted, because money is not told by organisation)"
    if page.group:
        sentence += f", in the whole of {page.area_name}"
    return sentence


def known_outcomes(page: Page) -> list[Finding]:
    """How many of the pilot's outcomes are known at all: the finding that is always there."""
    frames = [figures.outcome_frame(part).frame for part in page.parts]
    known, total = sum(int(one["value"].notna().sum()) for one in frames), sum(len(one) for one in frames)
    kept = sum(int(one.get("value_status", pd.Series(dtype=object)).eq(outcomes.HIDDEN).sum()) for one in frames)
    judged = "outcomes this service is" if len(frames) == 1 else "outcomes these services are"
    counts = pd.DataFrame({"known": [known], "outcomes": [total], "figures_kept": [kept]})
    ends = f" and shown; {kept} {'is' if kept == 1 else 'are'} hidden, so that nobody can be recognised" if kept else ""
    return [
        saying.finding(
            page,
            f"{known} of the {total} {judged} judged by {'is' if known == 1 else 'are'} known for {page.period or 'the period'}{ends}.",
            "described",
            Computed(frame=counts, of=(page.released,), how="outcomes with a released value"),
            "outcomes",
            declared=(page.period,),
        )
    ]
