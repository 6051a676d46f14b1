"""Noise is made for so many published versions of a year: publishing counts them in the council's ledger, and refuses one more.

A quarterly council's story: a year that grows is published three times, once more when it is closed, and then again only by name.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commissioning import clock, disclosure, ledger
from commissioning.cli import main
from commissioning.runs import permission, places, publish
from commissioning.seal import published

sys.path.insert(0, str(Path(__file__).parent))

from acts_kit import House, Quick, batch, importable_by_workers, notebook  # noqa: E402, F401

REPORT = "alpha-own"
AREA = "E08000015"
YEAR = "2026-27"
TABLE = '<table id="work"><thead><tr><th scope="col">Group</th></tr></thead></table>'


def figures(number, *, year=YEAR, state="provisional", groups=False, measure="m_work"):
    rows = [(year, "all", "all"), (f"{year} Q1", "all", "all"), *([(year, "locality", "North")] if groups else [])]
    return [
        {
            "measure": measure, "group": group, "group_kind": kind, "period": period, "numerator": number, "denominator": 200,
            "value": number / 2, "state": state,
        }
        for period, kind, group in rows
    ]  # fmt: skip


class Pages(Quick):
    """Hands over a report with these figures."""

    def __init__(self, rows, says=None):
        super().__init__()
        self.body = {"figures": rows, "period": YEAR, **({"published_versions": says} if says else {})}

    def send(self, name, message):
        super().send(name, message)
        if message["do"] != "report":
            return
        answer, task = self.take(name), message["task"]
        shown = " ".join(str(one["numerator"]) for one in self.body["figures"])
        made = {
            "html": f"<html><head></head><body><h1>Own</h1>{TABLE}<p>{shown}</p><!--status:head--><!--/status--></body></html>",
            "json": json.dumps(self.body),
            "changes.json": json.dumps({"printed": {}}),
        }
        for kind, text in made.items():
            (Path(task["done"]) / f"{task['id']}.{kind}").write_text(text)
        answer["result"]["files"] = {
            f"{task['id']}.{kind}": hashlib.sha256(text.encode()).hexdigest() for kind, text in made.items()
        }
        answer["result"]["summary"] = {"title": "Own"}
        self.answers.put((name, answer))


class Council:
    """A council with own extracts, whose clock stands where it is put."""

    def __init__(self, house, monkeypatch):
        self.house, self.patch = house, monkeypatch

    def on(self, day):
        now = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
        self.patch.setattr(clock, "now", lambda: now)
        return self

    def run(self, rows, **given):
        with (self.house.data / "people.csv").open("a") as more:
            more.write(f"{os.urandom(4).hex()},yes\n")
        outcome = batch(self.house, pool=Pages(rows, **given), index=publish.INDEX)
        found = places.locate(self.house.root, self.house.data, self.house.out)
        made = {one.id: one.outcome for one in outcome.record.reports}
        return permission.after_run(found, made, forced=False, altered=outcome.altered)

    def publish(self, *words):
        return main(["publish", REPORT, "--by", "Ann Lee", "--yes", *words])

    def week(self, day, number, *words, **given):
        """A run on a day, and its publication; returns the exit code."""
        self.on(day).run(figures(number, **given))
        return self.publish(*words)


@pytest.fixture
def council(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path / "ledger"))
    house = House(tmp_path / "house")
    house.write("own", notebook("pass"), pilot="alpha")
    (house.data / "held.json").write_text('{"illustrative": false}')
    monkeypatch.chdir(house.root)
    return Council(house, monkeypatch)


def shown(council, to="published"):
    folder = council.house.root / to
    return (folder / "versions" / str(publish.current_version(folder)) / f"{REPORT}.html").read_text()


def test_a_year_that_is_open_is_published_three_times_and_once_more_when_it_is_closed(council, capsys):
    for day, number in (("2026-07-10", 50), ("2026-10-09", 60), ("2027-01-12", 70)):
        assert council.week(day, number) == 0
    before = shown(council)
    assert council.week("2027-02-01", 75) == 65
    said = capsys.readouterr().err
    assert (
        "alpha: figures of 2026-27 that differ were published on 10 July 2026, 9 October 2026, 12 January 2027" in said
    )
    assert "it may be published again from 1 July 2027" in said and said.count("\n") == 1
    assert shown(council) == before, "what is published stays"
    assert council.week("2027-06-30", 75) == 65, "the last day on which the year is open"
    assert council.week("2027-07-01", 80, groups=True) == 0
    assert "80" in shown(council)


def test_a_closed_year_changes_again_only_by_name(council, capsys):
    for day, number in (("2026-07-10", 50), ("2026-10-09", 60), ("2027-01-12", 70)):
        council.week(day, number)
    council.week("2027-07-01", 80, groups=True)
    assert council.week("2027-08-01", 85, groups=True) == 65
    assert "a named person corrects it (`commissioning correct alpha" in capsys.readouterr().err
    assert council.week("2027-08-02", 85, groups=True, state="corrected") == 0
    assert "warning: more versions of 2026-27 than the noise is made for" in capsys.readouterr().out
    assert council.week("2027-08-03", 90, groups=True) == 65, "a figure of nobody's is held against all of them"


def test_the_same_figures_are_no_new_version(council, capsys):
    for day in ("2026-07-10", "2026-07-17", "2026-07-24", "2026-07-31", "2026-08-07"):
        assert council.week(day, 50) == 0
    council.on("2026-08-14").run([*figures(50), *figures(30, year="2025-26")])
    assert council.publish("--show") == 0
    told = capsys.readouterr().out
    assert "no new version: 2026-27" in told and "version 1 of 4 of 2025-26 (alpha): not published before" in told
    council.week("2026-09-01", 60)
    assert council.week("2026-09-08", 50) == 0, "back to what was published once"
    assert [one["kind"] for one in lines() if one["says"].get("figures")] == ["published"] * 2


def lines():
    path = Path(os.environ["COMMISSIONING_LEDGER"]) / ledger.FILE
    return [one for one in map(json.loads, path.read_text().splitlines()) if one["kind"] == published.PUBLISHED]


def test_show_says_which_version_it_would_be_and_what_would_be_refused(council, capsys):
    council.week("2026-07-10", 50)
    council.on("2026-10-09").run(figures(60))
    assert council.publish("--show") == 0
    assert "version 2 of 4 of 2026-27 (alpha); published before on 2026-07-10" in capsys.readouterr().out
    council.publish()
    council.week("2027-01-12", 70)
    council.on("2027-02-01").run(figures(75))
    assert council.publish("--show") == 0 and "would be refused: alpha: figures of 2026-27" in capsys.readouterr().out


def test_it_is_counted_whatever_site_it_goes_to_and_whatever_checkout_it_comes_from(
    council, tmp_path, monkeypatch, capsys
):
    for day, number, to in (("2026-07-10", 50, "a"), ("2026-10-09", 60, "b"), ("2027-01-12", 70, "c")):
        assert council.week(day, number, "--to", str(tmp_path / to)) == 0
    assert council.week("2027-02-01", 75, "--to", str(tmp_path / "d")) == 65 and not (tmp_path / "d").exists()
    other = House(tmp_path / "other")
    other.write("own", notebook("pass"), pilot="alpha")
    (other.data / "held.json").write_text('{"illustrative": false}')
    monkeypatch.chdir(other.root)
    again = Council(other, monkeypatch)
    assert again.week("2027-02-01", 76) == 65
    assert again.week("2027-02-02", 70) == 0, "what was published from the other one is no new version here"


def test_weekly_runs_fill_the_working_site_however_often(council):
    for week in range(1, 13):
        council.on(f"2026-{week:02d}-15").run(figures(40 + week, year="2025-26"))
    assert not (council.house.root / "published").exists()


def test_what_was_allowed_in_advance_counts_too_and_waits_with_a_plain_word(council):
    council.week("2026-07-10", 50)
    assert main(["publish", "--by", "Ann Lee", "--yes", "--allow", REPORT, "--until", "2027-07-09"]) == 0
    for day, number in (("2026-07-17", 55), ("2026-07-24", 60)):
        (told,) = council.on(day).run(figures(number))
        assert told.startswith(f"published {REPORT}")
    (told,) = council.on("2026-07-31").run(figures(65))
    assert "was allowed in advance and could not be published" in told and "again from 1 July 2027" in told
    assert "60" in shown(council) and "65" not in shown(council)
    (told,) = council.on("2027-07-02").run(figures(70))
    assert told.startswith(f"published {REPORT}"), "the permission stood, and waited"


def test_a_ledger_line_that_was_altered_stops_publication(council, capsys):
    council.week("2026-07-10", 50)
    path = Path(os.environ["COMMISSIONING_LEDGER"]) / ledger.FILE
    path.write_text(path.read_text().replace('"2026-27"', '"2016-17"'))
    council.on("2026-10-09").run(figures(60))
    assert council.publish() == 65 and "altered after it was written" in capsys.readouterr().err


def test_figures_of_two_periods_published_together_are_two_versions():
    """A report of 2026-27 Q2 and one of Q3 hold the same year twice."""
    record = published.Record(ledger.Held(), AREA)
    rules = published.Rules()
    for number, refused in ((50, False), (60, False), (70, False), (80, True)):
        rows = [
            (one["measure"], one["group_kind"], one["group"], one["period"], [one["numerator"]])
            for one in figures(number)
        ]
        asked = published.digests(rows)
        (year,) = record.weigh("alpha", rules, asked, (), datetime(2026, 10, 1).date())
        assert bool(year.refused) is refused
        record.add(record.fresh(asked), "2026-10-01")


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("versions", [4, 5, 8])
@pytest.mark.parametrize("cells", [2, 3, 6])
def test_the_policy_promises_no_more_than_is_counted(versions, cells, groups):
    """Everything that may be published of one answer, read together: the rate that the policy states."""
    policy = disclosure.policy().stricter(versions=versions, cells_of_one_person=cells, groups_in_open_years=groups)
    assert policy.guessed_right(looks=policy.looks) <= policy.surest_guess + 1e-9
    rules = published.Rules(
        versions=policy.versions, looks=policy.looks, looks_while_open=policy.looks_while_open, cells=cells
    )
    kinds = [f"kind {number}" for number in range(cells - 2)]
    record, seen = published.Record(ledger.Held(), AREA), 0
    for version in range(3 * versions):
        closed = version >= versions - 1
        day = datetime(2028 if closed else 2026, 8, 1).date()
        shown_now = ["all", "Q1", *(kinds if closed or groups else [])]
        asked = {YEAR: {"m": {cell: f"{cell} {version}" for cell in shown_now}}}
        (year,) = record.weigh("alpha", rules, asked, (), day)
        if not year.refused:
            record.add(record.fresh(asked), day.isoformat())
            seen += 1
    counted = {cell: len(found) for cell, found in record.seen[YEAR]["m"].items()}
    assert published.looks(counted, cells) <= policy.looks
    assert seen == versions, "and as many versions as it says may be published"


def test_the_house_s_policy_serves_four_versions_with_the_noise_of_two_whole_ones():
    policy = disclosure.policy()
    assert (policy.versions, policy.groups_in_open_years, policy.looks) == (4, False, 12)
    assert policy.noise == pytest.approx(6.69, abs=0.01)
    assert policy.stricter(groups_in_open_years=True).noise == pytest.approx(9.56, abs=0.01)


def test_a_real_report_shows_groups_once_its_year_is_closed_and_is_counted_by_what_it_shows(
    tmp_path, monkeypatch, capsys
):
    import states_kit as states

    told = states.Council(tmp_path, monkeypatch)

    def wards(year):
        return [one for one in told.json()["figures"] if one["group_kind"] == "ward" and one["period"] == year]

    told.on(datetime(2020, 5, 1, 9, tzinfo=UTC))  # 2019-20 is over, and open until the end of June
    told.run()
    assert wards("2019-20") and all(one["numerator"] is None for one in wards("2019-20"))
    assert any("while the year is open" in one["why_hidden"] for one in wards("2019-20"))
    assert any(one["numerator"] for one in wards("2018-19"))
    assert main(["publish", states.REPORT, "--by", "Ann Lee", "--yes", "--out", str(told.site)]) == 0
    assert "version 1 of 4 of 2019-20" in capsys.readouterr().out
    site = told.root / "site-published"
    out = json.loads((site / "versions" / str(publish.current_version(site)) / f"{states.REPORT}.json").read_text())
    assert "published_versions" not in out and out["figures"], "digests are for staff"
    told.on(datetime(2020, 7, 1, 9, tzinfo=UTC))
    told.run(stages=("analyse", "annex"))
    assert any(one["numerator"] for one in wards("2019-20"))
    counted = "Versions of each year when this page was made: 2016-17: 1, 2017-18: 1, 2018-19: 1, 2019-20: 1"
    assert counted in told.page(report=f"{states.PILOT}-annex")
    assert main(["publish", states.REPORT, "--by", "Ann Lee", "--yes", "--out", str(told.site)]) == 0
    (last,) = [one["says"]["figures"] for one in lines()][1:]
    assert set(last) == {"2019-20"}, "of closed years nothing is new"
    kinds = {cell for cells in last["2019-20"].values() for cell in cells}
    assert "ward" in kinds and "all" not in kinds, "all people are as published: a version is of what differs"


def test_what_publication_supposes_of_a_report_that_does_not_say_is_the_policy_of_the_house():
    """The room of publication imports no policy, so that it stays light: its figures are held to the policy's here."""
    house, supposed = disclosure.policy(), published.Rules()
    assert (supposed.versions, supposed.looks) == (house.versions, house.looks)
    assert (supposed.looks_while_open, supposed.cells) == (house.looks_while_open, house.cells_of_one_person)
