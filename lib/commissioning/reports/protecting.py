"""Counts and amounts of a small table, as they may be shown: counts of 1 to 7 hidden, the rest rounded."""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import policy
from commissioning.disclosure.rounding import significant
from commissioning.methods import intervals


def protected(
    frame: pd.DataFrame, counts: tuple[str, ...], amounts: tuple[str, ...] = (), *, by: str = ""
) -> pd.DataFrame:
    """The frame with counts of 1 to 7 hidden and others rounded to 5, and amounts to two significant figures.

    `by` names the count that a row's amounts stand on: where it is hidden, so are they. Columns come back as numbers; `<name>_hidden` marks what was hidden.
    """
    rules, out = policy(), frame.copy()
    for name in counts:
        count = pd.to_numeric(frame[name]).astype("Int64")
        few = count.between(1, rules.suppress_to).fillna(False).astype(bool)
        out[name] = ((count / rules.round_to).round().astype("Int64") * rules.round_to).mask(few)
        out[f"{name}_hidden"] = few  # so that the page says hidden, and never not known
    for name in amounts:
        amount = pd.to_numeric(frame[name]).astype(float)
        kept = pd.Series(significant(amount.to_numpy(), rules.significant_figures), index=frame.index)
        out[name] = kept.mask(out[by].isna()) if by else kept
        if by:
            out[f"{name}_hidden"] = out[f"{by}_hidden"]
    return out


def people_and_pounds(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns `people` and `pounds`, protected: an amount stands on as many people as a cost for each needs."""
    enough = (frame["people"] >= policy().fewest_people_for_cost) | frame["people"].eq(0)
    out = protected(frame.assign(pounds=frame["pounds"].where(enough)), ("people",), ("pounds",), by="people")
    out["pounds_hidden"] |= ~enough  # too few for an amount is hidden, and never not known
    return out


def shares(frame: pd.DataFrame, part: str, whole: str) -> pd.DataFrame:
    """The frame protected, with value, lower and upper (%, Wilson 95%) of the counts `part` out of `whole`.

    A part is hidden also where the rest of its whole is 1 to 7 people, and a share needs as many as a cost does.
    """
    rules = policy()
    rest = pd.to_numeric(frame[whole]).astype("Int64") - pd.to_numeric(frame[part]).astype("Int64")
    out = protected(frame, (part, whole))
    too_few = rest.between(1, rules.suppress_to).fillna(False).astype(bool)
    out[part] = out[part].mask(too_few)
    out[f"{part}_hidden"] |= too_few
    out[part] = out[part].where(~(out[part] > out[whole]).fillna(False), out[whole])  # both rounded
    enough = out[whole].astype("Float64").where(out[whole] >= rules.fewest_people_for_cost)
    found = intervals.proportion(out[part].astype("Float64"), enough, per=100)
    truth = pd.to_numeric(frame[whole]).astype("Int64")
    unsaid = (out[part].isna() & truth.notna() & truth.ne(0)) | (enough.isna() & truth.gt(0)).fillna(False)
    status = truth.map({0: "none recorded"}).where(truth.notna(), "not applicable").fillna("known")
    out = out.assign(**{f"{name}_hidden": unsaid.fillna(False) for name in ("value", "lower", "upper")})
    out = out.assign(**{f"{name}_status": status for name in ("value", "lower", "upper")})
    return out.assign(**{name: found[name].to_numpy() for name in ("value", "lower", "upper")})


def hidden_in_pairs(counts: pd.Series) -> pd.Series:
    """Counts that make up a known total, as they may be protected: where one alone would be hidden, the next one is too.

    The total less the others would tell the one that is hidden. A hidden partner comes back as missing.
    """
    few = counts.between(1, policy().suppress_to)
    if int(few.sum()) != 1:
        return counts
    partner = counts[~few & (counts > 0)]
    return counts if partner.empty else counts.mask(counts.index == partner.idxmin())
