"""Columns and extracts that a council may hand over besides: budgets, information, quality of providers, days, income.

Each is drawn from a stream of its own after everything else, so that no other cell of the sample moves. Nothing is
planted in them: they only show what such an extract looks like.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from commissioning.simulate.draw import Draw

Tables = dict[str, pd.DataFrame]
DAY = np.timedelta64(1, "D")


def of_people(tables: Mapping[str, pd.DataFrame], seed: int) -> Tables:
    """The learning disability pilot's tables with `personal_budget`, `information_found` and `providers`."""
    people, reviews = tables["people"], tables["reviews"]
    return {
        **tables,
        "people": people.assign(personal_budget=_budgets(people, tables["packages"], seed)),
        "reviews": reviews.assign(information_found=_information(reviews, seed)),
        "providers": _providers(tables["packages"], seed),
    }


def of_organisations(tables: Mapping[str, pd.DataFrame], seed: int) -> Tables:
    """The funding pilot's tables with days to decide, to give notice and to pay, mutuals, and organisations' income."""
    grants, payments = tables["grants"], tables["payments"]
    draw = Draw(seed, "groups days")
    applied, decided = _decisions(tables["applications"], draw)
    notice = grants["end_on"].to_numpy("datetime64[D]") - draw.whole(20, 130, len(grants)) * DAY
    notice = np.where(draw.happens(0.15, len(grants)), np.datetime64("NaT", "D"), notice)
    due = payments["paid_on"].to_numpy("datetime64[D]") - draw.whole(3, 42, len(payments)) * DAY
    return {
        **tables,
        "organisations": _income(tables["organisations"], grants, payments, seed),
        "applications": tables["applications"].assign(applied_on=applied, decided_on=decided),
        "grants": grants.assign(notice_on=notice.astype("datetime64[D]").astype(object)),
        "payments": payments.assign(due_on=due.astype(object)),
    }


def _budgets(people: pd.DataFrame, packages: pd.DataFrame, seed: int) -> np.ndarray:
    """How each person's budget is held: a direct payment wherever their packages hold one; more budgets every year."""
    draw = Draw(seed, "personal budgets")
    ids, who = np.unique(people["person_id"].to_numpy(str), return_inverse=True)
    _, year = np.unique(people["period"].str[:7].to_numpy(str), return_inverse=True)
    has = draw.uniform(len(ids))[who] < 0.35 + 0.1 * year
    by = draw.pick(["managed by the council", "managed by somebody else"], len(ids), [85, 15])[who]
    unknown = draw.happens(0.03, len(ids))[who]
    direct = packages.loc[packages["setting"].eq("direct payment"), ["person_id", "period"]]
    paid = pd.MultiIndex.from_frame(people[["person_id", "period"]]).isin(pd.MultiIndex.from_frame(direct))
    return np.select([paid, unknown, has], ["direct payment", "unknown", by], "none").astype(object)


def _information(reviews: pd.DataFrame, seed: int) -> np.ndarray:
    """Whether information was easy to find: about six in ten say so, everywhere and in every quarter."""
    draw, n = Draw(seed, "information found"), len(reviews)
    said = np.where(draw.happens(0.02, n), "unknown", np.where(draw.happens(0.61, n), "yes", "no"))
    asked = reviews["done_on"].notna().to_numpy() & draw.happens(0.9, n)
    return np.where(asked, said, "not asked").astype(object)


def _providers(packages: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row a provider and year. None is rated inadequate: a flag would come before every other figure."""
    draw = Draw(seed, "providers")
    how = packages.drop_duplicates("provider").set_index("provider")["provision"].sort_index()
    n, years = len(how), sorted(packages["period"].str[:7].unique())
    partner = draw.pick(["voluntary", "social enterprise or mutual", "nhs"], n, [70, 20, 10])
    market = draw.pick(["private", "voluntary"], n, [75, 25])
    sector = np.select([how.eq("direct"), how.eq("partnership")], ["council", partner], market).astype(object)
    staff = draw.whole(14, 130, n)
    leaving = 0.12 + 0.28 * draw.uniform(n)
    rating = draw.pick(["outstanding", "good", "requires improvement", "not rated"], n, [5, 65, 22, 8])
    rated = np.full(n, int(years[0][:4]) - 1)
    rows = []
    for year in years:
        again = draw.happens(0.25, n)
        rating = np.where(again, draw.pick(["outstanding", "good", "requires improvement"], n, [6, 70, 24]), rating)
        rated = np.where(again, int(year[:4]), rated)
        day = draw.whole(0, 270, n)
        published = np.array([f"{one}-04-01" for one in rated], dtype="datetime64[D]") + day * DAY
        now = np.maximum(np.round(staff * (0.9 + 0.2 * draw.uniform(n))), 8).astype(np.int64)
        left = np.round(now * np.clip(leaving + draw.normal(n, 0.04), 0.05, 0.6)).astype(np.int64)
        rows.append(
            pd.DataFrame(
                {
                    "year": year,
                    "provider": how.index,
                    "sector": sector,
                    "cqc_rating": rating,
                    "rated_on": np.where(rating == "not rated", np.datetime64("NaT", "D"), published).astype(object),
                    "staff": now,
                    "staff_left": left,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _decisions(applications: pd.DataFrame, draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """When each application came and was answered; a few without success were never answered."""
    n = len(applications)
    first = np.array([f"{year[:4]}-04-01" for year in applications["period"]], dtype="datetime64[D]")
    applied = first + draw.whole(0, 330, n) * DAY
    wait = np.round(np.clip(44 * np.exp(draw.normal(n, 0.4)), 7, 200)).astype(np.int64)
    never = draw.happens(0.05, n) & applications["successful"].eq("no").to_numpy()
    decided = np.where(never, np.datetime64("NaT", "D"), applied + wait * DAY)
    return applied.astype(object), decided.astype("datetime64[D]").astype(object)


def _income(organisations: pd.DataFrame, grants: pd.DataFrame, payments: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Each organisation's whole income in the last year, never below what the council paid it; some give no accounts."""
    draw, n = Draw(seed, "groups income"), len(organisations)
    year = str(max(payments["year"]))
    recipient = grants.drop_duplicates("grant_id").set_index("grant_id")["recipient_id"]
    mine = payments[payments["year"] == year]
    paid = mine["amount_pence"].astype("int64").groupby(mine["grant_id"].map(recipient)).sum()
    paid_pounds = paid.reindex(organisations["organisation_id"]).fillna(0).to_numpy(float) / 100
    small = organisations["small"].eq("yes").to_numpy()
    usual = np.exp(np.where(small, np.log(42_000), np.log(230_000)) + draw.normal(n, 0.5))
    usual = np.where(small, np.minimum(usual, 99_000), np.maximum(usual, 101_000))
    pounds = np.maximum(np.round(usual), np.ceil(paid_pounds * 1.02))
    income = pd.array((pounds * 100).astype(np.int64), dtype="Int64")
    income[draw.happens(0.12, n)] = pd.NA
    mutual = organisations["social_enterprise"].eq("yes").to_numpy() & draw.happens(0.3, n)
    return organisations.assign(
        mutual=np.where(mutual, "yes", "no"),
        income_pence=income,
        income_year=pd.Series(year, index=organisations.index, dtype=object).mask(pd.isna(income)),
    )
