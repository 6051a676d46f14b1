"""Who provides, and how much of the money rests on whom: one long frame of amounts, from the best extract that is held.

Money comes first: what the pilot's own money measures release by organisation, else payments that are public already, else
the released spend on people's packages. Only where there is no money are people counted, and then the words say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from commissioning.evidence.published import selections
from commissioning.measures import Measure
from commissioning.measures.breakdowns import measure_id
from commissioning.presentation.showable import Computed, PublicFigures
from commissioning.sections import showing
from commissioning.sections.page import Page
from commissioning.study import outcomes
from commissioning.study.payments import LEDGER, RULE

KINDS = ("provider", "organisation")
FEWEST = 3  # with fewer organisations a share tells each of them about the others
LARGEST = 5
NOT_NAMED = "not named"
WITHHELD = ("redacted", "withheld", "name withheld", "personal data")


# What is shared, in a word, by the table that a money measure counts.
SHARED = {
    "grants": "awards",
    "accrued_spend": "spend on agreements whose outcome is known",
    "payments": "payments",
    "packages": "spend on packages of the people this service is for",
}


@dataclass(frozen=True, kw_only=True)
class Market:
    """What organisations have of something, year by year.

    `amounts`: one row a year and organisation with `year`, `organisation`, `amount`, `named`. Organisations too small to
    show, or whose names are withheld, stand together in one row that is not named: it belongs to the whole and is never ranked.
    `of` says what is shared ("awards"), `money` whether that is money. It leads to `measures`, or else to `files`.
    """

    amounts: Computed
    of: str
    money: bool
    tables: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def years(self) -> list[str]:
        """Years in which enough organisations may be shown, in order."""
        frame = self.amounts.frame
        named = frame[frame["named"]].groupby("year").size()
        return sorted(named.index[named >= FEWEST].astype(str))

    def shares(self, year: str) -> Computed:
        """Named organisations of a year with their share (%) of all that is shown, largest first, and `named`."""
        frame = self.amounts.frame
        frame = frame[frame["year"] == year]
        total = float(frame["amount"].sum())
        shares = 100 * frame["amount"] / total if total > 0 else pd.Series(float("nan"), index=frame.index)
        found = frame.assign(share=shares).loc[frame["named"], ["organisation", "share"]].dropna()
        found = found.sort_values(["share", "organisation"], ascending=[False, True], ignore_index=True)
        return Computed(frame=found, of=(self.amounts,), how=f"shares of {self.of} in {year}")

    def largest(self, year: str) -> list[str]:
        """The named organisations that may be the largest of a year: the first, and those that noise does not tell apart from it."""
        frame = self.amounts.frame
        frame = frame[frame["year"].eq(year) & frame["named"] & frame["amount"].gt(0)]
        reach = frame.get("reach", 0.0)
        frame = frame.assign(low=frame["amount"] - reach, high=frame["amount"] + reach)
        frame = frame.sort_values(["amount", "organisation"], ascending=[False, True])
        return list(frame.loc[frame["high"] >= frame["low"].iloc[0], "organisation"])

    def over_years(self) -> Computed:
        """One row a year: organisations shown, the share (%) of the largest, of the largest five, and of those not named."""
        rows = []
        for year in self.years():
            shares = self.shares(year).frame["share"]
            rows.append(
                {"year": year, "organisations": len(shares), "largest": float(shares.iloc[0]),
                 "five": float(shares.head(LARGEST).sum()), "rest": max(0.0, 100 - float(shares.sum()))}
            )  # fmt: skip
        frame = pd.DataFrame(rows, columns=["year", "organisations", "largest", "five", "rest"])
        return Computed(frame=frame, of=(self.amounts,), how=f"shares of {self.of}, by year")


def of(page: Page) -> Market | None:
    """The first market that shows enough organisations in the report's period; else in any year; None where there is none."""
    found = [one for one in (_released_money(page), _payments(page), _packages(page), _counted(page)) if one]
    year = page.period[:7]
    now = [one for one in found if year in one.years()]
    ever = [one for one in found if one.years()]
    # Money of another year says more of a market than a count of reviews in this one.
    money = [one for one in (*now, *ever) if one.money]
    return next(iter([*money, *now, *ever]), None)


def year_of(market: Market, period: str) -> str:
    """The period's own year where the market speaks of it, else its last one."""
    years = market.years()
    return period[:7] if period[:7] in years else years[-1]


def files_of(page: Page, rows: pd.DataFrame, table: str) -> tuple[str, ...]:
    """The extracts that these rows of a table came from; all that hold the table where rows do not say."""
    named = set(rows["source_file"].dropna().astype(str)) if "source_file" in rows else set()
    every = showing.sources_of(page, table)
    return tuple(one for one in every if one in named) or every


def published(page: Page, frame: pd.DataFrame, rows: pd.DataFrame, table: str, *, source: str) -> PublicFigures:
    """Published figures worked out from these rows of a table, with the extract that the rows came from."""
    extract = next(iter(files_of(page, rows, table)), None)
    return PublicFigures(frame=frame, source=source, extract=extract)


def _released_rows(page: Page, measure: Measure, column: str) -> pd.DataFrame:
    figures = page.released.figures
    return _organisations(page, figures[figures["measure"] == measure.id], column)


def _organisations(page: Page, figures: pd.DataFrame, column: str) -> pd.DataFrame:
    """Released rows of years by organisation, as amounts of a market."""
    rows = figures[
        figures["group_kind"].isin(KINDS) & ~figures["hidden"] & ~outcomes.quarterly(figures["period"])
    ]  # fmt: skip
    group, called = rows["group"].astype(str), names(page)
    frame = pd.DataFrame(
        {"year": rows["period"].astype(str), "organisation": [called.get(one, one) for one in group],
         "amount": pd.to_numeric(rows[column], errors="coerce").astype(float), "named": ~together(group)}
    )  # fmt: skip
    if rows["kind"].eq("amount").all():  # how far noise reaches, where people stand behind the amounts
        frame["reach"] = (rows["upper"].astype(float) - frame["amount"].to_numpy()).fillna(0.0).to_numpy()
    elif column in rows:  # a count of people
        frame["reach"] = 1.96 * rows["noise"].astype(float).fillna(0.0).to_numpy()
    return frame[frame["amount"] > 0].reset_index(drop=True)


def together(group: pd.Series) -> pd.Series:
    """True for the row in which disclosure control puts small organisations together."""
    return group.astype(str).str.fullmatch(r"smaller .+ together").astype(bool)


def names(page: Page) -> dict[str, str]:
    """Organisations' names by their ids, where the register that holds them is public already; else none."""
    if "grants" not in page.study.record.get("public_tables", ()):
        return {}
    grants = page.study.published("grants")
    if grants.empty:  # every row of the register is of another funder, or of no place here
        return {}
    known = grants[grants["recipient"].notna() & ~grants["recipient"].isin(["", "unknown"])]
    known = known.drop_duplicates("recipient_id", keep="last")
    shared = known["recipient"].duplicated(keep=False)  # two ids of one name stay two organisations
    name = (
        known["recipient"]
        .astype(str)
        .where(~shared, known["recipient"].astype(str) + " (" + known["recipient_id"].astype(str) + ")")
    )
    return dict(zip(known["recipient_id"].astype(str), name, strict=True))


def _released_money(page: Page) -> Market | None:
    held = set(page.study.record["measures"])
    for key, measure in outcomes.of_kind(page.measures, "input").items():
        if key in held and measure.unit.startswith("pence"):
            frame = _released_rows(page, measure, "numerator")
            if len(frame):
                what = SHARED.get(measure.table, f"“{measure.title}”")
                amounts = Computed(frame=frame, of=(page.released,), how="released amounts by organisation")
                return Market(amounts=amounts, of=what, money=True, measures=(key,))
    return None


def _payments(page: Page) -> Market | None:
    """Payments by payee, where they are published and of this pilot alone."""
    counts = page.study.record.get("payments") or {}
    if counts.get("found_by") not in (RULE, LEDGER) or "payments" not in page.study.record.get("public_tables", ()):
        return None
    rows = page.study.published("payments")
    if rows.empty:
        return None
    payee = rows["payee"].fillna(NOT_NAMED).astype(str)
    payee = payee.mask(payee.str.strip().str.casefold().isin([*WITHHELD, "", "unknown"]), NOT_NAMED)
    by = rows["amount_pence"].astype(float).groupby([rows["year"].astype(str), payee]).sum()
    frame = by.rename_axis(["year", "organisation"]).rename("amount").reset_index()
    frame = frame[frame["amount"] > 0]  # a payee whose credits are as large as what it was paid has no share
    frame = frame.assign(named=frame["organisation"] != NOT_NAMED).reset_index(drop=True)
    public = published(page, frame, rows, "payments", source=showing.source_words(page, "payments"))
    amounts = Computed(frame=frame, of=(public,), how="published payments, summed by payee")
    return Market(
        amounts=amounts, of="payments", money=True, tables=("payments",), files=files_of(page, rows, "payments")
    )


def _packages(page: Page) -> Market | None:
    """Spend on people's packages by provider, as released: small ones stand together."""
    figures = page.study.broken_down.figures
    mine = figures["measure"].eq(measure_id(page.pilot.name, "packages_by_whom", "pence"))
    frame = _organisations(page, figures[mine], "numerator")
    if frame.empty:
        return None
    frame["named"] &= ~frame["organisation"].isin(["unknown", ""])
    amounts = Computed(frame=frame, of=(page.released,), how="released spend on packages by provider")
    return Market(
        amounts=amounts,
        of=SHARED["packages"],
        money=True,
        tables=("packages",),
        files=showing.sources_of(page, "packages"),
    )


def _counted(page: Page) -> Market | None:
    """People where they are counted apart, else what a measure counts: people, or rows that are said not to be."""
    held = set(page.study.record["measures"])
    usable = [one for key, one in page.measures.items() if key in held and not one.is_control and one.person]
    people = [one for one in usable if one.unit == "people"]
    asked = [one for one in usable if one.achieved is not None]
    for measure in (*people, *asked):
        counts = measure.unit == "people"
        frame = _released_rows(page, measure, "numerator" if counts else "denominator")
        if len(frame[frame["named"]]) >= FEWEST:
            what = "people supported" if counts else f"{measure.counted} counted in “{measure.title}”"
            amounts = Computed(frame=frame, of=(page.released,), how="released counts by organisation")
            return Market(amounts=amounts, of=what, money=False, measures=(measure.id,))
    return None


# Lines of PSS EX1 that say who provides, in the words of the return and in plain ones.
PROVIDED = {
    "gross total cost: own provision": "The council itself (in-house)",
    "gross total cost: provision by others": "Other organisations, under contract",
    selections.GRANTS: "Grants to voluntary organisations",
}


def provided_by(area_spend: pd.DataFrame, area: str, reason: str) -> pd.DataFrame:
    """Published spend by who provides, one row a year and provider: year, who, pence, share (% of the year's three lines)."""
    rows = []
    for year in sorted(area_spend["year"].dropna().astype(str).unique()):
        lines = {
            who: selections.spend(area_spend, area=area, year=year, category=category, support_reason=reason)
            for category, who in PROVIDED.items()
        }
        known = {who: pence for who, pence in lines.items() if pence is not None}
        total = sum(known.values())
        if len(known) == len(PROVIDED) and total > 0:
            rows += [
                {"year": year, "who": who, "pence": pence, "share": 100 * pence / total} for who, pence in known.items()
            ]
    return pd.DataFrame(rows, columns=["year", "who", "pence", "share"])
