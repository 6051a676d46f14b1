"""Faults of one notebook's process and of what it was handed: changed in mid run, odd displays, strays, stopped parents."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from light import notebook
from one_report import one_report

from commissioning.runs import processes
from commissioning.runs.notebooks import source_hash
from commissioning.runs.warm_server import ForkServerProcess


@pytest.mark.parametrize("later", [json.dumps(notebook("print('changed')")), '{"cells": ['])
def test_a_notebook_that_was_changed_after_it_was_planned_is_not_run(tmp_path, later):
    planned = tmp_path / "planned.ipynb"
    planned.write_text(json.dumps(notebook("print('reviewed')")))
    sha = source_hash(planned)
    assert one_report(tmp_path / "same", notebook("print('reviewed')"), sha256=sha).ok
    planned.write_text(later)
    made = one_report(tmp_path / "changed", notebook("print('reviewed')"), sha256=sha, notebook=str(planned))
    assert made.reason == "NOTEBOOK_CHANGED"
    assert not (tmp_path / "changed" / "done").exists() and not (tmp_path / "changed" / "executed.ipynb").exists()


BIG = "x = ['y' * 1000] * 3000\n"
BIG_DISPLAYS = {
    "json": BIG + "from IPython.display import JSON, display\ndisplay(JSON({'x': x}))",
    "nested": BIG + "from IPython.display import display\ndisplay({'application/x+json': {'a': [x]}}, raw=True)",
    "message of an error": BIG + "raise ValueError(''.join(x))",
    "updates": "from IPython.display import display\nshown = display('a', display_id=True)\n"
    "for i in range(300): shown.update('y' * 10_000)",
}


@pytest.mark.parametrize("what", BIG_DISPLAYS)
def test_16_every_kind_of_display_counts_towards_the_cap(tmp_path, what):
    made = one_report(tmp_path / "report", notebook(BIG_DISPLAYS[what]), output_limit=1_000_000)
    assert made.reason == "OUTPUT_TOO_BIG"
    if made.partial:
        assert Path(made.partial).stat().st_size < 2_000_000


def test_a_report_in_another_shape_is_named_and_its_worker_lives_on(tmp_path):
    for number, odd in enumerate(("{'shown': [1]}", "{'shown': {'chart': 'many'}}")):
        made = one_report(tmp_path / str(number), notebook("pass", extra=odd))
        assert made.reason == "NOT_FINISHED" and made.error in ("AttributeError", "ValueError")
        assert made.detail.startswith("in judge.py, line ")


def test_a_renderer_that_breaks_is_named_without_its_words(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    made = one_report(tmp_path / "report", notebook("pass"), render="broken_renderer:broken_renderer")
    assert (made.reason, made.error) == ("NOT_FINISHED", "KeyError")
    assert "4711" not in made.model_dump_json(exclude={"partial"})


@pytest.fixture
def server(monkeypatch):
    made = ForkServerProcess(())
    made.wait_ready()
    monkeypatch.setenv("COMMISSIONING_FORK_SERVER", made.socket_path)
    yield made
    made.process.send_signal(signal.SIGCONT)
    made.close()


def test_a_kernel_whose_server_stands_still_is_not_waited_for_for_ever(tmp_path, server):
    start = time.monotonic()
    made = one_report(
        tmp_path / "report", notebook("import os, signal; os.kill(os.getppid(), signal.SIGSTOP)"), engine="warm"
    )
    assert made.ok or made.reason == "RAISED"  # where the kernel may not send signals to others
    assert time.monotonic() - start < 20


ORPHANS = """
import os, time
for i in range(60):
    if os.fork() == 0:
        {own_session}
        if os.fork() == 0:
            time.sleep(30)
        os._exit(0)
    os.wait()
time.sleep(20)
"""


@pytest.mark.parametrize("own_session", ["os.setsid()", "pass"])
@pytest.mark.parametrize("engine", ["warm", "plain"])
def test_15_orphans_count_towards_the_limit_of_processes(tmp_path, server, engine, own_session):
    processes.adopt_orphans()
    bomb = notebook(ORPHANS.format(own_session=own_session))
    made = one_report(tmp_path / "report", bomb, engine=engine, process_limit=20)
    assert made.reason == "TOO_MANY_PROCESSES"
    keeper = server.process.pid if engine == "warm" else os.getpid()
    end = time.monotonic() + 5
    while processes.descendants(keeper) - {server.process.pid}:
        assert time.monotonic() < end, "orphans are left"
        time.sleep(0.1)


def test_another_reports_processes_are_not_counted(server):
    """Four processes that stand for a server, two kernels and one's child."""
    code = (
        "import os, subprocess, sys, time\n"
        "if len(sys.argv) < 2: subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    kernels = [
        subprocess.Popen([sys.executable, "-c", code, *more], stdout=subprocess.PIPE, start_new_session=True)
        for more in ((), ("alone",))
    ]
    try:
        for one in kernels:
            assert one.stdout is not None and one.stdout.readline()
        pids = {one.pid for one in kernels} | {server.process.pid}
        assert len(processes.of_kernel(kernels[0].pid, lambda: pids)) == 1
        assert not processes.of_kernel(kernels[1].pid, lambda: pids)
    finally:
        for one in kernels:
            processes.kill_tree(one.pid)
            one.communicate()


OF_AN_ORPHAN = """
import os, subprocess, sys
from commissioning.runs import processes
kernel = "import time; print('ready', flush=True); time.sleep(60)"
server = (
    "import subprocess, sys; "
    f"made = subprocess.Popen([sys.executable, '-c', {kernel!r}], start_new_session=True, stdout=subprocess.PIPE); "
    "made.stdout.readline(); print(made.pid, flush=True)"
)
pid = int(subprocess.run([sys.executable, "-c", server], stdout=subprocess.PIPE, check=True).stdout)
print(processes.of_kernel(pid, set))
os.kill(pid, 9)
"""


def test_of_a_kernel_whose_server_died_only_its_own_processes_are_counted_never_its_new_parents():
    """Under a stranger (init, a shell) it stands beside every process of the machine: to count those is to end them."""
    found = subprocess.run([sys.executable, "-c", OF_AN_ORPHAN], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


SITE = "site = pathlib.Path({site!r})"
WRITES = {
    "rmtree": "shutil.rmtree(site)",
    "a folder's own names": "os.remove('index.html', dir_fd=os.open(site, os.O_RDONLY))",
    "moved away": "os.rename('index.html', 'x', src_dir_fd=os.open(site, os.O_RDONLY))",
    "an open folder": "os.close(os.open('new', os.O_WRONLY | os.O_CREAT, dir_fd=os.open(site, os.O_RDONLY)))",
    "a child": "subprocess.run(['rm', '-r', site], check=True)",
    "a shell": "assert os.system(f'echo x > {site}/new') == 0",
    "C": "assert ctypes.CDLL(None).unlink(os.fsencode(site / 'index.html')) == 0",
    "parquet": "import pandas; pandas.DataFrame({'a': [1]}).to_parquet(site / 'new.parquet')",
    "duckdb": "import duckdb; duckdb.sql(f\"COPY (SELECT 1) TO '{site}/new.csv'\")",
    "the parent": "os.kill(os.getppid(), 9)",
    "datagrams": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "listening": "socket.socket().bind(('127.0.0.1', 0))",
    "names": "socket.gethostbyaddr('127.0.0.1')",
    "a child's call": "subprocess.run([sys.executable, '-c', 'import socket; socket.create_connection((\"127.0.0.1\", PORT))'],"
    " check=True)",
}
SEEN_BY_THE_HOOK = ("rmtree", "a folder's own names", "moved away", "datagrams", "listening", "names")
IMPORTS = "import ctypes, os, pathlib, shutil, socket, subprocess, sys\n"


def landlock() -> int:
    """The version of Landlock here; below 1 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


@pytest.fixture
def port():
    """Somebody listens here: a call that gets through succeeds."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("what", WRITES)
def test_52_no_way_out_of_its_folder_is_open_to_a_notebook(tmp_path, server, port, what):
    if what not in SEEN_BY_THE_HOOK and landlock() < 6:
        pytest.skip("this system has no Landlock that would see it")
    site = tmp_path / "house" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("the site")
    cell = IMPORTS + SITE.format(site=str(site)) + "\n" + WRITES[what].replace("PORT", str(port))
    protect = (str(tmp_path / "house"),)
    for engine in ("warm", "plain"):
        made = one_report(tmp_path / "house" / engine, notebook(cell), engine=engine, protect=protect)
        assert made.reason == "RAISED", (engine, made)
        assert [one.name for one in site.iterdir()] == ["index.html"]
    assert server.alive()


def test_52_in_its_own_folder_everything_may_be_written_moved_and_deleted(tmp_path, server):
    cell = (
        IMPORTS
        + "own = pathlib.Path(os.environ['TMPDIR'])\n"
        + "(own / 'a' / 'b').mkdir(parents=True)\n(own / 'a' / 'b' / 'c').write_text('x')\n"
        + "os.replace(own / 'a' / 'b' / 'c', own / 'c')\nshutil.rmtree(own / 'a')\n"
        + "subprocess.run(['cp', own / 'c', own / 'd'], check=True)\nassert (own / 'd').read_text() == 'x'\n"
        + "subprocess.run('ls $TMPDIR > /dev/null', shell=True, check=True)\n"
        + "one = subprocess.Popen(['sleep', '60']); one.kill(); one.wait()\n"
        + "import pandas; pandas.DataFrame({'a': [1]}).to_parquet(own / 'new.parquet')\n"
        + f"assert pathlib.Path({str(tmp_path)!r}, 'house', 'read.txt').read_text() == 'read'"
    )
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "read.txt").write_text("read")
    for engine in ("warm", "plain"):
        made = one_report(
            tmp_path / "house" / engine,
            notebook(cell),
            engine=engine,
            protect=(str(tmp_path / "house"),),
            read=(str(tmp_path / "house" / "read.txt"),),
        )
        assert made.ok, (engine, made)
