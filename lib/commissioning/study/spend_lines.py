"""Spend beside outcomes: every line of it that a study holds, with its basis and whose money it is.

Published returns and published payments pass unchanged. Spend counted from people's
packages or from grants comes from released results only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commissioning.evidence import successions
from commissioning.evidence.published import selections
from commissioning.measures import derive
from commissioning.measures.breakdowns import measure_id
from commissioning.pilot import Pilot
from commissioning.presentation import words
from commissioning.presentation.showable import Computed, PublicFigures
from commissioning.study import outcomes, spend
from commissioning.study import payments as paid
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared

LONG_TERM = "long term"
COLUMNS = ["year", "what", "basis", "perspective", "scope", "pence", "public", "table", "rounded"]
PROMISED = "grants"
"""The table of awards: a promise, which is never judged as spend."""
APART = "none"
"""The scope of spend that is named and stands beside no outcome: of other people, or for what is not known."""
UNDER_AGREEMENTS = "accrued_spend"
"""What is paid under agreements is the pilot's own, also where nobody recorded its outcome: a plan is of the whole."""
FOR_WHAT = "Payments to organisations that also hold grants; what they were for is not known"
MOVED = 0.125  # of all packages: the part of other people that moves by so much from the year before


@dataclass(frozen=True, kw_only=True)
class SpendLines:
    """Spend of one study. `frame` has one row a line; `bridge` the steps from total to net, or None."""

    frame: pd.DataFrame
    bridge: pd.DataFrame | None = None
    bridge_year: str = ""
    notes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    prices: str = ""
    """By which deflators real terms are worked out."""

    def showable(self, released: object, source: str) -> Computed:
        """The lines as a display object takes them: from released figures, published ones, or both."""
        public = PublicFigures(frame=self.frame[self.frame["public"]], source=source)
        return Computed(frame=self.frame, of=(released, public), how="spend lines, cash and real terms")

    @property
    def bridge_words(self) -> str:
        return f"{self.bridge_year}, long-term support, ages 18 to 64. Each line taken off is shown with a minus."


def lines(study: Prepared, pilot: Pilot, group_kind: str = "all", group: str | None = None) -> SpendLines:
    """Every spend line that the study's extracts hold for its area and pilot, or for one group of it.

    Published spend and payments are of the whole area, so they never stand on the page of a group.
    """
    rows: list[dict[str, object]] = []
    notes: list[str] = []
    tables: list[str] = []
    bridge, bridge_year = None, ""
    published = study.published("area_spend")
    if len(published) and group is None:
        found, bridge, bridge_year = _published(published, study.area, pilot)
        rows += found
        tables += ["area_spend"] if found else []
        notes += successions.said(study.area, [str(one["year"]) for one in found])
    counts = study.record.get("payments")
    if counts and group is None:
        found = _payment_lines(study, counts)
        rows += found
        tables += ["payments"] if found else []
    if counts and group is None:
        notes += paid.notes(counts, pilot.title, words.money)
    own = _own(study, pilot, group_kind, group)
    rows += own
    notes += _tied_notes(study, own)
    if own:
        # A measure's table may be worked out from several extracts: those are what the spend is from.
        tables += sorted({table for one in own for table in derive.needs(str(one["table"]))})
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["pence"] = frame["pence"].astype("Int64")
    prices = spend.prices(study.published("deflators"))
    frame = spend.with_real_terms(
        frame.sort_values(["year", "what"], kind="stable", ignore_index=True),
        pilot.price_base,
        prices.table,
        study.policy.significant_figures,
    )
    without = sorted(frame.loc[frame["real_pence"].isna(), "year"].astype(str).unique())
    if without:
        notes.append(
            f"In real terms nothing is given for {', '.join(without)}: {prices.said} has no figure for it, or none for {pilot.price_base}."
        )
    return SpendLines(
        frame=frame,
        bridge=bridge,
        bridge_year=bridge_year,
        notes=tuple(notes),
        tables=tuple(dict.fromkeys(tables)),
        prices=prices.said,
    )


def beside_outcomes(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines that may stand beside this pilot's outcomes: not those of other people, nor those for what is not known."""
    return frame[frame["scope"] != APART]


def headline(frame: pd.DataFrame) -> pd.Series | None:
    """The line that a headline names: of the latest year that has one, the pilot's own spend before what is shared, and an
    award last of all. Where no line may stand beside outcomes, the largest of those named apart; None where there is none.
    """
    frame = frame[frame["what"] != FOR_WHAT]  # for what it was paid is not known: no finding is made of it
    mine = beside_outcomes(frame)
    mine = mine if len(mine) else frame
    if mine.empty:
        return None
    mine = mine[mine["year"] == mine["year"].max()]
    rank = mine["table"].eq(PROMISED) * 2 + mine["scope"].ne("purpose")
    return mine.assign(rank=rank).sort_values(["rank", "pence"], ascending=[True, False], kind="stable").iloc[0]


def against_plan(frame: pd.DataFrame, planned: Mapping[str, int], line: str = "") -> pd.DataFrame:
    """Spend beside its plan, by year: year, what, planned_pence, spent_pence. Years without either are left out.

    `planned` holds whole pounds by year; `line` names the spend line that the plan is of. Without a name it is the
    pilot's own spend: never an award, which is a promise, nor spend on other people, nor a published line of another
    extent. Where several kinds of its own spend stand side by side nothing says which is planned, and none is judged.
    """
    if line:
        mine = frame[frame["what"] == line]
    else:
        own = frame[~frame["public"].astype(bool) & (frame["table"] != PROMISED)]
        own = own[(own["scope"] != APART) | (own["table"] == UNDER_AGREEMENTS)]
        own = own if len(own) else beside_outcomes(frame)[lambda one: one["table"] != PROMISED]
        whole = own["table"].eq(UNDER_AGREEMENTS).all()  # parts of one sum, told apart by whether the outcome is known
        mine = own if whole or own["what"].nunique() <= 1 else own.iloc[:0]
    mine = mine[mine["year"].isin(list(planned))].sort_values(["year", "scope"], ascending=[True, False], kind="stable")
    rows = [
        {"year": year, "what": "; ".join(of_year["what"]), "planned_pence": planned[str(year)] * 100,
         "spent_pence": int(of_year["pence"].sum())}
        for year, of_year in mine.groupby("year", sort=True)
    ]  # fmt: skip
    out = pd.DataFrame(rows, columns=["year", "what", "planned_pence", "spent_pence"])
    return out.astype({"planned_pence": "Int64", "spent_pence": "Int64"})


def _line(*of: object) -> dict[str, object]:
    """One line, its values in the order of `COLUMNS`; not rounded where the last is left out."""
    return dict(zip(COLUMNS, of if len(of) == len(COLUMNS) else (*of, False), strict=True))


def _published(
    area_spend: pd.DataFrame, area: str, pilot: Pilot
) -> tuple[list[dict[str, object]], pd.DataFrame | None, str]:
    """Gross and net current expenditure by year; for a pilot without a support reason, grants to organisations."""
    rows: list[dict[str, object]] = []
    bridge, bridge_year = None, ""
    for year in sorted(area_spend["year"].dropna().unique()):
        for reason, what in ((None, "Grants to voluntary organisations, all adult social care"),
                             ("learning disability", "Grants to voluntary organisations, learning disability")):  # fmt: skip
            pence = selections.grants_to_voluntary(area_spend, area=area, year=year, support_reason=reason)
            if pence is not None and (not pilot.support_reason or reason == pilot.support_reason):
                rows.append(_line(year, what, "gross total cost", "council", "shared", pence, True, "area_spend"))
        if not pilot.support_reason:
            continue
        band = pilot.spend_age_band or None
        for age, term, what in (
            (band, LONG_TERM, f"Long-term support, ages {band}"),
            (None, None, "All support, all ages and terms"),
        ):
            pence = selections.gross_current(
                area_spend, area=area, year=year, support_reason=pilot.support_reason, age_band=age, term=term
            )
            if pence is not None:
                whose = "council, before people's charges"
                rows.append(_line(year, what, "gross current", whose, "shared", pence, True, "area_spend"))
        steps = selections.bridge(
            area_spend, area=area, year=year, support_reason=pilot.support_reason, age_band=band, term=LONG_TERM
        )
        if len(steps):
            net, whose = int(steps["pence"].iloc[-1]), "council, after people's charges"
            what = f"Long-term support, ages {band}"
            rows.append(_line(year, what, "net current", whose, "shared", net, True, "area_spend"))
            # The most detailed publication names each income; a later one that only gives sums does not replace it.
            if bridge is None or len(steps) > len(bridge):
                bridge, bridge_year = steps, str(year)
    return rows, bridge, bridge_year


def _payment_lines(study: Prepared, counts: Mapping[str, Any]) -> list[dict[str, object]]:
    """Payments by year, as released, where something ties them to the pilot and no agreement has them already."""
    if counts["found_by"] == paid.AGREEMENTS:
        return []  # counted once, as spend accrued to the agreements' months
    unknown_purpose = counts["found_by"] == paid.PAYEES
    figures = study.broken_down.figures
    mine = figures[figures["measure"].eq(measure_id(study.pilot, "payments", "pence")) & figures["numerator"].notna()]
    mine = mine[mine["group_kind"].eq("all" if unknown_purpose else "age_band")].sort_values(["period", "group"])
    found = []
    for row in mine.itertuples():
        covered = paid.words_for_months(tuple(counts["months"].get(row.period, ())))
        basis = "paid, net of credit notes" + (f", {covered}" if covered else "")
        called = "Payments, age not recorded" if row.group == "unknown" else f"Payments, ages {row.group}"
        found.append(
            _line(row.period, FOR_WHAT if unknown_purpose else called, f"{basis}, rounded" if row.rounded else basis, "council",
                  APART if unknown_purpose else "shared", int(row.numerator), bool(row.public), "payments", bool(row.rounded))
        )  # fmt: skip
    return found


def _tied_notes(study: Prepared, own: list[dict[str, object]]) -> list[str]:
    """Where packages could not be tied to the people whom the pilot is for, and where what is tied moved with the recording."""
    if why := study.record.get("packages_not_tied_because"):
        return [
            f"Packages are here, and {why}: their spend is named, stands beside no outcome, and no unit cost is made of it."
        ]
    mine = pd.DataFrame(own, columns=COLUMNS)
    mine = mine[mine["table"] == "packages"]
    total = mine.groupby("year")["pence"].sum()
    apart = mine[mine["scope"] == APART].groupby("year")["pence"].sum().reindex(total.index).fillna(0)
    share = (apart / total).astype(float).sort_index()
    moved = share.diff().abs()
    notes = []
    if len(mine) and (mine["scope"] == APART).any():
        notes.append(
            "Packages of other people, or of people whose reason for support is not known, stand apart by name."
        )
    if (moved >= MOVED).any():
        year = moved[moved >= MOVED].index[0]
        notes.append(
            f"In {year} the part of packages that is of other people moved from {100 * share.shift()[year]:.0f}% to "
            f"{100 * share[year]:.0f}%: how people are recorded changed, so spend before and after is not alike."
        )
    return notes


def _own(study: Prepared, pilot: Pilot, group_kind: str, group: str | None) -> list[dict[str, object]]:
    """Spend measures (kind input, in pounds) of the pilot's own extracts, as released, of one group."""
    figures = study.released.figures
    found = []
    for key, measure in outcomes.of_kind(measures_of(pilot), "input").items():
        if not measure.unit.startswith("pence"):
            continue
        if measure.table == "accrued_spend" and not study.record.get("linked_to_agreements"):
            continue  # no agreement to accrue to: the payments stand in lines of their own
        mine = figures[(figures["measure"] == key) & (figures["group_kind"] == group_kind)]
        mine = mine[mine["group"] == group] if group is not None else mine
        mine = mine[~outcomes.quarterly(mine["period"]) & mine["numerator"].notna()]
        # A cost for each person-week has a total behind it, and the total is what was spent.
        title = measure.title if measure.out_of is None else f"Total counted in “{measure.title}”"
        named = pilot.own_spend.get(key)
        called, whose = (named.called, named.whose) if named else (title, "not said in the pilot's settings")
        found += [
            _line(row.period, called, "as recorded, rounded" if row.rounded else "as recorded", whose,
                  measure.spend_scope, int(row.numerator), bool(row.public), measure.table, bool(row.rounded))
            for row in mine.itertuples()
        ]  # fmt: skip
    return found
