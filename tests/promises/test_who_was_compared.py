"""Each estimate says who was compared, and over which years; nobody drops out of a comparison unsaid."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from commissioning import pilot as pilots
from commissioning.errors import DataRefused
from commissioning.evidence.intake import take_in
from commissioning.methods import effects
from commissioning.reports import closing
from commissioning.sections import evaluation
from commissioning.study import estimates, started
from commissioning.study.pilot_measures import measures_of


def _kit():
    path = Path(__file__).with_name("small_pilot.py")
    spec = importlib.util.spec_from_file_location("promises_small_pilot", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


kit = _kit()
EARLY, LATE = "2017-18 Q3", "2018-19 Q1"
NAMES = [
    "Alderby",
    "Birchley",
    "Coldbrook",
    "Dunmere",
    "Elmsthorpe",
    "Fernhill",
    "Greywell",
    "Hallow",
    "Ivybank",
    "Kingsmead",
]
FIRST = {name: EARLY if i < 3 else LATE if i < 6 else None for i, name in enumerate(NAMES)}
STARTS = {name: when or "never" for name, when in FIRST.items()}
STAGGERED = f'kind = "staggered"\nunit = "{{unit}}"\noutcomes = ["{kit.GOAL}"]\nminimum_worthwhile_change = 4.0\n'
SHARES = kit.scattered(len(NAMES), each=12)(FIRST, 0.25)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(estimates, "DRAWS", 20)


def reviews(unit="ward", rename=None, without=lambda place, quarter: False, **how):
    met = {
        (rename or {}).get(name, name): [
            None if without(name, q) else s for q, s in zip(kit.QUARTERS, row, strict=True)
        ]
        for name, row in SHARES.items()
    }
    return kit.Reviews(met, unit=unit, each=12, **how)


def made(tmp_path, rows, starts, unit="ward", **how):
    return kit.prepared(tmp_path, STAGGERED.format(unit=unit), rows, starts, unit=unit, **how)


def whole_estimate() -> float:
    """The estimate where nobody is lost, by a panel of plain pandas."""
    data = reviews().frame().assign(first=lambda d: d["place"].map(FIRST))
    return effects.staggered(
        data, outcome="met", unit="place", time="quarter", first_treated="first", cluster="place", method="imputation"
    ).estimate


# --- what is said ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return made(tmp_path_factory.mktemp("whole"), reviews(), STARTS)


def test_an_estimate_says_how_many_started_when_with_how_many_people_and_how_many_had_not(whole):
    found = whole.goal()
    who = found.compared
    assert (who.started, who.not_started, who.first_start, who.last_start) == (6, 4, EARLY, LATE)
    assert (who.people_started, who.people_not_started) == (6 * 12, 4 * 12)
    assert (who.matched_no_rows, who.without_start) == (0, 0)
    shown = who.as_record()["people_started"]  # as any count of people is released: with noise, 5 by 5
    assert shown % 5 == 0 and abs(shown - 72) <= 19 + 2.5
    assert found.summary.compared == (
        f"6 wards that started between {EARLY} and {LATE}, where about {shown} different people are counted in all; 4 that had not, "
        f"over {who.years}."
    )
    assert found.summary.period == f"{kit.QUARTERS[0]} to {kit.QUARTERS[-1]}"
    assert found.summary.period in found.summary.compared


def test_the_page_and_the_machine_readable_result_say_who_was_compared(whole, monkeypatch):
    from commissioning import reports

    monkeypatch.chdir(whole.root / "home")
    monkeypatch.setenv("COMMISSIONING_STUDY", str(whole.study.path))
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    report = reports.open("review", pilot="learning_disability", period="latest", area="", level="", data="")
    sentence = whole.goal().summary.compared
    assert sentence in repr(report.effects_table())
    assert all(sentence in repr(one) for one in evaluation.effect_findings(report))
    (kept,) = json.loads(json.dumps(closing.as_json(report)["effects"]))
    assert kept["who"] == sentence and kept["years"] == whole.goal().summary.period
    assert kept["compared"] | {"started": 6, "not_started": 4, "first_start": EARLY} == kept["compared"]
    assert kept["compared"] == whole.goal().compared.as_record()


# --- names --------------------------------------------------------------------------------------------------------------


def spelt_otherwise(name: str, how: str) -> str:
    return {
        "a kind word": f"{name} Ward",
        "capitals": name.upper() + " ",
        "dots and spaces": f" {name}  ward.",
        "hyphens": name.replace("d", "d\u00ad"),
    }[how]


def told(tmp_path, rows, starts, unit="ward"):
    """What intake and the design make of the names: place → first quarter (None: never), as an estimate is given them."""
    data = kit.extracts(tmp_path / "data", rows, starts, unit)
    pilot = pilots.load("learning_disability", kit.checkout(tmp_path / "home", STAGGERED.format(unit=unit)))
    taken = take_in(data, pilot.name, pilot.area, pilot.tables)
    found = started.places(pilot, measures_of(pilot), dict(taken.tables))
    tables = started.respelt(dict(taken.tables), unit, found)
    first = started.first_of(pilot.design, tables["starts"], (), found.spelt)
    return {name: None if when is None else when for name, when in first.items()}, set(tables["reviews"][unit])


@pytest.mark.parametrize("how", ["a kind word", "capitals", "dots and spaces", "hyphens"])
def test_places_spelt_otherwise_in_starts_are_the_same_places(tmp_path, how):
    starts = {spelt_otherwise(name, how) if i in (0, 1, 7) else name: s for i, (name, s) in enumerate(STARTS.items())}
    assert told(tmp_path, reviews(), starts) == (FIRST, set(FIRST))


def test_wards_spelt_otherwise_change_no_estimate(tmp_path):
    starts = {f"{name.upper()} ward." if i in (0, 1, 7) else name: s for i, (name, s) in enumerate(STARTS.items())}
    rows = reviews().rows()
    for row in rows[: len(rows) // 30]:
        row["ward"] = f" {row['ward'].upper()}"
    found = made(tmp_path, rows, starts).goal()
    assert found.effect.estimate == pytest.approx(whole_estimate(), rel=1e-9)
    assert (found.compared.started, found.compared.not_started) == (6, 4)


@pytest.mark.parametrize(
    ("unit", "rows", "starts"),
    [
        ("provider", "Alderby Support", "ALDERBY SUPPORT LTD."),
        ("locality", "Alderby", "Alderby locality"),
        ("ward", "St. Alder's & St. Ann's", "St Alders and St Anns"),
    ],
)
def test_every_kind_of_place_is_matched_by_its_plain_name(tmp_path, unit, rows, starts):
    names = {starts if name == "Alderby" else name: when for name, when in STARTS.items()}
    first, seen = told(tmp_path, reviews(unit, {"Alderby": rows}), names, unit)
    assert first == {rows if name == "Alderby" else name: when for name, when in FIRST.items()}
    assert seen == set(first)


def test_one_place_written_two_ways_in_the_rows_is_one_place(tmp_path):
    rows = reviews().rows()
    for row in rows[: len(rows) // 30]:
        row["ward"] = row["ward"].upper()
    assert told(tmp_path, rows, STARTS) == (FIRST, set(FIRST))


def test_two_places_that_a_word_at_the_end_tells_apart_are_never_made_one():
    rows = {"reviews": {"Alderby Ltd": 5, "Alderby Provider": 9, "Birchley": 3}}
    assert len(set(started.one_name({"Alderby Ltd", "Birchley Ward"}, rows).values())) == 3
    assert started.one_name({"Birchley Ward"}, rows)["Birchley Ward"] == "Birchley"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Alderby": "Aldrby"}, "“Aldrby” is named by no row, and rows name “Alderby”"),
        ({"Birchley": "Birchleigh"}, "“Birchleigh” is named by no row, and rows name “Birchley”"),
        ({name: f"E050{i:05d}" for i, name in enumerate(NAMES)}, "none of its 10 wards is named by a row"),
    ],
)
def test_places_that_would_drop_out_by_their_spelling_stop_the_run_by_name(tmp_path, change, says):
    starts = {change.get(name, name): when for name, when in STARTS.items()}
    with pytest.raises(DataRefused, match=says):
        told(tmp_path, reviews(), starts)


def test_two_lines_of_starts_that_disagree_about_one_place_stop_the_run(tmp_path):
    with pytest.raises(DataRefused, match="are one place, and it says 2017-18 Q3 of one and 2018-19 Q1 of the other"):
        told(tmp_path, reviews(), {**STARTS, "ALDERBY": LATE})


def test_check_names_what_starts_and_the_rows_say_differently(tmp_path, monkeypatch, capsys):
    from commissioning import cli

    home = kit.checkout(tmp_path / "home", STAGGERED.format(unit="ward"))
    starts = {k: v for k, v in STARTS.items() if k != "Kingsmead"} | {"Zeal Monachorum": "never", "Alderby Ward": EARLY}
    starts.pop("Alderby")
    data = kit.extracts(tmp_path / "data", reviews(), starts)
    monkeypatch.chdir(home)
    assert cli.main(["check", "learning_disability", "--data", str(data)]) == 0
    said = capsys.readouterr().err
    assert "no row names it: Zeal Monachorum" in said
    # Kingsmead and Alderby stand in rows of people alone, whose words are never repeated: they are counted.
    assert "in no comparison: 1 ward." in said and "Kingsmead" not in said
    assert "Spelt in more than one way: 1 spelling." in said and "“Alderby”" not in said


# --- never ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("Never", "NEVER", "n/a", "N/A"), ("not yet", "Not Yet", "-", "none"), ("", "None", "NOT STARTED", "–")]
)
def test_never_is_never_however_it_is_written(tmp_path, words):
    waiting = [name for name, when in FIRST.items() if when is None]
    assert told(tmp_path, reviews(), STARTS | dict(zip(waiting, words, strict=True))) == (FIRST, set(FIRST))


# --- who is lost ---------------------------------------------------------------------------------------------------------


def test_a_line_of_starts_that_cannot_be_read_withholds_the_claim_by_name(tmp_path):
    found = made(tmp_path, reviews(), STARTS | {"Hallow": "when it is ready"}).goal()
    failed = found.claim.failed[0]
    assert failed.name == "starts_known" and "1 line of `starts` could not be read" in failed.says
    assert found.claim.hidden and found.summary.estimate is None
    # A place of so few people is counted on the page and named by `check` alone.
    assert "1 ward with rows, of which `starts` says nothing" in found.summary.compared


def test_places_with_rows_and_no_start_are_counted_and_withhold_a_claim_that_leaves_out_too_many(tmp_path):
    fewer = {name: when for name, when in STARTS.items() if name not in ("Kingsmead", "Hallow", "Ivybank")}
    found = made(tmp_path, reviews(), fewer).goal()
    assert found.claim.failed[0].name == "starts_known"
    assert "about 70% of rows" in found.claim.failed[0].says
    assert found.compared.without_start == 3
    assert "3 wards with rows, of which `starts` says nothing (" in found.summary.compared


def test_fewer_places_to_compare_with_than_the_gate_asks_print_the_range_and_claim_nothing(tmp_path):
    asked = kit.WIDE_OPEN.replace("comparators = 1", "comparators = 5")
    found = made(tmp_path, reviews(), STARTS, gates=asked).goal()
    assert found.claim.failed[0].name == "comparators"
    assert (found.claim.rung, found.claim.hidden) == ("compared", False)
    assert found.claim.shown is not None
    assert "not put down to it, because places or providers to compare with: there are only 4" in found.claim.wording


def test_a_place_that_started_and_has_no_rows_afterwards_is_said(tmp_path):
    gone = reviews(without=lambda place, quarter: place in NAMES[:2] and quarter >= EARLY)
    found = made(tmp_path, gone, STARTS).goal()
    assert found.compared.started == 4  # those in the comparison, not those in the table
    assert "2 wards that started and have no rows after their start (Alderby, Birchley)" in found.summary.compared


def test_a_place_of_starts_without_any_rows_is_said(tmp_path):
    small = made(tmp_path, reviews(), STARTS | {"Zeal Monachorum": EARLY})
    found = small.goal()
    assert found.compared.matched_no_rows == 1
    assert "named in `starts` and by no row (Zeal Monachorum)" in found.summary.compared
    assert any("Zeal Monachorum" in one for one in small.study.record["findings"])


# --- a period is a period ------------------------------------------------------------------------------------------------


def test_a_report_of_a_period_rests_on_nothing_later(whole, tmp_path):
    """The same estimate as that of extracts which end with the period, in which later starts are not known yet."""
    period = "2017-18"
    found = whole.goal(period)
    cut = reviews().frame()
    cut = cut[cut["quarter"] <= f"{period} Q4"]
    data = cut.assign(first=cut["place"].map({name: when for name, when in FIRST.items() if when == EARLY}))
    second = effects.staggered(
        data, outcome="met", unit="place", time="quarter", first_treated="first", cluster="place", method="imputation"
    )
    assert found.effect.estimate == pytest.approx(second.estimate, rel=1e-9)
    assert (found.compared.started, found.compared.not_started, found.compared.later) == (3, 7, 3)
    assert found.compared.last_period == "2017-18 Q4"
    assert "3 wards that started later count as not started" in found.summary.compared
    assert whole.goal("2017-18 Q3").compared.last_period == "2017-18 Q3"
    assert whole.goal("2018-19").effect.estimate != found.effect.estimate


def test_a_pilot_that_began_after_the_period_has_no_effect_in_it(whole):
    found = whole.estimates("2016-17")
    assert found.estimates == ()
    assert found.why_none == f"The pilot began in {EARLY}, after 2016-17: nothing can have changed because of it yet."


def test_every_period_has_a_calibration_card_of_its_own(whole, tmp_path):
    cards = tmp_path / "cards"
    for number, period in enumerate(("2017-18", "2018-19", "2018-19"), 1):
        estimates.estimate(whole.study, whole.pilot, cache=cards, period=period)
        assert len(list(cards.glob("*.json"))) == min(number, 2)


# --- what did not vary ----------------------------------------------------------------------------------------------------

ARMS = {
    "every answer is yes": lambda place, t: 1.0,
    "every answer is no": lambda place, t: 0.0,
    "each arm has one answer": lambda place, t: 1.0 if FIRST[place] else 0.0,
    "each place has a level of its own": lambda place, t: [0.25, 0.5, 0.75][NAMES.index(place) % 3],
    "every place moves alike": lambda place, t: [0.25, 0.5, 0.75, 1.0][t % 4],
}
DESIGNS = {
    "staggered": (STAGGERED.format(unit="ward"), STARTS),
    "before_after": (
        STAGGERED.format(unit="ward").replace("staggered", "before_after"),
        {name: when and (LATE if when != "never" else when) for name, when in STARTS.items()},
    ),
    "synthetic": (
        STAGGERED.format(unit="ward").replace("staggered", "synthetic"),
        {name: LATE if name == "Alderby" else "never" for name in NAMES},
    ),
    "interrupted": (STAGGERED.format(unit="ward").replace("staggered", "interrupted") + f'start = "{LATE}"\n', None),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_an_outcome_that_never_varies_is_said_not_to_have(tmp_path, design):
    """Through a pilot file and extracts once a design; every way of not varying is tried on the methods themselves."""
    wording, starts = DESIGNS[design]
    if design == "interrupted":
        wording = wording.replace('unit = "ward"\n', "")
    rows = kit.Reviews(
        {name: [ARMS["every answer is yes"](name, t) for t in range(len(kit.QUARTERS))] for name in NAMES}, each=6
    )
    found = kit.prepared(tmp_path, wording, rows, starts).goal()
    assert found.effect is None and found.summary.estimate is None
    assert "it did not vary: nothing can be estimated" in found.why_not
    assert found.summary.claim == "described"
    assert "hold no rows" not in found.why_not


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
@pytest.mark.parametrize("how", ARMS)
def test_nothing_is_estimated_from_what_does_not_vary_whatever_its_size(how, scale):
    import pandas as pd

    rows = [
        {
            "place": place,
            "t": t,
            "y": scale * (0.1 + ARMS[how](place, t) / 3),
            "first": {EARLY: 6, LATE: 8}.get(FIRST[place]),
        }
        for place in NAMES
        for t in range(16)
    ]
    data = pd.DataFrame(rows)
    once = data.assign(on=data["first"].notna())
    one = data.assign(on=data["place"].eq("Alderby"))
    begun = {"outcome": "y", "unit": "place", "time": "t", "treated": "on", "start": 8}
    for ask in (
        lambda: effects.staggered(data, outcome="y", unit="place", time="t", first_treated="first"),
        lambda: effects.staggered(
            data, outcome="y", unit="place", time="t", first_treated="first", method="imputation"
        ),
        lambda: effects.staggered_estimate(data, outcome="y", unit="place", time="t", first_treated="first"),
        lambda: effects.before_after(once, **begun),
        lambda: effects.synthetic(one, **begun),
    ):
        with pytest.raises(ValueError, match="it did not vary"):
            ask()
    if how != "every place moves alike":  # a series of its own that moves is no constant
        with pytest.raises(ValueError, match="it did not vary"):
            effects.interrupted(data[data["place"].eq("Alderby")], outcome="y", time="t", start=8)


def test_a_spelling_that_check_prints_is_never_a_text_of_peoples_rows():
    found = started.Places(
        spelt={"ALDERBY": "Alderby", "Ash moor": "Ashmoor", "Mrs X, 4 High St": "Mrs. X, 4 High St."}
    )
    own = {"Alderby", "Ashmoor", "ALDERBY"}
    said = " ".join(found.says("ward", own))
    assert "“ALDERBY” is read as “Alderby”" in said
    assert "Ash moor" not in said and "High St" not in said and "and 2 more" in said
    quoted = re.findall("“(.*?)”", said)
    assert set(quoted) <= own
