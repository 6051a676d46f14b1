"""Markers in every column of every person-level table, everything run, failures included: none leaves `data/`."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import stat
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import leak_kit as kit
import pytest

from commissioning.disclosure import text
from commissioning.runs.notebooks import record_review
from commissioning.runs.review import PLACE
from commissioning.spreadsheet import inert

CHROMIUM = Path("/usr/bin/chromium")
SCRIPT = "<script>document.title='hacked'</script> *Day* $x^2$ [y](javascript:z)"
FORMULA = '=HYPERLINK("http://x.example")'
# `make test` runs each pilot's own report and its annex, which tells most of files; `make soak` runs every notebook.
LEFT_OUT = {
    "short": (
        "1_analyse.ipynb",
        "2_plan.ipynb",
        "3_do.ipynb",
        "4_review.ipynb",
        "cabinet_summary.ipynb",
        "service_reviews.ipynb",
        "outcomes_and_spend.ipynb",
    ),
    "everything": (),
}
FAILING = """rows = study.prepared._held("supported")
print(rows.to_string())
rows.head(400)"""
RAISING = """raise ValueError(rows.to_csv())"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A checkout in which everything was run on planted data, and what the commands said."""

    house: Path
    markers: text.Markers
    said: dict[str, str]
    codes: dict[str, int]

    @property
    def site(self) -> Path:
        return self.house / "site"

    def pages(self) -> list[Path]:
        return sorted(self.site.rglob("*.html"))


def failing(house: Path) -> None:
    """A notebook of a pilot's own that prints its rows, shows them, and breaks off with all of them in its error."""
    path = house / "pilots" / "vcf_funding" / "funding.ipynb"
    made = json.loads(path.read_text(encoding="utf-8"))
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    broken = [{**code, "id": "rows", "source": FAILING}, {**code, "id": "raises", "source": RAISING}]
    made["cells"] = [*made["cells"][:3], *broken]
    path.with_name("failing.ipynb").write_text(json.dumps(made), encoding="utf-8")


def run_on_planted(folder: Path, leaving_out: tuple[str, ...]) -> None:
    """A checkout below `folder` in which all notebooks but some run on planted data; `ran.json` keeps the rest of `Ran`."""
    house = kit.house(folder / "house", leaving_out=leaving_out)
    failing(house)
    with pytest.MonkeyPatch.context() as patch:  # the house has a record of its own, not that of the tests' checkout
        patch.delenv(PLACE, raising=False)
        record_review(house, ("learning_disability", "vcf_funding"))
    ledger = (
        house.parent / "ledger"
    )  # where `kit.command` looks for it, with a secret as `commissioning setup` makes one
    ledger.mkdir(mode=0o700)
    (ledger / "secret").write_bytes(b"the secret of an invented council")
    data = house / "data" / "incoming"
    made = kit.extracts(data)
    providers = made["learning_disability/packages"]["provider"].value_counts().index
    names = {providers[0]: SCRIPT, providers[1]: FORMULA}
    for frame in made.values():
        if "provider" in frame:
            frame["provider"] = frame["provider"].replace(names)
    planted, markers = kit.plant(made)
    kit.write_csv(data, planted)
    kit.typed_over(data)
    done = {
        "check": kit.command(house, "check", "--data", "data/incoming"),
        "check --json": kit.command(house, "check", "--data", "data/incoming", "--json"),
        "run": kit.command(house, "run", "--data", "data/incoming", "--out", "site", "--workers", "2"),
        "runs": kit.command(house, "runs", "--out", "site"),
    }
    kept = {
        "markers": {"texts": markers.texts, "numbers": markers.numbers},
        "said": {name: one.stdout + one.stderr for name, one in done.items()},
        "codes": {name: one.returncode for name, one in done.items()},
    }
    (folder / "ran.json").write_text(json.dumps(kept), encoding="utf-8")


@pytest.fixture(scope="module", params=["short", pytest.param("everything", marks=pytest.mark.soak)])
def ran(once, request) -> Ran:
    folder = once(f"leaks-{request.param}", lambda made: run_on_planted(made, LEFT_OUT[request.param]))
    kept = json.loads((folder / "ran.json").read_text(encoding="utf-8"))
    return Ran(house=folder / "house", markers=text.Markers(**kept["markers"]), said=kept["said"], codes=kept["codes"])


def test_the_markers_were_taken_in_and_everything_ran_but_the_notebook_that_fails(ran):
    assert ran.codes == {"check": 0, "check --json": 0, "run": 1, "runs": 0}, ran.said
    assert len(ran.markers.all) > 100
    held = text.find(ran.house / "data" / "results", ran.markers)
    assert held, "no marker reached the results: the test would prove nothing"
    assert {"learning_disability-implications.html", "vcf_funding-funding.html"} <= {one.name for one in ran.pages()}


def test_no_marker_stands_in_what_any_command_says(ran):
    found = {name: text.find(said, ran.markers) for name, said in ran.said.items()}
    assert not any(found.values()), found


def test_what_a_council_types_around_its_rows_reaches_no_page_no_record_and_no_log(ran):
    assert kit.TYPED in ran.said["check"] and kit.TYPED in ran.said["check --json"]  # they are for the staff
    assert kit.TYPED not in ran.said["run"] and kit.TYPED not in ran.said["runs"]
    typed = text.Markers(texts={kit.TYPED: "what a council types"}, numbers={})
    assert kit.leaks(ran.house, typed, but=ran.house / "data") == []
    logs = list((ran.house / "data" / "results").rglob("*.jsonl"))
    assert logs and [one.name for one in logs if kit.TYPED in one.read_text(encoding="utf-8")] == []


def test_no_file_of_people_is_told_by_its_hash_its_pence_or_its_exact_rows(ran):
    (kept,) = (ran.house / "data" / "results").rglob("records/*.json")
    exact = json.loads(kept.read_text(encoding="utf-8"))
    files = [
        one for study in exact["studies"] for one in study["extracts"] if one["table"] in kit.PERSONS and one["rows_in"]
    ]
    public = {one["file"] for study in exact["studies"] for one in study["extracts"] if one["public"]}
    hashes = {value for study in exact["studies"] for file, value in study["hashes"].items() if file not in public}
    pence = {f"{one['pence_in'] / 100:,.2f}" for one in files if one["pence_in"]}
    assert len(hashes) > 10 and len(files) > 4 and pence and any(one["rows_quarantined"] for one in files)
    for path in sorted(one for one in ran.site.rglob("*") if one.is_file()):
        body = path.read_text(encoding="utf-8", errors="replace")
        said = body + kit.opened(path.read_bytes())
        assert [one for one in hashes if one in said] == [], path.name
        assert [one for one in pence if one in said or one.replace(",", "") in said] == [], path.name
        for account in re.findall(r'<div class="reconciliation".*?</div></div>', body, re.S):
            exact_rows = {f"{one['rows_in']:,}" for one in files if one["rows_in"] % 100}
            assert not exact_rows & set(re.findall(r">([\d,]+)</td>", account)), path.name


def test_no_marker_stands_in_any_file_outside_data_pictures_downloads_and_metadata_included(ran):
    assert kit.leaks(ran.house, ran.markers, but=ran.house / "data") == []


def test_the_search_would_find_a_marker_in_a_page_a_download_and_a_number_with_commas(ran, tmp_path):
    name = next(iter(ran.markers.texts))
    number = next(iter(ran.markers.numbers))
    (tmp_path / "a.html").write_text(f"<a href='data:text/csv;charset=utf-8,{urllib.parse.quote(name)}'>x</a>")
    (tmp_path / "b.html").write_text(html.escape("".join(f"&#{ord(c)};" for c in name)).replace("&amp;", "&"))
    (tmp_path / "c.json").write_text(f"{int(number):,}")
    found = kit.leaks(tmp_path, ran.markers)
    assert {one.split(" ")[0].rstrip(":") for one in found} == {"a.html", "b.html", "c.json"}


def test_no_executed_notebook_is_published(ran):
    assert not list(ran.site.rglob("*.ipynb"))
    assert list((ran.house / "data" / "results").rglob("*.ipynb"))


def test_everything_that_the_run_made_under_data_is_its_owners_alone(ran):
    made = [
        p
        for kept in ("results", "evidence")
        for p in (ran.house / "data" / kept, *(ran.house / "data" / kept).rglob("*"))
    ]
    open_to_others = [
        str(p.relative_to(ran.house)) for p in made if p.exists() and stat.S_IMODE(p.lstat().st_mode) & 0o077
    ]
    assert open_to_others == []


def test_cells_of_every_download_are_inert(ran):
    cells = 0
    for page in ran.pages():
        body = html.unescape(page.read_text(encoding="utf-8"))
        for link in re.findall(r"data:text/csv[^,]*,([^\"'\s>]*)", body):
            for row in csv.reader(io.StringIO(urllib.parse.unquote(link).lstrip("\ufeff"))):
                cells += len(row)
                assert [c for c in row if inert(c) != c] == [], page.name
    assert cells > 50


def test_markup_in_data_is_shown_as_text_in_chromium(ran):
    holding = [p for p in ran.pages() if "document.title=" in html.unescape(p.read_text(encoding="utf-8"))]
    assert holding, "the provider with markup in its name is on no page: the test would prove nothing"
    assert not [p.name for p in ran.pages() if "<script" in p.read_text(encoding="utf-8").lower()]
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for path in holding[:4]:
            page.goto(path.as_uri())
            assert page.title() != "hacked"
            shown = page.evaluate("document.documentElement.textContent")
            assert "<script>document.title='hacked'</script> *Day* $x^2$" in shown, path.name
            assert page.locator("a[href^='javascript']").count() == 0
        browser.close()
