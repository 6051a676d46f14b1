"""Two departments, one organisation, the same purpose, months in common (4.13e): which pairs, and how each was matched."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.measures import derive

NAME_ONLY = "the same name, no number to compare: shown, not merged"
DIFFERENT = "the same name, different numbers: shown, not merged"
THROUGH_ANOTHER = "numbers that another of its agreements gives together"
MATCHED = {"charity_number": "charity number", "company_number": "company number", "recipient_id": "recipient's id"}


def shared_purpose(grants: pd.DataFrame) -> pd.DataFrame:
    """Pairs of agreements for the same purpose in overlapping months by two departments, with how they were matched.

    Columns: `match` (the number they share; that they share it only through another agreement; or the same name, with
    different numbers or none to compare), `recipient`, `purpose`, `department`, `other_department`, `pence` (the smaller of
    the two awards). A pair that rests on a name is kept apart, because two organisations may share one.
    """
    rows = _agreements(grants)
    rows = rows[~_blanks(rows["purpose"])]
    return _pairs(rows.reset_index(drop=True))


def _blank(value: object) -> bool:
    return value is None or value != value or str(value).strip() in ("", "unknown")


def _agreements(grants: pd.DataFrame) -> pd.DataFrame:
    """Agreements with a department and a month to begin in, with the organisation's key, plain name and numbers."""
    frame = pd.DataFrame(
        {
            "key": derive.organisation_key(grants),
            "name": grants["recipient"].fillna("").map(lambda one: " ".join(str(one).casefold().split())),
            "recipient": grants["recipient"], "department": grants["department"], "purpose": grants["purpose"],
            "pence": grants["amount_awarded_pence"], **derive.running_months(grants), **derive.numbers_of(grants),
        }
    )  # fmt: skip
    return frame[frame["first"].notna() & ~_blanks(frame["department"])]


def departments_recorded(grants: pd.DataFrame) -> bool:
    """False where the register names no department at all, so that nothing can be told of two of them."""
    return "department" in grants and not bool(_blanks(grants["department"]).all())


def _blanks(values: pd.Series) -> pd.Series:
    # Of an empty column `map` gives no booleans, and a frame indexed by it would lose its columns.
    return values.map(_blank).astype(bool)


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of agreements of two departments, for one purpose, with a month in common: see `shared_purpose`."""
    rows = rows.assign(row=rows.index)
    found = []
    for by in ("key", "name"):
        known = rows[rows[by].notna() & (rows[by] != "")]
        pairs = known.merge(known, on=[by, "purpose"], suffixes=("", "_b"))
        pairs = pairs[(pairs["row"] < pairs["row_b"]) & (pairs["department"] != pairs["department_b"])]
        pairs = pairs[(pairs["first"] <= pairs["last_b"]) & (pairs["first_b"] <= pairs["last"])]
        if by == "name":
            pairs = pairs[pairs["key"].isna() | pairs["key_b"].isna() | (pairs["key"] != pairs["key_b"])]
        alike = [pairs[one].notna() & (pairs[one] == pairs[f"{one}_b"]) for one in MATCHED]
        unlike = [pairs[one].notna() & pairs[f"{one}_b"].notna() & (pairs[one] != pairs[f"{one}_b"]) for one in MATCHED]
        match = (
            np.select(alike, list(MATCHED.values()), THROUGH_ANOTHER)
            if by == "key"
            else np.where(unlike[0] | unlike[1], DIFFERENT, NAME_ONLY)
        )
        found.append(
            pd.DataFrame(
                {"match": match, "recipient": pairs["recipient"], "purpose": pairs["purpose"], "department": pairs["department"],
                 "other_department": pairs["department_b"], "pence": pairs[["pence", "pence_b"]].min(axis=1)}
            )
        )  # fmt: skip
    return pd.concat(found, ignore_index=True)


def overlaps(grants: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What stands behind `shared_purpose`: one row an agreement, and one an organisation.

    Agreements: `no_purpose` without one; `own_words` a purpose that no second agreement of the register repeats; `no_months` whose
    months are not recorded, so that the first day is that of the award or one month is taken. Organisations: `both` that two
    departments pay in months in common, whatever for; `joined` that were put together although no number is on all of their agreements.
    """
    purpose = grants["purpose"].map(lambda one: "" if _blank(one) else str(one))
    alike = purpose.map(purpose.value_counts())
    agreements = pd.DataFrame(
        {
            "grant_id": grants["grant_id"],
            "no_purpose": purpose.eq(""),
            "own_words": purpose.ne("") & alike.eq(1),
            "no_months": ~derive.running_months(grants)["dated"].astype(bool),
        }
    )
    rows = _agreements(grants)
    pairs = rows[rows["key"].notna()].reset_index(drop=True)
    both = pairs.reset_index().merge(pairs.reset_index(), on="key", suffixes=("", "_b"))
    both = both[
        (both["department"] != both["department_b"])
        & (both["first"] <= both["last_b"])
        & (both["first_b"] <= both["last"])
    ]
    common = pairs.groupby("key")[list(MATCHED)].agg(lambda one: bool(one.notna().all() and one.nunique() == 1))
    organisations = pd.DataFrame(
        {
            "key": common.index,
            "both": common.index.isin(both["key"]),
            "joined": ~common.any(axis=1).to_numpy(dtype=bool),
        }
    )
    return agreements, organisations
