"""A claim says "checks set beforehand" only under a seal older than the first reading of the period's outcomes.

Longer than 400 lines: every way in which a seal may be late, changed or lost, side by side.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from commissioning import cli, clock, ledger, seal
from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.runs import sealing
from commissioning.runs.studies import Studies
from commissioning.study.pilot_measures import measures_of, primary_of
from commissioning.study.prepare import prepare
from commissioning.wording import checked

ROOT = Path(__file__).resolve().parents[2]
AREA = "E08000015"
GOAL, CONTROL = "learning_disability_own_goal_met", "learning_disability_control"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the pilots of the project, and a ledger outside it."""
    root = tmp_path / "checkout"
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(ROOT / "pilots", root / "pilots", ignore=shutil.ignore_patterns("*.ipynb"))
    for made_up in (ROOT / "data" / "sample").glob(
        "*/agreed.toml"
    ):  # as a council would agree it, and as the sample has it
        for folder in (root / "pilots" / made_up.parent.name, root / "data" / "sample" / made_up.parent.name):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(made_up, folder / "agreed.toml")
    monkeypatch.chdir(root)
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path / "ledger"))
    return root


def edit(root: Path, old: str, new: str, name: str = "learning_disability") -> None:
    """Change a pilot's own file, or what was agreed for it, wherever it stands."""
    own = root / "pilots" / name
    files = [own / "pilot.toml", own / "agreed.toml", root / "data" / "sample" / name / "agreed.toml"]
    held = [path for path in files if path.is_file() and old in path.read_text(encoding="utf-8")]
    assert held, old
    for path in held:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def pilot(name: str = "learning_disability") -> pilots.Pilot:
    return pilots.load(name)


def sealed(by: str = "A. Director") -> ledger.Entry:
    return seal.seal(pilot(), by, area=AREA)


def reads(*periods: str) -> dict:
    return seal.reading(pilot(), AREA, periods)


def line_file(tmp_path: Path) -> Path:
    return tmp_path / "ledger" / ledger.FILE


# --- the order of things --------------------------------------------------------------------------------------


def test_a_seal_before_the_first_reading_earns_the_words(checkout):
    sealed()
    found = seal.status(reads("2015-16", "2015-16 Q1"), "2015-16")
    assert found.beforehand and found.by == "A. Director" and found.on == clock.today().isoformat()
    assert checked(found.of_claim(GOAL)) == "It passed checks set beforehand."


def test_without_a_seal_nothing_is_said_to_be_set_beforehand(checkout):
    found = seal.status(reads("2015-16"), "2015-16")
    assert "The checks were not sealed before figures were seen." in checked(found.of_claim(GOAL))
    assert "set beforehand" not in checked(found.of_claim(GOAL)) + found.says(GOAL)


def test_a_seal_after_the_reading_counts_for_later_periods_only(checkout):
    reads("2014-15")
    sealed()
    held = reads("2014-15", "2015-16")
    assert not seal.status(held, "2014-15").beforehand
    assert "had been read (first on" in seal.status(held, "2014-15").says()
    later = seal.status(held, "2015-16")
    assert later.beforehand and "Figures up to 2014-15 had been seen then." in later.says()
    assert "before figures were seen" not in later.says()  # some had been: it says of which period none had


@pytest.mark.parametrize("period", ["", "the year is not given", "latest"])
def test_a_report_of_no_year_has_nothing_set_beforehand_once_outcomes_were_read(checkout, period):
    """Two pages of one site would say the opposite of each other."""
    reads("2015-16")
    sealed()
    found = seal.status(reads("2015-16"), period)
    assert not found.beforehand and "figures of the period had been read (first on" in found.says()


def test_a_year_of_which_a_quarter_was_read_was_read_and_its_other_quarters_were_not(checkout):
    reads("2015-16 Q1")
    sealed()
    held = reads("2015-16", "2015-16 Q1", "2015-16 Q2")
    assert not seal.status(held, "2015-16").beforehand
    assert not seal.status(held, "2015-16 Q1").beforehand
    assert seal.status(held, "2015-16 Q2").beforehand


def test_sealing_again_after_the_reading_changes_nothing_for_what_was_read(checkout):
    sealed("First")
    reads("2015-16")
    edit(checkout, "pre_trend_p = 0.01", "pre_trend_p = 0.001")
    sealed("Second")
    found = seal.status(reads("2015-16", "2016-17"), "2015-16")
    assert found.by == "First" and [one.place for one in found.changes] == ["gates.pre_trend_p"]
    assert found.of_claim(GOAL) == "changed"
    later = seal.status(reads("2015-16", "2016-17"), "2016-17")
    assert later.by == "Second", "2016-17 was read for the first time after the second seal"


def test_sealing_again_before_the_next_period_counts_for_it(checkout):
    sealed("First")
    reads("2015-16")
    edit(checkout, "pre_trend_p = 0.01", "pre_trend_p = 0.001")
    sealed("Second")
    found = seal.status(reads("2016-17"), "2016-17")
    assert (found.by, found.of_claim(GOAL), found.changes) == ("Second", "sealed", ())


# --- what was changed since -----------------------------------------------------------------------------------


def test_a_changed_gate_is_printed_beside_every_claim_old_to_new_and_since_when(checkout):
    sealed()
    edit(checkout, "pre_trend_p = 0.01", "pre_trend_p = 0.001")
    found = seal.status(reads("2015-16"), "2015-16")
    today = clock.in_words(clock.today())
    assert f"gate pre trend p, 0.01 → 0.001 (in use since {today})" in found.says(GOAL)
    assert "set beforehand" not in checked(found.of_claim(GOAL)) and found.of_claim(CONTROL) == "changed"


def test_a_changed_worthwhile_change_touches_the_claim_of_its_measure_alone(checkout):
    sealed()
    edit(checkout, "\nworthwhile_change = 4.0", "\nworthwhile_change = 2.0")
    found = seal.status(reads("2015-16"), "2015-16")
    assert found.of_claim(GOAL) == "changed" and "worthwhile change, 4 → 2" in found.says(GOAL)
    assert found.of_claim(CONTROL) == "sealed" and "→" not in found.says(CONTROL)


def test_a_plan_that_was_changed_moves_no_estimate_and_is_not_said_to_be_agreed_beforehand(checkout):
    sealed()
    edit(checkout, '"2015-16" = 37500000', '"2015-16" = 39000000')
    found = seal.status(reads("2015-16"), "2015-16")
    assert found.of_claim(GOAL) == "sealed" and found.standing("decision.planned_spend") == "changed"


def test_a_value_that_was_changed_and_put_back_leaves_its_trace(checkout):
    sealed()
    edit(checkout, "pre_trend_p = 0.01", "pre_trend_p = 0.001")
    reads("2015-16")
    edit(checkout, "pre_trend_p = 0.001", "pre_trend_p = 0.01")
    found = seal.status(reads("2015-16"), "2015-16")
    assert "0.01 → 0.001 and back (was in use from" in found.says(GOAL)
    assert found.of_claim(GOAL) == "sealed", "what was used now is what was sealed"


@pytest.mark.parametrize("name", pilots.names(ROOT))
def test_every_value_of_a_pilot_file_is_sealed_or_left_out_with_a_reason(name):
    held = pilots.load(name, ROOT)
    places = {place.partition(".")[0] for place in seal.values(held)}
    for field, value in held.model_dump(mode="json").items():
        assert field in places or field in seal.NOT_SEALED_FIELDS or value in (None, "", [], {}), field
    assert all(len(reason.split()) > 3 for reason in seal.NOT_SEALED_FIELDS.values())


def test_a_field_that_is_added_to_the_pilot_file_is_sealed_without_being_named():
    class Later(pilots.Pilot):
        agreed_chance: float = 0.8

    held = pilots.load("learning_disability", ROOT)
    before = Later(**held.model_dump(), agreed_chance=0.8)
    assert seal.differences(seal.values(before), seal.values(before.model_copy(update={"agreed_chance": 0.5}))) == [
        ("agreed_chance", 0.8, 0.5)
    ]


# --- the ledger -----------------------------------------------------------------------------------------------


def test_the_ledger_outlives_a_checkout_and_names_nobody_but_who_sealed(checkout, tmp_path, monkeypatch):
    sealed()
    other = tmp_path / "another"
    shutil.copytree(checkout, other)
    monkeypatch.chdir(other)
    assert seal.status(reads("2015-16"), "2015-16").beforehand
    text = line_file(tmp_path).read_text()
    assert "partnership board" not in text and "A. Director" in text
    assert stat.S_IMODE(line_file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ledger").stat().st_mode) == 0o700


def test_a_seal_edited_by_hand_counts_for_nothing_and_is_said(checkout, tmp_path):
    sealed()
    path = line_file(tmp_path)
    path.write_text(path.read_text().replace('"gates.pre_trend_p": 0.01', '"gates.pre_trend_p": 0.001'))
    edit(checkout, "pre_trend_p = 0.01", "pre_trend_p = 0.001")
    found = seal.status(reads("2015-16"), "2015-16")
    assert not found.beforehand and "altered at line 1" in found.says()


def test_a_reading_that_is_taken_out_of_the_middle_is_seen(checkout, tmp_path):
    reads("2015-16")
    sealed()
    path = line_file(tmp_path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    found = seal.status(reads("2015-16"), "2015-16")
    assert not found.beforehand and "altered" in found.says()


def test_after_the_ledger_was_altered_a_new_seal_counts_for_what_had_not_begun(checkout, tmp_path, monkeypatch):
    sealed()
    path = line_file(tmp_path)
    path.write_text(path.read_text().replace("A. Director", "B. Director"))
    sealed("C. Director")
    year = clock.today().year + 2
    begun, to_come = "2015-16", f"{year}-{(year + 1) % 100:02d}"
    held = reads(begun, to_come)
    assert not seal.status(held, begun).beforehand
    assert seal.status(held, to_come).beforehand and seal.status(held, to_come).by == "C. Director"


@pytest.mark.parametrize("left", [0, 1])
def test_a_ledger_cut_short_or_put_back_from_an_older_copy_is_seen_where_it_was_used(checkout, tmp_path, left):
    sealed()
    reads("2015-16")
    path = line_file(tmp_path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:left]))
    found = seal.status(reads("2015-16"), "2015-16")
    assert not found.beforehand and "no longer holds what it held" in found.says()


def test_a_write_that_was_cut_short_costs_no_line_before_or_after_it(checkout, tmp_path):
    sealed()
    with line_file(tmp_path).open("ab") as file:
        file.write(b'{"n": 2, "kind": "re')
    found = seal.status(reads("2015-16"), "2015-16")
    assert found.beforehand and not ledger.read(tmp_path / "ledger").problem
    assert len(ledger.read(tmp_path / "ledger").entries) == 2


def test_many_writers_at_once_leave_one_whole_chain(tmp_path):
    def write(number: int) -> None:
        ledger.append(tmp_path, lambda held: [ledger.Draft(kind="read", area=AREA, pilot=f"p{number}", says={})])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    held = ledger.read(tmp_path)
    assert not held.problem and sorted(one.pilot for one in held.entries) == sorted(f"p{i}" for i in range(40))


def test_a_clock_that_goes_backwards_changes_no_order(checkout, monkeypatch):
    now = datetime.now(UTC)
    reads("2014-15")
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(days=900))
    sealed()
    held = reads("2014-15", "2015-16")
    assert not seal.status(held, "2014-15").beforehand, "sealed by an older clock, and later all the same"
    assert seal.status(held, "2015-16").beforehand


def test_a_ledger_copied_from_another_area_says_nothing_here(checkout):
    seal.seal(pilot(), "A. Director", area="E08000003")
    assert not seal.status(reads("2015-16"), "2015-16").beforehand


def test_where_the_ledger_cannot_be_written_reading_goes_on_and_is_made_up_for(checkout, tmp_path):
    (tmp_path / "ledger").write_text("a file where a folder is needed")
    found = seal.status(reads("2015-16"), "2015-16")
    assert not found.beforehand and "cannot be written" in found.says()
    (tmp_path / "ledger").unlink()
    sealed()
    assert not seal.status(reads("2015-16"), "2015-16").beforehand, "it was read while nothing could be noted"
    assert seal.status(reads("2016-17"), "2016-17").beforehand


# --- every way in ---------------------------------------------------------------------------------------------


@pytest.fixture
def extracts(tmp_path):
    """A council's own reviews: a hundred of one year."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "sources.toml").write_text(f'[[source]]\nfiles = "*.csv"\npublisher = "A council"\narea = "{AREA}"\n')
    lines = (ROOT / "data/sample/learning_disability/reviews.csv").read_text(encoding="utf-8").splitlines()
    (data / "reviews.csv").write_text("\n".join(lines[:101]) + "\n", encoding="utf-8")
    return data


def test_preparing_a_study_of_own_data_notes_the_reading_and_a_later_seal_makes_the_study_anew(
    checkout, extracts, tmp_path
):
    (tmp_path / "ledger").mkdir(exist_ok=True)
    (tmp_path / "ledger" / "secret").write_bytes(b"0123456789abcdef" * 2)  # as `commissioning setup` makes one
    made = prepare(pilot(), extracts, folder=tmp_path / "study")
    year = json.loads(made.path.joinpath("study.json").read_text())["periods"][0][:7]
    assert [one.kind for one in ledger.read(tmp_path / "ledger").entries] == ["protection", "read"]
    assert not seal.status(made.sealed, year).beforehand
    before = seal.state("learning_disability", AREA, checkout)
    prepare(pilot(), extracts, folder=tmp_path / "again")
    assert seal.state("learning_disability", AREA, checkout) == before, "reading twice makes no study anew"
    sealed()
    assert seal.state("learning_disability", AREA, checkout) != before
    assert "seal" in Studies.key.__code__.co_names
    assert not seal.status(prepare(pilot(), extracts, folder=tmp_path / "third").sealed, year).beforehand


def test_the_command_seals_and_says_what_it_sealed(checkout, tmp_path, capsys):
    assert cli.main(["seal", "learning_disability", "--by", "A. Director"]) == 0
    said = capsys.readouterr().out
    primary = primary_of(measures_of(pilot()))
    assert seal.digest(seal.values(pilot(), primary)) in said and str(line_file(tmp_path)) in said
    edit(checkout, "units = 10", "units = 6")
    assert cli.main(["seal", "learning_disability", "--by", "A. Director"]) == 0
    assert "changed since the seal before: gate units, 10 → 6" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["learning_disability", "--by", "  "], "name of the person"),
        (["learning_disability", "--by", "x" * 500], "120 letters"),
        (["learning_disability", "--by", "A", "--area", "Wirral"], "ONS code"),
        (["learning_disabilty", "--by", "A"], "did you mean learning_disability"),
        (["learning_disability"], "--by"),
    ],
)
def test_a_seal_that_says_nothing_is_refused(checkout, tmp_path, capsys, words, says):
    assert cli.main(["seal", *words]) == 2
    assert says in capsys.readouterr().err and not line_file(tmp_path).exists()


def test_a_ledger_that_cannot_be_written_refuses_the_seal_with_73(checkout, tmp_path, capsys):
    (tmp_path / "ledger").write_text("")
    assert cli.main(["seal", "learning_disability", "--by", "A. Director"]) == 73
    assert "ledger" in capsys.readouterr().err


# --- the sample -----------------------------------------------------------------------------------------------


def test_the_committed_seals_are_those_of_the_sample_as_it_is():
    held = (ROOT / "data" / "sample" / seal.SAMPLE).read_text(encoding="utf-8")
    assert held == sealing.sample_seals(ROOT), "made again by: python -m commissioning.runs.sealing"


@pytest.fixture
def of_sample():
    """of_sample(pilot, data=…) → what may be said beside the sample."""
    data = re.search(
        r'\[learning_disability\].*?\ndata = "([0-9a-f]+)"', (ROOT / "data/sample/seals.toml").read_text(), re.S
    )[1]
    held = pilots.load("learning_disability", ROOT)
    primary = primary_of(measures_of(held))

    def found(change: dict | None = None, digest: str = data, area: str = AREA) -> seal.Sealed:
        now = held.model_copy(update=change or {})
        return seal.status(seal.of_sample(now, area, ROOT / "data" / "sample", digest, primary), "2015-16")

    return found


def test_the_samples_seal_holds_for_its_own_bytes_and_no_others(of_sample):
    assert of_sample().of_claim(GOAL) == "sealed"
    assert not of_sample(digest="0" * 64).beforehand
    assert not of_sample(area="E08000003").beforehand


def test_a_gate_changed_in_the_sample_is_printed_beside_the_claim(of_sample):
    gates = dataclasses.replace(pilots.load("learning_disability", ROOT).gates, units=4)
    found = of_sample({"gates": gates})
    assert "gate units, 10 → 4" in found.says(GOAL) and "set beforehand" not in checked(found.of_claim(GOAL))


def test_nothing_is_sealed_on_a_day_before_it_was_agreed(tmp_path):
    """Neither in the sample, whose floors and weights are dated, nor by a council."""
    held = tomllib.loads((pilots.home() / "data" / "sample" / "seals.toml").read_text(encoding="utf-8"))
    for name, one in held.items():
        agreed = [day for place, day in one["values"].items() if place.endswith("agreed_on")]
        assert agreed and max(agreed) <= one["on"], name
    pilot = pilots.load("vcf_funding")
    ahead = pilot.floors[0].model_copy(update={"agreed_on": date(2999, 1, 1)})
    with pytest.raises(UsageError, match="agreed_on is after today"):
        sealing.seal(pilot.model_copy(update={"floors": (ahead,)}), "A. Person", "E08000015", tmp_path)
