"""Needs: supported people are counted over all who are supported, beside an estimate from outside; "N of M" is a part of a whole."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.measures import catalogue, derive
from commissioning.sections import need as needs
from commissioning.study import outcomes, restricted
from commissioning.study.prepare import open_sample

LD = "learning_disability"
KINDS = ("age_band", "ethnicity")


@pytest.fixture(scope="module")
def sample():
    return open_sample(pilots.load(LD))


@pytest.fixture(scope="module")
def analyse():
    return reports.open("analyse", pilot=LD)


def _by_hand(sample, year):
    """Supported people of a year by a second route: who is 18 or over and supported mainly for a learning disability."""
    last: dict[str, dict] = {}
    for row in restricted.table(sample, "people").to_dict("records"):
        if row["period"].startswith(year) and row["period"] >= last.get(row["person_id"], row)["period"]:
            last[row["person_id"]] = row
    return [one for one in last.values() if one["support_reason"] == "learning disability" and one["age"] >= 18]


def test_people_supported_are_all_who_are_and_not_only_older_or_ethnic_minority_people(sample):
    everybody = _by_hand(sample, "2015-16")
    older = sum(one["age"] >= 65 for one in everybody)
    mine = restricted.results(sample).query(f"measure == '{LD}_supported' and period == '2015-16'")
    counted = mine.set_index(["group_kind", "group"])["numerator"]
    assert counted["all", "all"] == len(everybody) > 1_000
    assert counted["age_band", "65 and over"] == older
    assert counted["age_band", "18 to 64"] == len(everybody) - older > 800
    for name in ("white", "ethnic minority", "unknown"):
        assert counted["ethnicity", name] == sum(one["ethnicity"] == name for one in everybody)


def test_what_is_expected_does_not_move_with_who_is_supported(sample):
    tables = {"people": restricted.table(sample, "people"), "population": restricted.table(sample, "population")}
    some = tables | {"people": tables["people"][tables["people"]["person_id"].str[-1].isin(list("02468"))]}
    whole, half = (derive.access(one) for one in (tables, some))
    assert whole["expected"].sum() == half["expected"].sum()
    assert half["supported"].sum() < 0.6 * whole["supported"].sum()


def test_need_that_nobody_meets_is_said(analyse, sample):
    population = restricted.table(sample, "population")
    estimated = int(population.loc[population["year"] == "2015-16", "with_learning_disability"].sum())
    table = analyse.needs().record
    rows = {tuple(row[:2]): row[2:] for row in table["data"]["rows"]}
    told, supported, not_supported, each = rows["everybody", "everybody"]
    assert told == estimated == 5292
    assert supported + not_supported == estimated and abs(supported - len(_by_hand(sample, "2015-16"))) <= 5
    assert each == round(100 * supported / estimated) == 22
    assert "no rate" in table["caption"] and "population" in table["caption"]
    said = " ".join(one.record["sentence"] for one in analyse.told("needs").found)
    assert "5,292 adults" in said and f"{not_supported:,} were not" in said
    by_age = [row for (split, _), row in rows.items() if split == "age"]
    assert sum(row[0] for row in by_age) == estimated
    assert abs(sum(row[1] for row in by_age) - supported) <= 10


SUPPORTED = pd.DataFrame(
    {
        "group_kind": ["all", "age_band", "age_band", "ethnicity", "ethnicity"],
        "group": ["all", "18 to 64", "65 and over", "unknown", "white"],
        "numerator": [120.0, 120.0, None, 15.0, 100.0],
        "hidden": [False, False, True, False, False],
    }
)
POPULATION = pd.DataFrame(
    {"age_band": ["18 to 64", "65 and over"], "ethnicity": ["white", "white"], "with_learning_disability": [90, 200]}
)


def test_hidden_not_estimated_and_too_low_an_estimate_each_say_so():
    found = needs.beside_population(SUPPORTED, POPULATION, KINDS).set_index(["split", "group"])
    assert found.loc[("everybody", "everybody"), "not_supported"] == 170
    young, old = found.loc[("age", "18 to 64")], found.loc[("age", "65 and over")]
    assert pd.isna(young["not_supported"]) and young["not_supported_status"] == needs.TOO_LOW
    assert old["supported_status"] == "hidden" and old["not_supported_status"] == "hidden"
    unsaid = found.loc[("ethnicity", "not recorded")]
    assert unsaid["supported"] == 15 and unsaid["estimated_status"] == needs.NOT_ESTIMATED
    known = found[found["not_supported"].notna()]
    assert (known["supported"] <= known["estimated"]).all()


def test_a_group_in_which_nobody_is_supported_has_nought_and_not_an_unknown():
    nobody = SUPPORTED[SUPPORTED["group_kind"] == "all"]
    found = needs.beside_population(nobody, POPULATION, ("age_band",)).set_index("group")
    assert found.loc["65 and over", "supported"] == 0 and found.loc["65 and over", "not_supported"] == 200


def test_a_ratio_for_each_hundred_is_never_printed_as_a_share():
    measures = catalogue()
    row = pd.Series(
        {"numerator": 290.0, "denominator": 225.0, "value": 130.0, "lower": None, "upper": None, "period": "2015-16"}
    )
    for one in measures.values():
        if one.per == 100 and not outcomes.is_share(one):
            assert " of " not in outcomes.sentence(one, row).removeprefix(one.title).split(one.unit)[0]
    assert not outcomes.is_share(measures[f"{LD}_access_gap"])
    assert outcomes.is_share(measures[f"{LD}_own_goal_met"])


# --- over every display of the sample

N_OF_M = re.compile(r"(?<![\d.,])(\d[\d,]*) of (?:the )?(\d[\d,]*)\b(?![-.]\d)")
PARTS, WHOLES = ("Number", "Said so", "Still held", "People", "Supported"), ("Out of", "Asked", "Checked")


def _texts(record):
    if isinstance(record, dict):
        for value in record.values():
            yield from _texts(value)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from _texts(value)
    elif isinstance(record, str):
        yield record


def _faults(display):
    for text in _texts(display):
        for found in N_OF_M.finditer(text):
            part, whole = (int(one.replace(",", "")) for one in found.groups())
            if part > whole:
                yield f"{found[0]}: {text[:100]}"
    data = display.get("data") or {"columns": [], "rows": []}
    labels = [one["label"] for one in data["columns"]]
    for part in (i for i, one in enumerate(labels) if one in PARTS):
        for whole in (i for i, one in enumerate(labels) if one in WHOLES):
            for row in data["rows"]:
                if all(isinstance(row[i], int | float) for i in (part, whole)) and row[part] > row[whole]:
                    yield str(row)


def test_the_scan_finds_a_part_that_is_larger_than_its_whole():
    assert list(_faults({"sentence": "290 of 225, which is 130.0%"}))
    assert not list(_faults({"sentence": "290 of 2,250 (4 of the 8)"}))
    columns = [{"label": "Number"}, {"label": "Out of"}]
    assert list(_faults({"data": {"columns": columns, "rows": [[290, 225]]}}))


def test_n_of_m_is_a_part_of_a_whole_in_every_display_of_both_pilots(every_display):
    found = {place: faults for place, one in every_display().items() if (faults := list(_faults(one)))}
    assert not found
