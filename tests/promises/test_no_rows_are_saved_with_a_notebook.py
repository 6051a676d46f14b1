"""Saving or committing a notebook after own extracts were opened cannot put rows into git: only the sample's stored outputs stay."""

from __future__ import annotations

import copy
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from commissioning.presentation import stored
from commissioning.reports import store_outputs
from commissioning.runs import saving

ROOT = Path(__file__).resolve().parents[2]
PERSON = "Mrs Example, 4 Sample Street"
SAMPLE = "45 of 60 people"


def output(text, **more):
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text, **more}}


def notebook():
    """A notebook as `make notebooks` stores it: two cells with the sample's text."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Work", id="cell-0")])
    for number, text in enumerate([SAMPLE, "12 live at home"], start=1):
        cell = nbformat.v4.new_code_cell(f"study.figure({number})", execution_count=number, id=f"cell-{number}")
        drawn = {"text/html": f"<style>td{{color:red}}</style><b>{text}</b>", "image/png": "aGVsbG8="}
        cell.outputs = [nbformat.from_dict(output(text, **drawn))]
        made.cells.append(cell)
    stored.remember(made)
    return json.loads(nbformat.writes(made))


def after_a_session(made):
    """The same once somebody opened rows in it: the first cell shows the sample's text, drawn; the second shows rows."""
    out = copy.deepcopy(made)
    out["cells"][1]["outputs"] = [output([SAMPLE], **{"text/html": "<style>td{}</style><b>drawn</b>"})]
    out["cells"][1]["execution_count"] = 17
    out["cells"][2]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["Opened by hand: the rows of 'people'.\n"]},
        {"output_type": "execute_result", "execution_count": 18, "metadata": {}, "data": {"text/plain": [PERSON]}},
    ]
    out["metadata"]["widgets"] = {"state": PERSON}
    return out


def test_what_is_stored_has_no_style_and_no_picture():
    text = json.dumps(notebook())
    assert SAMPLE in text and "<style" not in text and "image/png" not in text and "text/html" not in text


def test_the_samples_own_outputs_stay_and_all_others_go():
    kept, lost = stored.without_others(after_a_session(notebook()))
    assert lost == [2] and PERSON not in json.dumps(kept)
    assert kept == notebook() | {
        "cells": [*notebook()["cells"][:2], notebook()["cells"][2] | {"outputs": [], "execution_count": None}]
    }
    assert stored.without_others(notebook()) == (notebook(), []), "saved untouched, nothing changes"


def test_a_kernel_asked_for_text_alone_gives_text_alone(monkeypatch):
    from commissioning.presentation.sections import Note

    assert "<style" in Note("x")._repr_mimebundle_()["text/html"]
    monkeypatch.setenv(stored.TEXT_ONLY, "1")
    assert set(Note("x")._repr_mimebundle_()) == set(stored.KEPT)


def test_every_tracked_notebook_holds_only_what_was_stored():
    names = subprocess.run(
        ["git", "ls-files", "*.ipynb"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(names) > 6
    for name in names:
        made = json.loads((ROOT / name).read_text(encoding="utf-8"))
        assert stored.without_others(made)[1] == [], f"{name}: run `make notebooks`"
        assert "<style" not in json.dumps(made), name


# --- in JupyterLab's own server


@pytest.fixture
def server(tmp_path):
    """A real Jupyter server over a checkout of its own, with the setting that `make lab` installs."""
    root, prefix = tmp_path / "checkout", tmp_path / "environment"
    (root / "notebooks").mkdir(parents=True)
    (root / "pilots").mkdir()
    (root / "data" / "results").mkdir(parents=True)
    saving.install(root, prefix)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "JUPYTER_CONFIG_PATH": str(prefix / "etc" / "jupyter"), "JUPYTER_CONFIG_DIR": str(tmp_path / "none"),
           "JUPYTER_DATA_DIR": str(tmp_path / "data"), "JUPYTER_RUNTIME_DIR": str(tmp_path / "run")}  # fmt: skip
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", "--ServerApp.token=t", f"--ServerApp.port={port}",
               "--ServerApp.port_retries=0"]  # fmt: skip
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    try:
        yield root, lambda path, made: put(port, path, made, process, tmp_path / "log")
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def put(port, path, made, process, log):
    """Save a notebook as JupyterLab does."""
    body = json.dumps({"type": "notebook", "format": "json", "content": made}).encode()
    url = f"http://127.0.0.1:{port}/api/contents/{path}?token=t"
    for _ in range(150):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, method="PUT"), timeout=10) as answer:  # noqa: S310
                return answer.status
        except ConnectionError:
            pass
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
        time.sleep(0.2)
    raise TimeoutError(log.read_text())


def test_jupyterlab_saves_no_rows_and_git_takes_none(server):
    root, save = server
    assert save("notebooks/work.ipynb", after_a_session(notebook())) in (200, 201)
    held = (root / "notebooks" / "work.ipynb").read_text(encoding="utf-8")
    assert PERSON not in held and SAMPLE in held and "<style" not in held
    save("mine.ipynb", after_a_session(notebook()) | {"metadata": {}})
    assert PERSON not in (root / "mine.ipynb").read_text() and SAMPLE not in (root / "mine.ipynb").read_text(), (
        "nothing is stored of it"
    )
    save("data/results/mine.ipynb", after_a_session(notebook()))
    assert PERSON in (root / "data" / "results" / "mine.ipynb").read_text(), "git never tracks that folder"


def git(root, *words):
    names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    hidden = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *names, *words], cwd=root, env=hidden, capture_output=True, text=True, check=False)


def test_a_commit_with_rows_is_refused_whoever_saved_them_and_a_hook_of_ones_own_stays(tmp_path):
    root = tmp_path / "checkout"
    (root / "notebooks").mkdir(parents=True)
    git(root, "init", "-q")
    assert saving.install(root, tmp_path / "environment") == [] == saving.install(root, tmp_path / "environment")
    path = root / "notebooks" / "work.ipynb"
    path.write_text(json.dumps(after_a_session(notebook())), encoding="utf-8")
    git(root, "add", ".")
    refused = git(root, "commit", "-m", "rows")
    assert (
        refused.returncode != 0
        and "notebooks/work.ipynb: what cells 3 show" in refused.stderr
        and PERSON not in refused.stderr
    )
    assert "clear FILE" in refused.stderr
    path.write_text("{not a notebook", encoding="utf-8")
    git(root, "add", ".")
    assert "cannot be checked" in git(root, "commit", "-m", "broken").stderr
    path.write_text(json.dumps(after_a_session(notebook())), encoding="utf-8")
    assert saving.main(["clear", str(path)]) == 0
    git(root, "add", ".")
    assert git(root, "commit", "-m", "cleared").returncode == 0
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 0\n")
    (said,) = saving.install(root, tmp_path / "environment")
    assert "is there already" in said and hook.read_text() == "#!/bin/sh\nexit 0\n"


def test_make_lab_installs_both_first():
    lab = re.search(r"^lab:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].splitlines()
    assert "commissioning.runs.saving install" in lab[0] and "jupyter lab" in lab[1]


def test_make_notebooks_marks_what_it_stores():
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(1)")])
    made.cells[0].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    made.cells[0].execution_count = 1
    tidied = json.loads(nbformat.writes(store_outputs.tidy(made)))
    assert stored.without_others(tidied) == (tidied, [])
