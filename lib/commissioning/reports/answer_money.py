"""The two lines of an answer about money: what was spent more and in all, and what each cost beside what that is worth."""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation.answer import Sign
from commissioning.presentation.finding import Finding
from commissioning.reports.answer_words import OUTCOMES, SPEND, Numbers, compared_year, line, not_known, of_people
from commissioning.sections import charting, figures
from commissioning.sections.extra_cost import real
from commissioning.sections.page import Page
from commissioning.study import comparing, groups, outcomes, planned_cost, spend_lines, value_words
from commissioning.study.value_words import OutcomeValue, PilotValue
from commissioning.wording import agreed

OF_WHAT = {"packages": ", on everybody's support,", spend_lines.UNDER_AGREEMENTS: " on agreements"}
"""Whose the whole spend is, by the table of its line."""


def money(page: Page, measure: Measure | None, question: str) -> Finding:
    """The extra spend where it was estimated, in real terms with its limits; then the whole, said to be the whole."""
    said = Numbers()
    more_spent, more, sign = _extra(page, said)
    whole, which, recorded = _whole(page, measure, said, beside=not more_spent)
    if not more_spent and not whole:
        file = "payments" if page.pilot.name == "vcf_funding" else "spend"
        nothing = not_known("What was spent", "no file with this spend is held", file, page)
        return line(page, question, [nothing], "described", said, SPEND)
    says = f"{more_spent[:-1]}; {whole[:1].lower()}{whole[1:]}" if more_spent and whole else more_spent or whole
    anchors = ("extra-cost", *SPEND) if more_spent else SPEND
    return line(page, question, [says], sign or recorded, said, anchors, more=[*more, *which])


def whole_line(page: Page, measure: Measure | None, question: str) -> Finding:
    """The whole spend alone, beside an earlier year."""
    said = Numbers()
    whole, which, sign = _whole(page, measure, said, beside=True)
    return line(page, question, [whole], sign, said, SPEND, more=which) if whole else money(page, measure, question)


def value_of(page: Page) -> PilotValue | None:
    return None if page.group else figures.effects(page).value


def extra(page: Page) -> tuple[list[float], str] | None:
    """What was spent more: pence (middle, low, high) and the year of whose prices they are; None where it was not estimated."""
    found = value_of(page)
    if found is None or found.cost is None:
        return None
    shown = value_words.cost_row(found)
    cash = [float(shown[one]) for one in ("cost", "cost_lower", "cost_upper")]
    known = [one for one in (real(page, pounds, found.period) for pounds in cash) if one is not None]
    return (
        (known, page.pilot.price_base) if len(known) == len(cash) else ([100 * one for one in cash], found.period[:7])
    )


def _extra(page: Page, said: Numbers) -> tuple[str, list[str], Sign | None]:
    found = value_of(page)
    if found is None or found.cost is None:
        why = found.why_no_cost if found is not None else ""
        return "", [f"The extra spend is not told: {why[:1].lower()}{why[1:]}"] if why else [], None
    told_of = extra(page)
    assert told_of is not None
    (middle, low, high), prices = told_of
    shown = value_words.cost_row(found)
    cash = [float(shown[one]) for one in ("cost", "cost_lower", "cost_upper")]
    year, prices = said.year(found.period), said.year(prices)
    begins = f"In {prices} prices, support in places that had started cost"
    if low < 0 < high:
        told = (
            f"{begins} neither more nor less in {year}, beyond chance, than it would have ({said.pounds(low)} less to "
            f"{said.pounds(high)} more)."
        )
    else:
        more = "more" if middle > 0 else "less"
        ends = sorted((low, high), key=abs)
        also = f"; {said.pounds(100 * cash[0])} in {year} prices" if prices != year[:7] else ""
        told = (
            f"{begins} about {said.pounds(middle)} {more} in {year} than otherwise ({said.pounds(ends[0])} to "
            f"{said.pounds(ends[1])}{also})."
        )
    ends = sorted(cash[1:], key=abs)
    in_cash = (
        f"In the money of {year} that is about {said.pounds(100 * cash[0])} ({said.pounds(100 * ends[0])} to {said.pounds(100 * ends[1])}), "
        f"for {said.count(shown['people'])} people."
    )
    return told, [in_cash], "compared"


def _whole(page: Page, measure: Measure | None, said: Numbers, *, beside: bool) -> tuple[str, list[str], Sign]:
    """The whole spend of the latest year in real terms, beside the year before the start, or the one before; "" where none is held."""
    frame = figures.spend(page).frame
    row = spend_line(page, measure)
    if row is None:
        return "", [], "described"
    base, priced = page.pilot.price_base, not pd.isna(row["real_pence"])
    column, rounded = "real_pence" if priced else "pence", bool(row["rounded"])
    promised = row["table"] == spend_lines.PROMISED
    amount, year = said.pounds(float(row[column]), rounded=rounded), str(row["year"])
    planned = row["table"] == "packages" and planned_cost.held(page.study)
    # A published line is one of several of the same return: it is told by its own name, and is never the whole.
    published = (
        f"{row['what']}, came to"
        if row["table"] == "area_spend"
        else f"The whole spend{OF_WHAT.get(str(row['table']), '')} was"
    )
    begins = "Planned cost of support was" if planned else published
    told = f"{'Awards came to' if promised else begins} {amount}"
    rest = outcome_unknown(frame, row, column) if beside else None
    if beside:
        then = _before(page, frame, row, column)
        if planned and then is not None and not planned_cost.priced_alike(page.study, year, str(then["year"])):
            then = None
        was = (
            f"{said.pounds(float(then[column]), rounded=bool(then['rounded']))} in {said.year(str(then['year']))}"
            if then is not None
            else ""
        )
        if rest is not None:
            told = f"In {said.year(year)} {begins[0].lower()}{begins[1:]} {amount} where the outcome is known{f', against {was},' if was else ''}"
            told += f" and {said.pounds(float(rest), rounded=rounded)} where not"
        else:
            told += f" in {said.year(year)}{f' and {was}' if was else ''}"
        told += f" (in {said.year(base)} prices)" if priced else ""
        told += years_apart(page, measure, str(row["year"]), said) if row["table"] == "area_spend" else ""
        told += (
            "; what was spent of them is not held"
            if promised
            else ""
            if was or planned
            else "; the year before is not held"
        )
    elif not priced:
        told += f" in the money of {year}"
    what, basis = str(row["what"]), "" if str(row["basis"]).startswith("as recorded") else f", {row['basis']}"
    name = f"{what}{basis}"
    said.declared.append(name)
    more = [
        f"That is the line “{name}” of {said.year(str(row['year']))}: {said.pounds(float(row['pence']), rounded=rounded)} in the money of "
        "that year."
    ]
    more += said.of_earlier_councils(page.study.area, [str(row["year"])])
    more += [planned_cost.NOT_PAID, *([] if was else [planned_cost.LATER])] if planned and beside else []
    more += ["It is set beside no outcome of this page."] if row["scope"] == spend_lines.APART else []
    return f"{told}.", more, "described" if bool(row["public"]) else "recorded"


MOST_APART = 1
"""By how many years an outcome and the spend beside it may differ before that is said in the line itself."""


def years_apart(page: Page, measure: Measure | None, year: str, said: Numbers) -> str:
    """That spend of a year is not of the outcome's time, where more than one year lies between; "" where it is."""
    if measure is None:
        return ""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[rows["measure"].eq(measure.id) & rows["value"].notna() & rows["period"].le(page.period or "9999")]
    of = str(rows["period"].max())[:7] if len(rows) else year
    if abs(int(of[:4]) - int(year[:4])) <= MOST_APART:
        return ""
    return f"; not the outcome's time ({said.year(of)}): no ratio is made"


def spend_line(page: Page, measure: Measure | None) -> pd.Series | None:
    """The line that stands beside the outcome: of a published one the long-term support of its age band; else as headlines choose."""
    frame = figures.spend(page).frame
    if measure is not None and measure.id in page.pilot.published_measures:
        mine = frame[frame["what"].str.startswith("Long-term support") & frame["basis"].eq("gross current")]
        if len(mine):
            return mine.sort_values("year", kind="stable").iloc[-1]
    frame = (
        frame[frame["year"].le(page.period[:7])]
        if page.period and len(frame[frame["year"].le(page.period[:7])])
        else frame
    )
    return spend_lines.headline(frame)


def outcome_unknown(frame: pd.DataFrame, row: pd.Series, column: str) -> float | None:
    """The rest of spend under agreements, of which nobody recorded what came: with the row it is the whole. None where all is known."""
    if row["table"] != spend_lines.UNDER_AGREEMENTS:
        return None
    rest = frame[frame["table"].eq(row["table"]) & frame["year"].eq(row["year"]) & frame["what"].ne(row["what"])]
    rest = rest[column].dropna()
    return float(rest.iloc[0]) if len(rest) == 1 else None


def _before(page: Page, frame: pd.DataFrame, row: pd.Series, column: str) -> pd.Series | None:
    """The same line in the year that it is set beside, or in the latest earlier one that is held."""
    same = frame[frame["what"].eq(row["what"]) & frame["basis"].eq(row["basis"]) & frame[column].notna()]
    same = same[same["year"].lt(row["year"])].sort_values("year", kind="stable")
    wanted = same[same["year"].eq(compared_year(page, str(row["year"])))]
    return wanted.iloc[-1] if len(wanted) else same.iloc[-1] if len(same) else None


# --- what each cost


def each(page: Page, measure: Measure | None, question: str) -> Finding:
    """Cost for each more person beside its worth; where no extra cost is known, what each who gained cost, or each person supported."""
    found, said = value_of(page), Numbers(declared=["100"])
    first = weighed(found, measure) if found is not None else None
    if first is not None and found is not None:
        other = of_people(page, first.measure) if measure is None or first.measure.id != measure.id else ""
        return _beside_worth(page, question, found, first, said, other)
    if found is not None and (none := _no_ratio(found, measure)) is not None and none.printed is not None:
        return _without_ratio(page, question, none, said)
    for tell in (_each_who_gained, _each_week, _each_supported):
        if told := tell(page, measure, said):
            says, more, evidence, sign = told
            return line(page, f"{question} on average", [says], sign, said, evidence, more=more)
    file = "payments" if page.pilot.name == "vcf_funding" else "spend"
    why = "no spend is held that was for these people alone"
    return line(page, question, [not_known("What each cost", why, file, page)], "described", said, SPEND)


def weighed(found: PilotValue, measure: Measure | None) -> OutcomeValue | None:
    """The outcome whose cost for each more person is told: the one that stands first, else one that is weighed."""
    held = [one for one in found.outcomes if one.printed is not None and one.printed.each is not None]
    held.sort(key=lambda one: (measure is None or one.measure.id != measure.id, one.weighed is None))
    return held[0] if held else None


def _no_ratio(found: PilotValue, measure: Measure | None) -> OutcomeValue | None:
    """The outcome that stands first, where its gain and the extra cost are known and no cost for each may be made of them."""
    held = (one for one in found.outcomes if one.printed is not None and one.printed.each is None)
    return next((one for one in held if measure is not None and one.measure.id == measure.id), None)


def _without_ratio(page: Page, question: str, one: OutcomeValue, said: Numbers) -> Finding:
    assert one.printed is not None
    why = one.printed.each_withheld.removeprefix("no cost for each: ")
    says = f"No cost for each more person is given: {why}"
    if one.weighed is not None and one.worth is not None:
        standing = page.sealed.standing(f"floors.{one.measure.id}.worth")
        tried = "tried here and agreed by nobody" if page.given.what_if else agreed("", standing).strip()
        likely = said.percent(value_words.row(one)["likely"]).replace(".0%", "%")
        says += f"; at the {said.pounds(100 * one.worth)} {tried} as the worth of one, the chance that it is worth its cost is {likely}"
    return line(page, question, [f"{says}."], "compared", said, ("value", "value-table", *SPEND), declared=(why,))


def _beside_worth(
    page: Page, question: str, found: PilotValue, one: OutcomeValue, said: Numbers, other: str
) -> Finding:
    """`other`: what people gained, where it is not the outcome that stands first."""
    assert one.printed is not None and one.printed.each is not None
    row = value_words.row(one)
    ends = [row["each_lower"], row["each_upper"]]
    within = "" if None in ends else f" ({' to '.join(said.pounds(100 * end) for end in ends)})"
    cost = f"Each more person{f' who {other}' if other else ''} cost about {said.pounds(100 * row['each'])}{within}"
    prices = f"in {said.year(found.period[:7])} prices"
    standing = page.sealed.standing(f"floors.{one.measure.id}.worth")
    if one.worth is None or one.weighed is None:
        says = f"{cost} {prices}; nobody agreed what one more person is worth, so the two are not weighed."
    else:
        tried = "tried here and agreed by nobody" if page.given.what_if else agreed("", standing).strip()
        says = (
            f"{cost}, against the worth of {said.pounds(100 * one.worth)} {tried}, both {prices}; the chance that it is worth it "
            f"is {said.percent(row['likely']).replace('.0%', '%')}."
        )
    more = [
        f"Both sums are in the money of {said.year(found.period)}, as they were agreed and counted.",
        f"That is about {said.count(row['effect'])} more people ({said.count(row['effect_lower'])} to {said.count(row['effect_upper'])}) of "
        f"{said.count(row['people'])} different people in places that had started, counted once each in {said.year(found.period)}: over all the "
        "years that are compared there were more.",
    ]
    if found.shared:
        more.append(
            "The extra cost is one sum that several outcomes share: each is set against the whole of it, so they are never added up."
        )
    return line(page, question, [says], "compared", said, ("value", "value-table", *SPEND), more=more)


def _each_who_gained(page: Page, measure: Measure | None, said: Numbers):  # type: ignore[no-untyped-def]
    """Purpose spend for each different person who reached the outcome: an average, and no cost of the change."""
    if measure is None or measure.table != "supported" or measure.spend_scope != "purpose" or page.group:
        return None
    lines = figures.spend(page).frame
    lines = lines[lines["scope"].eq("purpose")]
    now = _reached(page, measure, page.period)
    spent = lines[lines["year"].eq(page.period)]
    if now is None or spent.empty:
        return None
    pence = float(spent["real_pence"].fillna(spent["pence"]).iloc[0])
    base = page.pilot.price_base if not pd.isna(spent["real_pence"].iloc[0]) else page.period
    begun = charting.start_of(page)
    before = next((one for one in sorted(lines["year"], reverse=True) if begun and one < begun[:7]), "")
    then, was = _reached(page, measure, before), lines[lines["year"].eq(before)]
    says = f"Each person who gained cost about {said.pounds(_two(page, pence / now))} in {said.year(page.period)}"
    more = []
    if then and len(was) and not pd.isna(was["real_pence"].iloc[0]):
        more.append(
            f"In {said.year(before)} it was {said.pounds(_two(page, float(was['real_pence'].iloc[0]) / then))}, in the same prices."
        )
    says += f" (in {said.year(base)} prices)"
    floor = next((one for one in page.pilot.floors if one.measure == measure.id), None)
    says += "; no worth was agreed." if floor is None or floor.worth is None else "."
    more.append(
        f"That is the whole spend on agreements whose outcome is known, shared over the {said.count(now)} people who "
        f"{of_people(page, measure) or 'gained'}: it is no cost of the change."
    )
    return says, more, SPEND, "recorded"


def _reached(page: Page, measure: Measure, period: str) -> float | None:
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[rows["measure"].eq(measure.id) & rows["period"].eq(period) & rows["numerator"].notna()]
    return float(rows["numerator"].iloc[0]) or None if len(rows) else None


def _two(page: Page, pence: float) -> float:
    from commissioning.methods.pilot_value import significant

    return significant(pence, page.study.policy.significant_figures)


def _each_week(page: Page, measure: Measure | None, said: Numbers):  # type: ignore[no-untyped-def]
    """What a week of support cost for each person, beside the year before: a level, and no cost of the change."""
    cost = groups.money_measure(page.measures, page.study.record["measures"])
    if cost is None:
        return None
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[rows["measure"].eq(cost.id) & rows["value"].notna()].set_index("period")["value"].astype(float)
    if page.period not in rows.index:
        return None
    before = compared_year(page, page.period)
    planned = planned_cost.held(page.study)
    cost_words = "was planned to cost" if planned else "cost"
    says = f"A week of support {cost_words} about {said.pounds(rows[page.period])} a person in {said.year(page.period)}"
    alike = planned_cost.priced_alike(page.study, page.period, before)
    if before in rows.index and alike:
        says += f", and {said.pounds(rows[before])} in {said.year(before)}"
    elif not planned:
        says += "; the year before is not held"
    return (
        f"{says}. That is for everybody supported, and not the cost of a change.",
        [planned_cost.NOT_PAID, *([] if alike else [planned_cost.LATER])] if planned else [],
        ("weekly-cost", *SPEND),
        "recorded",
    )


def _each_supported(page: Page, measure: Measure | None, said: Numbers):  # type: ignore[no-untyped-def]
    """Published spend for each person whom a published outcome is out of, beside England and the nearest neighbours."""
    if measure is None or measure.id not in page.pilot.published_measures or page.group:
        return None
    found = comparing.latest_spend_a_person(page.study, page.pilot, measure)
    if found is None:
        return None
    year, here, england, others = found
    says = f"Long-term support cost {said.pounds(here)} for each person known to the council in {said.year(year)}"
    says += f", beside England's {said.pounds(england)}" if england is not None else ""
    near = [f"{name} {said.pounds(pence)}" for name, pence in others]
    more = [f"Its nearest neighbours spent: {', '.join(near)}."] if near else []
    return (
        f"{says}; other reasons are possible.",
        more,
        ("comparison-learning-disability-ascof-1e", *OUTCOMES),
        "compared",
    )
