"""Everything a page shows of people or organisations passes disclosure control: no section and no notebook reads a row."""

from __future__ import annotations

import ast
import json
import pickle
import re
import tomllib
from pathlib import Path

import nbformat
import pandas as pd
import papermill
import pytest
from jupyter_client.manager import KernelManager

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.disclosure import policy
from commissioning.errors import NotReleased
from commissioning.measures import breakdowns
from commissioning.sections import figures
from commissioning.study import broken_down, ready, restricted, worked_out
from commissioning.study.prepared import Prepared

ROOT = Path(__file__).resolve().parents[2]
ESTIMATE = {
    "commissioning.study.estimates",
    "commissioning.study.value_for_money",
    "commissioning.runs.calibrating",
}
"""Who reads rows: what estimates effects and value before a notebook's first section. This list may only get shorter."""
PREPARES = {"prepared", "then", "restricted", "told_apart", "used", "started", "spend", "payments"}
"""Modules that make a study from its extracts, before any notebook starts; `restricted` hands its rows on."""
READS = re.compile(r"\._held\(|\._results\b|\._tables\b|\._codes\b|read_parquet|read_csv|\bstudy\.(table|results)\b")
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), *sorted((ROOT / "pilots").glob("*/*.ipynb"))]
QUICK = ("1_analyse", "funding")


def test_only_what_estimates_may_import_the_rows():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (door,) = [one for one in contracts if one["id"] == "one-door"]
    assert door["protected_modules"] == ["commissioning.study.restricted"]
    assert set(door["allowed_importers"]) <= ESTIMATE
    (worked,) = [one for one in contracts if one["id"] == "worked-out"]
    assert set(worked["protected_modules"]) == ESTIMATE - {"commissioning.runs.calibrating"}
    assert set(worked["allowed_importers"]) <= ESTIMATE | {"commissioning.study.worked_out"}


def test_no_section_display_or_notebook_names_a_way_to_rows():
    lib = ROOT / "lib" / "commissioning"
    code = [*(lib / "reports").glob("*.py"), *(lib / "sections").glob("*.py"), *(lib / "study").glob("*.py")]
    code = [path for path in code if path.stem not in PREPARES]
    code += [*(lib / "presentation").rglob("*.py"), *(ROOT / "pilots").rglob("*.py"), *NOTEBOOKS]
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}" for path in code for match in READS.finditer(path.read_text("utf-8"))
    ]
    told = [lib / "study" / "opened.py", lib / "study" / "opened.py", lib / "study" / "own_table.py"]
    assert sorted(found) == [f"{path.relative_to(ROOT)}: study.table" for path in told], (
        "an example in help, and no more"
    )
    for path in told:
        calls = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Attribute)]
        assert not [one for one in calls if ast.unparse(one) in ("study.table", "study.results")]


@pytest.fixture
def no_rows(monkeypatch):
    """no_rows(): from here on every read of a table, of results, of an earlier period worked out anew or of record keys raises."""

    def refused(self: Prepared, name: str) -> pd.DataFrame:
        raise AssertionError(f"a section read the rows of {name!r}")

    def no_more(self: Prepared) -> pd.DataFrame:
        raise AssertionError("a section read what is before disclosure control")

    def start() -> None:
        monkeypatch.setattr(Prepared, "_held", refused)
        for name in ("_results", "_tables", "_then", "record_keys", "_codes"):
            monkeypatch.setattr(Prepared, name, property(no_more))

    return start


@pytest.fixture
def run(no_rows, opened, run_cell):
    """run(notebook, pilot=…) → the kind of everything that its cells show; the reads are shut once its study is open, and effects are
    worked out, as a run has them worked out before any notebook starts."""

    def shown(path: Path, **parameters: str) -> list[str]:
        space, cells = opened(path, **parameters)
        for study in space.get("studies") or [space["study"]]:
            assert study.effects().found is not None
        no_rows()
        return [one["kind"] for cell in cells for one in run_cell(cell, space)]

    return shown


@pytest.mark.parametrize("path", [one for one in NOTEBOOKS if one.stem in QUICK], ids=lambda one: one.stem)
def test_every_cell_of_a_page_shows_what_it_shows_without_a_row(path, run):
    assert run(path).count("table") > 0


def _pages() -> list[object]:
    """Every notebook with every pilot; a pilot's own notebook with that pilot."""
    return [
        pytest.param(path, pilot, id=f"{path.stem}-{pilot}")
        for path in NOTEBOOKS
        for pilot in pilots.names()
        if path.parent.name in ("notebooks", pilot)
    ]


@pytest.mark.soak
@pytest.mark.parametrize(("path", "pilot"), _pages())
def test_every_page_of_every_pilot_shows_what_it_shows_without_a_row(path, pilot, run):
    if path.parent.parent.name == "pilots" and path.parent.name != pilot:
        pytest.skip("a pilot's own notebook is of that pilot")
    assert run(path, pilot=pilot)


def test_a_page_of_an_earlier_period_and_of_a_place_reads_no_row_either(no_rows):
    earlier = reports.open("analyse", pilot="learning_disability", period="2013-14")
    place = reports.open("pilot", pilot="learning_disability", level="locality=North")
    assert len(earlier.study.broken_down) and len(place.study.broken_down)
    no_rows()
    for name in ("how_provided", "sectors", "thin_spots", "bought_and_achieved", "market"):
        getattr(earlier, name)()
    for name in ("personal_budget", "information_and_advice", "who_provides", "packages_purse", "need_and_cost"):
        assert getattr(place, name)().record["kind"] == "table"
    shown = earlier.study.broken_down.figures["period"].str.slice(0, 7)
    assert shown.max() == "2013-14", "nothing later than the period"


@pytest.mark.parametrize("pilot", pilots.names())
def test_a_breakdown_stands_in_the_one_release_with_its_price(pilot):
    opened = reports.open("pilot", pilot=pilot).study
    ids = set(opened.broken_down.figures["measure"])
    assert ids and not ids & set(opened.released.figures["measure"])
    assert ids <= set(opened.released.price["measure"]), "what its protection cost is counted with the measures'"
    figures = opened.broken_down.figures
    counts = figures[figures["kind"].eq("count") & ~figures["public"]]
    assert len(counts)
    for name in ("numerator", "denominator", "unknown"):
        assert not counts[name].between(1, policy().suppress_to).any(), name
        assert counts[name].dropna().mod(policy().round_to).eq(0).all(), name


@pytest.mark.parametrize("pilot", pilots.names())
def test_a_table_of_the_page_shows_the_released_figure_and_no_other(pilot):
    opened = reports.open("pilot", pilot=pilot).study
    for id, one in broken_down.of(pilots.load(pilot)).items():
        for by in one.groups:
            period = broken_down.last(opened, id)
            shown = broken_down.shown(opened, id, by, period=period) if period else pd.DataFrame()
            for figure in (figure.name for figure in one.figures if len(shown)):
                key = breakdowns.measure_id(pilot, id, figure)
                released = opened.broken_down.select(
                    measure=key, period=period, group_kind=breakdowns.crossed(by)
                ).figures
                mine = sorted(shown[figure].dropna().astype(float))
                assert mine == sorted(released["numerator"].dropna().astype(float)), (id, by, figure)


# --- worked out once, before a notebook's first section


def test_a_second_report_of_a_study_estimates_nothing(monkeypatch):
    first = reports.open("review", pilot="vcf_funding")
    monkeypatch.setattr(worked_out, "make", lambda *given: pytest.fail("it was worked out again"))
    second = reports.open("do", pilot="vcf_funding")
    pd.testing.assert_frame_equal(figures.effects(first).card, figures.effects(second).card)
    assert [one.summary for one in figures.effects(first).estimates] == [
        one.summary for one in figures.effects(second).estimates
    ]
    assert figures.effects(first).value == figures.effects(second).value


def test_what_is_kept_of_effects_holds_no_exact_estimate_no_draw_and_no_row():
    opened = reports.open("review", pilot="learning_disability")
    exact = worked_out.estimates.estimate(
        opened.study, opened.pilot, cache=pilots.home() / "data/evidence/calibration", period=opened.period
    )
    (path,) = [
        one for one in ready.folder(opened.study.path, "").glob("effects-*.json")
        if worked_out.as_read(ready.read(one), opened.measures).card.equals(figures.effects(opened).card)
    ][:1]  # fmt: skip
    text = path.read_text()
    assert len(text) < 60_000 and 'draws": [' not in text
    for one in exact.estimates:
        if one.effect is not None:
            for number in (one.effect.estimate, one.effect.diagnostics.get("standard_error"), one.effect.p_value):
                assert number is None or f"{number:.6g}"[:7] not in text, one.measure.id
    people = set(restricted.table(opened.study, "people")["person_id"].astype(str).head(50))
    assert not any(f'"{one}"' in text for one in people)


def test_what_is_kept_survives_being_broken_and_another_pilot_file_has_its_own(tmp_path):
    opened = reports.open("review", pilot="vcf_funding")
    path = tmp_path / "ready" / "latest-x" / "effects-y.json"
    ready.keep(path, {"a": 1})
    assert ready.read(path) == {"a": 1}
    path.write_text(path.read_text()[:-9])
    assert ready.read(path) is None
    other = opened.pilot.model_copy(update={"floors": ()})
    made = worked_out.of(opened.study, other, opened.period, opened.sealed)
    assert made.estimates and figures.effects(opened).estimates


def test_a_notebook_of_a_run_is_given_no_table_no_results_and_no_record_keys():
    """By the list that the fences go by; that they hold is tried in test_only_reviewed_code_on_own_extracts."""
    held = reports.open("pilot", pilot="learning_disability").study.path
    given = {one.relative_to(held).parts[0] for one in ready.shown_parts(held)}
    assert {
        "tables",
        "results.parquet",
        "breakdowns.parquet",
        "record_keys.parquet",
        "account.json",
    } == ready.RESTRICTED
    assert {one.name for one in held.iterdir()} >= ready.RESTRICTED and not given & ready.RESTRICTED
    assert {"study.json", "released.json", "left_out.json", "seal.json", "published", "ready"} <= given
    rows = {one.stem for one in (held / "published").glob("*.parquet")}
    assert rows and not rows & {"people", "reviews", "packages", "supported"}
    assert not {"staff", "staff_left"} & set(pd.read_parquet(held / "published" / "providers.parquet"))


# --- rows open only to a person at a kernel

LOOK = """
from commissioning import reports
study = reports.open("pilot", pilot="vcf_funding").study
said = {}
for what, look in {"table": lambda: study.table("supported"), "results": lambda: study.results}.items():
    try:
        said[what] = len(look())
    except Exception as error:
        said[what] = type(error).__name__
"""


def test_in_a_test_a_script_or_a_run_rows_do_not_open_and_a_study_cannot_be_pickled(monkeypatch):
    opened = reports.open("pilot", pilot="vcf_funding")
    for look in (
        lambda: opened.study.table("supported"),
        lambda: opened.study.results,
        lambda: pickle.dumps(opened.study),
    ):
        with pytest.raises(NotReleased):
            look()
    with pytest.raises(NotReleased, match="supported"):
        opened.study.published("supported")
    assert not {"staff", "staff_left"} & set(
        reports.open("pilot", pilot="learning_disability").study.published("providers")
    )
    assert len(restricted.table(opened.study, "supported"))


def test_under_papermill_rows_do_not_open(tmp_path):
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(LOOK), nbformat.v4.new_code_cell("import json; print(json.dumps(said))")]
    )
    nbformat.write(book, tmp_path / "look.ipynb")
    made = papermill.execute_notebook(
        tmp_path / "look.ipynb", tmp_path / "out.ipynb", kernel_name="python3", progress_bar=False, cwd=str(ROOT)
    )
    (shown,) = made["cells"][-1]["outputs"]
    assert json.loads(shown["text"]) == {"table": "NotReleased", "results": "NotReleased"}


def test_at_a_kernel_that_can_ask_rows_open_and_the_report_does_not_close():
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(ROOT))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        printed: list[str] = []

        def note(message) -> None:
            content = message["content"]
            printed.append(content.get("text") or content.get("ename") or "")

        client.execute_interactive(LOOK, allow_stdin=True, timeout=120, output_hook=note)
        client.execute_interactive("print(said)", timeout=60, output_hook=note)
        client.execute_interactive('reports.open("pilot", pilot="vcf_funding").close()', timeout=120, output_hook=note)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    text = "".join(printed)
    assert "Opened by hand: the rows of 'supported'" in text
    assert "NotReleased'" not in text
    assert text.rstrip().endswith("NotReleased")
