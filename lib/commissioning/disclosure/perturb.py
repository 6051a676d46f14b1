"""Counts and amounts of people with keyed noise, and what of them is hidden then.

Works on rows as `prepare.prepared` gives them. A row is *keyed* where the results say who is counted in it (`key_all`). All other
rows (of organisations, or made up by hand) have no noise: `protect` guards them by hiding.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure import keys
from commissioning.disclosure.policy import ALL_PEOPLE, Policy
from commissioning.disclosure.prove import Flags
from commissioning.disclosure.rounding import Floats
from commissioning.disclosure.sums import A, C, D, N, U

PERTURBED = ("numerator", "denominator", "unknown", "not_applicable", "people")
# The sums of record keys that make each count's key. A numerator's rests on who is known too: an answer that comes in moves it, be
# it yes or no. Where everybody is in the numerator it is the denominator's own.
KEYS_OF = {
    "numerator": ("key_all", "key_denominator", "key_numerator"),
    "denominator": ("key_all", "key_denominator", "key_denominator"),
    "unknown": ("key_all", "key_unknown"),
    "not_applicable": ("key_all", "key_not_applicable"),
    "people": ("key_all", "key_denominator", "key_denominator"),
}


def is_keyed(rows: pd.DataFrame) -> pd.Series:
    """True for rows of which the results say who is counted."""
    return rows["key_all"].notna() & ~rows["public"]


def beyond(rows: pd.DataFrame, policy: Policy) -> pd.Series:
    """True for rows of people that are not shown, so that one answer is looked at `policy.looks` times and no more.

    All people by year and by quarter are two figures; each kind of group by year is one more, in the order of the results. Where several
    measures and breakdowns hold the same answer (`answer`), the first comes first; of each further one every figure is one more, by
    year alone. What no page shows is not released. Of a year that is still open (`in_open_year`) groups and further measures are not shown, unless the policy says so.
    """
    said = rows["answer"].fillna("")
    asked = said.where(said.ne(""), rows["measure"])
    names = pd.DataFrame(
        {"pilot": rows["pilot"], "asked": asked, "measure": rows["measure"], "kind": rows["group_kind"]}
    )
    figures = names[rows["of_people"] & ~rows["on_no_page"]].drop_duplicates()
    first = figures.groupby(["pilot", "asked"])["measure"].transform("first")
    further = pd.MultiIndex.from_frame(names).isin(pd.MultiIndex.from_frame(figures[figures["measure"].ne(first)]))
    looks = pd.Series(
        np.where(figures["measure"].eq(first) & figures["kind"].eq("all"), ALL_PEOPLE, 1), index=figures.index
    )
    late = figures[looks.groupby([figures["pilot"], figures["asked"]]).cumsum() > policy.cells_of_one_person]
    cut = pd.MultiIndex.from_frame(names).isin(pd.MultiIndex.from_frame(late))
    growing = rows["in_open_year"] & (not policy.groups_in_open_years)
    beside = rows["group_kind"].ne("all") | further
    unseen = rows["on_no_page"] & policy.noise_adopted  # without noise a total protects the parts beside it
    return rows["of_people"] & (beside & (rows["period"].str.contains(" Q", regex=False) | growing) | cut | unseen)


def nobody(rows: pd.DataFrame) -> pd.Series:
    """True for keyed rows in which there is nobody at all: their zeros are shown as they are.

    A plain sum has no denominator, so who stands in it is asked too: an amount of one person is not nobody's.
    """
    counts = ["numerator", "denominator", "unknown", "not_applicable", "people", "key_all"]
    return is_keyed(rows) & rows[counts].fillna(0).eq(0).all(axis=1)


def perturbed(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The columns `PERTURBED` with their noise: whole people, or for an amount people's worth of it; others unchanged.

    One person's worth is half of what the largest contributor adds, or what one adds on average where that is more; of a
    denominator (person-weeks) all that the largest adds. A count that a measure never has (nobody's answer is ever
    unknown) stays zero.
    """
    keyed, amounts = is_keyed(rows).to_numpy(), rows["kind"].eq("amount").to_numpy()
    take = keyed & ~nobody(rows).to_numpy()
    out = {}
    for name in PERTURBED:
        truth = rows[name].to_numpy(dtype=float)
        who = [rows[one].to_numpy(dtype=float) for one in KEYS_OF[name]]
        moves = keys.noise(np.where(take, truth, np.nan), keys.cell_keys(*who), policy.noise)
        if name in ("numerator", "denominator"):
            smooth = np.where(take & np.isfinite(truth) & (policy.noise > 0), moves + keys.between_steps(*who), 0.0)
            moves = np.where(amounts, smooth * worth(rows, name), moves)
        if name in ("unknown", "not_applicable"):
            never = rows.groupby(["measure", "pilot"])[name].transform("max").fillna(0).eq(0).to_numpy()
            moves = np.where(never, 0.0, moves)
        out[name] = truth + moves
    return pd.DataFrame(out, index=rows.index)


def worth(rows: pd.DataFrame, name: str) -> Floats:
    """What one person's worth of an amount is, row by row; 0 where persons add nothing to it."""
    if name == "denominator":
        return np.nan_to_num(rows["largest_of"].to_numpy(dtype=float))
    total, people = np.abs(rows["numerator"].to_numpy(dtype=float)), rows["people"].to_numpy(dtype=float)
    mean = np.divide(total, people, out=np.zeros(len(rows)), where=people > 0)
    return np.nan_to_num(np.maximum(rows["largest"].to_numpy(dtype=float) / 2, mean))


def hidden_after(rows: pd.DataFrame, noisy: pd.DataFrame, cut: pd.Series, policy: Policy) -> Flags:
    """5 × n (N, C, D, U, A): what of the keyed rows is hidden, judged by the counts with their noise alone. `cut`: see `beyond`.

    None, few and nearly all are not told apart: a count of 7 or less after the noise is hidden, whether it was one or none, and
    so is a numerator whose complement is (unless the measure counts everybody, by its definition). An amount is hidden on fewer people than the policy asks, where two people make nearly
    all of it, and where its noise is half of it or more.
    """
    few, n = policy.suppress_to, len(rows)
    keyed = is_keyed(rows)
    amounts = rows["kind"].eq("amount")
    out = rows["merged"] | cut
    small = noisy.le(few)
    count = small["denominator"] | small["people"] | out
    complement = (noisy["denominator"] - noisy["numerator"]).le(few) & ~rows["everybody"]
    one = pd.Series(worth(rows, "numerator"), index=rows.index) * policy.noise
    dominated = rows["largest_two"].gt(0) & rows["largest_two"].ge(policy.two_make_nearly_all * rows["numerator"].abs())
    amount = (
        noisy["people"].lt(policy.fewest_people_for_cost) | out | dominated | one.mul(2).ge(rows["numerator"].abs())
    )
    hidden = np.zeros((5, n), dtype=bool)
    hidden[D] = np.where(amounts, amount, count)
    hidden[N] = np.where(amounts, amount, count | small["numerator"] | complement)
    for at, name in ((U, "unknown"), (A, "not_applicable")):
        hidden[at] = (small[name] & rows.groupby(["measure", "pilot"])[name].transform("max").fillna(0).gt(0)) | out
    hidden &= (keyed & ~nobody(rows)).to_numpy()
    hidden[C] = hidden[N]
    return hidden
