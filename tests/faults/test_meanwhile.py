"""What changes while a run is going on: code, settings, figures that another run releases, an extract that goes."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import light
import pytest

from commissioning.errors import CannotWrite, DataRefused, ReportFailed
from commissioning.runs import keys, notebooks, publish


def test_every_module_that_a_stage_loads_is_in_a_reports_key(tmp_path):
    importlib.import_module("commissioning.reports.stages")
    from commissioning.evidence import registry
    from commissioning.measures import catalogue

    catalogue("vcf_funding")
    registry.readers()
    hashes = keys.FileHashes(tmp_path / "hashes.json")
    keys.code(hashes)
    held = {Path(one) for one in hashes.known}
    files = {
        Path(module.__file__)
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == "commissioning" and getattr(module, "__file__", None)
    }
    missing = {one.relative_to(keys.PACKAGE).as_posix() for one in files - held}
    assert {one for one in missing if one.split("/")[0].removesuffix(".py") not in keys.NOT_IN_KEY} == set()


def test_a_file_of_any_kind_that_comes_or_changes_in_the_library_makes_another_key(tmp_path, monkeypatch):
    package = tmp_path / "package"
    (package / "presentation").mkdir(parents=True)
    monkeypatch.setattr(keys, "PACKAGE", package)
    found = []
    for name in ("states.py", "presentation/page.py", "presentation/page.css", "presentation/page.py", "runs.py"):
        (package / name).write_text(f"{name} {len(found)}")
        found.append(keys.code(keys.FileHashes(tmp_path / "hashes.json")))
    assert len(set(found)) == 4 and found[3] == found[4], "of the room that arranges runs no page depends"


def test_a_pilots_own_measures_are_in_the_keys_of_its_study_and_its_reports(house):
    light.batch(house, pool=light.QuickPool())
    (house.root / "pilots" / "alpha" / "measures.py").write_text("MEASURES = ()\n")
    pool = light.QuickPool()
    outcome = light.batch(house, pool=pool)
    executed = {one.id for one in outcome.record.reports if one.outcome == "executed"}
    assert executed and all(one.startswith("alpha-") for one in executed)


def test_a_setting_that_changes_while_its_report_is_made_makes_it_again_in_the_next_run(house):
    lessons = house.root / "pilots" / "alpha" / "lessons.md"
    lessons.write_text("before")

    class Pool(light.QuickPool):
        def send(self, name, message):
            super().send(name, message)
            if message["do"] == "report" and name.startswith("alpha-"):
                lessons.write_text("after")

    assert light.batch(house, pool=Pool()).exit_code == 0
    again = light.batch(house, pool=light.QuickPool())
    assert {one.id for one in again.record.reports if one.outcome == "executed"} >= {"alpha-analyse"}


def test_figures_are_history_before_they_are_served(house, monkeypatch):
    seen = []
    before = publish.publish

    def look(places, *arguments, **options):
        seen.append(sorted(one.name for one in (places.state / "history").glob("*.json")))
        return before(places, *arguments, **options)

    monkeypatch.setattr(publish, "publish", look)
    light.batch(house, pool=light.QuickPool())
    assert seen == [["alpha-e08000015-sample.json", "beta-e08000015-sample.json"]]


def test_a_run_does_not_publish_beside_figures_that_another_run_released_meanwhile(house):
    class Pool(light.QuickPool):
        def send(self, name, message):
            super().send(name, message)
            if message["do"] == "report":
                folder = house.state / "history"
                folder.mkdir(exist_ok=True)
                for one in ("alpha", "beta"):
                    (folder / f"{one}-e08000015-sample.json").write_text('{"of": "another run"}')

    outcome = light.batch(house, pool=Pool())
    assert outcome.exit_code == 1
    assert {one.reason for one in outcome.record.reports} == {"RELEASED_MEANWHILE"}
    assert publish.current_version(house.out) is None
    assert light.batch(house, pool=light.QuickPool()).exit_code == 0, "prepared again with what was released"


def test_a_table_that_is_gone_from_the_extracts_is_named_and_the_last_good_site_is_kept(house):
    def tables(*names):
        files = [{"file": f"{one}.csv", "table": one, "status": "accepted"} for one in names]
        (house.data / "held.json").write_text(json.dumps({"files": files}))

    tables("people", "returns")
    light.batch(house, pool=light.QuickPool())
    served = house.published()
    tables("people")
    with pytest.raises(DataRefused, match=r"the file of returns, which gave the table 'returns' .* --force"):
        light.batch(house, pool=light.QuickPool())
    assert house.published() == served and house.record["outcome"] == "refused"
    assert light.batch(house, pool=light.QuickPool(), force=True).exit_code == 0


def test_a_run_that_is_refused_before_it_starts_leaves_its_own_record(house):
    light.batch(house, pool=light.QuickPool())
    assert house.record["outcome"] == "done"
    house.data.rename(house.data.with_name("elsewhere"))
    with pytest.raises(DataRefused):
        light.batch(house, pool=light.QuickPool())
    assert house.record["outcome"] == "refused" and "does not exist" in house.exact["refused"][0]


def test_a_disk_that_fails_while_publishing_leaves_a_record_that_says_so(house, monkeypatch):
    light.batch(house, pool=light.QuickPool())

    def broken(*_, **__):
        raise CannotWrite("publishing failed, the last good site is still served: Input/output error")

    monkeypatch.setattr(publish, "publish", broken)
    with pytest.raises(CannotWrite):
        light.batch(house, pool=light.QuickPool(), force=True)
    assert house.record["outcome"] == "refused" and house.record["exit_code"] == 73


def test_what_is_stuck_long_past_the_deadline_is_ended_and_named(house):
    class Stuck(light.QuickPool):
        def send(self, name, message):
            if message["do"] == "prepare":
                super().send(name, message)

    outcome = light.batch(house, pool=Stuck(), run_timeout=0.5, grace=0.3)
    assert outcome.exit_code == 1
    assert {one.reason for one in outcome.record.reports} == {"RUN_TIMEOUT"}


def test_evidence_that_is_stuck_long_past_the_deadline_ends_the_run(house):
    class Stuck(light.QuickPool):
        def send(self, name, message):
            pass

    with pytest.raises(ReportFailed, match="while the evidence was prepared"):
        light.batch(house, pool=Stuck(), run_timeout=0.3, grace=0.2)


def test_a_python_that_lost_count_of_its_depth_is_asked_again(monkeypatch):
    real, left = notebooks.ast.parse, [2]

    def losing_count(source):
        left[0] -= 1
        if left[0] >= 0:
            raise SystemError("AST constructor recursion depth mismatch (before=147, after=194)")
        return real(source)

    monkeypatch.setattr(notebooks.ast, "parse", losing_count)
    assert len(notebooks.parsed("a = 1\nb = 2").body) == 2
