"""Quality of providers (4.6, 4.11d): the Care Quality Commission's ratings, and how many staff leave.

A rating is public already. Staff are people: counts of 1 to 7 are hidden, others rounded, and a share needs twenty.
"""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import policy
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports.base import Base
from commissioning.reports.protecting import protected

HARM = "inadequate"
RATED = ("outstanding", "good", "requires improvement", HARM)


def latest(providers: pd.DataFrame, year: str) -> pd.DataFrame:
    """Each provider's last row up to and with a financial year; every row where the year is not known."""
    rows = providers[providers["year"].astype(str) <= year] if year else providers
    return rows.sort_values("year", kind="stable").drop_duplicates("provider", keep="last")


def quality(providers: pd.DataFrame, year: str) -> pd.DataFrame:
    """One row a provider, by name: provider, sector, year, cqc_rating, rated_on, staff, left, share (% who left).

    Counts of staff are protected; the share is worked out from what is left of them, and needs twenty in post.
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
            "staff": rows["staff"],
            "left": rows["staff_left"],
        }
    )
    out = protected(out, ("staff", "left"))
    staff = out["staff"].astype("Float64")
    few = (staff < policy().fewest_people_for_cost).fillna(False)
    out["share_hidden"] = out["staff_hidden"] | out["left_hidden"] | few.astype(bool)
    out["share"] = 100 * out["left"].astype("Float64") / staff.where(staff >= policy().fewest_people_for_cost)
    return out


class ProviderQuality(Base):
    """Any stage may show how good the providers are, and raise a flag where one is rated inadequate."""

    def _providers(self) -> pd.DataFrame:
        rows = self.study.table("providers")
        return rows[rows["provider"] == self.group] if len(rows) and self.group_kind == "provider" else rows

    def provider_quality(self) -> Display:
        """Ratings and staff turnover, one row a provider."""
        if not self.holds("providers"):
            return self.needs_extract(
                "providers",
                for_what="Quality of providers (year, provider, cqc_rating, staff and staff_left: 4.6, 4.11d)",
            )
        rows = self._providers()
        if rows.empty:
            return self.note(f"The extract “providers” holds no row of {self.place}.")
        frame = quality(rows, self.period[:7])
        if frame.empty:
            return self.note(f"The extract “providers” holds no year up to {self.period}.")
        rated = int(frame["cqc_rating"].isin(RATED).sum())
        well = int(frame["cqc_rating"].isin(["outstanding", "good"]).sum())
        where = "" if self.group_kind == "provider" else self.of_the_whole
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="public ratings, and staff counts hidden or rounded"),
                title="Quality of providers",
                caption=(
                    f"{well} of {rated} providers with a rating are rated good or outstanding. Each provider's last year up to "
                    f"{self.period[:7]}. A rating speaks of the provider, not of what changed for anybody.{where}"
                ),
                source=self.source_words('providers'),
                sources=self.sources_of("providers"),
                columns={
                    "provider": "Provider", "sector": "Sector", "cqc_rating": "CQC rating", "rated_on": "Rated on",
                    "staff": "Staff in post", "left": "Left in the year",
                    "share": Column(name="share", label="Staff who left (%)", decimals=0), "year": "Year",
                },
                declared=(well, rated, self.period[:7]),
                id="provider-quality",
            )
        )  # fmt: skip

    def quality_flags(self) -> tuple[str, ...]:
        """A harm flag where a provider's last rating is inadequate: it comes before every figure."""
        if not self.holds("providers"):
            return ()
        rows = latest(self._providers(), self.period[:7])
        names = sorted(rows.loc[rows["cqc_rating"].eq(HARM), "provider"].astype(str))
        return (f"the Care Quality Commission rates {', '.join(names)} inadequate",) if names else ()
