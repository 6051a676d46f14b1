"""Of records that two exports hold with other content the later export's count, the earlier's are counted as replaced, none is lost."""

from __future__ import annotations

import csv
import io
import random

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.disclosure.keys import SAMPLE_SECRET, record_keys
from commissioning.errors import DataRefused
from commissioning.evidence import newest, tables
from commissioning.evidence.intake import take_in
from commissioning.measures import calculate
from commissioning.measures.learning_disability import PAID_WORK

QUARTERS = ["2013-14 Q4", "2014-15 Q1", "2014-15 Q2", "2014-15 Q3"]
DAYS = ["2014-07-02", "2014-10-01", "2015-01-05"]
NAMED = {
    "2014-07-02": ["20140702", "02-07-2014", "2 July 2014", "July 2014"],
    "2014-10-01": ["2014-10-01", "01102014", "1.10.2014", "october_2014"],
    "2015-01-05": ["2015_01_05", "05-01-2015", "Jan 2015", "5th January 2015"],
}


def package(number, quarter, cost, ward="Ashmoor"):
    row = {c.heading: c.example for c in tables.of("packages").columns}
    return row | {"package_id": f"K{number:05d}", "person_id": f"P{number:05d}", "period": quarter, "weekly_cost": cost, "ward": ward,
                  "weekly_client": "0", "weekly_nhs": "0"}  # fmt: skip


def text(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def exports(seed, last_differs):
    """Three exports, the oldest first: each holds some earlier records again, some with another price or ward, and new ones."""
    rng = random.Random(seed)
    known, made = {}, []
    for n in range(3):
        held = QUARTERS[: n + 2] if last_differs else QUARTERS
        rows = {}
        for (number, quarter), row in known.items():
            if rng.random() < 0.7:
                change = rng.choice(
                    [{}, {"weekly_cost": f"{rng.randint(1, 900)}.{rng.randint(10, 99)}"}, {"ward": "Elm"}]
                )
                rows[number, quarter] = row | change
        for number in range(40):
            for quarter in held:
                if rng.random() < 0.3 or quarter == held[-1]:
                    rows.setdefault((number, quarter), package(number, quarter, f"{rng.randint(1, 900)}.{n}{n}"))
        known |= rows
        made.append(list(rows.values()))
        rng.shuffle(made[-1])
    return made


def second_route(versions):
    """What counts, in plain Python: the newest holder of each record; how many rows and pence of each export are replaced or repeated."""
    newest_of = {}
    for rows in versions:
        newest_of |= {(row["period"], row["package_id"]): row for row in rows}
    replaced, repeated = [0, 0], [0, 0]
    for n, rows in enumerate(versions):
        later = {}
        for more in versions[n + 1 :]:
            later |= {(row["period"], row["package_id"]): row for row in more}
        for row in rows:
            now = later.get((row["period"], row["package_id"]))
            if now is not None:
                into = repeated if now == row else replaced
                into[0] += 1
                into[1] += round(float(row["weekly_cost"]) * 100)
    return newest_of, replaced, repeated


def put(folder, named, sources=""):
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in named.items():
        (folder / name).write_text(text(rows), encoding="utf-8")
    if sources:
        (folder / "sources.toml").write_text(sources, encoding="utf-8")
    return take_in(folder).raise_if_refused()


def names_for(rule, rng):
    """Names of three exports, the oldest first, that sort in any order, and what `sources.toml` says of them."""
    letters = rng.sample("abcdef", 3)
    if rule == "a date in the name":
        return [
            f"{letter} packages {rng.choice(NAMED[day])}.csv" for letter, day in zip(letters, DAYS, strict=True)
        ], ""
    names = [f"{letter}.csv" for letter in letters]
    if rule == "the last period held":
        return names, ""
    said = "".join(f'[[source]]\nfiles = "{n}"\nexported = "{day}"\n' for n, day in zip(names, DAYS, strict=True))
    return names, said


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rule", ["sources.toml", "a date in the name", "the last period held"])
def test_the_latest_of_three_exports_counts_whatever_their_files_are_called(tmp_path, rule, seed):
    versions = exports(seed, last_differs=rule == "the last period held")
    truth, replaced, repeated = second_route(versions)
    names, said = names_for(rule, random.Random(seed))
    taken = put(tmp_path, dict(zip(names, versions, strict=True)), said)

    counted = taken.tables["packages"]
    got = {
        (r.period, r.package_id): (int(r.weekly_cost_pence), r.ward)
        for r in counted[["period", "package_id", "weekly_cost_pence", "ward"]].itertuples()
    }
    assert len(counted) == len(truth)
    assert got == {key: (round(float(row["weekly_cost"]) * 100), row["ward"]) for key, row in truth.items()}
    (account,) = taken.as_json()["tables"]
    assert [account["rows_replaced"], account["pence_replaced"]] == replaced
    assert [account["rows_repeated"], account["pence_repeated"]] == repeated
    assert replaced[0] and repeated[0]
    # Every row and penny of every file is somewhere.
    assert account["rows_in"] == sum(map(len, versions))
    for one, rows in (
        (next(f for f in taken.files if f.file == n), rows) for n, rows in zip(names, versions, strict=True)
    ):
        assert one.loaded.rows_in == len(rows)
        assert one.loaded.rows_accepted == one.counted + one.rows_replaced + one.rows_repeated
    pence = int(counted["weekly_cost_pence"].sum()) + account["pence_replaced"] + account["pence_repeated"]
    assert pence == account["pence_accepted"] == sum(round(float(r["weekly_cost"]) * 100) for v in versions for r in v)
    assert {f.code for f in taken.findings} >= {"replaced by a later export"}
    assert any("replaced by a later export" in one.reason for one in taken.files)


def test_a_day_in_sources_toml_decides_against_the_days_in_names(tmp_path):
    named = {
        "packages 20140701.csv": [package(1, QUARTERS[0], "5.00")],
        "packages 20150101.csv": [package(1, QUARTERS[0], "6.00")],
    }
    assert put(tmp_path / "a", named).tables["packages"]["weekly_cost_pence"].tolist() == [600]
    said = '[[source]]\nfiles = "*20140701.csv"\nexported = 2015-02-01\n[[source]]\nfiles = "*"\n'
    assert put(tmp_path / "b", named, said).tables["packages"]["weekly_cost_pence"].tolist() == [500]


def test_two_exports_of_which_nothing_tells_the_later_are_refused_with_the_lines_to_write(tmp_path):
    named = {"a.csv": [package(1, QUARTERS[0], "5.00")], "b.csv": [package(1, QUARTERS[0], "6.00")]}
    with pytest.raises(DataRefused) as refused:
        put(tmp_path, named)
    words = str(refused.value)
    lines = (
        words[words.index("[[source]]") :].replace("YYYY-MM-DD", "2014-07-01", 1).replace("YYYY-MM-DD", "2014-10-01", 1)
    )
    taken = put(tmp_path, named, lines)  # what it says to write is enough
    assert taken.tables["packages"]["weekly_cost_pence"].tolist() == [600]


@pytest.mark.parametrize("day", ["2014-13-01", "1 July 2014", "2999-01-01"])
def test_a_day_of_export_that_is_no_day_or_has_not_come_is_refused(tmp_path, day):
    with pytest.raises(DataRefused, match="exported must be the day"):
        put(tmp_path, {"a.csv": [package(1, QUARTERS[0], "5.00")]}, f'[[source]]\nfiles = "*"\nexported = "{day}"\n')


def test_days_that_say_otherwise_than_periods_decide_nothing_where_one_file_has_no_day(tmp_path):
    same = package(1, QUARTERS[0], "1.00")
    named = {
        "a 20140701.csv": [same, package(2, QUARTERS[2], "1.00")],
        "b 20141001.csv": [same | {"weekly_cost": "2.00"}, package(2, QUARTERS[1], "1.00")],
        "c.csv": [same | {"weekly_cost": "3.00"}, package(2, QUARTERS[3], "1.00")],
    }
    with pytest.raises(DataRefused, match=r'files = "c.csv"\nexported'):
        put(tmp_path, named)


def test_exports_without_another_word_of_the_same_records_need_no_day(tmp_path):
    rows = [package(n, QUARTERS[0], "5.00") for n in range(4)]
    taken = put(tmp_path, {"a.csv": rows[:3], "b.csv": rows[1:]})
    assert len(taken.tables["packages"]) == 4 and taken.as_json()["tables"][0]["rows_repeated"] == 2


@pytest.mark.parametrize(
    ("name", "day"),
    [(f"x {said}.csv", day) for day, ways in NAMED.items() for said in ways if day[-2:] in ("02", "05") and len(said) > 9 or "1" in said[:2]]
    + [("people_2014-15.csv", ""), ("2014-15/people Q1.csv", ""), ("a 31022014.csv", ""), ("12345678901.csv", ""),
       ("20140701/people.csv", "2014-07-01"), ("2014-04-01 to 2015-03-31.csv", "2015-03-31"), ("march 2014-15.csv", ""),
       ("extract_20240701_v2.csv", "2024-07-01"), ("July2024.csv", "2024-07-01"), ("02-07-2014.csv", "2014-07-02")],
)  # fmt: skip
def test_a_day_is_read_from_a_name_day_first_and_never_guessed_from_a_year(name, day):
    assert newest.day_in(name) == day


def test_a_figure_that_was_released_follows_the_later_export(tmp_path):
    """A year that was final when its first export was read moves by the corrected export, to what one true file gives."""

    def people(paid):
        row = {c.heading: c.example for c in tables.of("people").columns}
        row |= {"support_reason": "learning disability", "age": "40", "period": "2014-15 Q4"}
        return [
            row | {"person_id": f"P{n:05d}", "employment": "paid under 16 hours" if n < paid else "not in work"}
            for n in range(600)
        ]

    def released(folder, named, history=None):
        rows = put(folder, named).tables["people"]
        measure = type(PAID_WORK)(
            **{
                **{one: getattr(PAID_WORK, one) for one in PAID_WORK.__dataclass_fields__},
                "population": (),
                "groups": (),
            }
        )
        keys = record_keys(rows["person_id"], SAMPLE_SECRET)
        found = calculate.results([measure], {"people": rows}, pilot="p", area="E08000015", keys=keys)
        return disclosure.release(found, *([history] if history is not None else []))

    first = released(tmp_path / "first", {"people 20150501.csv": people(60)})
    both = {"people 20150501.csv": people(60), "people 20150901.csv": people(300)[100:]}
    corrected = released(tmp_path / "both", both, first.history)
    true = released(tmp_path / "true", {"people.csv": [*people(60)[:100], *people(300)[100:]]})
    pd.testing.assert_frame_equal(corrected.figures, true.figures)
    assert not corrected.figures.equals(first.figures)
