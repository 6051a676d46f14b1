"""A real report, run, signed, run again: its facts, its Easy Read page, what changed, and the same bytes twice."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commissioning import pilot as pilots
from commissioning.presentation import signoff
from commissioning.runs import batch, places, publish, signing
from commissioning.runs.plan import plan
from commissioning.runs.pool import LocalPool
from commissioning.runs.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
PILOT, REPORT = "vcf_funding", "vcf_funding-funding"
EASY = f"{REPORT}.easy-read.html"


@dataclass
class Workbench:
    """A checkout of its own: pilots, notebooks and the sample, so that a test may change them."""

    root: Path
    pool: LocalPool

    def places(self, out: str) -> places.Places:
        return places.locate(self.root, self.root / "data" / "sample", self.root / out)

    def run(self, out: str, **options: Any) -> batch.Outcome:
        known = {name: pilots.load(name, self.root) for name in pilots.names(self.root)}
        plans = plan(self.root, known, asked=(PILOT,), stages=("pilot",), illustrative=True)
        quiet = Progress(len(plans), stream=open("/dev/null", "w"))  # noqa: SIM115, PTH123
        made = batch.Options(**{"engine": "warm", **options})
        return batch.run(self.places(out), plans, known, made, progress=quiet, pool=self.pool)

    def version(self, out: str) -> Path:
        found = self.places(out)
        return found.versions / str(publish.current_version(found.out))

    def text(self, out: str, name: str = f"{REPORT}.html") -> str:
        return (self.version(out) / name).read_text(encoding="utf-8")

    def bytes_of(self, out: str) -> dict[str, str]:
        """SHA-256 of everything that readers get: the served version and the front page."""
        folder = self.places(out).out
        files = [folder / "index.html", *(one for one in self.version(out).iterdir() if one.is_file())]
        return {one.relative_to(folder).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


@pytest.fixture(scope="module")
def bench(tmp_path_factory, request):
    """The workbench after one run of one report of one pilot."""
    root = tmp_path_factory.mktemp("workbench")
    for name in ("pilots", "notebooks", "data/sample", "data/reference"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "requirements.lock", root)
    kept = ROOT / "data" / "evidence" / "calibration"  # named by their content, so another checkout's may be read
    if kept.is_dir():
        shutil.copytree(kept, root / "data" / "evidence" / "calibration")
    # The pilot's file is read from the checkout that the processes stand in.
    here = Path.cwd()
    request.addfinalizer(lambda: os.chdir(here))
    os.chdir(root)
    pool = LocalPool(1, warm=True)
    request.addfinalizer(pool.close)
    made = Workbench(root, pool)
    outcome = made.run("first")
    assert outcome.exit_code == 0, outcome.lines
    return made


def status_of(html: str) -> str:
    return re.findall(r"<strong>Status:</strong> ([^<]*)", html)[0]


def test_the_page_says_its_own_title_period_area_and_level(bench):
    page = bench.text("first")
    heading = next(
        line[2:].strip()
        for cell in json.loads((bench.root / "pilots" / PILOT / "funding.ipynb").read_text(encoding="utf-8"))["cells"]
        for line in cell["source"]
        if line.startswith("# ")
    )
    facts = dict(
        re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page.partition('<dl class="facts">')[2].partition("</dl>")[0])
    )
    assert f"<h1>{heading}</h1>" in page
    assert facts["Period"] == "2015-16" and facts["Level"] == "Whole area" and facts["Area"] == "Wirral (E08000015)"
    assert facts["Part of the cycle"] == "The pilot as a whole"
    assert "This is the first version of this report" in page


def test_the_easy_read_page_is_published_beside_and_both_lead_to_each_other(bench):
    assert f'href="{EASY}"' in bench.text("first")
    easy = bench.text("first", EASY)
    assert f'href="{REPORT}.html"' in easy and signoff.NOT_CHECKED in easy and "numbers here are made up" in easy
    index = (bench.places("first").out / "index.html").read_text(encoding="utf-8")
    assert f"{EASY}" in index and "Trend of People who reached the outcome agreed" in index


def test_the_same_data_parameters_and_history_give_the_same_bytes(bench):
    assert bench.run("second").exit_code == 0
    assert bench.bytes_of("second") == bench.bytes_of("first")


def test_sign_off_holds_until_the_report_changes(bench):
    where = bench.places("first")
    before = bench.bytes_of("first")
    for role, name in (("analyst", "Ann"), ("assurer", "Bob"), ("approver", "Cas"), ("easy_read_group", "Our group")):
        said = signing.sign(where, REPORT, role, name)
        assert said.startswith(f"{REPORT}: signed by {name} as {role}")
    assert status_of(bench.text("first")).startswith("Signed off by Cas on")
    assert "Checked by Our group on" in bench.text("first", EASY)
    index = (where.out / "index.html").read_text(encoding="utf-8")
    assert "Signed off by Cas" in index and "Earlier versions" in index
    for name in before:  # versions are never changed
        if name.startswith("versions/"):
            assert hashlib.sha256((where.out / name).read_bytes()).hexdigest() == before[name]
            assert f'href="versions/{name.split("/")[1]}/index.html"' in index
    assert bench.run("first").record.reports[0].outcome == "unchanged"
    # Made anew with nothing different, it is the report they signed.
    assert bench.run("first", force=True).record.reports[0].outcome == "executed"
    assert status_of(bench.text("first")).startswith("Signed off by Cas on")
    # A floor is agreed anew: the report is another, and nobody has signed that one.
    toml = bench.root / "data" / "sample" / PILOT / "agreed.toml"
    kept = toml.read_text(encoding="utf-8")
    toml.write_text(kept.replace("floor = 60.0", "floor = 61.0"), encoding="utf-8")
    try:
        assert bench.run("first").record.reports[0].outcome == "executed"
    finally:
        toml.write_text(kept, encoding="utf-8")
    page = bench.text("first")
    assert status_of(page) == f"{signoff.DRAFT} (it has changed since it was signed)"
    assert signoff.NOT_CHECKED in bench.text("first", EASY)
    assert "No number is different" in page and "This is the first version" not in page
    assert signoff.DRAFT in (where.out / "index.html").read_text(encoding="utf-8")
