"""Faults of whole runs: signals, crashes, two runs at once, changed inputs, hostile values.

Longer than other files: each fault is tried on the same light house of pilots.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import light
import pytest
from light import House, notebook

from commissioning.errors import Busy, CannotWrite, DataRefused, UsageError
from commissioning.runs import lock, places, processes, publish, record
from commissioning.runs.plan import plan, report_id, slug

LIGHT = Path(light.__file__)
SLOW = "import time, pathlib, os\npathlib.Path(os.environ['COMMISSIONING_OUT'], 'going').touch()\ntime.sleep(60)"


def start(house: House, *options: str) -> subprocess.Popen[str]:
    """The runner as a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(LIGHT), str(house.root), *options],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(true, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def of_this_house(house: House) -> list[str]:
    """Command lines of processes that work for a house (a kernel knows it by its environment)."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are wanted
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            environ = Path("/proc", name, "environ").read_bytes()
            command = Path("/proc", name, "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(house.root).encode() in environ or str(house.root) in command:
            found.append(command)
    return found


def test_one_failed_report_stops_no_other_and_keeps_its_last_good_page(house):
    assert light.batch(house).exit_code == 0
    before = house.published()
    house.write("own", notebook("raise KeyError('Aaliyah Person 4711')"), pilot="alpha")
    (house.data / "people.csv").write_text("id,outcome\n1,yes\n2,no\n3,no\n")
    outcome = light.batch(house)
    assert outcome.exit_code == 1
    assert [line for line in outcome.lines if line.startswith("report alpha-own: RAISED at cell 6 (Part 1) [KeyError]")]
    assert "Aaliyah" not in "".join(outcome.lines) + json.dumps(house.record)
    after = house.published()
    assert after["alpha-own.html"] == before["alpha-own.html"]
    assert after["alpha-analyse.json"] != before["alpha-analyse.json"]
    log = (house.state / "log.jsonl").read_text()
    assert "Aaliyah" not in log and "RAISED" in log


def test_the_front_page_says_which_report_could_not_be_made_until_it_is_made(house):
    def said() -> list[str]:
        return re.findall(r"NOT MADE: ([a-z-]+)", (house.out / "index.html").read_text())

    good = (house.root / "pilots" / "alpha" / "own.ipynb").read_bytes()
    assert light.batch(house).exit_code == 0 and said() == []
    version = house.record["version"]
    house.write("own", notebook("raise KeyError('Aaliyah Person 4711')"), pilot="alpha")
    assert light.batch(house).exit_code == 1
    assert said() == ["alpha-own"] and house.record["version"] == version  # nothing new is published, and it is said
    assert light.batch(house, asked=("beta",)).exit_code == 0
    assert said() == ["alpha-own"]  # a run of another pilot does not take it back
    assert "NOT MADE" not in (house.out / "versions" / version / "index.html").read_text()
    (house.root / "pilots" / "alpha" / "own.ipynb").write_bytes(good)
    assert light.batch(house).exit_code == 0
    assert {one["outcome"] for one in house.record["reports"]} == {"unchanged"} and said() == []


def test_unchanged_means_not_executed_and_not_republished_and_one_extract_means_its_readers(house):
    (house.data / "beta.csv").write_text("id,outcome\n9,yes\n")
    assert light.batch(house).exit_code == 0
    before, version = house.published(), house.record["version"]
    again = light.batch(house)
    assert {one.outcome for one in again.record.reports} == {"unchanged"}
    assert house.published() == before and house.record["version"] == version
    (house.data / "beta.csv").write_text("id,outcome\n9,yes\n8,no\n")
    changed = {one.id: one.outcome for one in light.batch(house).record.reports}
    assert changed == {"alpha-analyse": "unchanged", "alpha-own": "unchanged", "beta-analyse": "executed"}
    why = next(one for one in house.record["reports"] if one["id"] == "beta-analyse")["why_executed"]
    assert why and all(one.startswith("evidence beta E08000015") for one in why)


def test_changed_code_makes_its_readers_again_and_is_named(house):
    light.batch(house)
    before = house.published()
    (house.root / "code" / "reports" / "__init__.py").write_text("FIGURES = 2")
    outcome = light.batch(house)
    assert {one.outcome for one in outcome.record.reports} == {"executed"}
    assert {one.why_executed for one in outcome.record.reports} == {("code changed",)}
    assert {name: text for name, text in house.published().items() if name.endswith("e.json")} == {
        name: text for name, text in before.items() if name.endswith("e.json")
    }
    assert {one.outcome for one in light.batch(house).record.reports} == {"unchanged"}


def test_a_damaged_study_is_prepared_again(house):
    light.batch(house)
    study = next(one for one in (house.state / "studies").glob("alpha-*") if one.is_dir())
    before = house.published()
    for name in ("tables.json", "released.json"):
        path = study / name
        path.write_bytes(path.read_bytes()[:-3])
        outcome = light.batch(house)
        assert outcome.exit_code == 0 and house.published() == before
        prepared = {one.pilot: one.prepared for one in outcome.record.studies}
        assert prepared == {"alpha": "now", "beta": "kept"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_05_06_a_stop_signal_ends_kernels_and_children_within_5_seconds_and_is_named(house, number):
    assert light.batch(house).exit_code == 0
    before = house.published()
    children = "import subprocess\nsubprocess.Popen(['sleep', '300'], start_new_session=True)\n"
    house.write("own", notebook(children + SLOW), pilot="alpha")
    runner = start(house)
    wait_until(lambda: list(house.state.glob("work/*/alpha-own/out/going")))
    sent = time.monotonic()
    runner.send_signal(number)
    said = runner.communicate(timeout=20)[1]
    assert time.monotonic() - sent < 5
    assert runner.returncode == 1 and "STOPPED" in said
    wait_until(lambda: not of_this_house(house), 2)
    assert house.published() == before
    assert not list((house.out / ".staging").iterdir()) and not list((house.state / "work").iterdir())


def test_01_kill_9_of_the_runner_leaves_no_process_and_the_next_run_goes_on_where_it_stopped(house):
    house.write("own", notebook(SLOW), pilot="alpha")
    runner = start(house)
    wait_until(lambda: list(house.state.glob("work/*/alpha-own/out/going")))
    runner.kill()
    runner.communicate()
    wait_until(lambda: not of_this_house(house), 5)
    assert not (house.out / "index.html").exists()
    house.write("own", notebook("print('quick now')"), pilot="alpha")
    outcomes = {one.id: one.outcome for one in light.batch(house).record.reports}
    assert outcomes["alpha-analyse"] == "resumed" and outcomes["alpha-own"] == "executed"
    assert not list((house.out / ".staging").iterdir()) and not list((house.state / "work").iterdir())


def test_29_a_second_run_of_the_same_report_leaves_at_once_with_75(house):
    house.write("own", notebook(SLOW), pilot="alpha")
    runner = start(house, "--asked", "alpha")
    try:
        wait_until(lambda: list(house.state.glob("work/*/alpha-own/out/going")))
        begun = time.monotonic()
        with pytest.raises(Busy) as caught:
            light.batch(house, asked=("alpha",))
        assert caught.value.exit_code == 75 and time.monotonic() - begun < 1
        assert light.batch(house, asked=("beta",)).exit_code == 0  # 30: another report goes on beside it
    finally:
        runner.terminate()
        runner.communicate(timeout=20)
    assert "beta-analyse" in house.index


def test_no_run_clears_away_what_another_is_just_trying_to_write(house):
    found = places.locate(house.root, house.data, house.out)
    places.prepare_out(found)
    clear = f"""
from pathlib import Path
from commissioning.runs import lock, places
found = places.locate(Path({str(house.root)!r}), Path({str(house.data)!r}), Path({str(house.out)!r}))
lock.SiteLock(found.out).clear_leftovers(found)
"""
    trial, left_behind = found.staging / f"{places.TRIAL}1", found.staging / "z-left-behind"
    with lock.SiteLock(found.out).publishing():  # as a run holds it while it tries whether it could publish
        trial.mkdir()
        left_behind.mkdir()
        other = subprocess.Popen([sys.executable, "-c", clear])
        wait_until(lambda: not left_behind.exists())
        assert trial.is_dir()
    assert other.wait(60) == 0
    assert not list(found.staging.iterdir())  # nobody is trying now: what stands there was left behind


def test_a_run_that_could_not_publish_starts_no_notebook(house, monkeypatch):
    def full(_places):
        raise CannotWrite("cannot write in reports: Read-only file system")

    pool = light.QuickPool()
    monkeypatch.setattr(places, "try_publishing", full)
    with pytest.raises(CannotWrite, match="Read-only"):
        light.batch(house, pool=pool)
    assert pool.sent == [] and not (house.out / "index.html").exists()


def test_30_two_runs_of_different_reports_both_succeed(house):
    runs = [start(house, "--asked", name) for name in ("alpha", "beta")]
    for one in runs:
        assert one.wait(120) == 0, one.stderr.read()
    for name in ("alpha-analyse", "alpha-own", "beta-analyse"):
        assert name in house.index


def test_33_35_durations_do_not_follow_the_clock_and_nothing_is_named_by_the_date_of_today(house, monkeypatch):
    light.batch(house)
    before = house.published()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    outcome = light.batch(house, force=True)
    assert all(0 <= one.seconds < 120 for one in outcome.record.reports) and outcome.record.seconds >= 0
    assert house.published() == before  # the same data, parameters and history: the same bytes


def test_38_a_half_written_extract_is_refused_and_the_site_is_kept(house):
    light.batch(house)
    before = house.published()
    (house.data / "people.csv").write_text("id,outcome\n1,yes\n2,n")
    with pytest.raises(DataRefused, match="people.csv"):
        light.batch(house)
    assert house.published() == before


def test_a_run_that_was_refused_has_a_record_of_its_own_that_says_why(house):
    light.batch(house)
    done = house.record
    (house.data / "people.csv").write_text("id,outcome\n1,yes\n2,n")
    with pytest.raises(DataRefused):
        light.batch(house)
    assert house.record["outcome"] == "refused" and house.record["exit_code"] == 65
    assert house.exact["refused"] == ["people.csv: half-written or missing; send it again"]
    assert house.record["run"] != done["run"] and house.record["version"] == done["version"]
    assert [one.outcome for one in record.every(house.out)] == ["done", "refused"]
    (house.data / "people.csv").write_text("id,outcome\n1,yes\n2,no\n")
    assert {one.outcome for one in light.batch(house).record.reports} == {"unchanged"}


HOSTILE = [
    "it's",
    'say "x"',
    "a\nb",
    "back\\slash",
    "{braces}",
    "${HOME} $(id)",
    "%s",
    "'; import os; os._exit(3)",
    "é☃",
]


def test_44_hostile_values_round_trip(house):
    house.write("own", notebook("print(repr(note))"), pilot="alpha")
    for value in HOSTILE:
        outcome = light.batch(house, asked=("alpha",), extra={"note": value}, stages=("pilot",))
        assert outcome.exit_code == 0
        executed = json.loads((house.state / "executed" / "alpha-own.ipynb").read_text())
        texts = ["".join(o.get("text", "")) for c in executed["cells"] for o in c.get("outputs", [])]
        assert f"{value!r}\n" in texts


@pytest.mark.parametrize("name", ["not an identifier", "class", "print", "notee", "__import__", "a=b", "x;y", ""])
def test_45_hostile_or_unknown_names_are_refused_before_anything_starts(house, name):
    with pytest.raises(UsageError):
        light.batch(house, extra={name: "x"})
    assert not house.out.exists()


def test_45_a_misspelt_parameter_names_the_nearest(house):
    with pytest.raises(UsageError, match="did you mean note"):
        light.batch(house, extra={"notee": "x"})


@pytest.mark.parametrize("value", [3, True, None, 1.5, b"x", ["x"]])
def test_45_a_value_of_the_wrong_type_is_refused(house, value):
    with pytest.raises(UsageError, match="note"):
        light.batch(house, extra={"note": value})


@pytest.mark.parametrize("name", ["../up", "a b", "A", "x{y}", "~", "ü"])
def test_47_a_notebook_with_an_unsafe_name_is_refused(house, name):
    path = house.root / "pilots" / "alpha" / f"{name.replace('/', '_')}.ipynb"
    path.write_text(json.dumps(notebook("pass")))
    if not re.fullmatch(r"[a-z0-9_-]+", path.stem):
        with pytest.raises(UsageError, match="lower-case"):
            plan(house.root, house.pilots, illustrative=True)


def test_47_a_notebook_that_is_a_link_out_of_the_checkout_is_refused(house, tmp_path):
    outside = tmp_path / "outside.ipynb"
    outside.write_text(json.dumps(notebook("pass")))
    (house.root / "pilots" / "alpha" / "linked.ipynb").symlink_to(outside)
    with pytest.raises(UsageError, match="outside the workbench"):
        plan(house.root, house.pilots, illustrative=True)


@pytest.mark.parametrize("code", ["../../etc", "a/b", "~root", "x\\y", "{x}", "A B", "..", "é", "x" * 79])
def test_47_names_of_reports_are_safe_and_differ_where_levels_differ(code):
    made = report_id("1_analyse", "alpha", period="latest", area="", level=f"locality={code}")
    assert re.fullmatch(r"[a-z0-9_-]+", made) and len(made) < 120
    assert slug(code) != slug(code + "'")


@pytest.mark.parametrize(
    "level", ["locality=a\nb", "locality=\x00", "locality", "=x", "locality=", "Locality=x", "ward=x"]
)
def test_47_levels_that_no_pilot_has_are_refused(house, level):
    with pytest.raises(UsageError):
        plan(house.root, house.pilots, illustrative=True, levels=(level,))


@pytest.mark.parametrize(
    "period", ["2014", "2014-16", "2014_15", "201415", "2014/15", "../x", "2014-15 Q5", "latest ", ""]
)
def test_42_periods_that_are_none_are_refused(house, period):
    with pytest.raises(UsageError, match="period"):
        plan(house.root, house.pilots, illustrative=True, periods=(period,))


@pytest.mark.parametrize(
    ("asked", "refusal", "says"),
    [
        ({"periods": ("2016-17",)}, DataRefused, "they hold 2014-15 to 2015-16"),
        ({"periods": ("1999-00",)}, DataRefused, "they hold 2014-15 to 2015-16"),
        (
            {"levels": ("locality=Nrth",)},
            UsageError,
            "alpha: level 'locality=Nrth': no locality is called 'Nrth': did you mean North",
        ),
        ({"levels": ("planet=Mars",)}, UsageError, "pilot alpha has no level 'planet'; it has locality"),
    ],
)
def test_42_a_period_or_a_part_that_no_extract_holds_is_refused_before_any_report(house, asked, refusal, says):
    held = {"periods": ["2014-15", "2015-16"], "levels": {"locality": {"held": ["North"], "shown": ["North"]}}}
    (house.data / "held.json").write_text(json.dumps(held))
    pool = light.QuickPool()
    assert light.batch(house, pool=pool).exit_code == 0
    before, pool.sent[:] = house.published(), []
    with pytest.raises(refusal, match=says):
        light.batch(house, pool=pool, **asked)
    assert house.published() == before and not [one for one in pool.sent if not one.startswith("study")]
    between = {"periods": ("2014-15",), "levels": ("locality=North",)}
    assert light.batch(house, pool=pool, **between).exit_code == 0


def test_33_the_year_1999_to_2000_is_a_period(house):
    assert plan(house.root, house.pilots, illustrative=True, periods=("1999-00",))[0].id == "alpha-analyse-1999-00"


def test_51_a_notebook_edited_after_its_review_is_refused_until_it_is_reviewed_again(house, monkeypatch):
    from commissioning.runs import notebooks, review

    monkeypatch.delenv(review.PLACE)

    notebooks.record_review(house.root, tuple(house.pilots))
    plan(house.root, house.pilots)
    path = house.write("own", notebook("print('another thing')"), pilot="alpha")
    with pytest.raises(UsageError, match=r"pilots/alpha/own\.ipynb was edited after its review"):
        plan(house.root, house.pilots)
    notebooks.record_review(house.root, tuple(house.pilots))
    plan(house.root, house.pilots)
    made = json.loads(path.read_text())
    made["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    path.write_text(json.dumps(made))
    plan(house.root, house.pilots)  # outputs are not what a reviewer signs


def test_51_a_notebook_that_nobody_reviewed_is_refused_on_own_extracts_and_named_on_the_sample(house, monkeypatch):
    from commissioning.runs import notebooks, review

    monkeypatch.delenv(review.PLACE)

    notebooks.record_review(house.root, tuple(house.pilots))
    house.write("new", notebook("pass"), pilot="beta")
    with pytest.raises(UsageError, match=r"pilots/beta/new\.ipynb has not been reviewed"):
        plan(house.root, house.pilots)
    planned = plan(house.root, house.pilots, illustrative=True)
    assert [one.id for one in planned if not one.reviewed] == ["beta-new"]


def test_51_the_committed_notebooks_are_as_they_were_reviewed(monkeypatch):
    from commissioning import pilot as pilots
    from commissioning.runs import notebooks, review

    monkeypatch.delenv(review.PLACE)

    root = Path(__file__).parents[2]
    assert notebooks.reviewed(root), "notebooks/reviewed.toml is missing"
    found = notebooks.registry(root, pilots.names(root), illustrative=True)
    changed = [one.path.name for one in found if not one.reviewed]
    assert not changed, f"read {changed}, then: {review.RECORD}"


def crash_loop(house: House, kills: int, reads: int, seed: int = 7) -> None:
    """Kill the runner with -9 at random moments while a reader opens the site; then run once more."""
    import random

    chance = random.Random(seed)
    house.write("own", notebook("print('own', pilot)"), pilot="alpha")
    begun = time.monotonic()
    assert start(house, "--force").wait(180) == 0
    whole = time.monotonic() - begun
    stop, torn, opened = threading.Event(), [], [0]

    def read() -> None:
        while not stop.is_set() or opened[0] < reads:
            page = house.index
            version = publish.POINTER.search(page)
            if version is None or not page.endswith("</html>"):
                torn.append("index")
            else:
                for name in re.findall(r'href="([^"]+)"', page):
                    if not (house.out / name).read_text().endswith("</html>"):
                        torn.append(name)
            opened[0] += 1
            time.sleep(0.01)  # a reader, not a second load: the runner needs the processor too

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(kills):
            (house.data / "people.csv").write_text("id,outcome\n" + "1,yes\n" * (2 + number))
            runner = start(house)
            time.sleep(chance.uniform(0.05, whole * 1.1))
            runner.kill()
            runner.communicate()
            version = publish.current_version(house.out)
            served = json.loads((house.out / "versions" / version / "manifest.json").read_text())["reports"]
            for one in served:  # no false success: what is served is what its manifest says
                assert publish.intact(house.out / "versions" / version, one["files"])
    finally:
        stop.set()
        reader.join()
    wait_until(lambda: not of_this_house(house), 5)
    last = start(house)
    assert last.wait(180) == 0, last.stderr.read()
    rows = len((house.data / "people.csv").read_text().splitlines()) - 1
    for name in ("alpha-analyse", "alpha-own", "beta-analyse"):
        assert json.loads(house.published()[f"{name}.json"])["figures"] == [rows]
    assert not torn and opened[0] >= reads
    assert not list((house.out / ".staging").iterdir()) and not list((house.state / "work").iterdir())
    assert not list(house.out.glob(".*-[0-9]*"))


def test_01_eight_kills_at_random_moments_leave_the_site_whole(house):
    crash_loop(house, kills=8, reads=400)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_01_two_hundred_kills_in_ten_parts_leave_the_site_whole(house, part):
    crash_loop(house, kills=20, reads=1_000, seed=100 + part)


def test_nothing_is_left_of_these_runs():
    kept = {one.process.pid for pool in light._POOL for one in pool.workers} | {
        pool.server.process.pid for pool in light._POOL
    }
    below = processes.descendants(os.getpid()) - kept
    assert not [one for one in below if b"commissioning.runs" in _command(one)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
