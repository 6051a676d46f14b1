"""The warm engine: nothing one notebook does reaches another, and outputs are those of the plain engine."""

from __future__ import annotations

import json

import pytest
from light import notebook
from one_report import one_report

from commissioning.runs.warm_server import ForkServerProcess

LEAK = """
import builtins, os, sys, random, warnings, pathlib
import numpy as np, matplotlib as mpl
builtins.LEAK = 1; os.environ['LEAK'] = '1'; random.seed(0); np.random.seed(0); warnings.simplefilter('error')
mpl.rcParams['figure.dpi'] = 33; np.seterr(all='raise'); os.chdir('/'); sys.path.insert(0, '/leak')
LEAKED = open('/dev/null'); np.ndarray_leak = 1; os.umask(0)
"""
LOOK = """
import builtins, os, sys, random, warnings, json
import numpy as np, matplotlib as mpl
held = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}')]
mask = os.umask(0o77); os.umask(mask)
found = dict(builtins=hasattr(builtins, 'LEAK'), environment='LEAK' in os.environ, folder=os.getcwd() == '/',
    path='/leak' in sys.path, module=hasattr(np, 'ndarray_leak'), figure=mpl.rcParams['figure.dpi'] == 33,
    errors=np.geterr()['divide'] == 'raise', warnings=('error', None, Warning, None, 0) in warnings.filters,
    variable='LEAKED' in globals(), mask=mask == 0)
print(json.dumps([[name for name, leaked in found.items() if leaked], random.random(), float(np.random.rand())]))
"""
SHOW = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(); axes.plot([1, 2, 3], [3, 1, 2]); plt.show()
"""
WIDE = "import pandas as pd\npd.DataFrame({f'column {n}': [n] for n in range(40)})"


@pytest.fixture(scope="module")
def server():
    made = ForkServerProcess(("numpy", "pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline"))
    assert len(made.wait_ready()["threads"]) == 1, "forking is only safe with one thread"
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _use(server, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_FORK_SERVER", server.socket_path)


def outputs(folder):
    executed = json.loads((folder / "executed.ipynb").read_text())
    kept = ("data", "text", "name", "output_type")
    return [
        [{k: o[k] for k in kept if k in o} for o in c["outputs"]] for c in executed["cells"] if c["cell_type"] == "code"
    ]


def said(folder):
    return json.loads(next("".join(o["text"]) for cell in outputs(folder) for o in cell if "text" in o))


def test_nothing_that_one_notebook_does_reaches_another(tmp_path):
    assert one_report(tmp_path / "a", notebook(LEAK), engine="warm").ok
    drawn = []
    for name in ("b", "c"):
        assert one_report(tmp_path / name, notebook(LOOK), engine="warm").ok
        leaks, *numbers = said(tmp_path / name)
        assert leaks == []
        drawn.append(numbers)
    assert drawn[0][0] != drawn[1][0] and drawn[0][1] != drawn[1][1], "each kernel draws numbers of its own"


PRINTED = """
import subprocess, sys, threading
sys.stdout.write('no newline')
sys.stdout.writelines([' a', ' b'])
print(' in order', end='')
threading.Thread(target=print, args=(' from a thread',)).run()
sys.stdout.flush(); sys.stdout.flush()
print('and last')
"""
BETWEEN = "print('before'); display(1); print('between'); display(2); import sys; print('after', file=sys.stderr)"
OTHER = "import subprocess, time; subprocess.run(['echo', 'another process']); time.sleep(0.5)"


@pytest.mark.parametrize(
    "cell", [SHOW, WIDE, "1 + 1", "import sys; print('out'); print('err', file=sys.stderr)", PRINTED, BETWEEN, OTHER]
)
def test_outputs_are_those_of_the_plain_engine_pictures_included(tmp_path, cell):
    for engine in ("plain", "warm"):
        assert one_report(tmp_path / engine, notebook(cell), engine=engine).ok
    assert outputs(tmp_path / "warm") == outputs(tmp_path / "plain")
    if cell is SHOW:
        assert "image/png" in json.dumps(outputs(tmp_path / "warm"))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", "KERNEL_DIED"),
        ("import sys; sys.exit(0)", "INCOMPLETE"),
        ("import os; os._exit(0)", "INCOMPLETE"),
        ("quit()", "INCOMPLETE"),
        ("while True: pass", "CELL_TIMEOUT"),
        ("for i in range(10**9): print('x' * 1000)", "OUTPUT_TOO_BIG"),
        ("input()", "INPUT_ASKED"),
    ],
)
def test_faults_are_named_as_under_the_plain_engine(tmp_path, cell, reason):
    made = one_report(tmp_path / "a", notebook(cell), engine="warm", cell_timeout=2.0, output_limit=2_000_000)
    assert made.reason == reason


def test_sets_of_words_have_one_order_in_every_run_under_both_engines(tmp_path):
    cell = notebook("import json\nprint(json.dumps(list({f'word {n}' for n in range(50)})))")
    orders = []
    for engine in ("plain", "warm"):
        assert one_report(tmp_path / engine, cell, engine=engine).ok
        orders.append(said(tmp_path / engine))
    assert orders[0] == orders[1]


def test_a_server_that_closes_takes_its_kernels_with_it():
    import socket

    made = ForkServerProcess(())
    made.wait_ready()
    assert made.alive()
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(made.socket_path)
        made.close()
    assert not made.alive()


def test_the_plug_in_is_light_to_import():
    import subprocess
    import sys

    code = "import sys, commissioning.runs.warm_engine as w; print(sorted({m.split('.')[0] for m in sys.modules} & {'pandas','numpy','nbclient','papermill','zmq','pydantic'}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
