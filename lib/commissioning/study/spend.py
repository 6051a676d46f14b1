"""Spend as evaluators need it: each line with its year, basis, perspective and source.

Published spend and published payments pass unchanged: they are public already. Spend
worked out from people's packages comes only from released results. Nothing here divides
spend by outcomes: only spend with a measure's purpose may be, and only in `value`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from commissioning.disclosure.rounding import significant
from commissioning.measures import reasons
from commissioning.methods import money

NOT_HELD = ("unknown", reasons.NO_REASON)
COLUMNS = ("year", "what", "basis", "perspective", "scope", "pence", "source_file")


@dataclass(frozen=True, kw_only=True)
class Tied:
    """Packages by whose they are. Frames hold rows of `packages`, each with its `support_reason`; together they are all of them.

    `why_not` says why none is of the people whom the pilot is for, and is empty where some are.
    """

    packages: pd.DataFrame
    of_others: pd.DataFrame
    not_tied: pd.DataFrame
    why_not: str = ""


def tie(packages: pd.DataFrame, people: pd.DataFrame, reason: str) -> Tied:
    """Packages of the people whom the pilot is for, of other people, and of people whose reason for support is not known.

    `people`: person_id, period, support_reason; `reason`: the pilot's support reason, "" where it is for everybody.
    Tied by id and period (`reasons.support_reasons`), or by the package's own `support_reason` where it has one.
    """
    if not reason or packages.empty:
        return Tied(packages=packages, of_others=packages.iloc[:0], not_tied=packages.iloc[:0])
    if "support_reason" not in packages:
        packages = packages.assign(support_reason=reasons.support_reasons(packages, people))
    mine = packages["support_reason"].eq(reason)
    untied = packages["support_reason"].isna() | packages["support_reason"].isin(NOT_HELD)
    parts = [packages[one].reset_index(drop=True) for one in (mine, ~mine & ~untied, untied)]
    why = "" if mine.any() else _why_not_tied(packages, people, reason, all_untied=bool(untied.all()))
    return Tied(packages=parts[0], of_others=parts[1], not_tied=parts[2], why_not=why)


def _why_not_tied(packages: pd.DataFrame, people: pd.DataFrame, reason: str, *, all_untied: bool) -> str:
    if not all_untied:
        return f"none of them is of a person supported mainly for {reason}, as far as the reason is known"
    if people.empty:
        return "no list of people is here that says why each is supported"
    if not set(packages["person_id"].dropna()) & set(people["person_id"].dropna()):
        return "no id of a person in them is in the list of people"
    if people["support_reason"].isna().all() or people["support_reason"].isin(NOT_HELD).all():
        return "the list of people says of nobody why they are supported"
    return "the list of people holds nobody of theirs in the same year with a reason for support"


def with_real_terms(
    lines: pd.DataFrame, price_base: str, deflators: money.Deflators | None = None, figures: int = 2
) -> pd.DataFrame:
    """The same lines with `real_pence` in the prices of `price_base` (HM Treasury's GDP deflator).

    `deflators`: the edition that the council brought; None is the package's own. `pence` is a whole number of pence; a line whose
    year has no deflator keeps real_pence missing. A line that was `rounded` for release is rounded as far in real terms: the prices
    of another year make it no more exact.
    """
    real: list[int | None] = []
    for year, pence, rounded in zip(lines["year"], lines["pence"], lines["rounded"], strict=True):
        try:
            exact = round(money.real_terms(int(pence), year, price_base, deflators))
        except (ValueError, KeyError):
            real.append(None)
            continue
        real.append(int(significant([exact], figures)[0]) if rounded else exact)
    return lines.assign(real_pence=pd.array(real, dtype="Int64"))


@dataclass(frozen=True, kw_only=True)
class Prices:
    """By which deflators amounts are moved to the prices of one year. `table` None is the package's own; `said` names them."""

    said: str
    table: money.Deflators | None = None


def newest_deflators(brought: pd.DataFrame) -> pd.DataFrame:
    """The rows of one file: the newest edition that was brought, since two editions have two bases and are never mixed.

    Newest by the edition that its title names, then by its last year that is no forecast. `brought`: the table `deflators`.
    """
    if brought.empty:
        return brought
    known = brought[~brought["is_forecast"].astype(bool)].groupby("source_file")["year"].max()
    editions = brought.groupby("source_file")["edition"].max()
    order = pd.DataFrame(
        {"edition": editions.astype(str), "known": known.reindex(editions.index).fillna("").astype(str)}
    )
    newest = order.sort_values(["edition", "known"], kind="stable").index[-1]
    return brought[brought["source_file"] == newest].reset_index(drop=True)


def prices(brought: pd.DataFrame) -> Prices:
    """The deflators that a study holds, or else the package's own. `brought`: the rows of one file (`newest_deflators`)."""
    if brought.empty:
        return Prices(said="HM Treasury's GDP deflator (December 2023)")
    table = money.deflators_from(
        brought["year"].tolist(), brought["index"].astype(float).tolist(), brought["is_forecast"].astype(bool).tolist()
    )
    edition, base = str(brought["edition"].iloc[0]), str(brought["base"].iloc[0])
    of = f"edition of {pd.Period(edition, 'M').strftime('%B %Y')}, " if edition else ""
    return Prices(said=f"the GDP deflators that the council brought ({of}{base} = 100)", table=table)
