"""A council's own count of what is published of it already gives way to the published figure: no second, noisy one beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

SAME = {
    "learning_disability_paid_work_as_published": "learning_disability_ascof_1e",
    "learning_disability_paid_work_published_form": "learning_disability_ascof_1e",
    "learning_disability_ascof_2e": "learning_disability_ascof_1g",
}
"""A measure counted from a council's own records → the measure of published files that says the same of the whole council.

ASCOF 2E has been the code of 1G since April 2023 (handbook of definitions, 2023-24); a file's own words are believed over codes.
"""

NOTE = "as published, with the published file as its source"
TAKEN = ("numerator", "denominator", "unknown", "not_applicable", "status")
LOST = ("people", "spend_pence", "value", "lower", "upper")  # value and limits follow from the published counts


def as_published(results: pd.DataFrame) -> pd.DataFrame:
    """The results to release: a year's figure of all people of the council that is public already stands in place of its own count.

    Such rows get the published row's figures, `public` true and a `note`, and lose who is counted and what was spent: a cost is never
    divided by a published figure. Results themselves, and what is estimated from them, keep the council's own counts.
    """
    whole = results["group_kind"].eq("all")
    at = ["area", "period"]
    out = results.copy()
    out["note"] = out["note"].fillna("") if "note" in out else ""
    for own, published in SAME.items():
        known = results["numerator"].notna() & results["denominator"].gt(0) & results["public"]
        there = results[whole & known & results["measure"].eq(published)].set_index(at)
        mine = out.index[whole & results["measure"].eq(own)]
        mine = mine[pd.MultiIndex.from_frame(out.loc[mine, at]).isin(there.index)] if len(there) else mine[:0]
        if mine.empty:
            continue
        found = there.loc[pd.MultiIndex.from_frame(out.loc[mine, at])]
        for name in [one for one in TAKEN if one in out]:
            out.loc[mine, name] = found[name].to_numpy()
        lost = [one for one in out if one.startswith(("key_", "largest")) or one in LOST]
        out.loc[mine, lost] = np.nan
        out.loc[mine, "public"], out.loc[mine, "note"] = True, NOTE
    return out
