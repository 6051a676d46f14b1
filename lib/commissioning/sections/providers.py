"""Who provides, who pays and how it is provided, where support is thin, and need by place (4.3, 4.4, 4.11d).

What is shown of people's packages are released breakdowns. Published returns pass unchanged.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.measures.breakdowns import NAMELESS
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import findings, markets, need, section_findings, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import broken_down

SPLITS = {("packages", "provision"): "How it is provided", ("packages_by_whom", "funder"): "Who pays"}
SECTORS = {"council": "The council itself (in-house)", "private": "Private", "voluntary": "Voluntary", "nhs": "NHS",
           "social enterprise or mutual": "Social enterprise or mutual", "unknown": "Not known"}  # fmt: skip
PEOPLE_AND_POUNDS: dict[str, str | Column] = {
    "people": "People", "pounds": Column(name="pounds", label="In the year (£)", decimals=0)
}  # fmt: skip
RANGE: dict[str, str | Column] = {
    name: Column(name=name, label=label, decimals=0)
    for name, label in (("value", "Met (%)"), ("lower", "Lower limit"), ("upper", "Upper limit"))
}
SHARES_OF_MET = {"met_value": "value", "met_lower": "lower", "met_upper": "upper"}
PLACES = {"locality": "Locality", "setting": "Kind of support"}


def _section(page: Page, frame: pd.DataFrame, how: str, *tables: str, **words_: Any) -> Table:
    data = Computed(frame=frame, of=(page.released,), how=how)
    return Table(data, source=showing.source_words(page, *tables), sources=showing.sources_of(page, *tables), **words_)


def packages_by(page: Page, splits: dict[tuple[str, str], str]) -> pd.DataFrame:
    """People and pounds of packages by each breakdown and column: `split` in its words, `group`, `people`, `pounds`."""
    parts = [
        showing.broken_down(page, id, column).rename(columns={column: "group"}).assign(split=says)
        for (id, column), says in splits.items()
    ]
    return broken_down.in_pounds(pd.concat(parts, ignore_index=True))


def _thin_places(page: Page) -> tuple[pd.DataFrame, int]:
    """Places and kinds of support with their people and providers, fewest providers first; and how many are left out."""
    parts = []
    for column, says in PLACES.items():
        frame = (
            showing.broken_down(page, "packages_by_place", column).rename(columns={column: "group"}).assign(split=says)
        )
        cells = showing.broken_down(page, "packages_by_place", column, "provider")
        many = (
            cells[cells["people"].notna() & cells["people"].gt(0) & cells["provider"].ne(NAMELESS)]
            .groupby(column)
            .size()
        )
        parts.append(frame.assign(providers=frame["group"].map(many).fillna(0).astype(int)))
    frame = pd.concat(parts, ignore_index=True)
    # Left out whole: the name of a place is as it was typed, and that few live there is itself told by a row.
    few = ~frame["people"].ge(page.study.policy.fewest_people_for_cost).fillna(False).astype(bool)
    shown = frame[~few].sort_values(["split", "providers", "group"], ignore_index=True)
    return shown[["split", "group", "people", "providers"]], int(few.sum())


def _providers_by_sector(page: Page) -> pd.Series:
    """How many providers the register of them holds, by sector, each as in its last year up to the report's."""
    rows = page.study.published("providers")
    rows = rows[rows["year"].astype(str) <= page.period[:7]].sort_values("year", kind="stable")
    return rows.drop_duplicates("provider", keep="last").groupby("sector").size()


NOT_APART = (
    " Amounts have a little noise, so that nobody can be recognised: those near each other may stand in another order."
)


@section
def market(page: Page) -> Shows:
    """Who provides, and how much of the money rests on the largest (4.4, 4.11d)."""
    found = markets.of(page)
    if found is None:
        return _no_market(page)
    year = markets.year_of(found, page.period)
    shares = found.shares(year)
    top = shares.frame.head(8)
    first = top.iloc[0]
    said = findings.concentration(page)
    share = words.number(first["share"], 1)
    says = f"Share of all {found.of} shown, among {len(shares.frame)} organisations; those too small to show, or not named, count in the whole."
    if not found.money:
        says += " No file here tells money by organisation, so these are shares of what is counted, and not of money."
    return Told.of(
        Chart.bars(
            Computed(frame=top, of=(shares,), how="the largest eight"),
            x="organisation",
            y="share",
            columns={"organisation": "Organisation", "share": Column(name="share", label="Share (%)", decimals=1)},
            title=findings.concentration_words(page, found, year),
            alt=f"Bars, longest first. {first['organisation']} stands first, with {share}%.",
            caption=f"{says}{NOT_APART if found.largest(year)[1:] else ''}{page.of_the_whole}",
            source=showing.source_words(page, *found.tables, measures=found.measures),
            unit=f"% of {found.of}",
            measures=found.measures,
            sources=found.files,
            declared=(year, len(shares.frame), *_titles(page, found)),
            id="market",
        ),
        found=said,
    )


def _no_market(page: Page) -> Shows:
    tables = [one for one in ("packages", "grants", "payments") if one in page.pilot.tables]
    if tables and showing.holds(page, *tables[:1]):
        return Note(
            f"Fewer than {markets.FEWEST} organisations may be shown with their share of the money or of what is counted in any "
            "year, so nothing is said of the market: a share among so few tells each of them about the others."
        )
    return showing.needs_extract(page, *(tables or ["packages", "grants"]), for_what="The market")


@section
def market_over_years(page: Page) -> Display:
    """Whether the money rests on fewer organisations than before: concentration, year by year (4.11d)."""
    found = markets.of(page)
    if found is None:
        return Note("No year has enough organisations to say how concentrated the market is.")
    rows = found.over_years()
    return Table(
        rows,
        title=f"How much rests on the largest organisations: share of {found.of}",
        caption=(
            "Organisations too small to show, or not named, count in the whole and are none of the largest. Fewer, larger "
            f"organisations are a risk if one leaves; many small ones cost more to deal with.{page.of_the_whole}"
        ),
        source=showing.source_words(page, *found.tables, measures=found.measures),
        columns={
            "year": "Year", "organisations": "Organisations shown",
            "largest": Column(name="largest", label="The largest (%)", decimals=1),
            "five": Column(name="five", label=f"The largest {markets.LARGEST} together (%)", decimals=1),
            "rest": Column(name="rest", label="Not named (%)", decimals=1),
        },
        measures=found.measures,
        sources=found.files,
        declared=_titles(page, found),
        id="market-over-years",
    )  # fmt: skip


@section
def how_provided(page: Page) -> Shows:
    """Spend by how it is provided and by who pays: direct, partnership, open market (4.4); in-house and external."""
    said: list[Finding] = []
    if showing.holds(page, "packages"):
        frame = packages_by(page, SPLITS)
        said += section_findings.most_spent(
            page,
            frame[frame["split"] == SPLITS["packages", "provision"]],
            "group",
            "how-provided",
            words_=f"The largest part of the money in packages in {page.period} is",
        )
        return Told.of(
            _section(
                page,
                frame,
                "released spend on packages, people counted once in each row",
                "packages",
                title="Spend by how support is provided, and by who pays",
                caption=(
                    f"{page.period}. Direct is the council's own, partnership is agreed with another body, open market is bought. "
                    f"A person with two kinds counts in both.{page.of_the_whole}"
                ),
                columns={"split": "Split by", "group": "Group", **PEOPLE_AND_POUNDS},
                keys=2,
                declared=(page.period,),
                id="how-provided",
            ),
            found=said,
        )
    spend = page.study.published("area_spend")
    reason = page.pilot.support_reason or "adult social care"
    frame = markets.provided_by(spend, page.study.area, reason) if len(spend) else pd.DataFrame()
    if frame.empty:
        table = "packages" if "packages" in page.pilot.tables else "area_spend"
        return Told.of(
            showing.needs_extract(
                page, table, for_what="Spend by how it is provided: by the council itself, by others, by grant (4.4)"
            ),
            found=said,
        )
    used = spend[spend["category"].isin(list(markets.PROVIDED)) & spend["year"].isin(frame["year"])]
    return Told.of(Table(
        markets.published(page, frame, used, "area_spend", source="NHS Digital"),
        title=f"Who provides: gross total cost of {reason}",
        caption=(
            "As the council returned it, all ages. Whether a contract was in partnership or on the open market is not in the "
            "return. Grants to voluntary organisations belong to both pilots and are counted once where pilots are added up."
            f"{page.of_the_whole}"
        ),
        source="NHS Digital, PSS EX1",
        columns={
            "year": "Year", "who": "Provided by", "pence": Column(name="pence", label="Spend (£)", kind="pence"),
            "share": Column(name="share", label="Share (%)", decimals=1),
        },
        sources=markets.files_of(page, used, "area_spend"),
        keys=2,
        id="how-provided",
    ), found=said)  # fmt: skip


@section
def sectors(page: Page) -> Shows:
    """In-house and external, and the voluntary sector's share (4.4, 4.11f)."""
    if showing.holds(page, "packages", "providers"):
        by = broken_down.in_pounds(showing.broken_down(page, "packages_by_whom", "sector"))
        by["providers"] = by["sector"].map(_providers_by_sector(page)).astype("Int64")
        by["share"] = 100 * by["pounds"] / by["pounds"].sum()
        by["sector"] = by["sector"].map(lambda one: SECTORS.get(one, one))
        return _section(
            page, by.sort_values("share", ascending=False, ignore_index=True),
            "released spend on packages by the sector of each provider",
            "packages",
            "providers",
            title="In-house, private and voluntary: spend by sector",
            caption=f"{page.period}. Share of all sectors shown. Providers as the register of them names them.{page.of_the_whole}",
            columns={
                "sector": "Sector", "providers": "Providers", **PEOPLE_AND_POUNDS,
                "share": Column(name="share", label="Share (%)", decimals=0),
            },
            declared=(page.period,),
            id="sectors",
        )  # fmt: skip
    if showing.holds(page, "organisations"):
        by = broken_down.in_pounds(showing.in_all(page, "organisations", "kind"))
        by = broken_down.picked(by, ("kind",), {"organisations_of": "organisations", "pounds": "pounds"})
        pounds = ("pounds",) if by["pounds"].notna().any() else ()
        columns: dict[str, str | Column] = {"kind": "Kind", "organisations": "Organisations"}
        columns |= {"pounds": Column(name="pounds", label="Awarded, all years (£)", decimals=0)} if pounds else {}
        return _section(
            page,
            by,
            "organisations by kind, with their awards, as released",
            "organisations",
            "grants",
            title="Kinds of organisations that are funded",
            caption=f"All years. Work that the council does itself is in no register of grants, so its share is not known here.{page.of_the_whole}",
            columns=columns,
            id="sectors",
        )
    if "providers" in page.pilot.tables:
        return showing.needs_columns(
            page, "providers", "provider", "sector", for_what="Spend by sector: in-house, private and voluntary"
        )
    return showing.needs_columns(
        page, "organisations", "social_enterprise", "mutual", for_what="Spend by kind of organisation"
    )


@section
def thin_spots(page: Page) -> Shows:
    """Where few provide: kinds of support by place, or purposes, with how many organisations there are."""
    if showing.holds(page, "packages"):
        frame, hidden = _thin_places(page)
        return _section(
            page,
            frame,
            "people counted once in each row, and providers with enough of them to be shown, as released",
            "packages",
            title="Where few provide",
            caption=(
                f"{page.period}, fewest providers first. A provider counts where enough people are with it there to be shown. A place "
                f"or kind of support that fewer than {page.study.policy.fewest_people_for_cost} people have is left out ({hidden} of them). What "
                f"people want and cannot get is in no file.{page.of_the_whole}"
            ),
            columns={"split": "Split by", "group": "Group", "people": "People", "providers": "Providers"},
            keys=2,
            declared=(page.period, hidden, page.study.policy.fewest_people_for_cost),
            id="thin-spots",
        )
    if not showing.holds(page, "grants"):
        return showing.needs_extract(page, "packages", "grants", for_what="Where few provide")
    own_words = not broken_down.groups(page.study, "awards", ("purpose",))
    column, label = ("programme", "Programme") if own_words else ("purpose", "What it is for")
    frame = broken_down.in_pounds(showing.broken_down(page, "awards", column)).rename(columns={column: "what"})
    says = (
        "Each agreement is described in words of its own, so programmes are told apart and not purposes. "
        if own_words
        else ""
    )
    lacks = ["Support by locality: no file of this pilot says which part of the area an agreement serves."]
    return Told.of(
        _section(
            page,
            frame.sort_values(["organisations", "what"], ignore_index=True),
            "organisations and awards by what they are for",
            "grants",
            title="Where few provide",
            caption=(
                f"Agreements awarded in {page.period[:7]}, fewest organisations first. {says}Which part of the area they serve is in no "
                f"file of this pilot.{page.of_the_whole}"
            ),
            columns={
                "what": label,
                "organisations": "Organisations",
                "pounds": Column(name="pounds", label="Awarded (£)", decimals=0),
            },
            declared=(page.period[:7],),
            id="thin-spots",
        ),
        lacks=lacks,
    )


@section
def needs_by_place(page: Page) -> Shows:
    """People estimated, supported and not supported, by locality (4.4, 4.14d)."""
    measure = need.supported_measure(page)
    if measure is None:
        says = (
            "Need by locality: no file of this pilot says where the people helped live, or which part of the area an agreement "
            "serves. It would need a column with the locality in “grants” or “supported”."
        )
        return showing.lacking(says)
    if not need.year_of(page, measure):
        return showing.needs_extract(page, "population", for_what="Need by locality")
    if "locality" not in page.study.published("population"):
        return showing.needs_columns(page, "population", "locality", for_what="Need by locality")
    title = "Estimated to need support, supported and not supported, by locality"
    return need.table(page, measure, ("locality",), title=title, id="needs-by-place")


@section
def bought_and_achieved(page: Page) -> Shows:
    """What is bought, how, and what it achieves: commissioning kept apart from procurement (4.3)."""
    lacks: list[str] = []
    if not showing.holds(page, "packages"):
        if "grants" in page.pilot.tables:
            return Told.of(
                Note("What is bought, how and what it achieves (4.3) stands on this pilot's own page."), lacks=lacks
            )
        return Told.of(
            showing.needs_extract(page, "packages", for_what="What is bought, how, and what it achieves (4.3)"),
            lacks=lacks,
        )
    frame = broken_down.in_pounds(showing.broken_down(page, "packages", "setting", "provision"))
    met = showing.broken_down(page, "goals_by_package", "setting", "provision")
    frame = broken_down.beside(frame, met, ("setting", "provision"), {"met": "met", "met_of": "due", **SHARES_OF_MET})
    tables = ("packages", *(("reviews",) if showing.holds(page, "reviews") else ()))
    if not showing.holds(page, "reviews"):
        lacks += ["What support achieves, by what is bought (4.3) needs the file “reviews”."]
    said = section_findings.bought(page, frame, "setting", "provision")
    return Told.of(_section(
        page, frame,
        "people, their packages and the goals of their reviews, as released",
        *tables,
        title="What is bought, how, and what it achieves",
        caption=(
            f"{page.period}. The first column is what people need (commissioning), the second how it is got (procurement), the last "
            "what came of it. A person with two kinds counts in both. What is bought does not say why a goal was met."
            f"{page.of_the_whole}"
        ),
        columns={
            "setting": "What is bought", "provision": "How", **PEOPLE_AND_POUNDS, "due": "Goals reviewed", "met": "Goals met", **RANGE,
        },
        keys=2,
        declared=(page.period,),
        id="bought-and-achieved",
    ), found=said, lacks=lacks)  # fmt: skip


def _titles(page: Page, found: markets.Market) -> tuple[str, ...]:
    """Titles of measures, whose own numbers may stand in words about them."""
    return tuple(page.measures[one].title for one in found.measures)
