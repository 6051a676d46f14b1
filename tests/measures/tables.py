"""Tables for tests: the sample as evidence would hold it, and random ones with every trap in them."""

# ruff: noqa: C408 - columns read better as keywords
from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
MONEY = ("weekly_cost", "weekly_client", "weekly_nhs", "amount", "amount_awarded", "award")
NUMBERS = (
    *("age", "sessions", "weeks", "people", "with_learning_disability", "months", "supported", "reached"),
    *("kept_due", "kept", "contacts", "hours"),
)
DATES = ("due_on", "done_on", "award_date", "start_on", "end_on", "paid_on")


def sample(pilot: str) -> dict[str, pd.DataFrame]:
    """The committed sample of a pilot, typed as intake types it."""
    tables = {}
    for path in sorted((SAMPLE / pilot).glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in list(frame):
            text = frame[column].where(frame[column] != "", None)
            if column in MONEY:
                pence = pd.to_numeric(text).mul(100).round().astype("Int64")
                frame = frame.drop(columns=column).assign(**{f"{column}_pence": pence})
            elif column in NUMBERS and not (path.stem == "organisations" and column == "supported"):
                frame[column] = pd.to_numeric(text, errors="coerce").astype("Float64")
            elif column in DATES:
                frame[column] = pd.to_datetime(text, format="%d/%m/%Y")
            else:
                frame[column] = text
        tables[path.stem] = frame.assign(source_file=path.name, source_row=np.arange(2, len(frame) + 2))
    return tables


QUARTERS = [f"{y}-{y % 100 + 1} Q{q}" for y in (2014, 2015) for q in (1, 2, 3, 4)]
YEARS = ["2014-15", "2015-16"]
CLD_YEARS = ("2023-24", "2024-25")  # before, measures of Client Level Data are not in force
JOBS = [
    "paid 16 hours or more", "paid under 16 hours", "paid, hours unknown", "voluntary", "not in work", "unknown",
]  # fmt: skip
ANSWER = ["yes", "no", "unknown"]
ASKED = [*ANSWER, "not asked"]
DUE = [*ANSWER, "not applicable"]


class Random:
    """Draws columns of n rows."""

    def __init__(self, seed: int, n: int) -> None:
        self.rng, self.n = np.random.default_rng(seed), n

    def of(self, words: list[str]) -> pd.Series:
        return pd.Series(self.rng.choice(np.array(words, dtype=object), self.n), dtype=object)

    def ids(self, letter: str, different: int) -> pd.Series:
        return pd.Series([f"{letter}{i:03d}" for i in self.rng.integers(0, different, self.n)], dtype=object)

    def own(self, letter: str) -> pd.Series:
        return pd.Series([f"{letter}{i * 37 % 1000:03d}" for i in range(self.n)], dtype=object)

    def number(self, low: int, high: int, missing: float = 0.1) -> pd.Series:
        values = pd.Series(self.rng.integers(low, high, self.n)).astype("Int64")
        return values.mask(self.rng.random(self.n) < missing)

    def day(self, missing: float = 0.0) -> pd.Series:
        days = pd.Timestamp("2014-04-01") + pd.to_timedelta(self.rng.integers(0, 730, self.n), unit="D")
        return pd.Series(days).mask(self.rng.random(self.n) < missing)


def random_tables(seed: int, n: int = 160) -> dict[str, pd.DataFrame]:
    """Every table of both pilots, n rows each, with repeated people, ties, gaps and all four kinds of nothing."""
    r = Random(seed, n)
    place = {"ward": r.of(["Alder", "Beech"]), "locality": r.of(["North", "South"])}
    who = {"organisation_id": r.ids("O", 5), "department": r.of(["Adults", "Children"]), "grant_id": r.ids("G", 12)}
    tables = {
        "people": dict(
            period=r.of(QUARTERS), person_id=r.ids("P", 50), age=r.number(15, 75, 0.03), **place,
            ethnicity=r.of(["white", "ethnic minority", "unknown"]),
            support_reason=r.of(["learning disability", "learning disability", "other"]),
            employment=r.of(JOBS),
            home_reregistered=r.of(ANSWER), provider=r.of(["Pa", "Pb"]), advocacy_entitled=r.of(ANSWER),
            advocacy_wanted=r.of(ANSWER), advocacy_provided=r.of(ANSWER),
        ),
        "reviews": dict(
            review_id=r.own("R"), person_id=r.ids("P", 50), period=r.of(QUARTERS), due_on=r.day(0.05),
            done_on=r.day(0.2), kind=r.of(["annual", "day support"]), provider=r.of(["Pa", "Pb"]), **place,
            goal_in_own_words=r.of(["yes", "yes", "no"]), goal_rewritten=r.of(["no", "no", "yes"]),
            goal_met=r.of(ANSWER), goal_kept=r.of(DUE), home_chosen=r.of(ASKED), leisure_chosen=r.of(ASKED),
            control=r.of(ASKED), answered_by=r.of(["self", "self", "proxy"]),
        ),
        "long_term_support": dict(
            period=r.of(CLD_YEARS), person_id=r.ids("P", 120), age=r.number(15, 75, 0.03), employment=r.of(JOBS),
            support_reason=r.of(["learning disability", "learning disability", "other", "unknown"]),
            settled_home=r.of(ANSWER), prison_only=r.of(ANSWER), reviewed=r.of(ANSWER),
            community_budget=r.of(["direct payment", "managed budget", "commissioned", "in the community, not recorded",
                                   "not in the community", "unknown"]),
            setting=r.of(["nursing", "residential", "community"]), age_band=r.of(["18 to 64", "65 and over", "unknown"]),
            ethnicity=r.of(["white", "ethnic minority", "unknown"]), provider=r.of(["Pa", "Pb"]), **place,
            outcomes=r.of(["fully met", "partly met", "not met", "unknown"]),
        ),
        "enquiries": dict(
            enquiry_id=r.ids("E", 100), person_id=r.ids("P", 50), period=r.of(QUARTERS), **place,
            ended=r.of(["yes", "yes", "no"]), risk_found=r.of(["yes", "yes", "no"]),
            risk_result=r.of(["removed", "reduced", "remained", "unknown"]),
        ),
        "sessions": dict(
            period=r.of(QUARTERS), provider=r.of(["Pa", "Pb"]), ward=r.of(["Alder", "Beech"]),
            place=r.of(["ordinary place", "day centre"]), sessions=r.number(0, 200),
        ),
        "packages": dict(
            package_id=r.ids("K", 120), person_id=r.ids("P", 30), period=r.of(QUARTERS), provider=r.of(["Pa", "Pb"]),
            **place, needs_band=r.of(["low", "high"]), weeks=r.number(0, 14, 0.05), weekly_cost_pence=r.number(0, 90000),
        ),
        "population": dict(
            year=r.of(YEARS), **place, age_band=r.of(["18 to 64", "65 and over"]),
            ethnicity=r.of(["white", "ethnic minority"]), with_learning_disability=r.number(1, 60, 0.0),
        ),
        "indicators": dict(
            area_code=r.of(["E01", "E02", "E03"]), year=r.of([*YEARS, "2023-24"]), code=r.of(["1E", "1G"]),
            disaggregation=r.of(["total", "female"]), numerator=r.number(0, 50, 0.0), denominator=r.number(50, 99, 0.0),
            numerator_status=r.of(["known", "known", "suppressed", "unknown", "not applicable"]),
            denominator_status=r.of(["known", "known", "unknown"]),
        ),
        "organisations": dict(
            organisation_id=r.ids("O", 120), department=r.of(["Adults", "Children"]), small=r.of(ANSWER),
            equality_led=r.of(ANSWER), first_funded=r.of(YEARS), operating_at_12_months=r.of(DUE),
        ),
        "applications": dict(
            application_id=r.own("A"), organisation_id=r.ids("O", 20), department=r.of(["Adults", "Children"]),
            period=r.of(YEARS), small_or_equality_led=r.of(ANSWER), successful=r.of(ANSWER),
            carbon_scored=r.of(ASKED), social_value_scored=r.of(ASKED),
        ),
        "grants": dict(
            grant_id=r.own("G"), year=r.of(YEARS), award_date=r.day(0.05), amount_awarded_pence=r.number(0, 10**6),
            department=r.of(["Adults", "Children"]), programme=r.of(["Small", "Large"]), recipient_id=r.ids("O", 120),
            charity_number=r.of([*map(str, range(11, 41)), *[None] * 150]),  # so few that some meet, and not all
            company_number=r.of([*(f"{one:08}" for one in range(7, 27)), *[None] * 180]),
            start_on=r.day(0.2), end_on=r.day(0.3), months=r.number(1, 24, 0.3), purpose=r.of(["advice", "lunch", None]),
            experiment=r.of(["yes", "yes", "no", "unknown"]), closed=r.of(["yes", "yes", "no", "unknown"]),
            lesson_written=r.of(DUE),
        ),
        "returns": dict(
            return_id=r.own("T"), **who, period=r.of(QUARTERS), domain=r.of(["health", "economic"]),
            asked=r.of(["yes", "yes", "no"]), received=r.of(["yes", "yes", "no"]), target_met=r.of(DUE),
            evidence_grade=r.of(["a", "b", "c", "none"]), contacts=r.number(0, 50),
        ),
        "supported": dict(
            person_id=r.ids("V", 60), **who, period=r.of(QUARTERS), outcome_reached=r.of(ANSWER),
            outcome_kept=r.of(DUE), made_difference=r.of(ASKED), lawfully_linked=r.of(["yes", "yes", "no"]),
            long_term_care_at_12_months=r.of(DUE),
        ),
        "payments": dict(
            department=r.of(["Adults", "Children"]), period=r.of(QUARTERS), amount_pence=r.number(-5000, 90000),
            grant_id=r.of([*[f"G{i * 37 % 1000:03d}" for i in range(20)], None]),
        ),
        "monitoring": dict(
            **who, period=r.of(QUARTERS), risk=r.of(["low", "high"]), hours=r.number(0, 30), award_pence=r.number(1, 10**6),
        ),
        "volunteering": dict(**who, period=r.of(QUARTERS), hours=r.number(0, 100)),
    }  # fmt: skip
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    frames["grants"].loc[frames["grants"]["end_on"] < frames["grants"]["start_on"], "end_on"] = pd.NaT
    once = frames["long_term_support"].drop_duplicates(["period", "person_id"])  # the contract's key
    frames["long_term_support"] = once.reset_index(drop=True)
    return {
        name: frame.assign(source_file=f"{name}.csv", source_row=np.arange(2, len(frame) + 2))
        for name, frame in frames.items()
    }
