"""Amounts that people stand behind have limits, and nobody is called dearest or largest inside them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import commissioning as cm
from commissioning.disclosure.rounding import stepped_up
from commissioning.sections import pictures
from commissioning.sections.findings import concentration
from commissioning.sections.page import page_of
from commissioning.study import broken_down

of_providers = import_module("commissioning.sections.pictures.providers")
SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "learning_disability"
SPLITS = {
    "locality": "packages_by_place",
    "setting": "packages_by_place",
    "provider": "packages_by_whom",
    "provision": "packages",
}


@pytest.fixture(scope="module")
def study():
    return cm.open("learning_disability")


@pytest.fixture(scope="module")
def rows():
    """Packages of people whose main reason for support is a learning disability, each once: a second route, in plain pandas."""
    packages = pd.read_csv(SAMPLE / "packages.csv", dtype=str).drop_duplicates("package_id")
    people = pd.read_csv(SAMPLE / "people.csv", dtype=str).drop_duplicates(["person_id", "period"])
    packages = packages.merge(people[["person_id", "period", "support_reason"]], on=["person_id", "period"])
    packages = packages[packages["support_reason"].eq("learning disability")]
    pence = 100 * pd.to_numeric(packages["weekly_cost"]) * pd.to_numeric(packages["weeks"])
    return packages.assign(pence=pence, year=packages["period"].str[:7])


def test_the_limits_of_amounts_hold_what_the_rows_add_up_to(study, rows):
    held = []
    for column, id in SPLITS.items():
        for year, mine in rows.groupby("year"):
            truth = mine.groupby(column)["pence"].sum()
            told = broken_down.shown(study.prepared, id, (column,), period=year).set_index(column)
            told = told[told["pence"].notna()].join(truth.rename("truth"))
            held += list(told["truth"].between(told["pence_lower"].astype(float), told["pence_upper"].astype(float)))
    assert len(held) > 120 and np.mean(held) >= 0.93


def test_limits_are_told_in_steps_of_one_two_and_five():
    assert stepped_up([0, 1, 130, 470, 501, 2e6]).tolist() == [0, 1, 200, 500, 1000, 2e6]


def test_a_provider_is_said_to_spend_more_only_where_it_does(study, rows):
    now = (
        rows[rows["year"].eq("2015-16")]
        .groupby("provider")
        .agg(pence=("pence", "sum"), people=("person_id", "nunique"))
    )
    each = now["pence"] / now["people"]
    measure, frame, _ = of_providers._by_provider(page_of(study))
    flagged = of_providers._dearer_and_lower(page_of(study), measure, frame)
    assert all(each[name] > each.median() for name in flagged["group"])
    assert each["Pathways"] < each.median(), "its released spend lies above by noise alone"
    said = " ".join(one.record["sentence"] for one in pictures.providers(study).found)
    assert "Pathways" in said and "What it spends a person is not told apart" in said and "spent more" not in said


def test_none_is_called_the_largest_or_the_dearest_where_noise_may_have_made_it_so(study, rows):
    largest = rows[rows["year"].eq("2015-16")].groupby("provider")["pence"].sum().idxmax()
    (found,) = concentration(page_of(study))
    assert "stands out as the largest" in found.record["sentence"] or largest in found.record["sentence"]
    (told,) = pictures.localities(study).found
    assert "Spend a person is not told apart between them" in told.record["sentence"]
