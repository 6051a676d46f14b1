"""What is asked of the published tables, so that no report has to know their traps.

Pure functions on canonical frames (docs/explanation/architecture.md, "Published"). Money is in
pence. Where nothing is published the answer is None or a row that says so, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

GROSS_CURRENT = "gross current expenditure"
NET_CURRENT = "net current expenditure"
TOTAL = "gross total cost: total expenditure"
GRANTS = "gross total cost: grants to voluntary org"
SPEND = ("pssex1", "ascfr")
"""The publications that hold spend; unit costs and activity are other figures."""
_LEDGER_COLUMNS = ("area", "effective_on", "unit", "payee", "paid_on", "transaction", "amount_pence", "purpose")


def spend(
    area_spend: pd.DataFrame,
    *,
    area: str,
    year: str,
    category: str,
    support_reason: str = "learning disability",
    age_band: str | None = None,
    term: str | None = None,
) -> int | None:
    """One category of a council's published spend, in pence; None where it is not published.

    `age_band` and `term` None mean all of them. Each age and term is its published Total row,
    or the sum of its details where no Total is published (ASC-FR); the two are never added,
    and voluntary details of an age band are never added to it.
    """
    return _summed(_rows(area_spend, area, year, support_reason, age_band, term), category)


def _summed(rows: pd.DataFrame, category: str) -> int | None:
    """One category of the rows of one council, year and reason: Total rows, or details where there are none."""
    rows = rows[rows["category"].eq(category) & rows["status"].eq("known")]
    if rows.empty:
        return None
    answer, found = 0, False
    for _, part in rows.groupby(["publication", "age_band", "term"], observed=True):
        totals = part[part["is_total"] & part["setting"].eq("total")]
        details = part[~part["is_total"]]
        if len(totals) or len(details):
            found = True
            answer += int((totals if len(totals) else details)["amount_pence"].sum())
    return answer if found else None


gross_current = partial(spend, category=GROSS_CURRENT)
"""Gross current expenditure in pence: total less joint, NHS and other income and capital charges."""


def bridge(
    area_spend: pd.DataFrame,
    *,
    area: str,
    year: str,
    support_reason: str = "learning disability",
    age_band: str | None = None,
    term: str | None = None,
) -> pd.DataFrame:
    """From total to net: `line`, `pence` (what is taken off is negative), `is_sum`, in reading order.

    PSS EX1 names each income; ASC-FR gives sums only, so what lies between two of them stands in
    one line. Where the publication's own rounding leaves a difference it has a line of its own,
    and so the lines between two sums always add up. Empty where nothing is published.
    """
    rows = _rows(area_spend, area, year, support_reason, age_band, term)

    def of(category: str) -> int | None:
        return _summed(rows, category)

    total, gross, net = of(TOTAL), of(GROSS_CURRENT), of(NET_CURRENT)
    if total is None or gross is None or net is None:
        return pd.DataFrame({"line": [], "pence": pd.array([], dtype="Int64"), "is_sum": pd.array([], dtype=bool)})
    other = [
        (line, of(category))
        for line, category in (
            ("joint arrangements", "income: joint arrangements"),
            ("income from the NHS", "income: income from nhs"),
            ("other income", "income: other income"),
        )
    ]
    capital = [of(f"capital charges: {who}") for who in ("own provision", "provision by others")]
    client = of("income: client contributions")
    if all(value is None for _, value in other):
        gross_total = of("gross total expenditure")
        middle = total if gross_total is None else gross_total
        other = [("income other than client contributions", total - middle)]
        capital, client = [middle - gross], gross - net
    lines: list[tuple[str, int, bool]] = [("total expenditure", total, True)]
    lines += [(line, -(value or 0), False) for line, value in other]
    lines.append(("capital charges", -sum(value or 0 for value in capital), False))
    lines += _rounding(gross - sum(pence for _, pence, _ in lines))
    lines.append((GROSS_CURRENT, gross, True))
    lines.append(("client contributions", -(client or 0), False))
    lines += _rounding(net - gross + (client or 0))
    lines.append((NET_CURRENT, net, True))
    frame = pd.DataFrame(lines, columns=["line", "pence", "is_sum"])
    frame["pence"] = frame["pence"].astype("Int64")
    return frame


def _rounding(difference: int) -> list[tuple[str, int, bool]]:
    return [("rounding in the publication", difference, False)] if difference else []


def grants_to_voluntary(
    area_spend: pd.DataFrame, *, area: str, year: str, support_reason: str | None = None
) -> int | None:
    """Grants to voluntary organisations in pence; all of adult social care where no reason is named.

    The whole is the publication's own total, which rounds apart from its parts.
    """
    if support_reason is not None:
        return spend(area_spend, area=area, year=year, category=GRANTS, support_reason=support_reason)
    rows = _rows(area_spend, area, year, "adult social care", None, None)
    rows = rows[rows["category"].eq(GRANTS) & rows["status"].eq("known")]
    return None if rows.empty else int(rows["amount_pence"].sum())


def _rows(
    area_spend: pd.DataFrame, area: str, year: str, reason: str, age_band: str | None, term: str | None
) -> pd.DataFrame:
    rows = area_spend[area_spend["area_code"].eq(area)]  # first: it leaves one row in a hundred
    rows = rows[rows["year"].eq(year) & rows["publication"].isin(SPEND) & rows["support_reason"].eq(reason)]
    if age_band is not None:
        rows = rows[rows["age_band"].eq(age_band)]
    if term is not None:
        rows = rows[rows["term"].eq(term)]
    # "Non Salt Totals" repeat long and short term; a reason that has no terms stands there alone.
    by_term = rows["term"].ne("non salt totals")
    return rows[by_term] if by_term.any() else rows


def comparators(
    indicators: pd.DataFrame,
    neighbours: pd.DataFrame,
    *,
    area: str,
    code: str,
    year: str,
    disaggregation: str = "total",
) -> pd.DataFrame:
    """An area's statistical neighbours with one indicator of one year, absent ones named.

    One row a neighbour (never the area itself): area_code, area, numerator, denominator, value,
    each with `_status`, and `present`: false where the publication of that year has no row for
    it. A neighbour that is in no year keeps its code as its name.
    """
    codes = neighbours.loc[neighbours["area_code"].eq(area)].sort_values("rank")["neighbour_code"]
    codes = codes[codes.ne(area)].drop_duplicates()
    councils = indicators[indicators["area_kind"].eq("council")]
    names = (
        councils.dropna(subset=["area_code"]).drop_duplicates("area_code", keep="last").set_index("area_code")["area"]
    )
    here = councils[
        councils["code"].eq(code) & councils["year"].eq(year) & councils["disaggregation"].eq(disaggregation)
    ].drop_duplicates("area_code")
    kept = ["area_code", "numerator", "numerator_status", "denominator", "denominator_status", "value", "value_status"]
    frame = pd.DataFrame({"area_code": codes.to_numpy(dtype=object)}).merge(here[kept], on="area_code", how="left")
    frame.insert(1, "area", frame["area_code"].map(names).fillna(frame["area_code"]))
    frame["present"] = frame["area_code"].isin(here["area_code"])
    for name in ("numerator_status", "denominator_status", "value_status"):
        frame[name] = frame[name].fillna("unknown")
    return frame


def overlap(payments_a: pd.DataFrame, payments_b: pd.DataFrame, on: Sequence[str] = _LEDGER_COLUMNS) -> pd.DataFrame:
    """The rows of `payments_b` that stand in `payments_a` too, each matched at most once.

    Two payments are one where every column of `on` agrees; copies are matched one to one, so
    three copies against two are two. Used to count money once across two files or two pilots.
    """
    names = [name for name in on if name in payments_a.columns and name in payments_b.columns]
    pairs_a, pairs_b = _nth_copies(payments_a, names), _nth_copies(payments_b, names)
    have = set(pairs_a)
    return payments_b[[pair in have for pair in pairs_b]]


def _nth_copies(payments: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, int]]:
    """Each row as its text under `names` and which copy of it in the frame it is (0 for the first)."""
    keys = _keys(payments, names)
    return list(zip(keys.tolist(), keys.groupby(keys).cumcount().tolist(), strict=True))


def _keys(payments: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    keys = pd.Series("", index=payments.index, dtype="string")
    for name in names:
        keys = keys + "\x1f" + payments[name].astype("string").fillna("")
    return keys


def held_twice(payments: pd.DataFrame) -> pd.Series:
    """True for each row of a later file that an earlier file of the same council holds too; files in order of name.

    Copies inside one file stay: they are possibly legitimate.
    The n-th copy of a payment in one file is the same payment as the n-th copy in another, so that
    three copies in one file and two in another are three payments.
    """
    keys = _keys(payments, [name for name in _LEDGER_COLUMNS if name in payments.columns])
    copies = pd.DataFrame({"key": keys, "file": payments["source_file"].astype("string")})
    copies["nth"] = copies.groupby(["key", "file"]).cumcount()
    by_file = copies.sort_values("file", kind="stable")
    return by_file.duplicated(["key", "nth"]).reindex(payments.index)
