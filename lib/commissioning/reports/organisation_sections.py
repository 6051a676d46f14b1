"""Sections on funded organisations: days to decide, to give notice and to pay; whole income; who they are.

Organisations are no people, yet a council's own register is protected as people are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from commissioning.disclosure import policy
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports.funding_sections import FundingSections
from commissioning.reports.protecting import protected

# what → (table, from, to, words). Notice runs to the last day, so more days are better for it.
WAITS = {
    "decide": ("applications", "applied_on", "decided_on", "From application to decision"),
    "notice": ("grants", "notice_on", "end_on", "From notice to the last day of funding"),
    "pay": ("payments", "due_on", "paid_on", "From due to paid"),
}
INCOME_BANDS = ("under a tenth", "a tenth to a half", "a half to three quarters", "three quarters or more")


def days(tables: Mapping[str, pd.DataFrame], year: str, promised: Mapping[str, int]) -> pd.DataFrame:
    """One row a wait: what, counted, middle, slowest (nine in ten are no worse), promised, kept, share.

    Only waits that began in the financial year `year` count. `kept` counts those within the days promised (for notice:
    at least those days); it is missing where no days were promised. An application without a decision is not counted.
    """
    out = []
    for key, (table, first, last, says) in WAITS.items():
        rows = tables.get(table)
        if rows is None or not {first, last} <= set(rows.columns):
            continue
        begun, ended = pd.to_datetime(rows[first]), pd.to_datetime(rows[last])
        taken = (ended - begun).dt.days[_year(begun).eq(year)].dropna()
        limit = promised.get(key)
        kept = None if limit is None else int((taken >= limit).sum() if key == "notice" else (taken <= limit).sum())
        worst = 0.1 if key == "notice" else 0.9
        out.append(
            {"what": says, "counted": len(taken), "middle": taken.median() if len(taken) else None,
             "slowest": taken.quantile(worst) if len(taken) else None, "promised": limit, "kept": kept}
        )  # fmt: skip
    columns = ["what", "counted", "middle", "slowest", "promised", "kept"]
    frame = pd.DataFrame(out, columns=columns)
    for name in columns[1:]:
        frame[name] = pd.to_numeric(frame[name])
    return frame


def _year(on: pd.Series) -> pd.Series:
    """The financial year of each date, such as 2014-15; "" where there is none."""
    begins = on.dt.year - (on.dt.month < 4).astype(int)
    return begins.map(lambda one: "" if pd.isna(one) else f"{int(one)}-{(int(one) + 1) % 100:02d}")


def income_shares(organisations: pd.DataFrame, payments: pd.DataFrame, grants: pd.DataFrame) -> pd.DataFrame:
    """Organisations by the council's share of their whole income in the year of their accounts: band, organisations, pounds.

    The council's part is what it paid in that year: payments matched to agreements by `grant_id`. An organisation with no
    payment in that year stands in the lowest band; one whose income or year is not known is left out.
    """
    known = organisations.dropna(subset=["income_pence", "income_year"])
    known = known[known["income_pence"] > 0]
    recipient = grants.drop_duplicates("grant_id").set_index("grant_id")["recipient_id"]
    paid = payments.assign(organisation_id=payments["grant_id"].map(recipient))
    by = paid.groupby(["organisation_id", "year"])["amount_pence"].sum()
    at = pd.MultiIndex.from_arrays([known["organisation_id"], known["income_year"]])
    council = by.reindex(at).fillna(0).astype(float).to_numpy()
    share = council / known["income_pence"].astype(float).to_numpy()
    band = np.select([share < 0.1, share < 0.5, share < 0.75], INCOME_BANDS[:3], INCOME_BANDS[3])
    made = pd.DataFrame({"band": band, "pounds": council / 100}).groupby("band")["pounds"].agg(["size", "sum"])
    made = made.reindex([one for one in INCOME_BANDS if one in made.index])
    return made.rename(columns={"size": "organisations", "sum": "pounds"}).rename_axis("band").reset_index()


def who_they_are(organisations: pd.DataFrame, grants: pd.DataFrame, applications: pd.DataFrame) -> pd.DataFrame:
    """Social enterprises, mutuals and others: kind, organisations, pounds (awarded, all years), applied, successful."""
    mutual = organisations["mutual"] if "mutual" in organisations else pd.Series("no", index=organisations.index)
    kind = np.select(
        [mutual.eq("yes"), organisations["social_enterprise"].eq("yes"), organisations["social_enterprise"].eq("no")],
        ["Co-operatives and mutuals", "Social enterprises", "Other organisations"],
        "Not known",
    )
    of = pd.Series(kind, index=organisations["organisation_id"])
    of = of[~of.index.duplicated()]
    out = of.value_counts(sort=False).rename("organisations").to_frame()
    if len(grants):  # where no register is held, what was awarded is not known: that is not nothing
        awarded = grants["amount_awarded_pence"].astype(float).groupby(grants["recipient_id"].map(of)).sum() / 100
        out["pounds"] = awarded.reindex(out.index).fillna(0.0)
    if len(applications):
        theirs = applications["organisation_id"].map(of)
        out["applied"] = theirs.value_counts().reindex(out.index).fillna(0).astype(int)
        won = theirs[applications["successful"].eq("yes")]
        out["successful"] = won.value_counts().reindex(out.index).fillna(0).astype(int)
    return out.rename_axis("kind").reset_index().sort_values("kind", ignore_index=True)


class OrganisationSections(FundingSections):
    """What a report of funded organisations shows of how they are dealt with."""

    def prompt(self) -> Display:
        """Days to decide, to give notice and to pay (5.4)."""
        names = dict.fromkeys(one[0] for one in WAITS.values())
        tables = {name: self.study.table(name) for name in names if self.holds(name)}
        for key, (table, first, last, says) in WAITS.items():
            if table not in tables or not {first, last} <= set(tables[table].columns):
                self.lacks.append(f"{says} (5.4) needs the extract “{table}” with its columns “{first}” and “{last}”.")
            elif key not in self.pilot.days_promised:
                self.lacks.append(f"{says} (5.4): no number of days has been promised (days_promised in pilot.toml).")
        if self.group_kind == "department":
            tables = {name: rows[rows["department"] == self.group] for name, rows in tables.items()}
        promised = {str(key): limit for key, limit in self.pilot.days_promised.items()}
        frame = days(tables, self.period[:7], promised)
        if frame.empty:
            wants = "; ".join(f"“{table}” with “{first}” and “{last}”" for table, first, last, _ in WAITS.values())
            return self.note(f"Days to decide, to give notice and to pay (5.4) need dates in the extracts: {wants}.")
        frame = protected(frame, ("counted", "kept"))
        few = frame["counted"].isna() | (frame["counted"] < policy().fewest_people_for_cost)
        for name in ("middle", "slowest"):
            frame[name] = frame[name].mask(few)
        frame["share"] = 100 * frame["kept"].astype("Float64") / frame["counted"].astype("Float64").mask(few)
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="days between two dates, counts rounded"),
                title="Days to decide, to give notice and to pay",
                caption=(
                    f"For {self.place}, {self.period[:7]}. Nine in ten are no worse than the days in the column of that name; for "
                    "notice, more days are better. Fewer than 20 are not summed up."
                ),
                source=self.source_words(*tables),
                sources=self.sources_of(*tables),
                columns={
                    "what": "Wait", "counted": "Counted", "middle": Column(name="middle", label="Middle (days)", decimals=0),
                    "slowest": Column(name="slowest", label="Nine in ten are no worse than (days)", decimals=0),
                    "promised": Column(name="promised", label="Promised (days)", decimals=0), "kept": "As promised",
                    "share": Column(name="share", label="As promised (%)", decimals=0),
                },
                declared=(self.period[:7], self.place, 20),
                id="prompt",
            )
        )  # fmt: skip

    def share_of_income(self) -> Display:
        """How much of each organisation's whole income the council gives: dependence on one funder (4.11d)."""
        if not self.holds("organisations") or not {"income_pence", "income_year"} <= set(
            self.study.table("organisations").columns
        ):
            return self.needs_columns(
                "organisations",
                "income",
                "income_year",
                for_what="The council's share of each organisation's whole income",
            )
        if not self.holds("payments", "grants") or "grant_id" not in self.study.table("payments"):
            return self.needs_columns(
                "payments", "grant_id", for_what="The council's share of each organisation's whole income"
            )
        every = self.study.table("organisations")
        frame = income_shares(every, self.study.table("payments"), self.study.table("grants"))
        counted = int(frame["organisations"].sum())
        shown = protected(frame, ("organisations",), ("pounds",), by="organisations")
        rounded = protected(pd.DataFrame({"counted": [counted], "every": [len(every)]}), ("counted", "every")).iloc[0]
        return self._table(
            shown,
            "organisations by what the council paid them over their whole income, rounded",
            "organisations",
            "payments",
            title="The council's share of organisations' whole income",
            caption=(
                f"About {rounded['counted']} of {rounded['every']} organisations, each in the year of its last accounts. The rest "
                "gave no income. A large share is a risk to the organisation if funding stops, and says nothing of its work."
            ),
            columns={"band": "The council gives", "organisations": "Organisations", "pounds": Column(name="pounds", label="Paid in that year (£)", decimals=0)},
            declared=(int(rounded["counted"]), int(rounded["every"])) if rounded.notna().all() else (),
            id="share-of-income",
        )  # fmt: skip

    def social_enterprises(self) -> Display:
        """Social enterprises and mutuals beside other organisations: what they were awarded, and their success (4.11f)."""
        if not self.holds("organisations"):
            return self.needs_columns(
                "organisations", "social_enterprise", "mutual", for_what="Social enterprises and mutuals (4.11f)"
            )
        rows = self.study.table("organisations")
        if "mutual" not in rows:
            self.lacks.append(
                "Which organisations are mutuals (4.11f): that needs the column “mutual” of “organisations”."
            )
        applications = self.study.table("applications")
        frame = who_they_are(rows, self.study.table("grants"), applications)
        counts = tuple(name for name in ("organisations", "applied", "successful") if name in frame)
        frame = protected(frame, counts, ("pounds",) if "pounds" in frame else (), by="organisations")
        columns: dict[str, str | Column] = {"kind": "Kind", "organisations": "Organisations"}
        if "pounds" in frame:
            columns["pounds"] = Column(name="pounds", label="Awarded, all years (£)", decimals=0)
        else:
            self.lacks.append("What social enterprises and mutuals were awarded (4.11f) needs the extract “grants”.")
        if "applied" in frame:
            applied = frame["applied"].astype("Float64")
            frame["share"] = (
                100 * frame["successful"].astype("Float64") / applied.where(applied >= policy().fewest_people_for_cost)
            )
            columns |= {
                "applied": "Applications", "successful": "Successful",
                "share": Column(name="share", label="Successful (%)", decimals=0),
            }  # fmt: skip
        return self._table(
            frame,
            "organisations by kind, with their awards and applications, rounded",
            "organisations",
            "grants",
            "applications",
            title="Social enterprises and mutuals",
            caption="The 2011 report says that the council will look to promote them. All years together.",
            columns=columns,
            declared=(2011,),
            id="social-enterprises",
        )
