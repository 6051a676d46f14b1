"""Breakdowns of a register of agreements: awards, spend, monitoring, waits and who is funded, as rows, groups and figures.

Agreements and organisations are no people, yet a council's own register is protected as people are, unless it is public
already. Every function makes rows from checked tables; none shows anything. What a register says of organisations is counted from
the rows of `breakdowns_of_organisations`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from commissioning.measures import derive, same_purpose
from commissioning.measures.breakdowns import Breakdown, Figure, Tables, number, says
from commissioning.measures.breakdowns_of_organisations import (
    NOTHING,
    applications,
    funders,
    income_shares,
    organisations,
    success,
    survival,
)
from commissioning.measures.definition import Measure
from commissioning.measures.periods import last_year, year_of

MOST_PURPOSES = 30  # a register with more different purposes than this describes each agreement in its own words
PENCE = Figure(name="pence", amount=number("pence"))
AGREEMENTS = Figure(name="agreements", once=("grant_id",))
RISKS = ("low", "medium", "high", "unknown")
# what → (table, from, to, words). Notice runs to the last day, so more days are better for it.
WAITS = {
    "decide": ("applications", "applied_on", "decided_on", "From application to decision"),
    "notice": ("grants", "notice_on", "end_on", "From notice to the last day of funding"),
    "pay": ("payments", "due_on", "paid_on", "From due to paid"),
}


def what_for(grants: pd.DataFrame) -> pd.Series:
    """What each agreement is for: its purpose, or its programme where each is described in words of its own."""
    column = "programme" if grants["purpose"].nunique() > MOST_PURPOSES else "purpose"
    return grants[column].fillna("unknown").astype(str).rename(column)


def awards(tables: Tables) -> pd.DataFrame:
    """One row an agreement of its year: `purpose` or `programme` (see `what_for`), `pence`."""
    rows = tables["grants"]
    what = what_for(rows)
    return pd.DataFrame(
        {"period": rows["year"].astype(str), "recipient_id": rows["recipient_id"], what.name: what, "pence": derive.awarded_pence(rows)}
    )  # fmt: skip


def bought(tables: Tables) -> pd.DataFrame:
    """One row an agreement, all years together: `purpose` or `programme`, `how` it is agreed, `pence`."""
    rows = tables["grants"]
    what = what_for(rows)
    how = rows["agreement"].map({"activity": "paid for an activity", "outcome": "agreed on outcomes"})
    return pd.DataFrame(
        {"period": last_year(rows["award_date"]), "grant_id": rows["grant_id"], what.name: what,
         "how": how.fillna("not recorded"), "pence": derive.awarded_pence(rows)}
    )  # fmt: skip


def reached(tables: Tables) -> pd.DataFrame:
    """People helped, with the `programme` of their agreement."""
    rows = derive.supported_with_evidence(tables)
    grants = tables["grants"].drop_duplicates("grant_id").set_index("grant_id")
    return rows.assign(programme=rows["grant_id"].map(grants["programme"]).fillna("unknown"))


def reached_in_all(tables: Tables) -> pd.DataFrame:
    """People helped, all years together, with what their agreement is for and `how` it is agreed."""
    rows = derive.supported_with_evidence(tables)
    of = bought(tables).drop_duplicates("grant_id").set_index("grant_id")
    what = "programme" if "programme" in of else "purpose"
    last = last_year(rows["period"])
    return rows.assign(
        period=f"{last} Q1" if last else None, how=rows["grant_id"].map(of["how"]), **{what: rows["grant_id"].map(of[what])}
    )  # fmt: skip


def accrued(tables: Tables) -> pd.DataFrame:
    """Payments accrued to the months delivered: `programme`, `department`, `outcome` (known or unknown), `pence`."""
    if not linked(tables["payments"]):
        return NOTHING
    rows = derive.accrued_spend(tables)
    one = tables["grants"].drop_duplicates("grant_id").set_index("grant_id")
    return rows.assign(pence=rows["accrued_pence"].astype(float), programme=rows["grant_id"].map(one["programme"]))


def payments(tables: Tables) -> pd.DataFrame:
    """One row a payment of a year: `age_band` of those it is for (unknown where the ledger does not say), `pence`."""
    rows = tables["payments"]
    band = rows["age_band"].astype(object) if "age_band" in rows else pd.Series("unknown", index=rows.index)
    older = band.astype(str).str.match(r"(65|[7-9]\d)\b")
    return pd.DataFrame(
        {"period": rows["year"].astype(object), "payee": rows.get("payee"), "pence": rows["amount_pence"].astype("float64"),
         "age_band": band.where(~older, "65 and over")}
    )  # fmt: skip


def linked(payments: pd.DataFrame) -> bool:
    """Whether payments name the agreement that each is under."""
    return "grant_id" in payments and bool(payments["grant_id"].notna().any())


def monitoring(bands: Mapping[str, tuple[float, float]]) -> Callable[[Tables], pd.DataFrame]:
    """Hours asked beside the hours in proportion: one row an agreement and year, with its `risk`.

    `bands`: lowest and highest hours for each £1,000 by risk, as agreed. Columns: hours, pence (the year's part of the award),
    `place` (over, under or within), `over` (hours asked beyond the highest), `short` (missing below the lowest).
    """

    def rows(tables: Tables) -> pd.DataFrame:
        held = derive.monitoring_with_award_share(tables)
        held = held.assign(
            period=year_of(held["period"]),
            hours=pd.to_numeric(held["hours"]).astype(float),
            pence=pd.to_numeric(held["award_share_pence"]).astype(float),
        )
        one = held.groupby(["period", "risk", "grant_id"], as_index=False)[["hours", "pence"]].sum(min_count=1)
        low, high = (
            one["risk"].map({risk: band[at] for risk, band in bands.items()}).astype(float) * one["pence"] / 100_000
            for at in (0, 1)
        )
        known = one["hours"].notna() & low.notna()  # an award or a risk that is not recorded says nothing of proportion
        place = np.select([~known, one["hours"] > high, one["hours"] < low], ["not known", "over", "under"], "within")
        beyond, missing = one["hours"] - high, low - one["hours"]
        return one.assign(place=place, over=beyond.clip(lower=0).fillna(0.0), short=missing.clip(lower=0).fillna(0.0))

    return rows


def same_purposes(tables: Tables) -> pd.DataFrame:
    """Pairs of agreements for one purpose, all years together: how they `match`, `pence` (the smaller award)."""
    grants = tables["grants"]
    pairs = same_purpose.shared_purpose(grants) if same_purpose.departments_recorded(grants) else NOTHING
    return pairs.assign(period=last_year(grants["award_date"])) if len(pairs) else NOTHING


def register_agreements(tables: Tables) -> pd.DataFrame:
    """One row an agreement, with what its record lacks: see `same_purpose.overlaps`; `no_number` where it has none."""
    grants = tables["grants"]
    rows, _ = same_purpose.overlaps(grants)
    numbers = [grants[one].map(derive.is_blank) for one in ("charity_number", "company_number") if one in grants]
    unnumbered = pd.concat(numbers, axis=1).all(axis=1) if len(numbers) == 2 else pd.Series(False, index=grants.index)
    if "recipient_kind" in grants:
        unnumbered &= grants["recipient_kind"].eq("organisation")
    return rows.assign(
        period=last_year(grants["award_date"]), no_number=unnumbered, recipient_id=grants["recipient_id"]
    )


def register_organisations(tables: Tables) -> pd.DataFrame:
    """One row an organisation that a number names: see `same_purpose.overlaps`."""
    grants = tables["grants"]
    if "department" not in grants:
        return NOTHING
    return same_purpose.overlaps(grants)[1].assign(period=last_year(grants["award_date"]))


def other_funders(tables: Tables) -> pd.DataFrame:
    """One row a grant of another funder to the same place: `funder`, `pence`."""
    rows = tables["other_grants"]
    return rows.assign(period=last_year(rows["award_date"]), pence=derive.awarded_pence(rows))


def experiments(tables: Tables) -> pd.DataFrame:
    """One row an agreement of which the register says whether it is an experiment, all years together: `kind`, `pence`."""
    grants = tables["grants"]
    if "experiment" not in grants:
        return NOTHING
    kind = grants["experiment"].map({"yes": "Experiments", "no": "Other agreements"})
    rows = grants.assign(kind=kind, pence=derive.awarded_pence(grants), period=last_year(grants["award_date"]))
    return rows.dropna(subset=["kind"])


def experiments_returns(tables: Tables) -> pd.DataFrame:
    """One row a return that was asked for and says whether its target was met: `kind` of its agreement, `target_met`."""
    held, returns = experiments(tables), tables["returns"]
    if held.empty:
        return NOTHING
    rows = returns[returns["asked"].eq("yes") & returns["target_met"].isin(["yes", "no"])]
    kind = rows["grant_id"].map(held.drop_duplicates("grant_id").set_index("grant_id")["kind"])
    return rows.assign(kind=kind, period=str(held["period"].iloc[0])).dropna(subset=["kind"])


def waits(promised: Mapping[str, int]) -> Callable[[Tables], pd.DataFrame]:
    """Days between two dates, of the year in which each began: `what` (a key of WAITS), `department`, `days`, `kept`.

    `kept` says yes where it took no longer than promised (for notice: no less); missing where no days were promised.
    """

    def rows(tables: Tables) -> pd.DataFrame:
        parts = []
        for key, (table, first, last, _) in WAITS.items():
            held = tables.get(table)
            if held is None or not {first, last} <= set(held.columns):
                continue
            begun = pd.to_datetime(held[first])
            taken = (pd.to_datetime(held[last]) - begun).dt.days
            limit = promised.get(key)
            kept = taken >= (limit or 0) if key == "notice" else taken <= (limit or 0)
            parts.append(
                pd.DataFrame(
                    {"what": key, "period": begun, "days": taken.astype(float), "matter": [f"{table} {at}" for at in range(len(held))],
                     "department": held.get("department"),
                     "kept": None if limit is None else np.where(kept, "yes", "no")}
                ).dropna(subset=["days"])
            )  # fmt: skip
        return pd.concat(parts, ignore_index=True) if parts else NOTHING

    return rows


def _true(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[column]


def breakdowns(
    *,
    reached_measure: Measure | None,
    hours_in_proportion: Mapping[str, tuple[float, float]],
    days_promised: Mapping[str, int],
) -> Iterable[Breakdown]:
    """Every breakdown of a register, under what a pilot agreed: hours for each £1,000 by risk, and days promised by wait."""

    def of(id: str, says_: str, needs: tuple[str, ...], rows: Callable[[Tables], pd.DataFrame], behind: str,
           groups: tuple[tuple[str, ...], ...], *figures: Figure, also: tuple[str, ...] = (), typed: tuple[str, ...] = ()) -> Breakdown:  # fmt: skip
        return Breakdown(
            id=id, says=says_, needs=needs, also=also, rows=rows, behind=behind, groups=groups, figures=figures, typed=typed,
            people=False,
        )  # fmt: skip

    organisations_ = Figure(name="organisations", once=("recipient_id",))
    yield of("awards", "awards by what they are for", ("grants",), awards, "recipient_id", (("purpose",), ("programme",)),
             organisations_, PENCE, typed=("purpose", "programme"))  # fmt: skip
    yield of("bought", "agreements by what they are for and how", ("grants",), bought, "grant_id",
             (("purpose", "how"), ("programme", "how")), AGREEMENTS, PENCE, typed=("purpose", "programme"))  # fmt: skip
    if reached_measure is not None:
        for id, rows, groups in (
            ("reached", reached, (("programme",),)),
            ("reached_in_all", reached_in_all, (("purpose", "how"), ("programme", "how"))),
        ):
            yield Breakdown(
                id=id,
                says="people whose result is known, by agreement",
                needs=("supported", "grants"),
                also=("returns",),
                rows=rows,
                behind="person_id",
                groups=groups,
                figures=(Figure(name="people", like=reached_measure),),
                typed=("purpose", "programme"),
            )
    yield of("payments", "payments by the ages they are for", ("payments",), payments, "payee", (("age_band",),), PENCE)
    known = says("outcome", "known")
    yield of("accrued", "spend accrued to agreements", ("payments", "grants"), accrued, "grant_id", (("programme",), ("department",)),
             Figure(name="agreements", of=known, once=("grant_id",), among=lambda rows: rows["grant_id"].notna()), PENCE,
             Figure(name="pence_known", amount=number("pence"), among=known), also=("returns", "supported"),
             typed=("programme", "department"))  # fmt: skip
    if hours_in_proportion:
        yield of("monitoring", "hours of monitoring by risk", ("monitoring",), monitoring(hours_in_proportion), "grant_id", (("risk",),),
                 Figure(name="over", of=says("place", "over")), Figure(name="under", of=says("place", "under")), PENCE,
                 *(Figure(name=one, amount=number(one)) for one in ("hours",)),
                 Figure(name="hours_over", amount=number("over")), Figure(name="hours_short", amount=number("short")),
                 also=("grants",))  # fmt: skip
    yield of("same_purpose", "agreements for one purpose by two departments", ("grants",), same_purposes, "recipient", (("match",),),
             Figure(name="pairs"), Figure(name="organisations", once=("recipient",)), PENCE)  # fmt: skip
    yield of("register_agreements", "what records of agreements lack", ("grants",), register_agreements, "grant_id", (),
             *(Figure(name=one, of=_true(one)) for one in ("no_purpose", "own_words", "no_months", "no_number")),
             Figure(name="unnumbered", of=_true("no_number"), once=("recipient_id",)))  # fmt: skip
    yield of("register_organisations", "organisations by their agreements", ("grants",), register_organisations, "key", (),
             *(Figure(name=one, of=_true(one)) for one in ("both", "joined")))  # fmt: skip
    yield of("funders", "organisations by their largest funder", ("grants",), funders, "key", (("state",),),
             Figure(name="organisations"), PENCE, also=("other_grants",))  # fmt: skip
    yield of("other_funders", "other funders' grants", ("other_grants",), other_funders, "recipient_id", (("funder",),),
             Figure(name="grants"), PENCE, typed=("funder",))  # fmt: skip
    yield of("experiments", "experiments beside other agreements", ("grants",), experiments, "grant_id", (("kind",),), AGREEMENTS,
             PENCE, *(Figure(name=one, of=says(one, "yes")) for one in ("closed", "lesson_written")))  # fmt: skip
    yield of("experiments_returns", "returns of experiments and others", ("grants", "returns"), experiments_returns, "grant_id",
             (("kind",),), Figure(name="met", of=says("target_met", "yes")))  # fmt: skip
    yield of("waits", "days between two dates", (), waits(days_promised), "matter", (("what",), ("department", "what")),
             Figure(name="days", amount=number("days"), out_of=lambda rows: pd.Series(1.0, index=rows.index)),
             Figure(name="kept", of=says("kept", "yes"), unknown=lambda rows: rows["kept"].isna()),
             Figure(name="counted"), also=("applications", "grants", "payments"), typed=("department",))  # fmt: skip
    for id, held, rows in (("success", "applications", success), ("survival", "organisations", survival)):
        yield of(id, f"{held} by where the move stood", (held, "starts"), rows, "behind", (("who",), ("who", "stage")),
                 Figure(name="number", of=says("answer", "yes")))  # fmt: skip
    yield of("income_shares", "organisations by the council's share of their income", ("organisations", "payments", "grants"),
             income_shares, "organisation_id", (("band",),), Figure(name="organisations"), PENCE)  # fmt: skip
    yield of("organisations", "organisations by kind", ("organisations",), organisations, "organisation_id", (("kind",),),
             Figure(name="organisations", of=says("income", "yes")), PENCE, also=("grants",))  # fmt: skip
    yield of("applications", "applications by kind of organisation", ("applications", "organisations"), applications,
             "organisation_id", (("kind",),), Figure(name="successful", of=says("successful", "yes")))  # fmt: skip
