"""Quality of providers (4.6, 4.11d): the Care Quality Commission's ratings, and how many staff leave.

A rating is public already. Staff are people: what is shown of them is a released breakdown.
"""

from __future__ import annotations

import pandas as pd

from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, section
from commissioning.study import broken_down

HARM = "inadequate"
RATED = ("outstanding", "good", "requires improvement", HARM)


def latest(providers: pd.DataFrame, year: str) -> pd.DataFrame:
    """Each provider's last row up to and with a financial year; every row where the year is not known."""
    rows = providers[providers["year"].astype(str) <= year] if year else providers
    return rows.sort_values("year", kind="stable").drop_duplicates("provider", keep="last")


def quality(providers: pd.DataFrame, year: str, staff: pd.DataFrame) -> pd.DataFrame:
    """One row a provider, by name: provider, sector, year, cqc_rating, rated_on, staff, left, share (% who left).

    `staff`: the released breakdown of providers' staff: employer, year, left, left_of, and what of them is hidden.
    """
    rows = latest(providers, year).sort_values("provider", kind="stable").reset_index(drop=True)
    told = rows["rated_on"] if "rated_on" in rows else pd.Series(pd.NaT, index=rows.index)
    out = pd.DataFrame(
        {
            "provider": rows["provider"],
            "sector": rows["sector"],
            "year": rows["year"],
            "cqc_rating": rows["cqc_rating"],
            "rated_on": pd.to_datetime(told).dt.strftime("%Y-%m-%d").fillna("not given"),
        }
    )
    names = {"left": "left", "left_of": "staff", "left_value": "share"}
    held = broken_down.picked(staff, ("employer", "year"), names).rename(columns={"employer": "provider"})
    out = out.merge(held, on=["provider", "year"], how="left")
    return out.assign(**{f"{name}_hidden": out[f"{name}_hidden"].eq(True) for name in names.values()})


def _providers(page: Page) -> pd.DataFrame:
    rows = page.study.published("providers")
    return rows[rows["provider"] == page.group] if len(rows) and page.group_kind == "provider" else rows


def _staff(page: Page) -> pd.DataFrame:
    years = [one for one in broken_down.periods(page.study, "staff") if one <= page.period[:7]]
    parts = [showing.broken_down(page, "staff", "employer", period=one).assign(year=one) for one in years]
    columns = ["employer", "year", *(f"left{a}{b}" for a in ("", "_of", "_value") for b in ("", "_hidden"))]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


@section
def provider_quality(page: Page) -> Shows:
    """Ratings and staff turnover, one row a provider."""
    if not showing.holds(page, "providers"):
        return showing.needs_extract(
            page,
            "providers",
            for_what="Quality of providers (their ratings, and staff who left: 4.6, 4.11d)",
        )
    rows = _providers(page)
    if rows.empty:
        return Note(f"The file of providers holds no row of {page.place}.")
    frame = quality(rows, page.period[:7], _staff(page))
    if frame.empty:
        return Note(f"The file of providers holds no year up to {page.period}.")
    rated = int(frame["cqc_rating"].isin(RATED).sum())
    well = int(frame["cqc_rating"].isin(["outstanding", "good"]).sum())
    where = "" if page.group_kind == "provider" else page.of_the_whole
    return Table(
        Computed(frame=frame, of=(page.released,), how="public ratings, and staff counts hidden or rounded"),
        title="Quality of providers",
        caption=(
            f"{well} of {rated} providers with a rating are rated good or outstanding. Each provider's last year up to "
            f"{page.period[:7]}. A rating speaks of the provider, not of what changed for anybody.{where}"
        ),
        source=showing.source_words(page, 'providers'),
        sources=showing.sources_of(page, "providers"),
        columns={
            "provider": "Provider", "sector": "Sector", "cqc_rating": "CQC rating", "rated_on": "Rated on",
            "staff": "Staff in post", "left": "Left in the year",
            "share": Column(name="share", label="Staff who left (%)", decimals=0), "year": "Year",
        },
        declared=(well, rated, page.period[:7]),
        id="provider-quality",
    )  # fmt: skip


def quality_flags(page: Page) -> tuple[str, ...]:
    """A harm flag where a provider's last rating is inadequate: it comes before every figure."""
    if not showing.holds(page, "providers"):
        return ()
    rows = latest(_providers(page), page.period[:7])
    names = sorted(rows.loc[rows["cqc_rating"].eq(HARM), "provider"].astype(str))
    return (f"the Care Quality Commission rates {', '.join(names)} inadequate",) if names else ()
