"""A figure of the whole council that is public already is printed as published; no second, noisy one stands beside it."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.disclosure import release
from commissioning.measures import catalogue
from commissioning.measures.as_published import NOTE, SAME, as_published
from commissioning.study.prepare import prepare

OWN, PUBLISHED = "learning_disability_paid_work_as_published", "learning_disability_ascof_1e"
AREA = "E08000015"
HEADER = (
    "Return.Year,Geographical.Code,Geographical.Description,Geographical.Level,ONS.Area.Code,ASCOF.Measure.Code,"
    "Disaggregation.Level,Measure.Type,Measure.Value,Measure.Group"
)


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """People of a council by quarter in two years; what was published of the first of them."""
    data = tmp_path_factory.mktemp("data")
    people = pd.read_csv(pilots.home() / "data" / "sample" / "learning_disability" / "people.csv", dtype=str)
    people[people["period"].str.slice(0, 7).isin(["2014-15", "2015-16"])].iloc[:-3].to_csv(
        data / "people.csv", index=False
    )
    said = [("Numerator", 30), ("Denominator", 915), ("Outcome", 3.3)]
    rows = [f"2014-15,319,Wirral,Council,{AREA},1E,Total,{what},{value},1E" for what, value in said]
    (data / "ascof.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    (data / "sources.toml").write_text(
        f'[[source]]\nfiles = "people.csv"\npublisher = "A council"\narea = "{AREA}"\n'
        '[[source]]\nfiles = "ascof.csv"\npublisher = "NHS Digital"\nlicence = "OGL"\npublic = true\n'
    )
    folder = tmp_path_factory.mktemp("made") / "study"
    return prepare(pilots.load("learning_disability"), data, area=AREA, folder=folder)


def _of(figures: pd.DataFrame, measure: str, period: str) -> pd.Series:
    (row,) = figures[
        figures["measure"].eq(measure) & figures["group_kind"].eq("all") & figures["period"].eq(period)
    ].to_dict("records")
    return pd.Series(row)


def test_the_published_figure_stands_for_the_councils_own_count_of_its_year(studied):
    shown = _of(studied.released.figures, OWN, "2014-15")
    assert (shown["numerator"], shown["denominator"], shown["public"], shown["noise"]) == (30, 915, True, 0)
    assert shown["value"] == pytest.approx(30 / 915, abs=0.0005) and shown["note"] == NOTE
    in_hundred = _of(studied.released.figures, PUBLISHED, "2014-15")["value"]
    assert 100 * shown["value"] == pytest.approx(in_hundred, abs=0.05)


def test_a_year_of_which_nothing_is_published_keeps_its_own_figure(studied):
    shown = _of(studied.released.figures, OWN, "2015-16")
    assert not shown["public"] and shown["note"] == ""
    assert shown["hidden"] or shown["noise"] > 0


def test_what_is_estimated_keeps_the_councils_own_count(studied):
    own = pd.read_parquet(studied.path / "results.parquet")
    row = _of(own, OWN, "2014-15")
    assert row["denominator"] != 915 and not row["public"]


def test_every_measure_that_gives_way_is_of_the_catalogue_and_what_it_gives_way_to_is_published():
    known = catalogue()
    assert all(known[own].person and known[other].table == "indicators" for own, other in SAME.items())


def test_nothing_about_persons_or_money_is_left_on_a_row_that_gave_way():
    own = {
        "measure": OWN,
        "numerator": 12,
        "denominator": 400,
        "public": False,
        "key_all": 0.5,
        "spend_pence": 900,
        "people": 400,
    }
    given = {"measure": PUBLISHED, "numerator": 15, "denominator": 405, "public": True}
    at = {"pilot": "p", "area": AREA, "group_kind": "all", "group": "all", "period": "2014-15"}
    made = as_published(pd.DataFrame([{**own, **at}, {**given, **at}]))
    assert made.loc[0, ["key_all", "spend_pence", "people"]].isna().all()
    assert release(made).figures.loc[0, ["numerator", "denominator"]].tolist() == [15, 405]
