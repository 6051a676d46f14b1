"""Tables that a measure needs and no single extract holds, made from those that arrived.

Each function takes checked tables and returns a frame, row for row traceable through
`source_file` and `source_row`. Nothing is looked up in a file here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from commissioning.measures.periods import months_since_0, quarter_of_month, year_of
from commissioning.measures.reasons import support_reasons

Tables = Mapping[str, pd.DataFrame]

GRADED = ("a", "b", "c")
MONTHS_IN_A_QUARTER = 3


def with_column(table: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """The same rows with further columns; the table given is not changed."""
    return table.assign(**columns)


def supported_with_evidence(tables: Tables) -> pd.DataFrame:
    """`supported` with the `domain` and `evidence_grade` of its agreement's return for the quarter.

    A person's result is only as good as the evidence the return gives for it. Where no
    return was received the grade is `none` and the domain `unknown`. Two returns for one
    quarter: the weaker grade is taken, so that nothing is flattered.
    """
    supported = tables["supported"]
    if {"domain", "evidence_grade"} <= set(supported.columns):
        return supported
    returns = tables.get("returns")
    if returns is None or returns.empty:
        return with_column(supported, domain="unknown", evidence_grade="none")
    received = returns[returns["received"].eq("yes")]
    weakest_last = received.assign(order=received["evidence_grade"].map({"a": 0, "b": 1, "c": 2}).fillna(3))
    weakest_last = weakest_last.sort_values(["grant_id", "period", "order", "domain"], kind="stable")
    one = weakest_last.drop_duplicates(["grant_id", "period"], keep="last")
    merged = supported[["grant_id", "period"]].merge(
        one[["grant_id", "period", "domain", "evidence_grade"]], on=["grant_id", "period"], how="left"
    )
    merged.index = supported.index
    return with_column(
        supported,
        domain=merged["domain"].fillna("unknown"),
        evidence_grade=merged["evidence_grade"].fillna("none"),
    )


def packages_with_person_weeks(tables: Tables) -> pd.DataFrame:
    """`packages` with `person_weeks`, a person's weeks in the quarter, counted once, and `support_reason` (see above).

    Two packages over the same thirteen weeks are thirteen person-weeks, not twenty-six: the
    longest package gives the person's weeks, shared over their packages by each one's weeks.
    """
    packages = tables["packages"]
    if "support_reason" not in packages:
        packages = with_column(packages, support_reason=support_reasons(packages, tables.get("people")))
    if "person_weeks" in packages:
        return packages
    weeks = packages["weeks"].astype("float64")
    by_person = weeks.groupby([packages["person_id"], packages["period"]], dropna=False)
    total = by_person.transform("sum").to_numpy()
    longest = by_person.transform("max").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, weeks.to_numpy() * longest / total, 0.0)
    return with_column(packages, person_weeks=np.where(weeks.isna(), np.nan, share))


def access(tables: Tables) -> pd.DataFrame:
    """People supported and people estimated to have a learning disability, one row a person or a cell of the population.

    Columns: `year`, `ward`, `locality`, `age_band`, `ethnicity`, `person_id`, `supported`,
    `expected`, `source_file`, `source_row`. A person (their latest row in the year, aged 18 or over,
    supported mainly for a learning disability) has supported 1, expected 0. A population cell has
    supported 0 and expected = its people with a learning disability, as the extract estimates them. What a council's
    own support reaches is never what is expected, or need that nobody meets could not show.
    """
    people, population = tables["people"], tables["population"]
    years = year_of(people["period"])
    rows = people.assign(year=years).sort_values("period", kind="stable")
    rows = rows.drop_duplicates(["year", "person_id"], keep="last")
    rows = rows[rows["support_reason"].eq("learning disability") & rows["age"].ge(18).fillna(False)]
    rows = rows.assign(
        age_band=np.where(rows["age"].ge(65).fillna(False), "65 and over", "18 to 64"),
        supported=1.0,
        expected=0.0,
    )
    cells = population.assign(
        person_id=None, supported=0.0, expected=population["with_learning_disability"].astype("float64")
    )
    keep = [
        *("year", "ward", "locality", "age_band", "ethnicity", "person_id", "supported", "expected"),
        *(name for name in ("source_file", "source_row") if name in people and name in population),
    ]
    # A year with people but no population, or the reverse, can expect nobody: it is left out here.
    both = set(rows["year"]) & set(cells.loc[cells["expected"].notna(), "year"])
    parts = [frame.loc[frame["year"].isin(both), keep].astype({"person_id": object}) for frame in (rows, cells)]
    return pd.concat(parts, ignore_index=True)


def accrued_spend(tables: Tables) -> pd.DataFrame:
    """Payments accrued to the months delivered: one row for each agreement and quarter.

    Columns: `period`, `grant_id`, `department`, `organisation_id`, `paid_to` (the same, or the payee where no agreement says
    who), `accrued_pence`, `outcome` (`known` or `unknown`), `source_file`, `source_row`. What was paid under an agreement is spread evenly
    over its months, in whole pence that add up exactly to what was paid; a payment without an agreement,
    or whose agreement's months are not recorded, stands in the quarter it was paid. Its outcome is known
    where the agreement has a received return that says whether its target was met, or a person whose
    result is known.
    """
    payments, grants = tables["payments"], tables.get("grants")
    known = _grants_with_known_outcome(tables)
    sources = [name for name in ("source_file", "source_row") if name in payments]
    grant_of = payments["grant_id"] if "grant_id" in payments else pd.Series(None, index=payments.index)
    base = pd.DataFrame(
        {
            "period": payments["period"],
            "grant_id": grant_of.astype(object),
            "department": payments.get("department", "unknown"),
            "organisation_id": None,
            "paid_to": payments["payee"].astype(object) if "payee" in payments else None,
            "accrued_pence": payments["amount_pence"],
            **{name: payments[name] for name in sources},
        }
    )
    if grants is not None and len(grants):
        terms = _terms(grants)
        spread = base["grant_id"].isin(terms.index) & base["accrued_pence"].notna()
        parts = [base[~spread]]
        if spread.any():
            parts.append(_spread(base[spread], terms))
        base = pd.concat(parts, ignore_index=True)
        recipients = grants.drop_duplicates("grant_id").set_index("grant_id")["recipient_id"]
        base["organisation_id"] = base["grant_id"].map(recipients)
        base["paid_to"] = base["organisation_id"].where(base["organisation_id"].notna(), base["paid_to"])
    return base.assign(outcome=np.where(base["grant_id"].isin(known), "known", "unknown"))


def _terms(grants: pd.DataFrame) -> pd.DataFrame:
    """First month (counted from year 0) and number of months of each agreement that records them."""
    one = grants.drop_duplicates("grant_id").set_index("grant_id")
    start = months_since_0(one["start_on"])
    months = pd.to_numeric(one["months"], errors="coerce").astype("float64")
    ends = months_since_0(one["end_on"])
    months = months.where(months.ge(1), ends - start + 1)
    ok = start.notna() & months.ge(1)
    return pd.DataFrame({"start": start[ok].astype("int64"), "months": months[ok].astype("int64")})


def running_months(grants: pd.DataFrame) -> pd.DataFrame:
    """The months that each agreement ran, row for row: `first` and `last` (counted from year 0, float), `dated` bool.

    An agreement without a recorded first day begins in the month of its award, and one without recorded months or last
    day runs for that month alone; either way it is not `dated`. `first` is missing where there is no award date either.
    """
    terms = _terms(grants)
    start = grants["grant_id"].map(terms["start"]).astype("float64")
    months = grants["grant_id"].map(terms["months"]).astype("float64")
    said = pd.to_numeric(grants["months"], errors="coerce").astype("float64")
    begins = months_since_0(grants["start_on"]) if "start_on" in grants else start
    first = start.fillna(begins).fillna(months_since_0(grants["award_date"]))
    last = first + months.fillna(said.where(said.ge(1))).fillna(1.0) - 1
    return pd.DataFrame({"first": first, "last": last, "dated": start.notna()}, index=grants.index)


def _spread(paid: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    start = paid["grant_id"].map(terms["start"]).to_numpy(dtype="int64")
    months = paid["grant_id"].map(terms["months"]).to_numpy(dtype="int64")
    pence = paid["accrued_pence"].to_numpy(dtype="int64")
    row = np.repeat(np.arange(len(paid)), months)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(months) - months, months)
    # Cumulative floor division: the months' shares are whole pence and add up to what was paid.
    share = pence[row] * (nth + 1) // months[row] - pence[row] * nth // months[row]
    period = quarter_of_month(start[row] + nth)
    long = paid.iloc[row].assign(period=period, accrued_pence=share, payment=row)
    sources = [name for name in ("source_file", "source_row") if name in paid]
    how = dict.fromkeys(("grant_id", "department", "organisation_id", "paid_to", *sources), "first")
    return (
        long.groupby(["payment", "period"], sort=True)
        .agg({**how, "accrued_pence": "sum"})
        .reset_index()
        .drop(columns="payment")
    )


def _grants_with_known_outcome(tables: Tables) -> set[object]:
    known: set[object] = set()
    returns, supported = tables.get("returns"), tables.get("supported")
    if returns is not None:
        told = returns["received"].eq("yes") & returns["target_met"].isin(["yes", "no"])
        known |= set(returns.loc[told, "grant_id"])
    if supported is not None:
        known |= set(supported.loc[supported["outcome_reached"].isin(["yes", "no"]), "grant_id"])
    return known


def monitoring_with_award_share(tables: Tables) -> pd.DataFrame:
    """`monitoring` with `award_share_pence`: the part of the award that belongs to the row's quarter.

    The award stands whole on every quarter's row, so adding it up would count it once a quarter.
    Each row takes the award x 3 months / the agreement's months where `grants` records them,
    else the award / the agreement's number of rows here.
    """
    monitoring = tables["monitoring"]
    if "award_share_pence" in monitoring:
        return monitoring
    rows = monitoring.groupby("grant_id", dropna=False)["grant_id"].transform("size").astype("float64")
    part = 1.0 / rows
    grants = tables.get("grants")
    if grants is not None and len(grants):
        months = monitoring["grant_id"].map(_terms(grants)["months"]).astype("float64")
        part = (MONTHS_IN_A_QUARTER / months).clip(upper=1.0).fillna(part)
    award = pd.to_numeric(monitoring["award_pence"], errors="coerce").astype("float64")
    return with_column(monitoring, award_share_pence=award * part)


def funded_organisations(tables: Tables) -> pd.DataFrame:
    """One row for each organisation and year with an agreement running in it.

    Columns: `year`, `organisation_id`, `departments` int (different ones in the year), `same_purpose`
    `yes`/`no`/`unknown`, `source_file`, `source_row` (of its first agreement). Agreements are of one organisation where
    they share a number (`organisation_key`), never by name. `yes` needs two
    departments with the same purpose and a month of that year in common. No year comes after the last in which an
    agreement began; `unknown` where two
    departments may overlap and a purpose, a department or an agreement's months are not recorded. A register
    that renamed its department is not two departments at once: without a month in common it is `no`.
    """
    grants = tables["grants"]
    frame = pd.DataFrame(
        {
            "organisation_id": organisation_key(grants),
            "department": grants["department"].astype(object),
            "purpose": grants["purpose"].astype(object),
            **running_months(grants),
            **{name: grants[name] for name in ("source_file", "source_row") if name in grants},
        }
    )
    frame = frame[frame["first"].notna() & frame["organisation_id"].notna()]
    # Agreements run on into years of which the register does not know what else was agreed.
    ends = frame["first"].max() if len(frame) else 0
    last_month = (ends - 3) // 12 * 12 + 14
    frame["last"] = frame["last"].clip(upper=last_month)
    records: list[dict[str, object]] = []
    of: dict[Any, list[Any]] = {}
    for row in frame.to_dict("records"):
        of.setdefault(row["organisation_id"], []).append(row)
    for organisation in sorted(of):
        records.extend(_organisation_years(organisation, of[organisation]))
    columns = ["year", "organisation_id", "departments", "same_purpose"]
    columns += [name for name in ("source_file", "source_row") if name in frame]
    return pd.DataFrame.from_records(records, columns=columns)


def _organisation_years(organisation: object, rows: list[Any]) -> list[dict[str, object]]:
    """Agreements of one organisation, set side by side year by year (April to March)."""
    years = sorted({(month - 3) // 12 for r in rows for month in range(int(r["first"]), int(r["last"]) + 1)})
    out: list[dict[str, object]] = []
    for year in years:
        opens, closes = year * 12 + 3, year * 12 + 14
        running = [r for r in rows if r["first"] <= closes and r["last"] >= opens]
        verdict = "no"
        for i, a in enumerate(running):
            for b in running[i + 1 :]:
                no_department = is_blank(a["department"]) or is_blank(b["department"])
                if not no_department and a["department"] == b["department"]:
                    continue
                unsure = not (a["dated"] and b["dated"])
                shared = min(a["last"], b["last"], closes) >= max(a["first"], b["first"], opens)
                no_purpose = is_blank(a["purpose"]) or is_blank(b["purpose"])
                same = not no_purpose and a["purpose"] == b["purpose"]
                if shared and same and not unsure and not no_department:
                    verdict = "yes"
                elif verdict != "yes" and (same or no_purpose) and (shared or unsure):
                    verdict = "unknown"
        source: dict[str, object] = {
            name: running[0][name] for name in ("source_file", "source_row") if name in running[0]
        }
        departments = len({r["department"] for r in running if not is_blank(r["department"])})
        text = f"{year:04d}-{(year + 1) % 100:02d}"
        out.append(
            {
                "year": text,
                "organisation_id": organisation,
                "departments": departments,
                "same_purpose": verdict,
                **source,
            }
        )
    return out


def is_blank(value: object) -> bool:
    return value is None or value != value or str(value).strip() in ("", "unknown", "<NA>")


# The numbers by which an organisation is known: column, the word before the number.
NUMBERS = {"charity_number": "charity ", "company_number": "company ", "recipient_id": "id "}


def numbers_of(grants: pd.DataFrame) -> pd.DataFrame:
    """Each row's numbers as compared, one column for each of NUMBERS; missing where there is none.

    Spaces and case do not count, and a company's number has eight places: spreadsheets lose zeros in front.
    """
    out = pd.DataFrame(index=grants.index, columns=list(NUMBERS), dtype=object)
    for column in NUMBERS:
        if column in grants:
            text = grants[column].astype(object)
            text = text.where(~text.map(is_blank)).map(
                lambda one: "".join(str(one).upper().split()), na_action="ignore"
            )
            if column == "recipient_id":
                text = grants[column].astype(object).where(text.notna())
            elif column == "company_number":
                text = text.map(lambda one: one.zfill(8) if one.isdigit() else one, na_action="ignore")
            out[column] = text.where(~text.map(lambda one: not str(one).strip("0")).astype(bool))
    return out


def organisation_key(grants: pd.DataFrame) -> pd.Series:
    """The organisation of each row, as text that says which number it is called by; missing where a row has none.

    Rows that share any number are one organisation, also through a third row: one with a charity and a company number joins
    those that give only one of the two. It is called by its first charity number, else company number, else recipient's id.
    """
    numbers = numbers_of(grants)
    known = [[word + str(one) for word, one in zip(NUMBERS.values(), row, strict=True) if not is_blank(one)]
             for row in numbers.to_numpy(object)]  # fmt: skip
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for mine in known:
        for other in mine[1:]:
            # The word that sorts first names the whole: charity, then company, then id.
            first, second = sorted((root(mine[0]), root(other)))
            parent[second] = first
    return pd.Series([root(mine[0]) if mine else None for mine in known], index=grants.index, dtype=object)


@dataclass(frozen=True, kw_only=True)
class Derived:
    """How a table is made: from which it must have, which it reads where they are there, and by what."""

    must_have: tuple[str, ...]
    reads_too: tuple[str, ...]
    make: Callable[[Tables], pd.DataFrame]


DERIVED: dict[str, Derived] = {
    "supported": Derived(must_have=("supported",), reads_too=("returns",), make=supported_with_evidence),
    "packages": Derived(must_have=("packages",), reads_too=("people",), make=packages_with_person_weeks),
    "monitoring": Derived(must_have=("monitoring",), reads_too=("grants",), make=monitoring_with_award_share),
    "access": Derived(must_have=("people", "population"), reads_too=(), make=access),
    "accrued_spend": Derived(must_have=("payments",), reads_too=("grants", "returns", "supported"), make=accrued_spend),
    "funded_organisations": Derived(must_have=("grants",), reads_too=(), make=funded_organisations),
}


def must_have(table: str) -> tuple[str, ...]:
    """The evidence tables without which a measure's table cannot be made."""
    return DERIVED[table].must_have if table in DERIVED else (table,)


def needs(table: str) -> tuple[str, ...]:
    """Every evidence table that a measure's table is made from: pass them all to `table_for`."""
    return (*DERIVED[table].must_have, *DERIVED[table].reads_too) if table in DERIVED else (table,)


def table_for(table: str, tables: Tables) -> pd.DataFrame | None:
    """The frame a measure's rules read, or None where an extract it needs is missing or has no rows."""
    held = {name: frame for name, frame in tables.items() if frame is not None and not frame.empty}
    if any(name not in held for name in must_have(table)):
        return None
    if table not in DERIVED:
        return held[table]
    frame = DERIVED[table].make(held)
    return None if frame.empty else frame


def awarded_pence(grants: pd.DataFrame) -> pd.Series:
    """What each agreement awards, in pence."""
    return pd.to_numeric(grants["amount_awarded_pence"]).astype(float)
