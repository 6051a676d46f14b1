"""Who had long term support: people by quarter and by year, with the details known of them by its end.

The rules are those of the national measures (ASCOF from 2024-25; DataS-DHSC/ASC-CLD-LA-Dashboard, June 2026): a service counts
in a period when it starts by its end and is open or ends in or after it; a death ends it; of each detail the latest known one
by date of event speaks, known before unknown, and two known ones of one day are a conflict, which is unknown.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import numpy as np
import pandas as pd

from commissioning.evidence.client_level import words

DETAILS = ("sex", "ethnicity", "support_reason", "employment", "settled", "home", "funding", "ward", "locality")
READ_FROM_SERVICES_SINCE = "2024-25"  # the year from which unknown accommodation is read from the service


def named(events: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """The same rows with `who` (who they are of, as identified in the files) and how they were told apart.

    The NHS number if there is one, else the council's own identifier; where that stands elsewhere with one NHS number, it is
    that person. The national rule drops such rows: here they are kept and counted ("joined").
    """
    pairs = events.loc[events["nhs"].notna() & events["own_id"].notna(), ["own_id", "nhs"]].drop_duplicates()
    once = pairs[~pairs["own_id"].duplicated(keep=False)].set_index("own_id")["nhs"]
    blank = events["nhs"].isna()
    joined = events["own_id"].map(once).where(blank)
    who = events["nhs"].fillna(joined).fillna("own " + events["own_id"].fillna(""))
    counts = {
        "by NHS number": int((~blank).sum()),
        "joined": int(joined.notna().sum()),
        "by own identifier": int((blank & joined.isna()).sum()),
        "identifiers of two people": int(pairs["own_id"].duplicated().sum()),
    }
    return events.assign(who=who), counts


def keyed(who: pd.Series, secret: bytes) -> pd.Series:
    """Pseudonyms: P and 15 digits of a keyed hash (HMAC, SHA-256), the same for one person wherever they stand."""
    known = {
        one: f"P{int.from_bytes(hmac.new(secret, one.encode(), hashlib.sha256).digest()[:8], 'big') % 10**15:015d}"
        for one in who.unique()
    }
    return who.map(known)


def details(events: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row a person (index `who`): each of DETAILS as known by a day. Events stand in order of `in_order`."""
    known = events.loc[events["start"] <= as_of, ["who", "start", "order", *DETAILS]]
    found = {name: _latest(known, name, words.UNKNOWN) for name in DETAILS}
    out = pd.DataFrame(found, index=pd.Index(known["who"].unique(), name="who"))
    return out.fillna(words.UNKNOWN)


def in_order(events: pd.DataFrame) -> pd.DataFrame:
    """Events of each person by the day they began, and of one day the latest submission's last."""
    return events.sort_values(["who", "start", "order"], kind="stable", ignore_index=True)


def deaths(events: pd.DataFrame) -> pd.Series:
    """The day each person died (index `who`), where one is known and undisputed."""
    return _latest(events.assign(died=events["died"].astype(object)), "died", None).dropna()


def births(events: pd.DataFrame) -> pd.Series:
    """The day each person was born (index `who`), where one is known and undisputed."""
    return _latest(events.assign(born=events["born"].astype(object)), "born", None).dropna()


def _latest(events: pd.DataFrame, name: str, conflict: object) -> pd.Series:
    """The latest known value of a detail for each person; `conflict` where two known ones share their day."""
    value = events[name]
    known = events.loc[value.notna() & value.ne(words.UNKNOWN), ["who", "start", "order", name]].drop_duplicates()
    clash = known.duplicated(["who", "start", "order"], keep=False)
    last = known.assign(clash=clash).drop_duplicates("who", keep="last").set_index("who")
    return last[name].astype(object).mask(last["clash"], conflict)


def long_term(events: pd.DataFrame, quarters: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """One row a long term service and quarter in which it counts, from the submission that speaks for the quarter.

    Columns of the event, and period, year, first, last (of the quarter), until (the day it ended, or died, or the quarter did),
    opens (the later of its start and the quarter's). Counts what a death ended, and what began after one.
    """
    services = events[
        events["event"].eq("service") & events["client"].eq("person") & events["service"].isin(words.LONG_TERM)
    ]
    died = pd.to_datetime(services["who"].map(deaths(events)))
    cut = died.notna() & (services["end"].isna() | (died < services["end"]))
    after = died < services["start"]
    counts = {"ended by a death": int((cut & ~after).sum()), "began after a death, left out": int(after.sum())}
    services = _numbered(services.assign(ends=services["end"].mask(cut, died))[~after])
    rows = _at_prices_of_their_time(services.merge(quarters, on="order"), services)
    rows = rows[(rows["start"] <= rows["last"]) & (rows["ends"].isna() | (rows["ends"] >= rows["first"]))]
    until = rows["ends"].fillna(rows["last"])
    rows = rows.assign(
        until=until.where(until <= rows["last"], rows["last"]),
        opens=rows["start"].where(rows["start"] >= rows["first"], rows["first"]),
    )
    return rows.reset_index(drop=True), counts


SAME_SERVICE = ["who", "start", "service", "component_key", "delivery_key", "place"]
PRICED_BY = ["unit_cost", "cost", "frequency", "frequency_key", "units"]


def _numbered(services: pd.DataFrame) -> pd.DataFrame:
    """With `place`: services that one submission tells apart by their prices alone are the first, the second and so on."""
    known = {text: words.key(text) for text in services["delivery"].unique()}
    services = services.assign(delivery_key=services["delivery"].map(known))
    return services.assign(place=services.groupby(["order", *SAME_SERVICE[:-1]], dropna=False).cumcount())


def _at_prices_of_their_time(rows: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Each service in a quarter at the prices of the submission that ended with it, because prices are uplifted.

    Where none ended with it, or it does not hold the service, the prices are later ones (`own_prices` False).
    """
    then = services[["order", *SAME_SERVICE, *PRICED_BY]].rename(
        columns={"order": "priced", **{one: f"{one}_then" for one in PRICED_BY}}
    )
    rows = rows.merge(then.assign(found=True), on=["priced", *SAME_SERVICE], how="left")
    found = rows.pop("found").eq(True)
    for one in PRICED_BY:
        rows[one] = rows[one].where(~found, rows.pop(f"{one}_then"))
    return rows.assign(own_prices=found)


def age_on(born: pd.Series, day: pd.Series) -> pd.Series:
    """Whole years of age on a day (Int64); missing where the date of birth is."""
    had = (day.dt.month > born.dt.month) | ((day.dt.month == born.dt.month) & (day.dt.day >= born.dt.day))
    years = day.dt.year - born.dt.year - (~had).astype(int)
    return years.where(born.notna() & years.between(0, 120)).astype("Int64")


Known = Mapping[pd.Timestamp, pd.DataFrame]
"""`details` by the day as of which they are known: the last days of quarters."""


def by_quarter(events: pd.DataFrame, support: pd.DataFrame, known: Known) -> pd.DataFrame:
    """`people`: one row a person and quarter in which a long term service counts."""
    parts, born = [], births(events)
    for _, mine in support.groupby("period", sort=True):
        one = _with_details(_one_each(mine), known[mine["last"].iloc[0]])
        parts.append(_aged(one, born))
    return _together(parts)


def by_year(events: pd.DataFrame, support: pd.DataFrame, reviews: pd.DataFrame, known: Known) -> pd.DataFrame:
    """`long_term_support`: one row a person and financial year in which a long term service counts.

    Details as known by the end of what is covered of the year; `settled_home` yes, no or unknown as ASCOF 2E reads it;
    `prison_only`; `community_budget` (see `_community_budget`); `reviewed` and `outcomes` of the latest planned review done in
    the year.
    """
    parts, born = [], births(events)
    for year, mine in support.groupby("year", sort=True):
        last = mine["last"].max()
        latest = mine[mine["period"].eq(mine.groupby("who")["period"].transform("max"))]
        one = _with_details(_one_each(latest), known[last])
        one["period"] = year
        one["settled_home"] = _settled(one, latest, str(year))
        only = mine.groupby("who")["service"].agg(lambda held: "yes" if set(held) == {"prison"} else "no")
        one["prison_only"] = one["who"].map(only)
        one["community_budget"] = (
            one["who"].map(_community_budget(mine[mine["last"].eq(last)])).fillna("not in the community")
        )
        done = reviews[reviews["year"].eq(year) & reviews["planned"].eq("yes")]
        latest_outcome = _latest(in_order(done.assign(start=done["end"], order=0)), "outcomes", words.UNKNOWN)
        one["reviewed"] = np.where(one["who"].isin(done["who"]), "yes", "no")
        one["outcomes"] = one["who"].map(latest_outcome).astype(object).fillna(words.UNKNOWN)
        one = _aged(one, born).rename(columns={"service": "setting"})
        older = one["age"].ge(65).fillna(False).map({True: "65 and over", False: "18 to 64"})
        parts.append(one.assign(age_band=older.where(one["age"].ge(18).fillna(False), words.UNKNOWN)))
    return _together(parts)


def _community_budget(services: pd.DataFrame) -> pd.Series:
    """How support in the community is held at the end of a quarter, by person, as ASCOF 3D reads it; nobody else's is here.

    A person is put in the highest of nursing, residential, community and prison, and in the community in the highest of direct
    payment, managed budget, commissioned and not recorded. A component “Direct payment” overrules the mechanism.
    """
    still = services[services["ends"].isna() | services["ends"].gt(services["last"])]
    budget = still["delivery_key"].map(words.DELIVERY).replace(words.UNKNOWN, None).fillna(words.BUDGETS[-1])
    budget = budget.mask(still["component_key"].isin(words.DIRECT_PAYMENT), "direct payment")
    rank = still["service"].map({name: place for place, name in enumerate(words.LONG_TERM)})
    order = budget.map({name: place for place, name in enumerate(words.BUDGETS)})
    first = still.assign(budget=budget, rank=rank, held=order).sort_values(["who", "rank", "held"], kind="stable")
    first = first.drop_duplicates("who").set_index("who")
    return first.loc[first["service"].eq("community"), "budget"]


def _with_details(one: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """One row a person with the details known of them by a day, in place of those of the row."""
    return one.drop(columns=list(DETAILS)).merge(known, left_on="who", right_index=True, how="left")


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _one_each(support: pd.DataFrame) -> pd.DataFrame:
    """One row a person: the service in the highest setting, the longest held first; `until` the latest day of any of theirs."""
    rank = support["service"].map({name: place for place, name in enumerate(words.LONG_TERM)})
    until = support.groupby("who")["until"].transform("max")
    ranked = support.assign(rank=rank, until=until).sort_values(["who", "rank", "start", "source_row"], kind="stable")
    return ranked.drop_duplicates("who").reset_index(drop=True)


def _aged(one: pd.DataFrame, born: pd.Series) -> pd.DataFrame:
    """With `age`, at the end of the latest service, or of the period where it is open."""
    return one.assign(age=age_on(pd.to_datetime(one["who"].map(born)), one["until"]))


def _settled(one: pd.DataFrame, latest: pd.DataFrame, year: str) -> pd.Series:
    """yes or no for each person; unknown where accommodation is and, from 2024-25, no service says where they live."""
    known = one["settled"].map({"settled": "yes", "not settled": "no"}).fillna("unknown")
    if year < READ_FROM_SERVICES_SINCE:
        return known
    care_home = latest["service"].isin(["nursing", "residential"])
    component = latest["component_key"].map(words.SETTLED_BY_COMPONENT)
    read = pd.Series(None, index=latest.index, dtype=object)
    read = read.mask(latest["service"].eq("community") & latest["component_key"].eq(""), "3 no")
    read = read.mask(latest["service"].eq("community") & component.eq("yes"), "2 yes").mask(care_home, "1 no")
    # A care home speaks before a home in the community, and that before nothing being said.
    from_service = read.groupby(latest["who"]).min().dropna().str[2:]
    return known.where(one["settled"].ne("unknown"), one["who"].map(from_service).fillna("unknown"))
