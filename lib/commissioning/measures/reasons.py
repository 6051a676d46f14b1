"""Why the person of a package is supported: packages are tied to people by id and period."""

from __future__ import annotations

import pandas as pd

from commissioning.measures.periods import year_of

NO_REASON = "not known"
"""What stands for the support reason of a package that no record of a person can be tied to."""


def support_reasons(packages: pd.DataFrame, people: pd.DataFrame | None) -> pd.Series:
    """Why the person of each package is supported, by their id and the package's period; NO_REASON where that cannot be told.

    The record of the same period speaks; where there is none, the person's last record of the same year (a list of
    people kept once a year says so of all its quarters). Where records of one period differ, the last row of the file
    speaks that gives a reason.
    """
    reason = pd.Series(NO_REASON, index=packages.index, dtype=object)
    if people is None or people.empty or not {"person_id", "support_reason"} <= set(people.columns):
        return reason
    told = people[["person_id", "period", "support_reason"]].astype(object)
    told = told[
        ~told["support_reason"].isin(["", "unknown", None]) & told["support_reason"].notna() & told["person_id"].notna()
    ]
    told = told.assign(year=year_of(told["period"])).sort_values("period", kind="stable")
    mine = pd.DataFrame(
        {"person_id": packages["person_id"].astype(object), "period": packages["period"].astype(object)}
    )
    mine["year"] = year_of(mine["period"])
    for of in ("year", "period"):  # the period's own record is read last, so that it is the one that stands
        last = told.drop_duplicates(["person_id", of], keep="last").set_index(["person_id", of])["support_reason"]
        at = pd.MultiIndex.from_frame(mine[["person_id", of]])
        found = pd.Series(last.reindex(at).to_numpy(object), index=packages.index)
        reason = found.where(found.notna(), reason)
    return reason
