"""What a register says of organisations: who funds them, what became of them, how large the council's part is, as rows of breakdowns.

Every function makes rows from checked tables; `breakdowns_of_agreements` says by what they are shown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.measures import derive
from commissioning.measures.breakdowns import Tables
from commissioning.measures.periods import last_year

NOTHING = pd.DataFrame()
INCOME_BANDS = ("under a tenth", "a tenth to a half", "a half to three quarters", "three quarters or more")
BEFORE, SINCE, NEVER = "before its department moved", "in the year of the move or later", "its department has not moved"
STAGES = (BEFORE, SINCE, NEVER)
SMALL, OTHERS = "Small or equality-led", "Other organisations"
KINDS = ("Co-operatives and mutuals", "Social enterprises", "Other organisations", "Not known")


def states(who: str) -> tuple[str, str, str, str]:
    """In how far an organisation rests on one funder (or department), in words."""
    return (
        f"One {who} gives everything",
        f"One {who} gives most (more than three quarters)",
        f"Spread over {who}s",
        f"Cannot be told: a {who} is not recorded",
    )


def funders(tables: Tables) -> pd.DataFrame:
    """One row an organisation: in how far the grants known here come from its largest funder (`state`), `pence`.

    The council is one funder, however many of its departments pay. Where nobody else's grants are known
    that says nothing, so its departments are told apart instead; an organisation of whose
    grants one names no department is a state of its own.
    """
    grants, others = tables["grants"], tables.get("other_grants", NOTHING)
    if not len(others) and "department" not in grants:
        return NOTHING
    council = "the council" if len(others) else grants["department"].fillna("unknown")
    parts = [grants.assign(payer=council)]
    if len(others):
        parts.append(others.assign(payer=others["funder"].fillna("unknown")))
    both = pd.concat(parts, ignore_index=True)
    rows = pd.DataFrame(
        {"key": derive.organisation_key(both), "payer": both["payer"], "pence": derive.awarded_pence(both)}
    ).dropna()
    by = rows.groupby(["key", "payer"])["pence"].sum().groupby("key").agg(["max", "sum"])
    by = by[by["sum"] > 0]
    share = by["max"] / by["sum"]
    word = states("funder" if len(others) else "department")
    nameless = by.index.isin(rows.loc[rows["payer"].map(derive.is_blank), "key"])
    state = np.select([nameless, share >= 1, share > 0.75], [word[3], *word[:2]], word[2])
    return pd.DataFrame(
        {"period": last_year(both["award_date"]), "key": by.index, "state": state, "pence": by["sum"].to_numpy()}
    )


def stage_of(department: pd.Series, year: pd.Series, starts: pd.DataFrame) -> pd.Series:
    """Where each row stands in the move to outcome-based agreements: a word of STAGES, missing where that is not known.

    `department` and `year` (such as 2014-15): the row's own. `starts`: unit_kind, unit, started (a quarter, or never).
    """
    mine = starts[starts["unit_kind"] == "department"].drop_duplicates("unit").set_index("unit")["started"].astype(str)
    moved = department.map(mine)
    known = moved.notna() & year.notna() & ~year.astype(str).isin(["", "unknown"])
    since = year.astype(str) >= moved.astype(str).str[:7]
    stage = np.select([moved.eq("never"), since], [NEVER, SINCE], BEFORE)
    return pd.Series(stage, index=department.index, dtype=object).where(known)


def _answered(who: pd.Series, stage: pd.Series, answer: pd.Series, behind: pd.Series, last: str) -> pd.DataFrame:
    rows = pd.DataFrame({"who": who, "stage": stage, "answer": answer, "behind": behind, "period": last})
    return rows[answer.isin(["yes", "no"])].dropna(subset=["who", "stage"])


def success(tables: Tables) -> pd.DataFrame:
    """Applications with a known decision: `who` made them, the `stage` of the move, `answer`."""
    rows = tables["applications"]
    who = rows["small_or_equality_led"].map({"yes": SMALL, "no": OTHERS})
    stage = stage_of(rows["department"], rows["period"], tables["starts"])
    named = pd.Series(np.arange(len(rows)).astype(str), index=rows.index)
    return _answered(who, stage, rows["successful"], named, last_year(rows["period"]))


def survival(tables: Tables) -> pd.DataFrame:
    """Organisations due a check at 12 months, by the stage of the year they were first funded in; `answer` is yes where still there.

    One of which neither "small" nor "equality-led" is known to be so is left out.
    """
    rows = tables["organisations"]
    small, led = rows["small"], rows["equality_led"]
    word = np.select([small.eq("yes") | led.eq("yes"), small.eq("no") & led.eq("no")], [SMALL, OTHERS], "")
    who = pd.Series(word, index=rows.index, dtype=object)
    stage = stage_of(rows["department"], rows["first_funded"], tables["starts"])
    last = last_year(rows["first_funded"])
    return _answered(who.where(who != ""), stage, rows["operating_at_12_months"], rows["organisation_id"], last)


def income_shares(tables: Tables) -> pd.DataFrame:
    """One row an organisation whose income is known: its `band` of the council's share of it, `pence` paid in that year.

    The council's part is what it paid in the year of the accounts: payments matched by `grant_id`, else by charity number. An organisation
    with no payment in that year stands in the lowest band.
    """
    organisations, payments, grants = (tables[one] for one in ("organisations", "payments", "grants"))
    if not {"income_pence", "income_year"} <= set(organisations):
        return NOTHING
    known = organisations.dropna(subset=["income_pence", "income_year"])
    known = known[known["income_pence"] > 0]
    recipient = grants.drop_duplicates("grant_id").set_index("grant_id")["recipient_id"]
    agreement = (
        payments["grant_id"] if "grant_id" in payments else pd.Series(np.nan, index=payments.index, dtype=object)
    )
    paid = payments.assign(
        organisation_id=agreement.map(recipient).astype(object).fillna(_by_number(payments, organisations))
    )
    if paid["organisation_id"].isna().all():
        return NOTHING
    by = paid.groupby(["organisation_id", "year"])["amount_pence"].sum()
    at = pd.MultiIndex.from_arrays([known["organisation_id"], known["income_year"]])
    council = by.reindex(at).fillna(0).astype(float).to_numpy()
    share = council / known["income_pence"].astype(float).to_numpy()
    band = np.select([share < 0.1, share < 0.5, share < 0.75], INCOME_BANDS[:3], INCOME_BANDS[3])
    return pd.DataFrame(
        {"period": last_year(known["income_year"]), "organisation_id": known["organisation_id"], "band": band, "pence": council}
    )  # fmt: skip


def _by_number(payments: pd.DataFrame, organisations: pd.DataFrame) -> pd.Series:
    """The organisation that each payment names by its charity number; missing where it gives none."""
    if "charity_number" not in payments:
        return pd.Series(np.nan, index=payments.index, dtype=object)
    held = organisations[~organisations["charity_number"].map(derive.is_blank)].drop_duplicates("charity_number")
    of = held.set_index(held["charity_number"].astype(str))["organisation_id"]
    return payments["charity_number"].astype(str).map(of).astype(object)


def kind_of(organisations: pd.DataFrame) -> pd.Series:
    """The kind of each organisation, a word of KINDS, by its id."""
    mutual = organisations["mutual"] if "mutual" in organisations else pd.Series("no", index=organisations.index)
    enterprise = organisations["social_enterprise"]
    kind = np.select([mutual.eq("yes"), enterprise.eq("yes"), enterprise.eq("no")], KINDS[:3], KINDS[3])
    of = pd.Series(kind, index=organisations["organisation_id"], dtype=object)
    return of[~of.index.duplicated()]


def organisations(tables: Tables) -> pd.DataFrame:
    """One row an organisation: `kind`, whether its `income` is known, `pence` awarded in all years."""
    held, grants = tables["organisations"], tables.get("grants", NOTHING)
    one = held.drop_duplicates("organisation_id")
    income = pd.to_numeric(one["income_pence"]).gt(0) if "income_pence" in one else pd.Series(False, index=one.index)
    if "income_year" in one:
        income &= one["income_year"].notna()
    rows = pd.DataFrame(
        {"organisation_id": one["organisation_id"], "kind": kind_of(held).to_numpy(), "income": np.where(income, "yes", "no"),
         "period": last_year(one["first_funded"])}
    )  # fmt: skip
    if len(grants):  # where no register is held, what was awarded is not known: that is not nothing
        awarded = derive.awarded_pence(grants).groupby(grants["recipient_id"]).sum()
        return rows.assign(pence=rows["organisation_id"].map(awarded).fillna(0.0))
    return rows.assign(pence=np.nan)


def applications(tables: Tables) -> pd.DataFrame:
    """One row an application, all years together: `kind` of the organisation that made it, `successful`."""
    rows = tables["applications"]
    if "organisation_id" not in rows:
        return NOTHING
    kind = rows["organisation_id"].map(kind_of(tables["organisations"]))
    return rows.assign(kind=kind, period=last_year(rows["period"])).dropna(subset=["kind"])
