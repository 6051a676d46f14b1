"""The command line: one plain line for a mistake, the exit code of the design, nothing heavy for light words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commissioning import cli

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "learning_disabilty"], "did you mean learning_disability?"),
        (["rnu"], "did you mean run?"),
        (["run", "--perod", "2014-15"], "did you mean --period?"),
        (["run", "--period", "2014/15"], "--period '2014/15'"),
        (["run", "--area", "Wirral"], "--area 'Wirral'"),
        (["run", "--level", "North"], "write KIND=CODE"),
        (["run", "--engine", "wram"], "did you mean warm?"),
        (["run", "--workers", "0"], "whole number of 1 or more"),
        (["run", "-p", "perid=1"], "no parameter"),
        (["run", "--out", "http://example.org/x"], "is an address"),
        (["calibrate"], "PILOT"),
        (["schedule", "--every", "weak"], "did you mean week?"),
        (["schedule", "--every", "week", "--at", "25:00"], "--at"),
        (["runs", "one"], "name two runs"),
        (["new", "../x"], "name a pilot"),
        (["new", "vcf_funding"], "is there already"),
        (["run", "--cluster", "nonsense"], "tcp://host:8786"),
        (["run", "vcf_funding", "--workers", "2", "vcf_fundin"], "did you mean vcf_funding?"),
        (["run", "vcf_funding", "--workers"], "expected one argument"),
        (["run", "--cell-timeout", "soon"], "90s, 15m or 2h"),
        (["measures", "nope"], "no measure 'nope'"),
        (["run", "--out", "x" * 300], "too long for a folder name"),
        (["run", "--data", "a/" + "ß" * 130], "too long for a folder name"),
        (["run", "--out", "a/" * 2000], "too long for a folder name"),
        (["runs", "--out", "site\udcff"], "no UTF-8"),
        (["run", "--level", "department=\udcff"], "no UTF-8"),
        (["run", "-p", "note=\udcff"], "no UTF-8"),
        (["sign-off", "x", "--role", "analyst", "--name", "\udcff"], "no UTF-8"),
        (["run", "--period", "٢٠١٤-١٥"], "write a financial year"),
        (["run", "--level", f"{'a' * 300}=x"], "write KIND=CODE"),
        (["run", "--workers", "²"], "whole number of 1 or more"),
        (["sign-off", "x", "--role", "analyst"], "--name"),
        (["sign-off", "x", "--role", "analyst", "--name", "N", "--out", "nowhere"], "no published report"),
    ],
)
def test_a_mistake_is_one_plain_line_and_exit_code_2(words, says, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and says in said.err and "Traceback" not in said.err


@pytest.mark.parametrize(
    ("make", "code"),
    [(lambda p: None, 65), (lambda p: p.write_text("x"), 65)],
)
def test_missing_data_is_refused_with_65_and_nothing_is_made(tmp_path, make, code, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    make(tmp_path / "extracts")
    out = tmp_path / "site"
    assert cli.main(["run", "--data", str(tmp_path / "extracts"), "--out", str(out)]) == code
    assert "extracts" in capsys.readouterr().err and not out.exists()


@pytest.mark.parametrize("make", [lambda p: p.write_text("x"), lambda p: p.symlink_to("/nowhere/at/all")])
def test_an_output_that_no_site_can_be_in_is_refused_with_73(tmp_path, make, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    make(tmp_path / "site")
    assert cli.main(["run", "--out", str(tmp_path / "site")]) == 73
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "site" in said


def test_a_fault_of_the_program_is_one_line_without_its_message(capsys, monkeypatch):
    from commissioning.runs import commands

    def broken(_):
        raise KeyError("Aaliyah Person 4711")

    monkeypatch.setattr(commands, "runs", broken)
    monkeypatch.delenv("COMMISSIONING_DEBUG", raising=False)
    assert cli.main(["runs"]) == 1
    said = capsys.readouterr().err
    assert "KeyError in test_cli.py, line" in said and "Aaliyah" not in said and "Traceback" not in said
    monkeypatch.setenv("COMMISSIONING_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.main(["runs"])


def test_measures_as_json_are_objects_and_one_is_an_object(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.main(["measures", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert cli.main(["measures", listed[0]["id"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == listed[0]


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom commissioning.cli import main\n"
        "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'pandas', 'numpy', 'statsmodels', 'matplotlib', 'papermill'}), file=sys.stderr)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == "[]\n"


@pytest.mark.parametrize("every", ["hour", "day", "week", "month"])
def test_a_schedule_is_printed_for_systemd_and_for_cron(every, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.main(["schedule", "--every", every, "--period", "2014-15", "--on-failure", "mail -s 100% x"]) == 0
    text = capsys.readouterr().out
    assert "Persistent=true" in text and "SuccessExitStatus=75" in text and "--period 2014-15" in text
    line = next(one for one in text.splitlines() if one.split(" ")[0].isdigit())
    assert "100\\%" in line and "%" not in line.replace("\\%", "")


def test_the_cron_line_runs_in_a_checkout_where_nothing_ran_before_and_calls_the_hook(tmp_path):
    from commissioning.runs import schedule

    (tmp_path / "house with a space").mkdir()
    root = tmp_path / "house with a space"
    for code, called in ((1, True), (65, True), (75, False), (0, False)):
        line = schedule.cron(
            root, ["sh", "-c", f"echo ran; exit {code}"], every="week", at="05:30", out=root / "site",
            on_failure=f"echo called > called-{code}; true",
        ).splitlines()[-1]  # fmt: skip
        words = line.split(" ", 5)[5].replace("\\%", "%")
        subprocess.run(["sh", "-c", words], check=False, cwd=tmp_path)
        assert (root / f"called-{code}").exists() is called
    assert (root / "data" / "results" / "schedule.log").read_text() == "ran\n" * 4


def test_runs_of_a_site_are_listed_and_compared(house, capsys, monkeypatch):
    import light

    light.batch(house)
    (house.data / "people.csv").write_text("id,outcome\n1,yes\n")
    light.batch(house)
    monkeypatch.chdir(ROOT)
    assert cli.main(["runs", "--out", str(house.out)]) == 0
    names = [one.split()[0] for one in capsys.readouterr().out.splitlines()[1:]]
    assert len(names) == 2
    assert cli.main(["runs", *names, "--out", str(house.out)]) == 0
    assert "extract people.csv changed" in capsys.readouterr().out


def test_calibrate_prints_each_method_with_the_error_of_the_simulation(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.main(["calibrate", "vcf_funding", "--draws", "40", "--json"]) == 0
    designs = json.loads(capsys.readouterr().out)["designs"]
    assert {one["draws"] for one in designs} == {40} and len(designs) >= 2
    for one in designs:
        share = one["coverage"]
        assert one["coverage_error"] == pytest.approx((share * (1 - share) / 40) ** 0.5, abs=1e-6)
    assert cli.main(["calibrate", "vcf_funding", "--draws", "40"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(designs) and all("%" in one and "±" in one for one in lines[1:])


def test_calibrate_takes_the_shape_of_a_councils_own_extracts(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    (tmp_path / "own").mkdir()
    for name in ("supported", "returns", "grants", "starts"):  # all that the outcomes are counted from
        shutil.copy(ROOT / "data" / "sample" / "vcf_funding" / f"{name}.csv", tmp_path / "own")
    asked = ["calibrate", "vcf_funding", "--draws", "4", "--json", "--data", str(tmp_path / "own")]
    assert cli.main(asked) == 0
    whole = json.loads(capsys.readouterr().out)["designs"]
    assert cli.main([*asked[:5]]) == 0
    assert json.loads(capsys.readouterr().out)["designs"] == whole, (
        "the same rows have the same shape wherever they lie"
    )
    for path in (tmp_path / "own").glob("supported*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([header, *rows[::4]]) + "\n", encoding="utf-8")
    assert cli.main(asked) == 0
    assert json.loads(capsys.readouterr().out)["designs"] != whole, "a quarter of the people is another shape"
    for path in (tmp_path / "own").glob("starts*.csv"):
        path.unlink()
    assert cli.main(asked) == 2
    assert "when each department started is not in these extracts" in capsys.readouterr().err
    assert cli.main([*asked[:-1], str(tmp_path / "nothing")]) == 65
