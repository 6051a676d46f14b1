"""Faults of one notebook's process and of what it was handed: changed in mid run, odd displays, strays, stopped parents."""

from __future__ import annotations

import json

import pytest
from light import notebook
from one_report import one_report

from commissioning.runs.notebooks import source_hash


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
