"""Money against what came of it, by provider or by programme: ranges, not ranks; higher spend with a lower outcome is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import levels, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import telling, units
from commissioning.study import outcomes

ORGANISATION = "organisation"
FEWEST_YEARS = 2


@section
def providers(page: Page) -> Shows:
    """Money against what came of it, by provider, or by programme and department: one picture of the year, and small ones over time."""
    split = _by_provider(page) if showing.holds(page, "packages") else _by_programme(page)
    if split is None:
        return Note(
            "Money and outcomes are not known of the same providers or programmes, so neither is set beside the other."
        )
    measure, frame, what = split
    shown = [one for one in (_scatter(page, measure, frame, what), _over_time(page, measure, what)) if one is not None]
    named = _largest_organisation(page, measure)
    if not shown:
        return Told.of(Note(f"Fewer than {units.FEWEST} {what} may be shown with money and outcome."), found=named)
    return Told.of(shown, found=[*_out_of_line(page, measure, frame, what), *named])


def _by_provider(page: Page) -> tuple[Measure, pd.DataFrame, str] | None:
    measure = units.measure_of(page, "provider")
    money = showing.broken_down(page, "packages_by_whom", "provider")
    if measure is None or money.empty:
        return None
    money = money.rename(columns={"provider": "group"})[
        ["group", "people", "pence", "pence_hidden", "pence_lower", "pence_upper"]
    ]
    frame = units.by_kind(page, measure, "provider").merge(money, on="group", how="left")
    frame = frame[~frame["group"].str.contains(units.TOGETHER)]
    return measure, units.with_each(frame, "people", page.study.policy.noise), "providers"


def _by_programme(page: Page) -> tuple[Measure, pd.DataFrame, str] | None:
    parts, measure = [], units.measure_of(page, "department")
    if measure is None:
        return None
    for kind in ("programme", "department"):
        money = showing.broken_down(page, "accrued", kind)
        if money.empty:
            continue
        known = (
            money.rename(columns={kind: "group", "pence_known": "pence", "pence": "all_pence"})
            if "pence_known" in money
            else money.rename(columns={kind: "group"})
        )
        rows = units.by_kind(page, measure, kind)
        if rows.empty:
            rows = _from_breakdown(page, kind)
        if len(rows):
            parts.append(rows.merge(known[["group", "pence"]], on="group", how="left").assign(kind=kind))
    if not parts:
        return None
    frame = pd.concat(parts, ignore_index=True)
    return measure, units.with_each(frame.assign(people=frame["denominator"]), "people"), "programmes and departments"


def _from_breakdown(page: Page, kind: str) -> pd.DataFrame:
    rows = showing.broken_down(page, "reached", kind)
    if rows.empty:
        return rows
    names = {kind: "group", "people_value": "value", "people_lower": "lower", "people_upper": "upper", "people": "numerator", "people_of": "denominator",
             "people_value_status": "value_status"}  # fmt: skip
    return rows.rename(columns=names)[list(names.values())]


def _dearer_and_lower(page: Page, measure: Measure, frame: pd.DataFrame) -> pd.DataFrame:
    """Units whose spend a person lies above the middle one's, however far protection moved it, and whose outcome lies on the worse
    side of the whole's; those whose whole range does come first, and `apart` says which."""
    whole = units.whole(page, measure)
    known = frame[frame["value"].notna() & frame["each_pence"].notna()]
    if whole is None or len(known) < units.FEWEST:
        return known.iloc[:0].assign(apart=False)
    fewer = measure.better == "lower"
    dear = known["each_lower_pence"] > known["each_pence"].astype(float).median()
    worse = known["value"] > whole["value"] if fewer else known["value"] < whole["value"]
    apart = known["lower"] > whole["upper"] if fewer else known["upper"] < whole["lower"]
    found = known.assign(apart=apart.fillna(False))[dear & worse]
    return found.sort_values(["apart", "value"], ascending=[False, fewer], kind="stable")


def _scatter(page: Page, measure: Measure, frame: pd.DataFrame, what: str) -> Chart | None:
    known = frame[frame["value"].notna() & frame["each_pence"].notna()]
    whole = units.whole(page, measure)
    if len(known) < units.FEWEST or whole is None:
        return None
    flagged = _dearer_and_lower(page, measure, frame)
    apart = set(flagged.loc[flagged["apart"], "group"])
    one = what == "providers"
    frame = frame.assign(asks=[("yes" if name in apart else "no") for name in frame["group"]])
    frame = frame.assign(
        named=[
            "yes" if (not one or name in set(flagged["group"].head(3))) and name not in apart else "no"
            for name in frame["group"]
        ]
    )
    middle = known["each_pence"].astype(float).median()
    column = {
        "each_pence": Column(
            name="each_pence",
            label="Spend a person (£, cash)" if one else "Spend for each person with a known result (£, cash)",
            kind="pence",
            decimals=0,
        )
    }
    return Chart.of(
        Computed(frame=frame, of=(page.released,), how="released figures and spend, unit by unit"),
        "spend_against_outcome",
        roles={"x": "each_pence", "y": "value", "name": "group", "this": "asks", "neighbour": "named", "lower": "lower", "upper": "upper", "x_lower": "each_lower_pence", "x_upper": "each_upper_pence"},
        options={
            "better": "lower" if measure.better == "lower" else "higher", "x_label": "Spend a person" if one else "Spend for each person with a known result", "this_words": "Spends more, whole range is worse",
            "neighbour_words": "Named beside its point", "middle_words": f"The middle of these {what}", "others_words": "Others",
        },
        columns={"group": what.capitalize()[:-1] if one else "Programme or department", **column,
                 **{key: Column(name=key, label=label, decimals=0) for key, label in (("value", "Outcome (%)"), ("lower", "Lower limit"), ("upper", "Upper limit"))},
                 "pence": Column(name="pence", label="Spend (£, cash)", kind="pence", decimals=0), "people": Column(name="people", label="People", decimals=0),
                 "each_lower_pence": Column(name="each_lower_pence", label="Spend a person, from (£)", kind="pence", decimals=0),
                 "each_upper_pence": Column(name="each_upper_pence", label="Spend a person, to (£)", kind="pence", decimals=0),
                 "asks": "Spends more and whole range is worse", "named": "Named in the picture"},
        title=_scatter_words(measure, flagged, known, what),
        alt=f"A point with its range for each of {len(known)} {what}, spend a person across and outcome up. {ends(known, measure)}",
        caption=f"{page.period[:7]}, spend in cash. The lines stand at the middle one. Ranges, not ranks: where two ranges overlap, chance may make the difference. "
        f"People with higher needs may cost more and meet fewer goals: being in a corner asks a question.{page.of_the_whole}",
        source=showing.source_words(page, *units.tables(page), measures=(measure.id,)), unit=measure.unit, measures=(measure.id,),
        sources=showing.sources_of(page, *units.tables(page)),
        declared=(page.period[:7], len(known), measure.title, middle / 100, *frame["group"]), id="money-and-outcome",
    )  # fmt: skip


def _scatter_words(measure: Measure, flagged: pd.DataFrame, known: pd.DataFrame, what: str) -> str:
    apart = flagged[flagged["apart"]]
    if len(apart):
        first = apart.iloc[0]
        others = "" if len(apart) == 1 else f", and so of {len(apart) - 1} more"
        return (
            f"{measure.title}: {first['group']} spends {telling.pounds(first['each_pence'])} a person, more than the middle of {len(known)} {what}, "
            f"and does worse than all together: {telling.with_range(first, measure)}{others}"
        )
    return f"{measure.title}: none of {len(known)} {what} clearly both spends more a person than the middle one and does worse than all together"


def ends(known: pd.DataFrame, measure: Measure) -> str:
    """The one that spends least a person and the one that spends most, in words; all alike are said to be that."""
    spend = known["each_pence"].astype(float)
    if spend.min() == spend.max():
        return f"All spend {telling.pounds(spend.min())} a person."
    two = (("Least", known.loc[spend.idxmin()]), ("Most", known.loc[spend.idxmax()]))
    if "each_upper_pence" in known and two[0][1]["each_upper_pence"] >= two[1][1]["each_lower_pence"]:
        return "What they spend a person is not told apart."
    said = "; ".join(
        f"{says}: {one['group']}, {telling.pounds(one['each_pence'])}, {telling.with_range(one, measure)}"
        for says, one in two
    )
    return f"{said}."


def _over_time(page: Page, measure: Measure, what: str) -> Chart | None:
    """A small chart for each unit that may be named, over the years, in the order of their names."""
    kind = "provider" if what == "providers" else ORGANISATION
    every = (
        pd.DataFrame(telling.study_of(page).outcomes(by=kind))
        if kind in set(page.released.figures["group_kind"])
        else pd.DataFrame()
    )
    if every.empty:
        return None
    rows = every[
        every["measure"].eq(measure.id)
        & every["period"].le(page.period[:7])
        & ~every["group"].str.contains(units.TOGETHER)
    ]
    many = rows[rows["value"].notna()].groupby("group").size()
    rows = rows[rows["group"].isin(many.index[many.ge(FEWEST_YEARS)])].sort_values(["group", "period"])
    names = list(dict.fromkeys(rows["group"]))
    if not names:
        return None
    rose, fell = _clear_changes(rows)
    years = sorted(set(rows["period"]))
    frame = (
        rows[["group", "period", "value", "lower", "upper", "status"]]
        .rename(columns={"status": "value_status"})
        .reset_index(drop=True)
    )
    called = "provider" if kind == "provider" else ORGANISATION
    return Chart.of(
        Computed(frame=frame, of=(page.released,), how="released figures by year"),
        "small_multiples",
        roles={"name": "group", "x": "period", "y": "value", "lower": "lower", "upper": "upper"},
        columns={"group": called.capitalize(), "period": "Year",
                 **{key: Column(name=key, label=label, decimals=0) for key, label in (("value", "Outcome (%)"), ("lower", "Lower limit"), ("upper", "Upper limit"))}},
        title=f"{measure.title}, {called} by {called}: of {words_of(names, called)}, {_moves(rose, fell)} between the first year known and the last",
        alt=f"Lines over the years, one for each of {words_of(names, called)}, from {years[0]} to {years[-1]}, with its range as a band. "
        f"{'Clearly up: ' + ', '.join(rose) + '. ' if rose else ''}{'Clearly down: ' + ', '.join(fell) + '.' if fell else ''}".strip(),
        caption=f"In the order of their names: they are not ranked. A change is clear where the two ranges lie apart. Those too small to be named in two years are left out.{page.of_the_whole}",
        source=showing.source_words(page, measures=(measure.id,)), unit=measure.unit, measures=(measure.id,),
        declared=(len(names), len(rose), len(fell), measure.title, *years, *names), id="over-time-by-name",
    )  # fmt: skip


def words_of(names: Sequence[str], called: str) -> str:
    """ "18 providers", "1 provider"."""
    return f"{len(names)} {called}{'' if len(names) == 1 else 's'}"


def _moves(rose: list[str], fell: list[str]) -> str:
    if not rose and not fell:
        return "none moved clearly"
    parts = [f"{len(some)} clearly {verb}" for some, verb in ((rose, "rose"), (fell, "fell")) if some]
    return " and ".join(parts)


def _clear_changes(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    rose, fell = [], []
    for name, mine in rows[rows["value"].notna()].groupby("group", sort=False):
        first, last = mine.iloc[0], mine.iloc[-1]
        if last["lower"] > first["upper"]:
            rose.append(str(name))
        elif last["upper"] < first["lower"]:
            fell.append(str(name))
    return rose, fell


def _lower_alone(page: Page, measure: Measure, known: pd.DataFrame, whole: pd.Series, what: str) -> list[Finding]:
    """A unit whose whole range is worse, where nobody clearly spends more: its spend is not set against it."""
    fewer = measure.better == "lower"
    apart = known["lower"] > whole["upper"] if fewer else known["upper"] < whole["lower"]
    if not apart.any():
        return []
    one = known[apart].sort_values("value", ascending=not fewer, kind="stable").iloc[0]
    says = (
        f"In {page.period[:7]} the outcome of {one['group']}, “{measure.title}”, is {telling.with_range(one, measure)} where that of "
        f"all is {telling.level(whole['value'], measure)}. Its whole range lies on the worse side. What it spends a person is not told "
        f"apart from the middle of {len(known)} {what}. {telling.OTHERS}"
    )
    limits = ["value", "lower", "upper"]
    numbers = pd.DataFrame(
        [{"group": one["group"], **one[limits]}, {"group": "all", **whole[limits]}], columns=["group", *limits]
    )
    return [
        telling.found(page, says, "compared", numbers, "money-and-outcome", measure=measure.id, declared=(len(known), str(one["group"])))
    ]  # fmt: skip


def _out_of_line(page: Page, measure: Measure, frame: pd.DataFrame, what: str) -> list[Finding]:
    """Higher spend and lower outcome, named, with what the ranges allow; and what may be said where nobody is."""
    flagged, whole = _dearer_and_lower(page, measure, frame), units.whole(page, measure)
    known = frame[frame["value"].notna() & frame["each_pence"].notna()]
    if whole is None or len(known) < units.FEWEST:
        return []
    if flagged.empty:
        return _lower_alone(page, measure, known, whole, what)
    middle = round(known["each_pence"].astype(float).median())
    one = flagged.iloc[0]
    sure = (
        "its whole range lies on the worse side"
        if one["apart"]
        else "its range reaches that of all, so chance is not ruled out"
    )
    says = (
        f"In {page.period[:7]} {one['group']} spent more a person than the middle of {len(known)} {what} "
        f"({telling.pounds(one['each_pence'])} beside {telling.pounds(middle)}). There {levels.clause(measure, telling.with_range(one, measure))}, "
        f"where over all it is {telling.level(whole['value'], measure)}: {sure}. {telling.OTHERS}"
    )
    numbers = pd.DataFrame([
        {"group": one["group"], "each_pence": one["each_pence"], **{key: one[key] for key in ("value", "lower", "upper")}},
        {"group": "the middle, and all", "each_pence": middle, **{key: whole[key] for key in ("value", "lower", "upper")}},
    ]).astype({"each_pence": "Int64"})  # fmt: skip
    return [
        telling.found(
            page,
            says,
            "compared",
            numbers,
            "money-and-outcome",
            measure=measure.id,
            declared=(len(known), str(one["group"]), levels.clause(measure, "")),
        )
    ]


def _largest_organisation(page: Page, measure: Measure) -> list[Finding]:
    """The organisation with the most money (or, where no money may be shown, the most people) whose outcome lies below that of all."""
    rows, whole = units.by_kind(page, measure, ORGANISATION), units.whole(page, measure)
    rows = rows[rows["value"].notna() & ~rows["group"].str.contains(units.TOGETHER)]
    if whole is None or len(rows) < units.FEWEST:
        return []
    money = _money_by_organisation(page)
    size = rows["group"].map(money) if money else rows["denominator"]
    rows = rows.assign(size=pd.to_numeric(size, errors="coerce").astype("Float64"))
    large = rows[rows["size"].notna() & (rows["size"] > rows["size"].median())].sort_values(
        "size", ascending=False, kind="stable"
    )
    fewer = measure.better == "lower"
    low = large[(large["value"] > whole["value"]) if fewer else (large["value"] < whole["value"])]
    if low.empty:
        return []
    one = low.iloc[0]
    apart = one["lower"] > whole["upper"] if fewer else one["upper"] < whole["lower"]
    sure = (
        "its whole range lies on the worse side"
        if apart
        else "its range reaches that of all, so chance is not ruled out"
    )
    most = "the most" if one["size"] == rows["size"].max() else "much"
    said = (
        f"was paid {most} of those that may be named ({telling.pounds(float(one['size']))})" if money
        else f"helped {'the most' if most == 'the most' else 'many'} of the people whose result is known among those that may be named ({one['denominator']:,.0f})"
    )  # fmt: skip
    says = (
        f"In {page.period[:7]} {one['group']} {said}. There {levels.clause(measure, telling.with_range(one, measure))}, where over all it is "
        f"{telling.level(whole['value'], measure)}: {sure}. {'' if money else 'What one organisation was paid may not be shown. '}{telling.OTHERS}"
    )
    numbers = pd.DataFrame([{"group": one["group"], **{key: one[key] for key in ("value", "lower", "upper", "denominator")}},
                            {"group": "all", **{key: whole[key] for key in ("value", "lower", "upper", "denominator")}}])  # fmt: skip
    if money:
        numbers = numbers.assign(paid_pence=pd.array([round(float(one["size"])), None], dtype="Int64"))
    return [
        telling.found(
            page,
            says,
            "compared",
            numbers,
            "money-and-outcome",
            measure=measure.id,
            declared=(str(one["group"]), levels.clause(measure, "")),
        )
    ]


def _money_by_organisation(page: Page) -> dict[str, Any]:
    """Organisation → what it was awarded or paid in the year, where that may be shown of enough of them."""
    rows = page.released.figures
    inputs = [key for key, one in outcomes.of_kind(page.measures, "input").items() if one.unit.startswith("pence")]
    rows = rows[
        rows["measure"].isin(inputs)
        & rows["group_kind"].eq(ORGANISATION)
        & rows["period"].eq(page.period[:7])
        & rows["numerator"].notna()
    ]
    for key in inputs:
        mine = rows[rows["measure"].eq(key)]
        if len(mine) >= units.FEWEST:
            return dict(zip(mine["group"], mine["numerator"], strict=True))
    return {}
