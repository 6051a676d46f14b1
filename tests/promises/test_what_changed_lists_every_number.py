"""What changed since the version before: causes first, then every number that differs, one line a measure."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from commissioning import pilot as pilots
from commissioning import seal
from commissioning.presentation import changes, differences
from commissioning.presentation.display import MIME
from commissioning.runs import causes, record, rendering
from commissioning.wording import written

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "runs"))

import light  # noqa: E402

AREA = "E08000015"


def result() -> dict:
    """A report's JSON with every kind of thing that one holds, and one that none holds yet."""
    figures = [
        {
            "measure": measure, "area": AREA, "group_kind": kind, "group": group, "period": period, "numerator": 31 + i,
            "denominator": 1015, "value": 3.054187, "lower": 2.2, "upper": 4.3, "unknown": 7, "not_applicable": 0, "hidden": False,
            "why_hidden": "", "public": False, "spend_pence": None, "status": "known", "claim": "described",
        }
        for i, (measure, kind, group, period) in enumerate(
            (measure, kind, group, period)
            for measure in ("m_work", "m_home")
            for kind, group in (("all", "all"), ("ward", "Alderby"))
            for period in ("2013-14", "2014-15", "2014-15 Q1")
        )
    ]  # fmt: skip
    held = seal.values(pilots.load("learning_disability", ROOT))
    return {
        "schema_version": 1, "pilot": "p", "stage": "review", "area": AREA, "period": "2014-15", "figures": figures,
        "spend": [{"year": "2014-15", "what": "Support", "basis": "gross", "pence": 37_100_000_00, "real_pence": 40_000_000_00}],
        "bridge": [{"line": "gross", "pence": 100, "is_sum": False}, {"line": "net", "pence": 90, "is_sum": True}],
        "findings": [{"sentence": "About 8.4 more in each 100.", "claim": "attributable", "measure": "m_work", "numbers": [8.4]}],
        "effects": [{
            "measure": "m_work", "estimate": 8.41, "lower": 5.1, "upper": 11.7, "unit": "%", "claim": "attributable",
            "withheld": None, "gates": [{"name": "units", "passed": True, "found": "Places or providers: there are 22."}],
        }],
        "calibration": [{"measure": "Paid work", "method": "imputation", "power": 0.63, "coverage": 0.95, "chosen": True}],
        "series_breaks": {"m_work": ["2012-13"]}, "primary": ["m_work"], "not_thought_of_yet": {"value": {"benefit_pence": 28_000_00}},
        "definitions": {"m_work": {"title": "Paid work", "unit": "%"}, "m_home": {"title": "Own home", "unit": "%"}},
        "methods": {"m_work": "staggered"}, "settings": held, "seal": {"says": "Sealed."}, "code_version": "0.1.0",
    }  # fmt: skip


def leaves(value, path=()):
    """Every place of a JSON value that holds a number."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    elif isinstance(value, (int, float)):
        yield path


def put(value, path, new):
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new(value[path[-1]])


def moved(one):
    return not one if isinstance(one, bool) else one + 1 if isinstance(one, int) else one * 1.0001 + 0.0001


REPEATED = ("numbers",)  # a finding's numbers stand in its sentence, which is compared
PATHS = [
    path for path in leaves(result()) if path[0] not in ("schema_version", "settings") and path[-2] not in REPEATED
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_any_number_that_moves_is_listed(path):
    after = result()
    put(after, path, moved)
    found = changes.compare(result(), after)
    assert found.record["numbers_changed"], path
    assert "No number is different" not in found.html
    assert all(row[3] != row[4] for row in found.record["numbers_changed"]), "before and now are told apart"


@pytest.mark.parametrize("path", [("figures", 0, "numerator"), ("effects", 0, "estimate"), ("calibration", 0, "power")])
def test_a_number_that_comes_or_goes_is_listed(path):
    after = result()
    put(after, path, lambda _: None)
    for pair in ((result(), after), (after, result())):
        assert any("not given" in row for row in changes.compare(*pair).record["numbers_changed"])


@pytest.mark.parametrize("name", ["figures", "spend", "effects", "calibration", "bridge"])
def test_a_row_that_comes_or_goes_is_listed(name):
    after = result()
    after[name] = after[name][1:]
    assert any(row[-1] == "no longer in it" for row in changes.compare(result(), after).record["numbers_changed"])
    assert any(row[-1] == "added" for row in changes.compare(after, result()).record["numbers_changed"])


@pytest.mark.parametrize("name", pilots.names(ROOT))
def test_any_value_of_the_pilot_file_that_moves_is_told_among_the_methods(name):
    held = seal.values(pilots.load(name, ROOT))
    for place, value in held.items():
        if isinstance(value, (int, float)):
            found = changes.compare(
                {**result(), "settings": held}, {**result(), "settings": {**held, place: moved(value)}}
            )
            assert any(f"{written(value)} →" in one for one in found.record["methods"]), place
            assert (
                "no change" not in re.sub("<[^>]+>", "", found.html).partition("Methods")[2].partition("Providers")[0]
            )


def test_what_two_processors_make_of_one_number_is_no_change():
    after = result()
    put(after, ("effects", 0, "estimate"), lambda one: one * (1 + 1e-13))
    assert not changes.compare(result(), after).any


def test_the_same_result_twice_has_no_change():
    found = changes.compare(result(), result(), printed_before={"T": {"a | b": "1"}}, printed={"T": {"a | b": "1"}})
    assert not found.any and "No number is different" in found.html


def test_a_measure_has_one_line_and_its_first_numbers_are_of_the_whole_area_and_period():
    after = result()
    for row in after["figures"]:
        if row["measure"] == "m_work":
            row["value"], row["numerator"] = row["value"] + 1, row["numerator"] + 9
    found = changes.compare(result(), after)
    (line,) = changes.lines(found.record["numbers_changed"])
    assert line[0] == "Paid work" and line[1] == "12" and line[2].startswith("2014-15")
    assert found.html.count("Paid work") == 1


def test_causes_stand_before_the_numbers():
    after = result()
    put(after, PATHS[0], moved)
    html = changes.compare(result(), after, causes=["The file reviews.csv changed."]).html
    assert html.index("reviews.csv changed") < html.index("One number is different")


# --- what the page prints -------------------------------------------------------------------------------------


def page(*records) -> SimpleNamespace:
    cells = [
        SimpleNamespace(cell_type="markdown", source="## Part"),
        SimpleNamespace(
            cell_type="code", source="", get=lambda name, default=None: [{"data": {MIME: one}} for one in records]
        ),
    ]
    cells[0].get = lambda name, default=None: default
    return SimpleNamespace(cells=cells)


def table(power: float, caption: str = "Of 20 places.") -> dict:
    columns = [{"name": "m", "label": "Outcome", "kind": "text", "decimals": 0},
               {"name": "power", "label": "Finds a worthwhile change (%)", "kind": "number", "decimals": 1}]  # fmt: skip
    rows = [["Paid work", power], ["Paid work", 12.0]]
    return {"kind": "table", "id": "card", "title": "Calibration card", "data": {"columns": columns, "rows": rows}, "caption": caption}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (table(63.0), table(99.9)),
        (table(63.0), table(63.0, "Of 21 places.")),
        ({"kind": "note", "id": "n", "title": "Note", "lines": ["79 figures are hidden."]},
         {"kind": "note", "id": "n2", "title": "Note", "lines": ["80 figures are hidden."]}),
        ({"kind": "steps", "id": "s", "title": "Steps", "steps": ["Floor 50 is met."]},
         {"kind": "steps", "id": "s", "title": "Steps", "steps": ["Floor 55 is met."]}),
        ({"kind": "log", "id": "l", "title": "Gates", "heads": ["O", "Gate", "Found"], "rows": [["A", "p", "0.1"], ["A", "q", "0.2"]]},
         {"kind": "log", "id": "l", "title": "Gates", "heads": ["O", "Gate", "Found"], "rows": [["A", "p", "0.3"], ["A", "q", "0.2"]]}),
        ({"kind": "finding", "id": "f", "title": "Finding", "sentence": "About 8 more.", "evidence": "e"},
         {"kind": "finding", "id": "f", "title": "Finding", "sentence": "About 9 more.", "evidence": "e"}),
    ],
)  # fmt: skip
def test_a_printed_number_that_no_result_holds_is_listed_too(before, after):
    was, now = differences.printed(page(before)), differences.printed(page(after))
    found = changes.compare(result(), result(), printed_before=was, printed=now)
    (row,) = found.record["numbers_changed"]
    assert row[3] != row[4]
    assert not changes.compare(result(), result(), printed_before=was, printed=was).any


def test_the_next_version_is_held_against_what_this_one_printed():
    shown = differences.printed(page(table(63.0)))
    kept = rendering._text(rendering._changes(result(), None, None, shown).record)
    later = rendering._changes(result(), json.dumps(result()), kept, differences.printed(page(table(99.9))))
    assert any(row[-2:] == ["63.0", "99.9"] for row in later.record["numbers_changed"])


# --- causes ---------------------------------------------------------------------------------------------------


def made(**more):
    held = pilots.load("learning_disability", ROOT)
    given = {
        "files": {"reviews.csv": "a", "people.csv": "b"}, "pilots": {"learning_disability": held}, "code": "c",
        "environment": {"python": "3.11.2", "platform": "linux", "lock": "l"}, "notebook": "n",
        "parameters": {"period": "2014-15", "data": "/somewhere"}, "records": {"learning_disability.plan.json": "r"},
    }  # fmt: skip
    return causes.made_from(**{**given, **more})


def test_nothing_that_differs_is_no_cause():
    assert causes.between(json.loads(json.dumps(made())), made(parameters={"period": "2014-15", "data": "/else"})) == []


def test_each_cause_is_named():
    held = pilots.load("learning_disability", ROOT)
    gates = dataclasses.replace(held.gates, units=4)
    cases = {
        "The file reviews.csv changed.": {"files": {"reviews.csv": "z", "people.csv": "b"}},
        "The file people.csv is gone.": {"files": {"reviews.csv": "a"}},
        "pilots/learning_disability/pilot.toml, gates.units: 10 → 4.": {
            "pilots": {"learning_disability": held.model_copy(update={"gates": gates})}
        },
        "pilots/learning_disability/pilot.toml: what stands at contact changed.": {
            "pilots": {"learning_disability": held.model_copy(update={"contact": "x@y.example"})}
        },
        "The workbench's code changed.": {"code": "d"},
        "What is installed changed (requirements.lock).": {
            "environment": {"python": "3.11.2", "platform": "linux", "lock": "m"}
        },
        "The notebook changed.": {"notebook": "o"},
        "The period asked for went from 2014-15 to 2015-16.": {"parameters": {"period": "2015-16"}},
        "What an earlier stage handed over (learning_disability.plan) changed.": {
            "records": {"learning_disability.plan.json": "s"}
        },
    }
    for says, change in cases.items():
        assert causes.between(json.loads(json.dumps(made())), made(**change)) == [says]


class Pool(light.QuickPool):
    """Hands over finished reports, and keeps the causes that each was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[str]] = {}

    def send(self, name, message):
        if message["do"] == "report":
            self.told[name] = message["task"]["page"]["causes"]
        super().send(name, message)


def test_a_run_tells_each_report_why_it_is_made_again(tmp_path):
    house = light.House(tmp_path / "house")
    house.write("1_analyse", light.notebook("print(pilot)", stage="analyse"))
    light.batch(house, pool=Pool())
    (house.data / "beta.csv").write_text("id,outcome\n1,yes\n")
    pool = Pool()
    light.batch(house, pool=pool)
    assert pool.told == {"beta-analyse": ["The file beta.csv is new.", "The file people.csv is gone."]}
    (house.root / "code" / "reports" / "__init__.py").write_text('"""Other code."""\n')
    pool = Pool()
    light.batch(house, pool=pool)
    assert set(map(tuple, pool.told.values())) == {("The workbench's code changed.",)}


def test_two_runs_are_compared_number_by_number(tmp_path):
    after = copy.deepcopy(result())
    put(after, ("figures", 1, "value"), lambda one: one + 1)
    after["settings"] = {**after["settings"], "gates.units": 4.0}
    runs = []
    for version, held in (("a" * 16, result()), ("b" * 16, after)):
        folder = tmp_path / "versions" / version
        folder.mkdir(parents=True)
        (folder / "r.json").write_text(json.dumps(held))
        (folder / "r.changes.json").write_text(rendering._text(changes.compare(None, held).record))
        one = record.ReportRecord(
            id="r", pilot="p", stage="review", period="latest", area="", level="", parameters={}, outcome="executed",
            published=True, files={"r.json": version},
        )  # fmt: skip
        runs.append(
            record.RunRecord(
                run=version[:4], started="2026-11-30T00:00:00+00:00", seconds=1, outcome="done", exit_code=0, engine="warm",
                workers=1, options={}, code_version="0.1.0", environment={}, version=version, version_before=None, studies=(),
                reports=(one,),
            )
        )  # fmt: skip
    said = record.compare(*runs, tmp_path)
    assert any("Paid work (1 different): 2014-15, value: 3.1 → 4.1" in one for one in said)
    assert any("gates · units: 10 → 4" in one for one in said)
    (tmp_path / "versions" / ("a" * 16) / "r.json").unlink()
    assert any("is not kept, so its numbers cannot be compared" in one for one in record.compare(*runs, tmp_path))


def test_a_hash_is_no_number_wherever_it_stands():
    """Digits of a fingerprint deep in a result are told as causes, and never listed as figures that moved."""
    from commissioning.presentation import differences

    def result(of: str, value: float) -> dict:
        return {"pilots": [{"name": "A service", "study": {"fingerprint": of * 8, "sha256": of * 16}, "people": value}]}

    found = differences.of_results(result("7f3a9b10", 12), result("24c0de66", 12))
    assert found == []
    moved = differences.of_results(result("7f3a9b10", 12), result("24c0de66", 15))
    assert [(one.what, one.before, one.now) for one in moved] == [("people", "12", "15")]
