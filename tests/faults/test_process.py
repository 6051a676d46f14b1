"""Faults of processes (numbers 2 to 16 of the catalogue), each a notebook that misbehaves."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from light import notebook
from one_report import one_report

from commissioning.runs import processes

SECRET = "Aaliyah Person 4711"


def failed(tmp_path: Path, *cells: str, **more: object):
    """The result of a notebook that must fail; its words must not hold what the data held."""
    made = one_report(tmp_path / "report", notebook(*cells), **more)
    assert not made.ok
    assert SECRET not in made.model_dump_json(exclude={"partial"})
    assert not (tmp_path / "report" / "work").exists()
    assert not (tmp_path / "report" / "done").exists()
    return made


def test_a_sound_notebook_is_finished_whole(tmp_path):
    made = one_report(tmp_path / "report", notebook("print('hello')"))
    assert made.ok and sorted(made.files) == ["alpha-analyse.html", "alpha-analyse.json"]
    assert (tmp_path / "report" / "done" / "alpha-analyse" / "alpha-analyse.html").is_file()
    assert [one["cell"] for one in made.cells][-1] == "cell 8 (Part 2)"


def test_02_a_kernel_killed_in_mid_cell_is_named_within_5_seconds(tmp_path):
    start = time.monotonic()
    made = failed(tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert made.reason == "KERNEL_DIED" and made.cell == "cell 6 (Part 1)"
    assert time.monotonic() - start < 15  # the start of the kernel included
    assert made.cells[-1]["seconds"] < 5


def test_03_a_segmentation_fault_is_named_the_same(tmp_path):
    assert failed(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").reason == "KERNEL_DIED"


def test_07_children_of_a_kernel_end_with_it_even_in_sessions_of_their_own(tmp_path):
    processes.adopt_orphans()
    pids = tmp_path / "pids"
    cell = (
        "import subprocess, sys, pathlib\n"
        "made = [subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], start_new_session=one)"
        " for one in (False, True)]\n"
        f"pathlib.Path({str(pids)!r}).write_text(' '.join(str(one.pid) for one in made))"
    )
    made = one_report(tmp_path / "report", notebook(cell))
    assert made.ok
    for pid in pids.read_text().split():
        assert int(pid) not in processes._parents()


def test_09_an_infinite_loop_ends_at_the_cell_timeout(tmp_path):
    made = failed(tmp_path, "while True: pass", cell_timeout=1.5)
    assert made.reason == "CELL_TIMEOUT" and made.cell == "cell 6 (Part 1)"


def test_09_many_slow_cells_end_at_the_deadline_of_the_run(tmp_path):
    cells = ["import time; time.sleep(0.4)"] * 30
    assert failed(tmp_path, *cells, seconds_left=3.0).reason == "RUN_TIMEOUT"


def test_09_a_cell_that_catches_every_exception_still_ends(tmp_path):
    loop = "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass"
    assert failed(tmp_path, loop, cell_timeout=1.5).reason == "CELL_TIMEOUT"


def test_10_a_cell_that_asks_for_input_is_named_and_does_not_hang(tmp_path):
    assert failed(tmp_path, "name = input('name? ')").reason == "INPUT_ASKED"


@pytest.mark.parametrize("leaving", ["import sys; sys.exit(0)", "import os; os._exit(0)", "quit()", "exit()"])
def test_11_leaving_early_is_never_success(tmp_path, leaving):
    assert failed(tmp_path, leaving).reason in ("INCOMPLETE", "KERNEL_DIED")


def test_11_a_notebook_that_writes_its_sentinel_early_and_fails_is_no_success(tmp_path):
    early = (
        "import os, pathlib, json\nout = pathlib.Path(os.environ['COMMISSIONING_OUT'])\n"
        "(out / 'sentinel').write_text(os.environ['COMMISSIONING_NONCE'])\n(out / 'alpha-analyse.json').write_text('{}')"
    )
    assert failed(tmp_path, early, "1 / 0").reason == "RAISED"
    assert failed(tmp_path, early, "import os; os._exit(0)").reason == "INCOMPLETE"


def test_11_a_sentinel_of_another_execution_does_not_count(tmp_path):
    made = one_report(
        tmp_path / "report",
        notebook(
            "import os, pathlib\nout = pathlib.Path(os.environ['COMMISSIONING_OUT'])\n"
            "(out / 'sentinel').write_text('an old nonce')\n(out / 'alpha-analyse.json').write_text('{}')",
            close=False,
        ),
    )
    assert made.reason == "INCOMPLETE"


def test_12_an_error_is_named_by_its_cell_and_its_words_stay_restricted(tmp_path):
    made = failed(tmp_path, f"name = {SECRET!r}\nraise ValueError(name)")
    assert (made.reason, made.cell, made.error) == ("RAISED", "cell 6 (Part 1)", "ValueError")
    partial = Path(made.partial)
    assert SECRET in partial.read_text() and partial.stat().st_mode & 0o077 == 0


def test_12_an_error_class_made_from_data_is_not_repeated(tmp_path):
    made = failed(tmp_path, f"raise type({SECRET.split()[0]!r}, (Exception,), {{}})()")
    assert made.reason == "RAISED" and made.error is None


def test_14_a_display_that_raises_fails_the_report(tmp_path):
    cell = "class A:\n    def _repr_html_(self): raise ValueError('no')\nA()"
    assert failed(tmp_path, cell).reason == "RAISED"


def test_15_a_fork_bomb_is_ended_and_named(tmp_path):
    bomb = "import subprocess, sys, time\nmade = []\nfor i in range(60):\n    made.append(subprocess.Popen(['sleep', '60']))\ntime.sleep(20)"
    made = failed(tmp_path, bomb, process_limit=20)
    assert made.reason == "TOO_MANY_PROCESSES"


def test_15_a_hundred_thousand_files_are_stopped_and_named(tmp_path):
    many = (
        "import os, pathlib\nout = pathlib.Path(os.environ['COMMISSIONING_OUT'])\n"
        "for i in range(100_000): (out / f'{i}').touch()\nimport time; time.sleep(20)"
    )
    assert failed(tmp_path, many, file_limit=2_000).reason == "TOO_MANY_FILES"


def test_15_open_files_are_limited(tmp_path):
    made = failed(tmp_path, "held = [open('/dev/null') for i in range(5000)]", protect=(str(tmp_path),))
    assert (made.reason, made.error) == ("RAISED", "OSError")


def test_16_a_gigabyte_of_output_is_capped_and_named(tmp_path):
    start = time.monotonic()
    made = failed(tmp_path, "for i in range(1000): print('x' * 1_000_000)", output_limit=3_000_000)
    assert made.reason == "OUTPUT_TOO_BIG"
    assert time.monotonic() - start < 40
    assert Path(made.partial).stat().st_size < 8_000_000


def test_16_a_storm_of_warnings_is_capped(tmp_path):
    storm = "import warnings\nwarnings.simplefilter('always')\nfor i in range(10**7): warnings.warn('x' * 200)"
    assert failed(tmp_path, storm, output_limit=1_000_000).reason == "OUTPUT_TOO_BIG"


def test_a_lost_figure_fails_the_report(tmp_path):
    picture = (
        "from IPython.display import display\n"
        "display({'image/png': 'iVBORw0KGgo=', 'text/plain': 'a figure'}, raw=True)"
    )
    kept = one_report(tmp_path / "kept", notebook(picture, declared="{'figures': 1}"))
    assert kept.ok
    lost = one_report(tmp_path / "lost", notebook("pass", declared="{'figures': 1}"))
    assert lost.reason == "LOST_FIGURE"


SHOWN = (
    "from IPython.display import display\n"
    "display({{'application/vnd.commissioning.display+json': {{'kind': {kind!r}}}, 'text/plain': 'x'}}, raw=True)"
)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("chart", "LOST_FIGURE"),
        ("table", "LOST_TABLE"),
        ("answer", "LOST_FINDINGS"),
        ("definition", "LOST_DEFINITION"),
    ],
)
def test_a_display_that_the_report_counted_and_the_notebook_does_not_show_fails_the_report(tmp_path, kind, reason):
    said = f"{{'shown': {{{kind!r}: 1}}}}"
    assert one_report(tmp_path / "kept", notebook(SHOWN.format(kind=kind), extra=said)).ok
    assert one_report(tmp_path / "lost", notebook("pass", extra=said)).reason == reason


def test_a_declared_file_that_is_not_there_fails_the_report(tmp_path):
    made = one_report(tmp_path / "report", notebook("pass", declared="{'files': ['extra.csv']}"))
    assert made.reason == "MISSING_OUTPUT" and made.detail == "extra.csv"


@pytest.mark.parametrize("name", ["../escape.html", "/etc/passwd", "~/x", "a\nb", "a/b", ".hidden", "{x}", ""])
def test_47_a_declared_file_with_an_unsafe_name_is_refused(tmp_path, name):
    made = one_report(tmp_path / "report", notebook("pass", declared=json.dumps({"files": [name]})))
    assert made.reason == "MISSING_OUTPUT"


def test_a_backend_that_drops_figures_is_taken_out_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    made = one_report(
        tmp_path / "report",
        notebook("import os\nassert 'MPLBACKEND' not in os.environ or 'inline' in os.environ['MPLBACKEND']"),
    )
    assert made.ok, made


def test_52_a_notebook_may_not_reach_the_network_nor_write_outside_its_folder(tmp_path):
    protect = (str(tmp_path),)
    elsewhere = tmp_path / "elsewhere.txt"
    for cell in (
        "import socket\nsocket.create_connection(('127.0.0.1', 9))",
        "import urllib.request\nurllib.request.urlopen('http://example.org')",
        f"open({str(elsewhere)!r}, 'w').write('x')",
        f"import os\nos.mkdir({str(elsewhere)!r})",
    ):
        made = failed(tmp_path, cell, protect=protect)
        assert made.reason == "RAISED", cell
    assert not elsewhere.exists()


def test_52_writing_in_its_own_folder_is_allowed(tmp_path):
    cell = "import os, pathlib\n(pathlib.Path(os.environ['COMMISSIONING_OUT']) / 'note.txt').write_text('x')"
    assert one_report(tmp_path / "report", notebook(cell), protect=(str(tmp_path),)).ok


def test_nothing_is_left_running_after_all_this():
    me = os.getpid()
    commands = []
    for pid in processes.descendants(me):
        try:
            commands.append(Path(f"/proc/{pid}/cmdline").read_text())
        except OSError:
            continue
    assert not [one for one in commands if "commissioning.runs.kernel" in one]
